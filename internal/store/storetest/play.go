package storetest

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// testPlay plays what tills and offices may ask for, over programs of each kind whose
// rules change meanwhile, in shops of two zones: the database and the book hold the
// same, and the audit's sums, chains and lots hold on both.
func testPlay(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	shop.hearOfRewards(t)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		play := loyaltytest.NewPlay(rt, fmt.Sprintf("store play %d", run))
		m := &model{shop: shop, t: t, rt: rt, book: play.Book, codes: &play.Book.Codes}
		m.stage(run == 1)
		m.attach()
		m.stageCodes()
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			step := play.Next(rt)
			play.Publish(step)
			m.prepare(step)
			m.now = step.Now
			for batch := step.Batch; len(batch) > 0; {
				batch = m.decide(batch)
			}
		}
		m.compareCards()
		if err := m.book.Verify(); err != nil {
			rt.Fatal(err)
		}
	})
}

// stage stores what a play begins with: its tills once for all runs.
func (m *model) stage(first bool) {
	m.shop.Do(m.t, func(tx *store.Tx) error {
		for _, till := range m.book.Tills {
			if !first || till.ID == m.shop.Front.ID || till.ID == m.shop.Back.ID {
				continue
			}
			where := loyalty.Location{ID: till.Location, Merchant: till.Merchant, Name: till.Name, Zone: till.Zone}
			if err := tx.InsertLocation(where); err != nil {
				return err
			}
			if err := tx.InsertTill(till, loyalty.Hash{3}, loyaltytest.Now); err != nil {
				return err
			}
		}
		for _, p := range m.book.Programs {
			if err := tx.InsertProgram(*p, loyaltytest.Now); err != nil {
				return err
			}
		}
		for reward, left := range m.book.Stock {
			if err := tx.InsertStock(loyalty.Stock{Reward: reward, Left: left}); err != nil {
				return err
			}
		}
		for _, card := range m.book.Cards {
			m.cards = append(m.cards, card)
			if err := tx.InsertCard(card); err != nil {
				return err
			}
		}
		return nil
	})
}

// stageCodes imports the codes of a play, and has the store hear of its pool.
func (m *model) stageCodes() {
	if len(m.book.Codes) == 0 {
		return
	}
	reward := m.book.Codes[0].Reward
	batch := batchOf("play "+reward.String(), len(m.book.Codes))
	batch.Reward = reward
	for i := range batch.Codes {
		batch.Codes[i].ID, batch.Codes[i].Reward = m.book.Codes[i].ID, reward
	}
	m.shop.importCodes(m.t, batch)
	for _, card := range m.cards {
		if _, err := m.shop.Store.Card(m.t.Context(), loyaltytest.Merchant, card.ID); err != nil {
			m.rt.Fatal(err)
		}
	}
}

// attach stores whose the cards are.
func (m *model) attach() {
	there := map[loyalty.MemberID]bool{}
	for card, holder := range m.book.Holders {
		member := person("")
		member.ID = holder
		if !there[holder] {
			if _, err := m.shop.AddMember(m.t.Context(), loyalty.Answer{}, member, loyalty.Answer{}); err != nil {
				m.rt.Fatal(err)
			}
			there[holder] = true
		}
		m.shop.attach(m.t, m.book.Cards[card], member)
	}
}

// prepare stores what a step brings along: a version, and codes that tills gave out.
func (m *model) prepare(step loyaltytest.Step) {
	if step.Publish != nil {
		m.shop.Do(m.t, func(tx *store.Tx) error { return tx.InsertProgram(*step.Publish, step.Now) })
	}
	for _, code := range m.book.Claims {
		if !slices.ContainsFunc(m.claims, func(c loyalty.ClaimCode) bool { return c.ID == code.ID }) {
			code.Hash, code.Key = sha256.Sum256(code.ID[:]), "c01"
			m.book.Claims[code.ID] = code
			m.shop.issue(m.t, code)
			m.claims = append(m.claims, code)
		}
	}
}
