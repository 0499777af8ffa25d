package moving

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"iter"

	"stempel/internal/loyalty"
	"stempel/internal/personal"
)

// Source is what there is to export. Another merchant's is not there.
type Source interface {
	office
	EachMember(ctx context.Context, m loyalty.MerchantID, f func(*loyalty.MemberBook) error) error
	EachCardOf(ctx context.Context, m loyalty.MerchantID, f func(*loyalty.CardBook, iter.Seq2[loyalty.DetailedEntry, error]) error) error
	EachClaim(ctx context.Context, m loyalty.MerchantID, f func(*loyalty.ClaimCode) error) error
}

// Export is one merchant's data on its way out, in files named after what is in
// them. Members come out as they are read by people; secrets, and what follows
// from secrets, do not come out at all.
type Export struct {
	Merchant loyalty.MerchantID
	Box      *personal.Box
	Source   Source
	Format   Format
	Create   func(name string) (io.WriteCloser, error)
}

// Counts say how many rows each file has, by what is in it.
type Counts map[string]int

// Run writes everything. What it writes of one card or member is of one moment.
// Entries have all that their hashes are over, see ledger.md; details have what
// they commit to.
//
// Errors: loyalty.ErrNotFound for no such merchant, before anything is created;
// of Create and its files; as of the source.
func (e *Export) Run(ctx context.Context) (Counts, error) {
	merchant, err := e.Source.Merchant(ctx, e.Merchant)
	if err != nil {
		return nil, err
	}
	to := &exported{format: e.Format, create: e.Create, tables: map[string]*table{}}
	err = to.begin()
	if err == nil {
		l := &merchant.Limits
		err = to.row("merchant", merchant.ID.String(), merchant.Name, merchant.Created,
			l.CardEarnsPerHour, l.TillActionsPerMinute, l.TillActionsPerHour, l.StaffActionsPerHour)
	}
	for _, part := range []func(context.Context, *exported) error{e.brand, e.shops, e.programs, e.agreements, e.members, e.cards, e.counterTags, e.claims, e.contested} {
		if err == nil {
			err = part(ctx, to)
		}
	}
	return to.counts(), errors.Join(err, to.close())
}

func (e *Export) members(ctx context.Context, to *exported) error {
	return e.Source.EachMember(ctx, e.Merchant, func(m *loyalty.MemberBook) error {
		if !m.Into.IsZero() {
			return to.row("merged_members", m.ID.String(), m.Into.String())
		}
		p, err := e.Box.OpenMember(&m.Member)
		if err != nil {
			return err
		}
		err = to.row("members", m.ID.String(), p.Name, p.Phone, p.Email, p.ExternalID, p.Language,
			string(m.Belonging.Labels), string(m.Belonging.Audience), text(m.Belonging.Agreement), m.Created, m.Changed)
		for _, c := range p.Contacts() {
			err = errors.Join(err, to.row("contacts", m.ID.String(), string(c.Kind), c.Value))
		}
		for i := range m.Consents {
			c := &m.Consents[i]
			shown, openErr := e.Box.OpenConsent(e.Merchant, c)
			if err = errors.Join(err, openErr); err == nil {
				err = to.row("consents", c.ID.String(), c.Member.String(), c.Purpose, c.Given, c.At,
					shown.Wording, shown.Version, shown.Language, shown.Source)
			}
		}
		return err
	})
}

func (e *Export) cards(ctx context.Context, to *exported) error {
	return e.Source.EachCardOf(ctx, e.Merchant, func(c *loyalty.CardBook, entries iter.Seq2[loyalty.DetailedEntry, error]) error {
		err := to.row("cards", c.ID.String(), c.Program.String(), text(c.Member), c.Attached, c.Created, c.Balance, c.Lifetime, c.Cycle,
			c.Inherited, c.Counts.Total().Spend, text(c.MergedInto), c.Blocked, c.LastEarn, int64(c.WalletGen), int64(c.PrintGen))
		for i := range c.Lots {
			l := &c.Lots[i]
			err = errors.Join(err, to.row("lots", l.Card.String(), l.Entry.String(), l.Seq, l.Units, l.Left, l.Expired, l.Available, l.Expires))
		}
		for i := range c.Vouchers {
			v := &c.Vouchers[i]
			err = errors.Join(err, to.row("vouchers", v.ID.String(), v.Card.String(), v.Reward.String(), v.State.String(),
				v.Threshold, v.Spent, v.Issued, v.Expires, v.Entry.String(), v.Value, v.Left))
		}
		for _, change := range c.Changes {
			err = errors.Join(err, to.row("card_changes", change.ID.String(), change.Card.String(), change.Kind.String(),
				change.Surface.String(), text(change.Key), change.At, change.Note))
		}
		for _, d := range c.Devices {
			err = errors.Join(err, to.row("devices", d.ID.String(), d.Card.String(), d.Home.String(), d.Kind.String(), d.Name,
				int64(d.Secret.Number), int64(d.Secret.Epoch), d.Created, d.Revoked))
		}
		for i := range c.Tags {
			err = errors.Join(err, to.tag(&c.Tags[i]))
		}
		for _, p := range c.Passes {
			err = errors.Join(err, to.row("passes", p.ID.String(), p.Card.String(), p.Program.String(), p.Wallet.String(), p.Language,
				p.Created, p.Changed, p.Removed))
		}
		if err != nil {
			return err
		}
		for entry, err := range entries {
			if err == nil {
				err = to.entry(&entry)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// tag is of a card, or of a shop's counter.
func (to *exported) tag(g *loyalty.Tag) error {
	return to.row("tags", g.ID.String(), text(g.Card), text(g.Location), text(g.Program), g.UID.String(), int64(g.Epoch), int64(g.Counter),
		g.Label, g.Created, g.Revoked)
}

func (to *exported) entry(e *loyalty.DetailedEntry) error {
	err := to.row("entries", e.ID.String(), e.Merchant.String(), e.Operator.String(), e.Card.String(), e.Seq, e.Kind.String(),
		e.Units, e.Balance, e.Program.String(), int64(e.Version), text(e.Location), text(e.Till), text(e.Staff), e.Method.String(),
		e.Captured, e.Posted, text(e.Origin), text(e.Reward), text(e.Voucher), hash(e.Commitment), hash(e.Hash), wordList(e.Lifted.List()),
		month(e.Counted.Month), e.Counted.Spend, e.Counted.Rate, e.Counted.Off)
	if err != nil || e.Detail == nil {
		return err
	}
	return to.row("details", e.ID.String(), base64.RawURLEncoding.EncodeToString(e.Salt[:]), json.RawMessage(e.Detail))
}

func (e *Export) claims(ctx context.Context, to *exported) error {
	return e.Source.EachClaim(ctx, e.Merchant, func(k *loyalty.ClaimCode) error {
		var purchase json.RawMessage
		if k.Purchase != nil {
			var err error
			if purchase, err = json.Marshal(k.Purchase); err != nil {
				return err
			}
		}
		return to.row("claims", k.ID.String(), k.Program.String(), k.Till.String(), k.Location.String(), text(k.Staff), k.Role.String(), k.Units, purchase,
			k.Worth, k.Issued, k.Expires, k.Withdrawn, k.Claimed, text(k.Card), text(k.Entry))
	})
}

// month as text; none for 0.
func month(m loyalty.Month) string {
	if m == 0 {
		return ""
	}
	return m.String()
}

// text of an id; none for the zero id.
func text(id interface{ MarshalText() ([]byte, error) }) string {
	text, _ := id.MarshalText() // ids have no errors
	return string(text)
}

func hash(h loyalty.Hash) string {
	if h == (loyalty.Hash{}) {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(h[:])
}
