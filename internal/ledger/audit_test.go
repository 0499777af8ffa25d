package ledger

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
)

// books are what a fake store holds, as an audit reads it.
type books struct {
	cards   []loyalty.Card
	entries map[loyalty.CardID][]loyalty.Entry
	details []loyalty.Detail
	items   []loyalty.Synced
	codes   []loyalty.GiftCode
	tenures []loyalty.Tenure
	err     error
}

func (b *books) Tenures(context.Context) ([]loyalty.Tenure, error) { return b.tenures, nil }

func (b *books) EachDetail(_ context.Context, visit func(*loyalty.Detail, *loyalty.Entry) error) error {
	for i := range b.details {
		var of loyalty.Entry
		for _, entries := range b.entries {
			for _, e := range entries {
				if e.ID == b.details[i].Entry {
					of = e
				}
			}
		}
		if err := visit(&b.details[i], &of); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) EachItem(_ context.Context, visit func(*loyalty.Synced, *loyalty.Entry) error) error {
	for i := range b.items {
		var of loyalty.Entry
		for _, entries := range b.entries {
			for _, e := range entries {
				if e.ID == b.items[i].Entry {
					of = e
				}
			}
		}
		if err := visit(&b.items[i], &of); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) EachCode(_ context.Context, visit func(*loyalty.GiftCode, *loyalty.Entry) error) error {
	for i := range b.codes {
		var of loyalty.Entry
		for _, entries := range b.entries {
			for _, e := range entries {
				if e.ID == b.codes[i].Entry {
					of = e
				}
			}
		}
		if err := visit(&b.codes[i], &of); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) EachCard(_ context.Context, visit func(loyalty.Card, []loyalty.Voucher, []loyalty.Lot, iter.Seq2[loyalty.Entry, error]) error) error {
	for _, card := range b.cards {
		err := visit(card, nil, nil, func(yield func(loyalty.Entry, error) bool) {
			for _, e := range b.entries[card.ID] {
				if !yield(e, b.err) {
					return
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// stamped is the books of one card after three stamps.
func stamped(t *testing.T) *books {
	b := setup(t, Config{})
	for range 3 {
		b.mustPost(t, b.scan())
	}
	card := b.store.cards[b.card].Card
	return &books{cards: []loyalty.Card{card}, entries: map[loyalty.CardID][]loyalty.Entry{card.ID: b.store.entries}}
}

func TestAuditOfAnHonestLedger(t *testing.T) {
	found, err := Audit(context.Background(), stamped(t), start)
	if err != nil || found.Cards != 1 || found.Entries != 3 || found.Flawed != 0 {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestAuditFindsWhatWasChanged(t *testing.T) {
	for name, change := range map[string]func(*loyalty.Card, []loyalty.Entry) []loyalty.Entry{
		"units of an entry":   func(_ *loyalty.Card, e []loyalty.Entry) []loyalty.Entry { e[1].Units++; return e },
		"time of an entry":    func(_ *loyalty.Card, e []loyalty.Entry) []loyalty.Entry { e[0].Posted = e[0].Posted.Add(1e3); return e },
		"a missing entry":     func(_ *loyalty.Card, e []loyalty.Entry) []loyalty.Entry { return append(e[:1], e[2:]...) },
		"the last one gone":   func(_ *loyalty.Card, e []loyalty.Entry) []loyalty.Entry { return e[:2] },
		"balance of the card": func(c *loyalty.Card, e []loyalty.Entry) []loyalty.Entry { c.Balance++; return e },
		"head of the card":    func(c *loyalty.Card, e []loyalty.Entry) []loyalty.Entry { c.Head[7] ^= 1; return e },
	} {
		t.Run(name, func(t *testing.T) {
			b := stamped(t)
			card := &b.cards[0]
			b.entries[card.ID] = change(card, b.entries[card.ID])
			found, err := Audit(context.Background(), b, start)
			if err != nil || found.Flawed != 1 || len(found.Flaws) != 1 {
				t.Fatalf("%+v, %v: want one flawed card", found, err)
			}
			if !strings.Contains(found.Flaws[0].Error(), card.ID.String()) {
				t.Errorf("%q does not name the card", found.Flaws[0])
			}
		})
	}
}

// An item of an offline queue that was posted has its entry, of its till.
func TestAuditOfItems(t *testing.T) {
	b := stamped(t)
	entry := b.entries[b.cards[0].ID][1]
	good := loyalty.Synced{Item: loyalty.QueueItem{Queue: loyalty.NewID(), Counter: 1}, Till: entry.Till, Entry: entry.ID, At: entry.Posted}
	for name, test := range map[string]struct {
		change func(*loyalty.Synced)
		stray  int
	}{
		"as it was":      {func(*loyalty.Synced) {}, 0},
		"no entry":       {func(i *loyalty.Synced) { i.Entry = loyalty.NewID() }, 1},
		"another till":   {func(i *loyalty.Synced) { i.Till = loyalty.NewID() }, 1},
		"another moment": {func(i *loyalty.Synced) { i.At = i.At.Add(time.Second) }, 1},
	} {
		item := good
		test.change(&item)
		b.items = []loyalty.Synced{item}
		if found, err := Audit(context.Background(), b, start); err != nil || found.Items != 1 || found.Stray != test.stray {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}

// A code that was handed out has its redemption.
func TestAuditOfCodes(t *testing.T) {
	b := stamped(t)
	entry := b.entries[b.cards[0].ID][1] // an earn
	b.codes = []loyalty.GiftCode{{ID: loyalty.NewID(), Merchant: entry.Operator, Reward: loyalty.NewID(), State: loyalty.CodeTaken, Entry: entry.ID}}
	found, err := Audit(context.Background(), b, start)
	if err != nil || found.Codes != 1 || found.Loose != 1 || len(found.Flaws) != 1 || !strings.Contains(found.Flaws[0].Error(), b.codes[0].ID.String()) {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestAuditReportsThatItCouldNotRead(t *testing.T) {
	b := stamped(t)
	b.err = errors.New("connection lost")
	if _, err := Audit(context.Background(), b, start); !errors.Is(err, b.err) {
		t.Errorf("got %v, want the error of reading", err)
	}
}

// The two sides of a merge are held against each other, once they are a minute old.
func TestAuditHoldsMergesTogether(t *testing.T) {
	b := setup(t, Config{})
	into := loyalty.CardID(loyalty.NewID())
	b.store.cards[into] = loyalty.State{Program: b.store.program, Card: loyalty.NewCard(into, b.store.program, start)}
	b.mustPost(t, b.scan())
	merge := b.scan()
	merge.Do, merge.Till, merge.Scan = loyalty.Merger{Into: into}, loyalty.TillID{}, loyalty.Scanned{}
	b.mustPost(t, merge)
	made := &books{entries: map[loyalty.CardID][]loyalty.Entry{}}
	for _, e := range b.store.entries {
		made.entries[e.Card] = append(made.entries[e.Card], e)
	}
	ended, survivor := b.store.cards[b.card].Card, b.store.cards[into].Card
	for name, test := range map[string]struct {
		cards  []loyalty.Card
		now    time.Time
		flawed int
	}{
		"both":                {[]loyalty.Card{ended, survivor}, start.Add(time.Hour), 0},
		"one is gone":         {[]loyalty.Card{survivor}, start.Add(time.Hour), 1},
		"the other is gone":   {[]loyalty.Card{ended}, start.Add(time.Hour), 1},
		"one was read before": {[]loyalty.Card{survivor}, start.Add(time.Second), 0},
	} {
		made.cards = test.cards
		if found, err := Audit(context.Background(), made, test.now); err != nil || found.Flawed != test.flawed {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}

// Partnerships are held against their programs, and what somebody has posted against
// partnerships, but for the last minute.
func TestAuditOfPartnerships(t *testing.T) {
	of := func(b *books) []loyalty.Tenure {
		e := b.entries[b.cards[0].ID][0]
		return []loyalty.Tenure{{
			Partner:  loyalty.Partner{Program: e.Program, Merchant: loyalty.MerchantID{9}, Since: e.Posted.Add(-time.Hour)},
			Operator: e.Operator, Coalition: true,
		}}
	}
	for name, test := range map[string]struct {
		tenures           func(*books) []loyalty.Tenure
		now               time.Time
		unfounded, flawed int
	}{
		"a partner":             {of, start.Add(time.Hour), 0, 0},
		"nobody":                {func(*books) []loyalty.Tenure { return nil }, start.Add(time.Hour), 0, 1},
		"nobody, a moment ago":  {func(*books) []loyalty.Tenure { return nil }, start.Add(time.Second), 0, 0},
		"one of a lost program": {func(b *books) []loyalty.Tenure { t := of(b); t[0].Operator = loyalty.MerchantID{}; return t }, start.Add(time.Hour), 1, 0},
	} {
		b := stamped(t)
		card := &b.cards[0]
		head := loyalty.FirstLink(card.ID)
		for i := range b.entries[card.ID] { // a partner has posted them
			e := &b.entries[card.ID][i]
			e.Merchant = loyalty.MerchantID{9}
			e.Hash = e.Link(head)
			head = e.Hash
		}
		card.Head = head
		b.tenures = test.tenures(b)
		found, err := Audit(context.Background(), b, test.now)
		if err != nil || found.Partnerships != len(b.tenures) || found.Unfounded != test.unfounded || found.Flawed != test.flawed {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
		if len(found.Flaws) != test.unfounded+test.flawed {
			t.Errorf("%s: flaws %v", name, found.Flaws)
		}
	}
}
