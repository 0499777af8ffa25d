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
// once, one question per table but for those that lock. Whose merchant has no such
// program is asked no more than ever, and whose own program is none no more than that
// when this process knows the card.
func TestRounds(t *testing.T) {
	t.Parallel()
	short := loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Rewards[0].PerCard, r.Rewards[0].PerMember = 1, 1
		r.Rewards = append(r.Rewards, loyalty.Reward{ID: loyaltytest.Partner, Name: "Code", Cost: 1, RewardTerms: loyalty.RewardTerms{Kind: loyalty.PartnerCode}})
	})
	beside, elsewhere := besides(t, "beside", 0), besides(t, "elsewhere", 0)
	elsewhere.Merchant = loyaltytest.Stranger
	s, earns := openPrograms(t, short, beside, elsewhere)
	redeems := earns(short, "anna")
	redeems.Tallies, redeems.Rewards = redeems.Cards, []loyalty.RewardID{loyaltytest.Machine}
	programs := newPrograms() // of a process that has just begun
	for _, step := range []struct {
		name string
		keys loyalty.Keys
		want string // questions of each round
	}{
		{"an earning of who has none", earns(elsewhere, "anna"), "[5 3]"}, // the program is read
		{"again", earns(elsewhere, "anna"), "[5]"},
		{"the first earning of who has some", earns(short, "anna"), "[5 3 5]"},
		{"again", earns(short, "anna"), "[10]"}, // and tallies, member, member's tallies, stock, pools
		{"a card not met before", earns(short, "berta"), "[10]"},
		{"a redemption", redeems, "[12]"},
		{"the program beside it, not met before", earns(beside, "anna"), "[10 3]"}, // the program is read
		{"again", earns(beside, "anna"), "[5]"},
		{"a card of it not met before", earns(beside, "berta"), "[10]"},
		{"again", earns(beside, "berta"), "[5]"},
		{"an earning of who has none, then", earns(elsewhere, "anna"), "[5]"},
	} {
		if got := fmt.Sprint(rounds(t, s, programs, &step.keys)); got != step.want {
			t.Errorf("%s: %s questions, want %s", step.name, got, step.want)
		}
	}
}

// TestMemberCardsRounds holds that reading a member's cards takes one journey once their
// programs are known.
func TestMemberCardsRounds(t *testing.T) {
	t.Parallel()
	short, plain := besides(t, "short", 1), besides(t, "plain", 0)
	s, earns := openPrograms(t, short, plain)
	ids := append(earns(short, "anna").Cards, earns(plain, "anna").Cards...)
	programs := newPrograms()
	for _, want := range []string{"[2 2 1]", "[3]", "[3]"} {
		if got := fmt.Sprint(rounds(t, s, programs, shownTo(loyaltytest.Merchant, ids))); got != want {
			t.Errorf("%s questions, want %s", got, want)
		}
	}
}

// TestFewUnseen holds that a card that may be of many scarce programs is asked about few
// rewards, none of them of an archived program, and that one that is left out is asked
// about at once when it is known.
func TestFewUnseen(t *testing.T) {
	t.Parallel()
	const each = 20
	live := make([]*loyalty.Program, 4)
	for i := range live {
		live[i] = besides(t, fmt.Sprint("live ", i), each)
	}
	old := besides(t, "old", each)
	old.Archived = true
	large := besides(t, "large", mostUnseen+1)
	s, earns := openPrograms(t, append(live, old, large)...)
	programs := newPrograms()
	unseen := func() int {
		c := programs.catalogues.get(loyaltytest.Merchant)
		return c.unseen.keys()
	}
	read := func(p *loyalty.Program, card, want string) {
		t.Helper()
		keys := earns(p, card)
		if got := fmt.Sprint(rounds(t, s, programs, &keys)); got != want {
			t.Errorf("%s of %s: %s questions, want %s", card, p.Name, got, want)
		}
	}
	read(large, "anna", "[5 3 1]") // the program is read
	read(large, "berta", "[6]")    // alone it is all asked
	read(old, "anna", "[6 3 1]")
	read(old, "anna", "[6]")
	if unseen() != mostUnseen+1 {
		t.Errorf("%d rewards are asked along", unseen())
	}
	for _, p := range live {
		read(p, "anna", "[6 3 1]")
		read(p, "anna", "[6]")
	}
	if unseen() != 3*each {
		t.Errorf("%d rewards are asked along, want those of three programs", unseen())
	}
	for range 2 {
		read(large, "anna", "[6]")
	}
	read(large, "clara", "[6 1]")
	read(large, "clara", "[6]")
	for i := range 3 * mostHomes { // as many cards as it takes to be forgotten
		programs.catalogues.homes.put(loyaltytest.ID(fmt.Sprint("card ", i)), old.ID)
	}
	if h := &programs.catalogues.homes; len(h.young)+len(h.old) > 2*mostHomes {
		t.Errorf("%d cards are remembered", len(h.young)+len(h.old))
	}
	read(large, "clara", "[6 1]")
}

// besides makes a program with so many rewards of which some are in stock.
func besides(t *testing.T, name string, limited int) *loyalty.Program {
	p := loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Name, r.Rewards = name, nil
		for i := range limited {
			r.Rewards = append(r.Rewards, loyalty.Reward{ID: loyaltytest.ID(fmt.Sprint(name, i)), Name: fmt.Sprint(i), Cost: 1, Limited: true})
		}
	})
	p.ID = loyaltytest.ID(name)
	return p
}

// openPrograms makes a database with cards of programs, and what earning with one needs.
func openPrograms(t *testing.T, list ...*loyalty.Program) (*Store, func(*loyalty.Program, string) loyalty.Keys) {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "stempel.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	cardOf := func(p *loyalty.Program, name string) loyalty.Card {
		return loyaltytest.Card(p, p.Name+name, func(c *loyalty.Card) { c.Merchant = p.Merchant })
	}
	_, err = s.Once(t.Context(), loyalty.Answer{}, func(tx *Tx) (loyalty.Answer, error) {
		for _, m := range []loyalty.MerchantID{loyaltytest.Merchant, loyaltytest.Stranger} {
			if err := tx.InsertMerchant(loyalty.Merchant{ID: m, Name: "Shop", Created: loyaltytest.Now}); err != nil {
				return loyalty.Answer{}, err
			}
		}
		for _, p := range list {
			if err := tx.InsertProgram(*p, loyaltytest.Now); err != nil {
				return loyalty.Answer{}, err
			}
			for _, name := range []string{"anna", "berta", "clara"} {
				if err := tx.InsertCard(cardOf(p, name)); err != nil {
					return loyalty.Answer{}, err
				}
			}
		}
		return loyalty.Answer{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, func(p *loyalty.Program, name string) loyalty.Keys {
		c := loyaltytest.Command("earn", cardOf(p, name).ID, loyalty.Till{ID: loyaltytest.ID("till")}, loyaltytest.Now, loyalty.Earning{Units: 1})
		c.Merchant = p.Merchant
		keys := loyalty.Keys{At: loyaltytest.Now}
		keys.Add(c)
		return keys
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
