package passes

import (
	"time"

	"stempel/internal/loyalty"
)

// Standing is what a card has come to: its discount and its tier.
type Standing struct {
	Gives    bool   // the program takes something off purchases
	Rate     int64  // basis points off a purchase now
	Currency string // of the amounts
	NextRate int64  // of a discount card: what the next step takes off; 0: there is none
	Missing  int64  // minor units to it

	Tier  string    // its name; empty: none
	Until time.Time // when its time is over, or in grace when it falls, unless it is reached again; zero: never
	Perks []string

	NextTier    string `json:",omitempty"` // the next higher one; empty: there is none, or nothing comes in any more
	TierMissing int64  `json:",omitempty"` // to it: minor units, or units
}

// addStanding adds what the card has come to, and when that changes by itself. A
// discount card's way is that to its next step.
func addStanding(f *Face, s *Subject) {
	if s.Ended {
		return
	}
	now := s.Card.Standing(s.Program, s.Now)
	f.Standing = Standing{Currency: s.Program.DiscountsIn()}
	if !s.Excluded {
		f.Standing.Gives, f.Standing.Rate = f.Standing.Currency != "", now.Rate
	}
	if now.Missing > 0 && !s.Excluded {
		f.Standing.NextRate, f.Standing.Missing = now.Next.Rate, now.Missing
	}
	if level := now.Tier.Level; level != nil {
		f.Standing.Tier, f.Standing.Until, f.Standing.Perks = level.Name, now.Tier.Ends(s.Now), level.Perks
	}
	if next := now.Tier.Next; next != nil && now.Tier.Missing > 0 && !s.Excluded && !s.over() {
		f.Standing.NextTier, f.Standing.TierMissing = next.Name, now.Tier.Missing
	}
	f.Stands = s.Card.StandsUntil(s.Program, s.Now)
	if s.Program.Kind != loyalty.Discount {
		return
	}
	if s.Excluded { // the way leads nowhere
		f.Progress.Have, f.Progress.Of = 0, 1
		return
	}
	f.Progress.Have, f.Progress.Of = now.Spend, now.Next.From
	if now.Missing == 0 { // all the way
		f.Progress.Of = max(now.Spend, 1)
		f.Progress.Have = f.Progress.Of
	}
}

// standing adds what a face says of it.
func (s *speaker) standing(t *Texts, f *Face, of *Subject, zone *time.Location) {
	if f.Standing.Tier != "" {
		t.TierLabel, t.Tier = s.say("tier.label"), f.Standing.Tier
		if !f.Standing.Until.IsZero() {
			t.Tier = s.tell("tier.until", words{"Tier": f.Standing.Tier, "Date": s.date(f.Standing.Until, zone)})
		}
	}
	if t.TierNext = s.nextTier(f, of); t.TierNext != "" {
		t.TierNextLabel = s.say("tier.next.label")
	}
	if f.Kind != loyalty.Discount {
		return
	}
	t.Progress, t.NextLabel = s.percent(f.Standing.Rate), s.say("next.label.discount")
	if len(f.Ready) == 0 {
		t.ReadyLabel, t.Ready = "", ""
	}
	if f.State == Active {
		t.Next = s.nextDiscount(f, of)
	}
}

// nextTier is the way to the next tier, in what the program counts for it.
func (s *speaker) nextTier(f *Face, of *Subject) string {
	rule, said := &of.Program.Tiers, words{"Tier": f.Standing.NextTier}
	switch {
	case f.Standing.NextTier == "" || f.State != Active:
		return ""
	case rule.By == loyalty.TierBySpend:
		said["Amount"] = Money(s.language, f.Standing.TierMissing, rule.Currency)
		return s.tell("tier.next.spend", said)
	}
	return s.count("tier.next."+string(f.Kind), f.Standing.TierMissing, said)
}

func (s *speaker) nextDiscount(f *Face, of *Subject) string {
	switch {
	case of.Program.Archived || !f.Ends.IsZero() && !of.Now.Before(f.Ends):
		return s.say("next.over")
	case of.Excluded:
		return s.say("next.excluded")
	case f.Standing.Missing > 0:
		return s.tell("next.discount", words{
			"Amount": Money(s.language, f.Standing.Missing, f.Standing.Currency), "Percent": s.percent(f.Standing.NextRate),
		})
	}
	return s.say("next.highest")
}
