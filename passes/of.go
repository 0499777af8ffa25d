package passes

import (
	"cmp"
	"slices"
	"time"

	"stempel/internal/loyalty"
)

// Of makes the face of a card. It is pure: equal subjects have equal faces, and
// so do those that differ in nothing a card shows.
func Of(s Subject) Face {
	if s.Ended {
		s = s.ended()
	}
	shops := slices.SortedFunc(slices.Values(s.Shops), func(a, b loyalty.Location) int { return a.ID.Compare(b.ID) })
	f := Face{
		Merchant: s.Merchant.ID, Program: s.Program.ID, Card: s.Card.ID, Kind: s.Program.Kind,
		Brand: brandOf(&s), Title: s.Program.Name, Holder: s.Member,
		Progress: progressOf(&s), Ready: readyOf(&s),
		Ends: s.Program.Ends, Chosen: !s.Program.Only.IsZero(), Changed: changedOf(s.Last), Shops: shopsOf(shops),
		Language: Languages()[s.Language.index()],
	}
	addStanding(&f, &s)
	if at := s.Card.LapsesAt(s.Program); at.After(s.Now) {
		f.Lapses = at
	}
	f.Pending, f.Expiring, f.turns = lotsOf(&s)
	if s.Program.AsksAudience() {
		f.turns = append(f.turns, s.Holder.Turns(s.Now))
	}
	f.Rewarded = rewardedOf(&s, f.Ready)
	f.State = stateOf(&s, &f)
	zone := time.UTC
	if len(shops) > 0 && shops[0].Zone != nil { // the oldest shop's days are the card's
		zone = shops[0].Zone
	}
	for i := range speakers {
		f.Texts[i] = textsOf(&speakers[i], &f, &s, zone)
	}
	f.Version = f.version()
	return f
}

func stateOf(s *Subject, f *Face) State {
	switch {
	case s.Ended:
		return Ended
	case !s.Card.MergedInto.IsZero():
		return Merged
	case s.Card.Blocked:
		return Blocked
	case s.over() && len(f.Ready) == 0:
		return Expired
	}
	return Active
}

func progressOf(s *Subject) Progress {
	progress := Progress{Have: s.Card.Spendable(s.Program, s.Lots, s.Now)}
	if next, ok := loyalty.NextReward(s.Program, s.Card, s.Lots, s.Now); ok {
		progress.Next = Next(next)
		progress.Of = next.At
	}
	if s.Program.Kind == loyalty.Stamps {
		progress.Of = s.Program.Card.Size
		progress.Have = min(max(progress.Have, 0), progress.Of) // a card made smaller may hold too many
		for _, m := range s.Program.Card.Milestones {
			progress.Milestones = append(progress.Milestones, m.At)
		}
	}
	return progress
}

// readyOf lists the rewards that can be had: those of live vouchers, and those of
// the catalogue that the balance pays for and that are for whoever holds the card, the
// cheapest first.
func readyOf(s *Subject) []Ready {
	if !s.Card.MergedInto.IsZero() {
		return nil
	}
	var ready []Ready
	for i := range s.Vouchers {
		v := &s.Vouchers[i]
		if !v.Live(s.Now) {
			continue
		}
		at := slices.IndexFunc(ready, func(r Ready) bool { return r.Reward == v.Reward })
		if at < 0 {
			one := Ready{Reward: v.Reward, Name: rewardName(s.Program, v.Reward), Count: 1, Expires: v.Expires, Left: v.Left}
			if reward, ok := s.Program.Reward(v.Reward); ok {
				one.Currency = reward.Currency
			}
			ready = append(ready, one)
			continue
		}
		ready[at].Count++
		ready[at].Left += v.Left
		if sooner(v.Expires, ready[at].Expires) < 0 {
			ready[at].Expires = v.Expires
		}
	}
	balance := s.Card.Spendable(s.Program, s.Lots, s.Now)
	for i := range s.Program.Rewards {
		r := &s.Program.Rewards[i]
		if r.Cost > 0 && r.Cost <= balance && r.IsOffered(s.Now) && r.Only.AdmitsCard(s.Program, s.Card, &s.Holder, s.Now) {
			ready = append(ready, Ready{Reward: r.ID, Name: r.Name, Count: 1, Cost: r.Cost})
		}
	}
	slices.SortFunc(ready, func(a, b Ready) int {
		return cmp.Or(cmp.Compare(a.Cost, b.Cost), sooner(a.Expires, b.Expires), a.Reward.Compare(b.Reward))
	})
	return ready
}

// sooner compares when two things expire; the zero time is never.
func sooner(a, b time.Time) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}

// rewardName is a reward's name, or the program's for one that the current
// version has no more: whoever holds it still has a right to it.
func rewardName(p *loyalty.Program, id loyalty.RewardID) string {
	if reward, ok := p.Reward(id); ok {
		return reward.Name
	}
	return p.Name
}

func shopsOf(locations []loyalty.Location) []Shop {
	var shops []Shop
	for i := range locations {
		l := &locations[i]
		shops = append(shops, Shop{Location: l.ID, Name: l.Name, Place: l.Place})
	}
	return shops
}
