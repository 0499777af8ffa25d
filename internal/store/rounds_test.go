package store

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// TestRounds holds that saying what is short costs no journey: a process asks once more
// than for anybody when it meets a program with scarce rewards, and from then on all at
// once, one question per table but for those that lock. Who has no such program is asked
// no more than ever.
func TestRounds(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stempel.db")
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	scarce := loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Rewards[0].PerCard, r.Rewards[0].PerMember = 1, 1
		r.Rewards = append(r.Rewards, loyalty.Reward{ID: loyaltytest.Partner, Name: "Code", Cost: 1, RewardTerms: loyalty.RewardTerms{Kind: loyalty.PartnerCode}})
	})
	plain := loyaltytest.Program(t)
	plain.Merchant = loyaltytest.Stranger
	cards := map[loyalty.MerchantID]loyalty.Card{
		loyaltytest.Merchant: loyaltytest.Card(scarce, "anna"),
		loyaltytest.Stranger: loyaltytest.Card(plain, "berta", func(c *loyalty.Card) { c.Merchant = loyaltytest.Stranger }),
	}
	_, err = s.Once(t.Context(), loyalty.Answer{}, func(tx *Tx) (loyalty.Answer, error) {
		for m := range cards {
			if err := tx.InsertMerchant(loyalty.Merchant{ID: m, Name: "Shop", Created: loyaltytest.Now}); err != nil {
				return loyalty.Answer{}, err
			}
		}
		for _, p := range []*loyalty.Program{scarce, plain} {
			if err := tx.InsertProgram(*p, loyaltytest.Now); err != nil {
				return loyalty.Answer{}, err
			}
		}
		for _, card := range cards {
			if err := tx.InsertCard(card); err != nil {
				return loyalty.Answer{}, err
			}
		}
		return loyalty.Answer{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	programs := newPrograms() // of a process that has just begun
	earns := func(m loyalty.MerchantID) loyalty.Keys {
		c := loyaltytest.Command("earn", cards[m].ID, loyalty.Till{ID: loyaltytest.ID("till")}, loyaltytest.Now, loyalty.Earning{Units: 1})
		c.Merchant = m
		keys := loyalty.Keys{At: loyaltytest.Now}
		keys.Add(c)
		return keys
	}
	redeems := func(m loyalty.MerchantID) loyalty.Keys {
		keys := earns(m)
		keys.Tallies, keys.Rewards = keys.Cards, []loyalty.RewardID{loyaltytest.Machine}
		return keys
	}
	for _, step := range []struct {
		name string
		keys loyalty.Keys
		want string // questions of each round
	}{
		{"an earning of who has none", earns(loyaltytest.Stranger), "[5 3]"}, // the program is read
		{"again", earns(loyaltytest.Stranger), "[5]"},
		{"the first earning of who has some", earns(loyaltytest.Merchant), "[5 3 5]"},
		{"again", earns(loyaltytest.Merchant), "[10]"}, // and tallies, member, member's tallies, stock, pools
		{"a redemption", redeems(loyaltytest.Merchant), "[12]"},
		{"an earning of who has none, then", earns(loyaltytest.Stranger), "[5]"},
	} {
		if got := fmt.Sprint(rounds(t, s, programs, &step.keys)); got != step.want {
			t.Errorf("%s: %s questions, want %s", step.name, got, step.want)
		}
	}
}

// rounds reads the facts of keys, and counts the questions of each journey that takes.
func rounds(t *testing.T, s *Store, p *programs, k *loyalty.Keys) (counts []int) {
	t.Helper()
	tx, err := s.engine.(*lite).readers.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer rollBackLite(tx)
	g := newGathering(p)
	for asked := g.first(k); len(asked) > 0; asked = g.next(k) {
		counts = append(counts, len(asked))
		for _, q := range asked {
			if err := (liteTx{tx}).ask(t.Context(), q, g); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := g.finish(); err != nil {
		t.Fatal(err)
	}
	return counts
}
