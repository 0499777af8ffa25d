package moving

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"stempel/internal/loyalty"
)

// office is what of a Source the office lists: so many after an id, the newest
// first.
type office interface {
	Merchant(ctx context.Context, id loyalty.MerchantID) (loyalty.Merchant, error)
	BrandBook(ctx context.Context, m loyalty.MerchantID) (loyalty.BrandBook, error)
	Locations(ctx context.Context, m loyalty.MerchantID, after loyalty.LocationID, limit int) ([]loyalty.Location, error)
	Tills(ctx context.Context, m loyalty.MerchantID, all bool, after loyalty.TillID, limit int) ([]loyalty.TillListing, error)
	Staff(ctx context.Context, m loyalty.MerchantID, all bool, after loyalty.StaffID, limit int) ([]loyalty.StaffListing, error)
	APIKeys(ctx context.Context, m loyalty.MerchantID, all bool, after loyalty.APIKeyID, limit int) ([]loyalty.KeyListing, error)
	Webhooks(ctx context.Context, m loyalty.MerchantID, after loyalty.WebhookID, limit int) ([]loyalty.Webhook, error)
	Programs(ctx context.Context, m loyalty.MerchantID) ([]*loyalty.Program, error)
	Versions(ctx context.Context, m loyalty.MerchantID, id loyalty.ProgramID, before int32, limit int) ([]loyalty.Published, error)
	Draft(ctx context.Context, m loyalty.MerchantID, id loyalty.ProgramID) (*loyalty.Draft, error)
	ContestedItems(ctx context.Context, m loyalty.MerchantID, till loyalty.TillID, open, settled bool, after loyalty.ContestedID, limit int) ([]loyalty.Contested, error)
	CounterTags(ctx context.Context, m loyalty.MerchantID, after loyalty.TagID, limit int) ([]loyalty.Tag, error)
	Agreements(ctx context.Context, m loyalty.MerchantID, after loyalty.AgreementID, limit int) ([]loyalty.Agreement, error)
	Stock(ctx context.Context, rewards []loyalty.RewardID) (map[loyalty.RewardID]int64, error)
	PartnersOf(ctx context.Context, operator loyalty.MerchantID, program loyalty.ProgramID, after loyalty.MerchantID, limit int) ([]loyalty.PartnerListing, error)
	Partnerships(ctx context.Context, m loyalty.MerchantID, after loyalty.ProgramID, limit int) ([]loyalty.PartnerListing, error)
}

// listed is how many rows of the office are read at once.
const listed = 500

// walk reads a list of the office page by page.
func walk[T, ID any](list func(after ID, limit int) ([]T, error), id func(*T) ID, row func(*T) error) error {
	var after ID
	for {
		page, err := list(after, listed)
		if err != nil {
			return err
		}
		for i := range page {
			if err := row(&page[i]); err != nil {
				return err
			}
			after = id(&page[i])
		}
		if len(page) < listed {
			return nil
		}
	}
}

// counterTags writes the tags of shops' counters, those that were revoked included.
func (e *Export) counterTags(ctx context.Context, to *exported) error {
	return walk(func(after loyalty.TagID, n int) ([]loyalty.Tag, error) {
		return e.Source.CounterTags(ctx, e.Merchant, after, n)
	},
		func(g *loyalty.Tag) loyalty.TagID { return g.ID }, to.tag)
}

// agreements writes with whom there were or are any, without their rosters.
func (e *Export) agreements(ctx context.Context, to *exported) error {
	return walk(func(after loyalty.AgreementID, n int) ([]loyalty.Agreement, error) {
		return e.Source.Agreements(ctx, e.Merchant, after, n)
	},
		func(a *loyalty.Agreement) loyalty.AgreementID { return a.ID },
		func(a *loyalty.Agreement) error {
			return to.row("agreements", a.ID.String(), string(a.Kind), a.Name, a.Starts, a.Ends, strings.Join(a.Domains, " "),
				a.Listed, a.ListedAt, a.Created, a.Changed)
		})
}

// contested writes what tills did offline and the ledger did not take.
func (e *Export) contested(ctx context.Context, to *exported) error {
	return walk(func(after loyalty.ContestedID, n int) ([]loyalty.Contested, error) {
		return e.Source.ContestedItems(ctx, e.Merchant, loyalty.TillID{}, true, true, after, n)
	},
		func(i *loyalty.Contested) loyalty.ContestedID { return i.ID },
		func(i *loyalty.Contested) error {
			method := ""
			if i.Method != loyalty.Office { // else the code could not be read
				method = i.Method.String()
			}
			return to.row("contested", i.ID.String(), i.Till.String(), text(i.Staff), i.Item.Queue.String(), i.Item.Counter, i.Captured, i.Synced,
				i.Action.String(), text(i.Card), method, i.Units, i.Total, i.Currency, text(i.Voucher), string(i.Code), i.Detail, i.Settled, i.Note)
		})
}

// shops writes locations, tills, staff, keys and webhooks, those that are gone
// included.
func (e *Export) shops(ctx context.Context, to *exported) error {
	from, m := e.Source, e.Merchant
	return errors.Join(
		walk(func(after loyalty.LocationID, n int) ([]loyalty.Location, error) {
			return from.Locations(ctx, m, after, n)
		},
			func(l *loyalty.Location) loyalty.LocationID { return l.ID },
			func(l *loyalty.Location) error {
				latitude, longitude := degrees(l.Place)
				return to.row("locations", l.ID.String(), l.Name, l.Zone.String(), latitude, longitude, hours(l.Hours))
			}),
		walk(func(after loyalty.TillID, n int) ([]loyalty.TillListing, error) {
			return from.Tills(ctx, m, true, after, n)
		},
			func(t *loyalty.TillListing) loyalty.TillID { return t.ID },
			func(t *loyalty.TillListing) error {
				return to.row("tills", t.ID.String(), t.Location.String(), t.Name, readers(t.Readers),
					int64(t.Lease.Redemptions), int64(t.Lease.Hours), t.Created, t.Paired, t.RevokedAt, t.BlockedAt)
			}),
		walk(func(after loyalty.StaffID, n int) ([]loyalty.StaffListing, error) {
			return from.Staff(ctx, m, true, after, n)
		},
			func(s *loyalty.StaffListing) loyalty.StaffID { return s.ID },
			func(s *loyalty.StaffListing) error {
				return to.row("staff", s.ID.String(), s.Name, s.Role.String(), s.HasPIN, s.Created, s.Dismissed)
			}),
		walk(func(after loyalty.APIKeyID, n int) ([]loyalty.KeyListing, error) {
			return from.APIKeys(ctx, m, true, after, n)
		},
			func(k *loyalty.KeyListing) loyalty.APIKeyID { return k.ID },
			func(k *loyalty.KeyListing) error {
				return to.row("api_keys", k.ID.String(), k.Name, string(k.Scope), k.Created, k.Revoked)
			}),
		walk(func(after loyalty.WebhookID, n int) ([]loyalty.Webhook, error) {
			return from.Webhooks(ctx, m, after, n)
		},
			func(w *loyalty.Webhook) loyalty.WebhookID { return w.ID },
			func(w *loyalty.Webhook) error {
				return to.row("webhooks", w.ID.String(), w.URL, w.Description, kinds(w.Kinds), w.Created, w.Disabled)
			}),
	)
}

// degrees are where a shop is, in millionths; nothing where that is not known.
func degrees(p loyalty.Place) (latitude, longitude any) {
	if p.IsZero() {
		return "", ""
	}
	return p.Latitude, p.Longitude
}

// hours are when a shop is open; nothing for always.
func hours(of loyalty.Hours) json.RawMessage {
	if len(of) == 0 {
		return nil
	}
	text, err := json.Marshal(of)
	if err != nil {
		panic("moving: plain numbers cannot be written as JSON: " + err.Error())
	}
	return text
}

// kinds are of entries, those that a webhook is told of; nothing for all.
func kinds(of loyalty.Kinds) json.RawMessage {
	if of == loyalty.AllKinds {
		return nil
	}
	names := []string{}
	for _, kind := range loyalty.EntryKinds() {
		if of.Has(kind) {
			names = append(names, kind.String())
		}
	}
	list, _ := json.Marshal(names) // words have no errors
	return list
}

// readers are those that a till is registered with; nothing for none.
func readers(of loyalty.Readers) json.RawMessage {
	return wordList(of.List())
}

// wordList is nothing where there are none.
func wordList[W fmt.Stringer](words []W) json.RawMessage {
	if len(words) == 0 {
		return nil
	}
	names := []string{}
	for _, word := range words {
		names = append(names, word.String())
	}
	list, _ := json.Marshal(names) // words have no errors
	return list
}

// programs writes every version of every program, and drafts, and what is left of
// the rewards in any of them.
func (e *Export) programs(ctx context.Context, to *exported) error {
	programs, err := e.Source.Programs(ctx, e.Merchant)
	if err != nil {
		return err
	}
	all := rewards{}
	for _, p := range programs {
		if err := e.versions(ctx, to, p.ID, all); err != nil {
			return err
		}
		if err := e.partners(ctx, to, p.ID); err != nil {
			return err
		}
		draft, err := e.Source.Draft(ctx, e.Merchant, p.ID)
		if noDraft(err) {
			continue
		}
		var rules json.RawMessage
		if err == nil {
			all.add(&draft.Rules)
			rules, err = json.Marshal(draft.Rules)
		}
		if err == nil {
			err = to.row("drafts", p.ID.String(), int64(draft.BasedOn), draft.Revision, draft.Saved, rules)
		}
		if err != nil {
			return err
		}
	}
	if err := e.partnerships(ctx, to); err != nil {
		return err
	}
	return e.stock(ctx, to, all)
}

func noDraft(err error) bool {
	var refusal *loyalty.Refusal
	return errors.As(err, &refusal) && refusal.Code == loyalty.DraftNotFound
}

func (e *Export) versions(ctx context.Context, to *exported, id loyalty.ProgramID, all rewards) error {
	return walk(func(before int32, n int) ([]loyalty.Published, error) {
		return e.Source.Versions(ctx, e.Merchant, id, before, n)
	},
		func(v *loyalty.Published) int32 { return v.Version },
		func(v *loyalty.Published) error {
			all.add(&v.Rules)
			rules, err := json.Marshal(v.Rules)
			if err != nil {
				return err
			}
			return to.row("programs", id.String(), int64(v.Version), v.Name, string(v.Kind), v.At, json.RawMessage(rules))
		})
}
