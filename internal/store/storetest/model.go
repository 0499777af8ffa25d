package storetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// testModel posts arbitrary batches to the database and to a book in maps: each
// batch must find the same facts in both, and in the end both hold the same.
func testModel(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	lots := loyaltytest.Lots(t, func(r *loyalty.Rules) {
		r.Lots = &loyalty.LotRule{Pending: 1, Expires: loyalty.AfterDays, After: 3}
		r.AllowNegative = true
		r.Rewards = append(r.Rewards, loyalty.Reward{ID: giftCard, Name: "Gift card", Cost: 5, RewardTerms: loyalty.RewardTerms{
			Kind: loyalty.GiftCard, Amount: 900, Currency: "EUR",
		}, PerMember: 3})
	})
	partner := partnerProgram(t)
	shop.Do(t, func(tx *store.Tx) error {
		return errors.Join(tx.InsertProgram(*lots, loyaltytest.Now), tx.InsertProgram(*partner, loyaltytest.Now))
	})
	if _, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, shop.Card(t, partner, "model").ID); err != nil { // it hears of pools
		t.Fatal(err)
	}
	shop.hearOfRewards(t)
	var codes []loyalty.GiftCode // of all runs
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		m := &model{shop: shop, t: t, rt: rt, run: run, lots: lots, partner: partner, codes: &codes, book: loyaltytest.NewBook(), now: loyaltytest.Now}
		m.begin()
		for range 1 + m.number("batches", 12) {
			m.post()
		}
		m.compareCards()
		if err := m.book.Verify(); err != nil {
			m.rt.Fatal(err)
		}
	})
	for _, p := range []*loyalty.Program{shop.Stamps, shop.Points, lots} {
		unchanged(t, shop, p)
	}
}

// giftCard is a reward of the model's program with lots.
var giftCard = loyalty.RewardID(loyaltytest.ID("gift card"))

// model is one run, on cards of its own.
type model struct {
	shop     *Shop
	t        *testing.T
	rt       *rapid.T
	run      int
	lots     *loyalty.Program
	partner  *loyalty.Program
	codes    *[]loyalty.GiftCode
	book     *loyaltytest.Book
	now      time.Time
	cards    []loyalty.Card
	claims   []loyalty.ClaimCode
	commands int
}

func (m *model) begin() {
	m.book.Tills[m.shop.Front.ID], m.book.Tills[m.shop.Back.ID] = m.shop.Front, m.shop.Back
	for i, p := range []*loyalty.Program{m.shop.Stamps, m.shop.Points, m.lots, m.shop.Stamps, m.shop.Points, m.lots, m.shop.Stamps, m.partner, m.partner} {
		card := m.shop.Card(m.t, p, fmt.Sprintf("model %d %d", m.run, i))
		m.cards = append(m.cards, card)
		m.book.Cards[card.ID], m.book.Programs[p.ID] = card, p
	}
	anna, berta := loyaltytest.ID(fmt.Sprint("anna ", m.run)), loyaltytest.ID(fmt.Sprint("berta ", m.run))
	for i, holder := range [][16]byte{0: anna, 1: anna, 2: anna, 3: anna, 4: berta, 5: berta, 7: berta} {
		if holder != ([16]byte{}) {
			m.book.Holders[m.cards[i].ID] = holder
		}
	}
	m.attach()
	m.importCodes()
	left, err := m.shop.Stock(m.t.Context(), []loyalty.RewardID{loyaltytest.Machine})
	if err != nil {
		m.rt.Fatal(err)
	}
	m.book.Stock = left
	for i, p := range []*loyalty.Program{m.shop.Stamps, m.shop.Points, m.shop.Stamps} {
		code := newClaim(m.shop, fmt.Sprintf("model %d %d", m.run, i), func(k *loyalty.ClaimCode) {
			k.Program, k.Earning = p.ID, loyalty.Earning{Purchase: m.purchase()}
		})
		m.shop.issue(m.t, code)
		m.claims = append(m.claims, code)
		m.book.Claims[code.ID] = code
	}
}

// importCodes adds a few, some of which end soon, to what earlier runs have left.
func (m *model) importCodes() {
	batch := batchOf(fmt.Sprintf("model %d ", m.run), m.number("codes", 4), func(c *loyalty.GiftCode) {
		if c.ID[15]%2 == 0 {
			c.Expires = m.now.Add(48 * time.Hour)
		}
	})
	if len(batch.Codes) > 0 {
		m.shop.importCodes(m.t, batch)
	}
	for _, c := range batch.Codes {
		bare := c.GiftCode
		bare.Import, bare.Imported, bare.Sealed, bare.Fingerprint = loyalty.ImportID{}, time.Time{}, nil, loyalty.Hash{}
		*m.codes = append(*m.codes, bare)
	}
	m.book.Codes = *m.codes
}

func (m *model) post() {
	m.now = m.now.Add(time.Duration(1+m.number("seconds", 100_000)) * time.Second)
	batch := make([]*loyalty.Command, 1+m.number("commands", 5))
	for i := range batch {
		batch[i] = m.command()
	}
	for len(batch) > 0 {
		batch = m.decide(batch)
	}
}

// decide posts a batch to both, and returns what tills that met merged cards ask
// next: the same of the survivors.
func (m *model) decide(batch []*loyalty.Command) []*loyalty.Command {
	keys := loyaltytest.Keys(batch)
	keys.At = m.now
	var written *loyalty.Writes
	var results []loyaltytest.Result
	err := m.shop.Post(m.t.Context(), *keys, func(f *loyalty.Facts) loyalty.Writes {
		m.compareFacts(inOneForm(f, keys), inOneForm(m.book.Read(keys), keys))
		written, results = loyaltytest.Decide(f, batch, m.now)
		return *written
	})
	if expected := m.book.Write(written); expected != nil || err != nil {
		m.rt.Fatalf("post: %v; the book says %v", err, expected)
	}
	*m.codes = m.book.Codes
	return loyaltytest.Follow(batch, results)
}

// command draws something that a till or the office may ask for. Codes and
// purchases come from few names, so that they are used again.
func (m *model) command() *loyalty.Command {
	m.commands++
	name := fmt.Sprintf("model %d command %d", m.run, m.commands)
	card := m.cards[m.number("card", len(m.cards))]
	till := [...]loyalty.Till{m.shop.Front, m.shop.Back}[m.number("till", 2)]
	changes := []func(*loyalty.Command){
		loyaltytest.Approved([...]loyalty.Role{loyalty.NoRole, loyalty.Manager}[m.number("role", 2)]),
	}
	do := m.action(card.ID)
	switch do := do.(type) {
	case loyalty.Claiming:
		code := m.book.Claims[do.Claim]
		changes = append(changes, code.Present)
	case loyalty.Earning, loyalty.Redemption, loyalty.Reserving:
		changes = append(changes, loyaltytest.Presenting(fmt.Sprintf("model %d code %d", m.run, m.number("code", 30))))
	}
	return loyaltytest.Command(name, card.ID, till, m.now, do, changes...)
}

func (m *model) action(card loyalty.CardID) loyalty.Action {
	switch m.number("action", 20) {
	case 14, 15:
		return loyalty.Redemption{Reward: giftCard, Amount: int64(m.number("amount", 600))}
	case 16:
		return loyalty.Redemption{Reward: giftCard, Purchase: m.purchase()}
	case 17:
		rewards := [...]loyalty.RewardID{loyaltytest.Cone, giftCard}
		return loyalty.Reserving{Reward: rewards[m.number("reward", 2)], Release: m.number("release", 3) == 0}
	case 18, 19:
		rewards := [...]loyalty.RewardID{loyaltytest.Cone, giftCard}
		return loyalty.Choosing{Redemption: loyalty.Redemption{Reward: rewards[m.number("reward", 2)]}, Drop: m.number("take back", 4) == 0}
	case 11:
		return loyalty.Lapse{}
	case 12, 13:
		return m.refunding(card)
	case 0, 1:
		return loyalty.Earning{Units: int64(m.number("units", 25)) + 1}
	case 2, 3:
		return loyalty.Earning{Purchase: m.purchase()}
	case 4, 5:
		rewards := [...]loyalty.RewardID{loyaltytest.Cone, loyaltytest.Topping, loyaltytest.Machine, loyaltytest.Partner}
		return loyalty.Redemption{Reward: rewards[m.number("reward", len(rewards))]}
	case 6:
		return loyalty.Merger{Into: m.cards[m.number("into", len(m.cards))].ID}
	case 7:
		return loyalty.Adjustment{Units: int64(m.number("by", 140)) - 20, Note: "so it is"}
	case 8:
		return loyalty.Claiming{Claim: m.claims[m.number("claim", len(m.claims))].ID}
	}
	entries := m.book.Entries[card]
	if len(entries) == 0 {
		return loyalty.Reversal{Entry: loyaltytest.ID("no entry")}
	}
	entry := entries[m.number("entry", len(entries))]
	return loyalty.Reversal{Entry: entry.ID, Reward: entry.Reward}
}

func (m *model) refunding(card loyalty.CardID) loyalty.Action {
	entries := slices.DeleteFunc(slices.Clone(m.book.Entries[card]), func(e loyalty.Entry) bool { return e.Kind != loyalty.Earn })
	if len(entries) == 0 {
		return loyalty.Refunding{Entry: loyaltytest.ID("no entry")}
	}
	entry := entries[m.number("entry", len(entries))]
	do := loyalty.Refunding{Entry: entry.ID, Detail: m.book.Details[entry.ID], Amount: int64(m.number("amount", 10_000)), Most: m.number("most", 2) == 1}
	if m.number("by lines", 2) == 1 {
		do.Amount, do.Lines = 0, []int64{1}
	}
	return do
}

func (m *model) purchase() *loyalty.Purchase {
	ref := fmt.Sprintf("model %d receipt %d", m.run, m.number("receipt", 12))
	return loyaltytest.Purchase(ref, int64(m.number("total", 30_000)), func(p *loyalty.Purchase) {
		p.Items = []loyalty.Item{{Quantity: int64(m.number("quantity", 12_000)), Unit: "piece", Amount: p.Total}}
	})
}

// number draws from 0 up to and without n.
func (m *model) number(what string, n int) int {
	return rapid.IntRange(0, n-1).Draw(m.rt, what)
}

func (m *model) compareFacts(got, want *loyalty.Facts) {
	for id, state := range want.Cards {
		if !reflect.DeepEqual(got.Cards[id], state) {
			m.rt.Fatalf("card %s\n got %s\nwant %s", id, inFull(got.Cards[id]), inFull(state))
		}
	}
	if !reflect.DeepEqual(got, want) {
		m.rt.Fatalf("facts differ\n got %+v\nwant %+v", got, want)
	}
}

func inFull(s *loyalty.State) string { return fmt.Sprintf("%+v, program %+v", *s, *s.Program) }

// compareCards reads everything back in the ways there are.
func (m *model) compareCards() {
	for _, card := range m.cards {
		state, err := m.shop.Store.Card(m.t.Context(), loyaltytest.Merchant, card.ID)
		if err != nil {
			m.rt.Fatal(err)
		}
		if state.Card != m.book.Cards[card.ID] {
			m.rt.Fatalf("card\n got %+v\nwant %+v", state.Card, m.book.Cards[card.ID])
		}
		entries, err := m.shop.Entries(m.t.Context(), loyaltytest.Merchant, card.ID, 0, 1000)
		if err != nil {
			m.rt.Fatal(err)
		}
		slices.Reverse(entries)
		if !slices.Equal(entries, m.book.Entries[card.ID]) {
			m.rt.Fatalf("entries\n got %+v\nwant %+v", entries, m.book.Entries[card.ID])
		}
	}
	for _, code := range m.claims {
		if got, err := m.shop.Claim(m.t.Context(), code.ID); err != nil || !reflect.DeepEqual(got, m.book.Claims[code.ID]) {
			m.rt.Fatalf("claim\n got %+v, %v\nwant %+v", got, err, m.book.Claims[code.ID])
		}
	}
	seen := 0
	err := m.shop.EachCard(m.t.Context(), func(c loyalty.Card, v []loyalty.Voucher, lots []loyalty.Lot, e iter.Seq2[loyalty.Entry, error]) error {
		card, ours := m.book.Cards[c.ID]
		if !ours {
			return nil // of another run
		}
		seen++
		card.Choice = loyalty.Choice{} // no audit looks at it
		entries, err := collect(e)
		if err == nil && (card != c || !slices.Equal(m.book.Entries[c.ID], entries) || !slices.Equal(sorted(m.book.Vouchers[c.ID]), v) || !slices.Equal(inOrder(m.book.Lots[c.ID]), inOrder(lots))) {
			err = errors.New("EachCard: a card is not as it was posted")
		}
		return err
	})
	if err != nil || seen != len(m.cards) {
		m.rt.Fatalf("EachCard: %d cards, %v", seen, err)
	}
}

func collect(stream iter.Seq2[loyalty.Entry, error]) (entries []loyalty.Entry, err error) {
	for entry, err := range stream {
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// sorted orders vouchers as real ids would: those of loyaltytest do not rise from
// one command to the next, so that a batch's vouchers have no order of their own.
func sorted(vouchers []loyalty.Voucher) []loyalty.Voucher {
	return slices.SortedFunc(slices.Values(vouchers), func(a, b loyalty.Voucher) int {
		return cmp.Or(a.Issued.Compare(b.Issued), a.ID.Compare(b.ID))
	})
}

// inOrder orders lots: they are read in none.
func inOrder(lots []loyalty.Lot) []loyalty.Lot {
	return slices.SortedFunc(slices.Values(lots), func(a, b loyalty.Lot) int { return a.Entry.Compare(b.Entry) })
}

// inOneForm brings facts into one form: what is empty is nil, uses, which come in no
// order, are sorted, and of programs only what is kept of them is looked at.
func inOneForm(f *loyalty.Facts, k *loyalty.Keys) *loyalty.Facts {
	same := *f
	same.Cards = map[loyalty.CardID]*loyalty.State{}
	for id, state := range f.Cards {
		s := *state
		s.Uses = slices.Compact(slices.SortedFunc(slices.Values(s.Uses), func(a, b loyalty.Use) int {
			return cmp.Or(bytes.Compare(a.Nonce[:], b.Nonce[:]), cmp.Compare(a.Action, b.Action))
		}))
		s.Vouchers, s.Lots = sorted(s.Vouchers), inOrder(s.Lots)
		s.Program = asKept(s.Program)
		onlyShown(&s, k)
		if len(s.Tallies) == 0 {
			s.Tallies = nil
		}
		if len(s.Uses) == 0 {
			s.Uses = nil
		}
		same.Cards[id] = &s
	}
	onlyWanted(&same, k)
	return &same
}

// asKept is a program as JSON tells it, without what was compiled of it.
func asKept(p *loyalty.Program) *loyalty.Program {
	kept := *p
	kept.Rules, kept.Conditions = loyalty.Rules{}, nil
	text, err := json.Marshal(p.Rules)
	if err == nil {
		err = json.Unmarshal(text, &kept.Rules)
	}
	if err != nil {
		panic(err) // rules are plain data
	}
	return &kept
}
