package whatif

import (
	"context"
	"errors"
	"iter"
	"time"

	"stempel/internal/loyalty"
)

// Store has the histories of cards.
type Store interface {
	Histories(ctx context.Context, p loyalty.ProgramID, after loyalty.CardID, limit int, f func(*loyalty.History, loyalty.Find) error) (last loyalty.CardID, read int, err error)
	VersionsOf(ctx context.Context, m loyalty.MerchantID, id loyalty.ProgramID) (map[int32]*loyalty.Program, error)
	Locations(ctx context.Context, m loyalty.MerchantID, after loyalty.LocationID, limit int) ([]loyalty.Location, error)
	PartnersOf(ctx context.Context, operator loyalty.MerchantID, program loyalty.ProgramID, after loyalty.MerchantID, limit int) ([]loyalty.PartnerListing, error)
}

// cardsAtOnce are read from one snapshot. Then comes a rest as long as they took.
const cardsAtOnce = 50

// errEnough says that no more is to be read.
var errEnough = errors.New("enough was replayed")

// Ask answers a question. Where it has to end before all cards were replayed, the
// report is about the first ones in the order of their ids, and says so. Errors: a
// *loyalty.FieldError of rules that cannot be, or cannot follow; as of reading.
func Ask(ctx context.Context, s Store, q *Question) (*Report, error) {
	replay, err := prepare(ctx, s, q)
	if err != nil {
		return nil, err
	}
	report := newReport(q)
	began := time.Now()
	late := func() bool { return ctx.Err() != nil || q.Patience > 0 && time.Since(began) >= q.Patience }
	enough := func() bool { return q.Entries > 0 && report.Entries >= q.Entries || late() }
	for after, more := (loyalty.CardID{}), true; more; {
		page := time.Now()
		last, read, err := s.Histories(ctx, q.Current.ID, after, cardsAtOnce, func(h *loyalty.History, find loyalty.Find) error {
			if enough() {
				return errEnough
			}
			if h.Card.Created.After(q.To) {
				return nil
			}
			h.Entries = until(h.Entries, late)
			replayed, err := replay.Card(h, find)
			if err == nil {
				report.add(replayed)
			}
			return err
		})
		if errors.Is(err, errEnough) {
			return report, ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		after, more = last, read == cardsAtOnce
		if more && !rest(ctx, time.Since(page)) {
			return nil, ctx.Err()
		}
	}
	report.Complete = true
	return report, nil
}

// until lets a card of many entries go when it is late.
func until(entries iter.Seq2[loyalty.DetailedEntry, error], late func() bool) iter.Seq2[loyalty.DetailedEntry, error] {
	return func(yield func(loyalty.DetailedEntry, error) bool) {
		for e, err := range entries {
			if late() {
				yield(e, errEnough)
				return
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// prepare reads what all cards have in common.
func prepare(ctx context.Context, s Store, q *Question) (*loyalty.Replay, error) {
	changed, err := q.changed()
	if err != nil {
		return nil, err
	}
	r := &loyalty.Replay{Current: q.Current, Changed: changed, From: q.From, To: q.To, Zones: map[loyalty.LocationID]*time.Location{}}
	if r.Versions, err = s.VersionsOf(ctx, q.Current.Merchant, q.Current.ID); err != nil {
		return nil, err
	}
	partners, err := s.PartnersOf(ctx, q.Current.Merchant, q.Current.ID, loyalty.MerchantID{}, loyalty.MaxPartners)
	if err != nil {
		return nil, err
	}
	merchants := []loyalty.MerchantID{q.Current.Merchant}
	for i := range partners {
		merchants = append(merchants, partners[i].Merchant)
	}
	for _, m := range merchants {
		if err := addZones(ctx, s, m, r.Zones); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// addZones adds those of a merchant's locations: that is where days and months are.
func addZones(ctx context.Context, s Store, m loyalty.MerchantID, zones map[loyalty.LocationID]*time.Location) error {
	const atOnce = 200
	for after := (loyalty.LocationID{}); ; {
		list, err := s.Locations(ctx, m, after, atOnce)
		if err != nil {
			return err
		}
		for _, l := range list {
			zones[l.ID], after = l.Zone, l.ID
		}
		if len(list) < atOnce {
			return nil
		}
	}
}

// rest is false when ctx ends before.
func rest(ctx context.Context, long time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(long):
		return true
	}
}
