package store

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"stempel/internal/engines/enginetest"
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

// TestBatchRounds holds that reading lots, tiers and stock is one question per table and
// batch, however many cards are in it, and one journey.
func TestBatchRounds(t *testing.T) {
	t.Parallel()
	for engine, url := range map[string]func(testing.TB) string{
		"SQLite":     func(t testing.TB) string { return filepath.Join(t.TempDir(), "stempel.db") },
		"PostgreSQL": enginetest.Postgres,
	} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			testBatchRounds(t, url(t))
		})
	}
}

func testBatchRounds(t *testing.T, url string) {
	rich := loyaltytest.Lots(t, func(r *loyalty.Rules) {
		r.Tiers = loyaltytest.Tiers()
		for i := range r.Rewards {
			r.Rewards[i].Limited, r.Rewards[i].PerCard = true, 1
		}
	})
	s, earns := openProgramsAt(t, url, rich)
	redeems := func(name string) (keys loyalty.Keys) {
		keys = earns(rich, name)
		keys.Tallies = keys.Cards
		for i := range rich.Rewards {
			keys.Rewards = append(keys.Rewards, rich.Rewards[i].ID)
		}
		return keys
	}
	both := func(one func(string) loyalty.Keys) loyalty.Keys {
		keys, more := one("anna"), one("berta")
		keys.Cards, keys.Shown = append(keys.Cards, more.Cards...), append(keys.Shown, more.Shown...)
		keys.Merchants, keys.Tills = append(keys.Merchants, more.Merchants...), append(keys.Tills, more.Tills...)
		keys.Requests, keys.Nonces = append(keys.Requests, more.Requests...), append(keys.Nonces, more.Nonces...)
		keys.Tallies, keys.Rewards = append(keys.Tallies, more.Tallies...), append(keys.Rewards, more.Rewards...)
		return keys
	}
	earn := func(name string) loyalty.Keys { return earns(rich, name) }
	programs := newPrograms()
	for _, name := range []string{"anna", "berta"} { // this process meets the program and the cards
		keys := earn(name)
		rounds(t, s, programs, &keys)
	}
	for _, step := range []struct {
		name string
		keys loyalty.Keys
		want []*lookup // what is asked of lots and stock, among others
	}{
		{"an earning", earn("anna"), []*lookup{cardLookup, liveLotLookup, stockLookup, tallyLookup}},
		{"two earnings", both(earn), []*lookup{cardLookup, liveLotLookup, stockLookup, tallyLookup}},
		{"a redemption", redeems("anna"), []*lookup{cardLookup, liveLotLookup, stockLookup, tallyLookup}},
		{"two redemptions", both(redeems), []*lookup{cardLookup, liveLotLookup, stockLookup, tallyLookup}},
	} {
		asked := journeys(t, s, programs, &step.keys)
		if len(asked) != 1 {
			t.Errorf("%s takes %d journeys", step.name, len(asked))
		}
		times := map[*lookup]int{}
		for _, q := range asked[0] {
			times[q.lookup]++
		}
		for l, n := range times {
			if n > 1 {
				t.Errorf("%s asks %d times: %s", step.name, n, l.postgres)
			}
		}
		for _, l := range step.want {
			if times[l] != 1 {
				t.Errorf("%s does not ask: %s", step.name, l.postgres)
			}
		}
	}
	one, two := earn("anna"), both(earn)
	if few, many := rounds(t, s, programs, &one), rounds(t, s, programs, &two); fmt.Sprint(few) != fmt.Sprint(many) {
		t.Errorf("%v questions of one card, %v of two", few, many)
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
	return openProgramsAt(t, filepath.Join(t.TempDir(), "stempel.db"), list...)
}

func openProgramsAt(t *testing.T, url string, list ...*loyalty.Program) (*Store, func(*loyalty.Program, string) loyalty.Keys) {
	t.Helper()
	s, err := Open(t.Context(), url, Options{})
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
	for _, asked := range journeys(t, s, p, k) {
		counts = append(counts, len(asked))
	}
	return counts
}

// journeys reads the facts of keys, and returns what was asked in each journey.
func journeys(t *testing.T, s *Store, p *programs, k *loyalty.Keys) (all [][]question) {
	t.Helper()
	ask, end := asker(t, s)
	defer end()
	g := newGathering(p)
	for asked := g.first(k); len(asked) > 0; asked = g.next(k) {
		all = append(all, asked)
		if err := ask(asked, g); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := g.finish(); err != nil {
		t.Fatal(err)
	}
	return all
}

// asker makes one journey at a time, as each database does.
func asker(t *testing.T, s *Store) (ask func([]question, *gathering) error, end func()) {
	t.Helper()
	if p, is := s.engine.(*postgres); is {
		conn, err := p.pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		trip := newTrip(conn.Conn())
		return func(asked []question, g *gathering) error {
			for _, q := range asked {
				q.lock = false
				if err := trip.ask(t.Context(), q, g); err != nil {
					return err
				}
			}
			return trip.run(t.Context())
		}, func() { trip.done(); conn.Release() }
	}
	tx, err := s.engine.(*lite).readers.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	return func(asked []question, g *gathering) error {
		for _, q := range asked {
			if err := (liteTx{tx}).ask(t.Context(), q, g); err != nil {
				return err
			}
		}
		return nil
	}, func() { rollBackLite(tx) }
}
