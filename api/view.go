package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// json answers with what nobody needs to be able to repeat.
func (s *Server) json(c *fiber.Ctx, status int, value any) error {
	answer, err := render(status, value)
	if err != nil {
		return err
	}
	return send(c, answer)
}

func render(status int, value any) (loyalty.Answer, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // links are for people and scripts, not for pages
	err := encoder.Encode(value)
	return loyalty.Answer{Status: status, Body: bytes.TrimSuffix(body.Bytes(), []byte("\n"))}, err
}

// rendering makes the answer of a command that was decided. It is what
// ledger.Render is, for a command that may have been followed to another card.
type rendering func(*loyalty.Command, *loyalty.Decision) (loyalty.Answer, error)

// renderScan answers a scan that earned.
func (s *Server) renderScan(handle string) rendering {
	return func(c *loyalty.Command, d *loyalty.Decision) (loyalty.Answer, error) {
		earned := d.Primary(loyalty.Earn)
		receipt, err := s.Receipts.Sign(earned, earned.Posted)
		if err != nil {
			return loyalty.Answer{}, err
		}
		return render(200, gen.Scan{
			Scan:      handle,
			ExpiresAt: loyalty.ScanEnds(d.Program, c.Captured),
			Card:      heldView(d.Program, &d.Card, &d.Belonging, d.Vouchers, d.Lots, earned.Posted),
			Offers:    offersView(d.Program, &d.Card, &d.Belonging, d.Vouchers, d.Lots, d.Short, &c.Scan, earned.Posted),
			Entries:   entriesView(d.Entries),
			Receipt:   receipt,
			Why:       d.Why,
		})
	}
}

// renderPosting answers every other action.
func (s *Server) renderPosting(status int) rendering {
	return func(c *loyalty.Command, d *loyalty.Decision) (loyalty.Answer, error) {
		entry := d.Primary(c.Kind())
		receipt, err := s.Receipts.Sign(entry, entry.Posted)
		if err != nil {
			return loyalty.Answer{}, err
		}
		view := gen.Posting{
			Card:    heldView(d.Program, &d.Card, &d.Belonging, d.Vouchers, d.Lots, entry.Posted),
			Offers:  offersView(d.Program, &d.Card, &d.Belonging, d.Vouchers, d.Lots, d.Short, &c.Scan, entry.Posted),
			Entries: entriesView(d.Entries),
			Receipt: receipt,
			Why:     d.Why,
			Code:    handedView(d.Codes),
		}
		takenOff(&view, c, entry)
		return render(status, view)
	}
}

func cardView(p *loyalty.Program, card *loyalty.Card, vouchers []loyalty.Voucher, lots []loyalty.Lot, now time.Time) gen.Card {
	purse := card.Purse(p, lots, now)
	view := gen.Card{
		ID: card.ID, Program: card.Program, ProgramName: p.Name, ProgramVersion: p.Version, Kind: gen.ProgramKind(p.Kind),
		Balance: purse.Spendable, Lifetime: card.Earned(), Cycle: card.Cycle,
		Blocked: card.Blocked, CreatedAt: card.Created, MergedInto: card.MergedInto, Vouchers: []gen.Voucher{},
	}
	if at := card.LapsesAt(p); at.After(now) {
		view.LapsesAt = at
	}
	if purse.Pending > 0 {
		view.Pending = &gen.PendingUnits{Units: purse.Pending, AvailableAt: purse.Available}
	}
	if purse.Expiring > 0 {
		view.Expiring = &gen.ExpiringUnits{Units: purse.Expiring, ExpiresAt: purse.Expires}
	}
	if next, ok := loyalty.NextReward(p, card, lots, now); ok {
		view.Progress = &gen.Progress{
			Reward: next.Reward, Name: next.Name, At: next.At, Missing: next.Missing, CardSize: p.Card.Size,
		}
	}
	standing := card.Standing(p, now)
	view.Discount, view.Tier = discountView(p, &standing), tierView(p, &standing.Tier)
	for i := range vouchers {
		if v := &vouchers[i]; v.Live(now) && len(view.Vouchers) < maxVouchers {
			view.Vouchers = append(view.Vouchers, voucherView(p, v, now))
		}
	}
	return view
}

// maxVouchers is how many an answer shows, the oldest: a card may have thousands,
// and every answer about it is kept for its retries.
const maxVouchers = 50

func voucherView(p *loyalty.Program, v *loyalty.Voucher, now time.Time) gen.Voucher {
	state := v.StateAt(now)
	view := gen.Voucher{
		ID: v.ID, Reward: v.Reward, State: gen.VoucherState(state.String()), IssuedAt: v.Issued, ExpiresAt: v.Expires,
	}
	if state == loyalty.Reserved {
		view.ReservedUntil = v.Hold.Until
	}
	reward, known := p.Reward(v.Reward)
	if known {
		view.Name = reward.Name
	}
	if v.Value > 0 {
		left := v.Left
		view.Value, view.Left = v.Value, &left
		if known {
			view.Currency = reward.Currency
		}
	}
	return view
}

// heldView is cardView for whoever holds the card: without the discount of a program
// that is not, or no longer, for them.
func heldView(p *loyalty.Program, card *loyalty.Card, b *loyalty.Belonging, vouchers []loyalty.Voucher, lots []loyalty.Lot, now time.Time) gen.Card {
	view := cardView(p, card, vouchers, lots, now)
	if !p.Only.Admits(b, now) {
		view.Discount = nil
	}
	return view
}

func offersView(p *loyalty.Program, card *loyalty.Card, b *loyalty.Belonging, vouchers []loyalty.Voucher, lots []loyalty.Lot, short []loyalty.Shortage, scan *loyalty.Scanned, now time.Time) gen.Offers {
	offers := gen.Offers{}
	for i, o := range loyalty.Offers(p, card, b, vouchers, lots, short, scan, now) {
		if i >= maxVouchers && !o.Voucher.IsZero() {
			continue
		}
		offers = append(offers, offerView(&o))
	}
	return offers
}

// usedView is what whoever asks may know of a first use; nil for none.
func usedView(r *loyalty.Refusal) *gen.Used {
	if r.Used == nil {
		return nil
	}
	return &gen.Used{At: r.Used.At, Till: r.Used.Till, TillName: r.Used.TillName, AtPartner: r.Used.Partner, Entry: r.Entry}
}

func termsView(terms loyalty.EarnTerms) *gen.EarnTerms {
	view := &gen.EarnTerms{Allowed: terms.Allowed}
	if terms.Needs != loyalty.NoRole {
		view.NeedsPIN = gen.Role(terms.Needs.String())
	}
	if terms.Why != nil {
		view.Reason, view.RetryAt = gen.ProblemCode(terms.Why.Code), terms.Why.RetryAt
		view.Used = usedView(terms.Why)
	}
	if terms.LeftToday >= 0 {
		view.LeftToday = &terms.LeftToday
	}
	return view
}

// pageView shows as many entries as fit; one more tells that there is a next page.
func pageView(entries []loyalty.Entry, limit int) gen.EntryPage {
	if len(entries) <= limit {
		return gen.EntryPage{Entries: wholeEntriesView(entries)}
	}
	entries = entries[:limit]
	return gen.EntryPage{Entries: wholeEntriesView(entries), Next: entries[limit-1].Seq}
}

func entriesView(entries []loyalty.Entry) []gen.Entry {
	views := make([]gen.Entry, len(entries))
	for i := range entries {
		views[i] = entryView(&entries[i])
	}
	return views
}

func entryView(e *loyalty.Entry) gen.Entry {
	view := gen.Entry{
		ID: e.ID, Seq: e.Seq, Kind: gen.EntryKind(e.Kind.String()), Units: e.Units, Balance: e.Balance,
		Program: e.Program, Version: e.Version, Till: e.Till, Staff: e.Staff, Method: gen.Method(e.Method.String()),
		CapturedAt: e.Captured, PostedAt: e.Posted, Origin: e.Origin, Reward: e.Reward, Voucher: e.Voucher,
		Hash: base64.RawURLEncoding.EncodeToString(e.Hash[:]), Lifted: liftedView(e.Lifted),
		Spend: e.Counted.Spend, Rate: e.Counted.Rate, Discount: e.Counted.Off,
	}
	if e.Counted.Month != 0 {
		view.Month = e.Counted.Month.String()
	}
	return view
}

func programView(p *loyalty.Program) gen.Program {
	view := gen.Program{
		ID: p.ID, Version: p.Version, State: stateOf(p), Name: p.Name, Template: p.Template, Kind: gen.ProgramKind(p.Kind),
		Earn: gen.EarnRule{
			By: gen.EarnBasis(p.Earn.By), PerVisit: p.Earn.PerVisit, Units: p.Earn.Units, Per: p.Earn.Per,
			Currency: p.Earn.Currency, Minimum: p.Earn.Minimum, PerScan: p.Earn.PerScan,
			Exclude: p.Earn.Exclude, LinesOnly: p.Earn.LinesOnly(),
		},
		Discount: discountRulesView(&p.Rules), Tiers: tierRulesView(&p.Rules),
		Counter: counterView(p.Counter), CardSize: p.Card.Size, CardReward: p.Card.Reward, Rewards: []gen.Reward{},
		Welcome: p.Welcome, StartsAt: p.Starts, EndsAt: p.Ends, Policies: policiesView(p.Policies), Only: onlyView(&p.Only),
	}
	for _, m := range p.Card.Milestones {
		view.Milestones = append(view.Milestones, gen.Milestone{At: m.At, Reward: m.Reward})
	}
	for i := range p.Rewards {
		view.Rewards = append(view.Rewards, rewardView(&p.Rewards[i]))
	}
	return view
}
