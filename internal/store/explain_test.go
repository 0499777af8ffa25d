package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
	"stempel/internal/store/storetest"
)

// TestPlans holds that every statement of the scan path is planned as look-ups
// by index on tables that were filled but never analysed, whether PostgreSQL
// plans it once for all or anew for each call. The statements are those that one
// session has prepared after it did everything that a till may ask for.
func TestPlans(t *testing.T) {
	shop := storetest.NewShop(t, enginetest.Postgres(t))
	fillCards(t, shop)
	s, err := store.Open(t.Context(), shop.URL, store.Options{Connections: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	busy := *shop
	busy.Store = s
	doEverything(t, &busy)

	conn, err := s.Pool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	run(t, conn.Conn(), "INSERT INTO members (id, merchant_id, created_at, changed_at, profile) SELECT id, merchant_id, 0, 0, '' FROM cards")
	run(t, conn.Conn(), "INSERT INTO card_members (card_id, member_id, attached_at) SELECT id, id, 0 FROM cards")
	prepared := preparedStatements(t, conn.Conn())
	if len(prepared) < 24 {
		t.Fatalf("only %d statements were prepared", len(prepared))
	}
	for _, mode := range []string{"force_generic_plan", "force_custom_plan"} {
		run(t, conn.Conn(), "SET plan_cache_mode = "+mode)
		for _, p := range prepared {
			for _, keys := range []int{1, 32, 500} {
				if keys == 500 && strings.Contains(p.statement, "FROM card_members") {
					continue // only a look asks, for one card
				}
				t.Run(fmt.Sprintf("%s/%s/%d", mode, p.title(), keys), func(t *testing.T) {
					plan := p.explain(t, conn.Conn(), keys)
					if faults := plan.faults(nil); len(faults) > 0 {
						t.Errorf("%s\n%s\n%s", p.statement, strings.Join(faults, "\n"), plan.text)
					}
				})
			}
		}
	}
}

// fillCards gives the tables some size: 2,000 cards of one merchant.
func fillCards(t *testing.T, shop *storetest.Shop) {
	t.Helper()
	cards := make([]loyalty.Card, 2000)
	for i := range cards {
		cards[i] = loyaltytest.Card(shop.Stamps, fmt.Sprint("many ", i))
	}
	if err := shop.InsertCards(t.Context(), cards); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		shop.Must(t, loyaltytest.Command(fmt.Sprint("fill ", i), cards[i].ID, shop.Front, loyaltytest.Now,
			loyalty.Earning{Units: 11, Purchase: loyaltytest.Purchase(fmt.Sprint("fill ", i), 100)}))
	}
}

// doEverything makes the session prepare each statement of the scan path.
func doEverything(t *testing.T, shop *storetest.Shop) {
	t.Helper()
	points := shop.Card(t, shop.Points, "all points")
	stamps := shop.Card(t, shop.Stamps, "all stamps")
	command := func(name string, card loyalty.Card, do loyalty.Action) *loyalty.Command {
		return loyaltytest.Command("all "+name, card.ID, shop.Front, loyaltytest.Now, do)
	}
	earned := shop.Must(t, command("earn", points, loyalty.Earning{Purchase: loyaltytest.Purchase("all", 30_000)}))
	shop.Must(t, command("machine", points, loyalty.Redemption{Reward: loyaltytest.Machine}))
	topping := shop.Must(t, command("topping", points, loyalty.Redemption{Reward: loyaltytest.Topping}))
	shop.Must(t, command("void topping", points, loyalty.Reversal{Entry: topping.Entries[0].ID, Reward: loyaltytest.Topping}))
	shop.Must(t, command("more", points, loyalty.Earning{Purchase: loyaltytest.Purchase("all more", 30_000)}))
	shop.Must(t, command("void earn", points, loyalty.Reversal{Entry: earned.Entries[0].ID}))
	shop.Must(t, command("stamps", stamps, loyalty.Earning{Units: 10}))
	shop.Must(t, command("cone", stamps, loyalty.Redemption{Reward: loyaltytest.Cone}))

	byLots(t, shop)
	byCodes(t, shop)
	honour(t, shop)
	claim(t, shop, stamps.ID)
	rotate(t, shop, stamps.ID)
	tap(t, shop, stamps.ID)
	syncOffline(t, shop, stamps.ID)

	tally := loyalty.Tally{Card: stamps.ID, Reward: loyaltytest.ID("nothing"), Count: 1, First: true}
	answer := loyalty.Answer{Request: loyalty.RequestID{1}, BodyHash: loyalty.Hash{1}, Body: []byte("{}"), Expires: loyaltytest.Now}
	write(t, shop, loyalty.Writes{Tallies: []loyalty.Tally{tally}, Answers: []loyalty.Answer{answer}})
	tally.First = false
	write(t, shop, loyalty.Writes{Tallies: []loyalty.Tally{tally}})

	keys := loyalty.Keys{Requests: []loyalty.RequestID{answer.Request}, Cards: []loyalty.CardID{stamps.ID}}
	if err := shop.Post(t.Context(), keys, func(*loyalty.Facts) loyalty.Writes { return loyalty.Writes{} }); err != nil {
		t.Fatal(err)
	}
	if _, _, err := shop.Look(t.Context(), loyaltytest.Merchant, stamps.ID, loyalty.Scanned{Nonce: loyalty.Nonce{1}}, shop.Front.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := shop.TillAccess(t.Context(), shop.Front.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := shop.Entries(t.Context(), loyaltytest.Merchant, stamps.ID, 5, 20); err != nil {
		t.Fatal(err)
	}
}

// honour looks at a card of a coalition: from then on it is asked whose partner the
// asker is.
func honour(t *testing.T, shop *storetest.Shop) {
	t.Helper()
	program := loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Coalition = &loyalty.CoalitionRule{Units: 1, Value: 1, Currency: "EUR"}
	})
	program.ID = loyaltytest.ID("program of the street")
	var card loyalty.Card
	atOffice(t, shop, func(office *store.Store) error {
		elsewhere := *shop
		elsewhere.Store = office
		elsewhere.Do(t, func(tx *store.Tx) error { return tx.InsertProgram(*program, loyaltytest.Now) })
		card = elsewhere.Card(t, program, "all partners")
		return nil
	})
	if _, _, err := shop.Look(t.Context(), loyaltytest.Stranger, card.ID, loyalty.Scanned{}, shop.Front.ID); !errors.Is(err, loyalty.ErrNotFound) {
		t.Fatal(err)
	}
}

// byLots earns, spends, refunds and expires points of a program with lots.
func byLots(t *testing.T, shop *storetest.Shop) {
	t.Helper()
	program := loyaltytest.Lots(t, func(r *loyalty.Rules) {
		r.Earn, r.Lots = shop.Points.Earn, &loyalty.LotRule{Expires: loyalty.AfterDays, After: 1}
	})
	elsewhere := *shop // the office works in sessions of its own
	var err error
	if elsewhere.Store, err = store.Open(t.Context(), shop.URL, store.Options{}); err != nil {
		t.Fatal(err)
	}
	defer elsewhere.Store.Close()
	elsewhere.Do(t, func(tx *store.Tx) error { return tx.InsertProgram(*program, loyaltytest.Now) })
	card := elsewhere.Card(t, program, "all lots")
	command := func(name string, do loyalty.Action) *loyalty.Command {
		return loyaltytest.Command("all lots "+name, card.ID, shop.Front, loyaltytest.Now, do)
	}
	earned := shop.Must(t, command("earn", loyalty.Earning{Purchase: loyaltytest.Purchase("all lots", 30_000)}))
	shop.Must(t, command("spend", loyalty.Redemption{Reward: loyaltytest.Topping}))
	refund := loyalty.Refunding{Entry: earned.Entries[0].ID, Detail: earned.Details[0], Amount: 1000}
	for _, name := range []string{"refund", "refund again"} {
		c := command(name, refund)
		loyaltytest.AtOffice(c)
		shop.Must(t, c)
	}
	if _, err := shop.DueLots(t.Context(), loyaltytest.Now, loyalty.Due{}, 10); err != nil {
		t.Fatal(err)
	}
	if _, err := shop.DueLots(t.Context(), loyaltytest.Now, loyalty.Due{At: loyaltytest.Now, Card: card.ID}, 10); err != nil {
		t.Fatal(err)
	}
}

// claim gives a code out and claims it.
func claim(t *testing.T, shop *storetest.Shop, card loyalty.CardID) {
	t.Helper()
	till := *shop // giving a code out asks for the program as the office does, in a session of its own
	var err error
	if till.Store, err = store.Open(t.Context(), shop.URL, store.Options{}); err != nil {
		t.Fatal(err)
	}
	defer till.Store.Close()
	code := storetest.Issue(t, &till, "all", shop.Stamps, loyalty.Earning{Units: 1, Purchase: loyaltytest.Purchase("all claimed", 100)})
	shop.Must(t, loyaltytest.Command("all claim", card, shop.Front, loyaltytest.Now, loyalty.Claiming{Claim: code.ID}, code.Present))
	if _, err := shop.Claim(t.Context(), code.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := shop.ClaimByCode(t.Context(), code.Hash); err != nil {
		t.Fatal(err)
	}
	if _, err := shop.DeviceAccess(t.Context(), loyaltytest.ID("no phone")); !errors.Is(err, loyalty.ErrNotFound) {
		t.Fatal(err)
	}
}

// rotate shows a rotating code.
func rotate(t *testing.T, shop *storetest.Shop, card loyalty.CardID) {
	t.Helper()
	phone := loyalty.Device{ID: loyalty.NewID(), Card: card, Kind: loyalty.Phone, Created: loyaltytest.Now}
	atOffice(t, shop, func(office *store.Store) error {
		_, err := office.AddDevice(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, phone, loyalty.Hash{1}, loyalty.Answer{})
		return err
	})
	shop.Must(t, loyaltytest.Command("all rotating", card, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1},
		loyaltytest.Rotating(loyalty.Secret{Number: 1, Epoch: 1})))
}

// tap registers a tag and taps it. Which tag it was is asked for as scans do.
func tap(t *testing.T, shop *storetest.Shop, card loyalty.CardID) {
	t.Helper()
	tag := loyalty.Tag{ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, Card: card, UID: loyalty.TagUID{4}, KeyID: "n01", Created: loyaltytest.Now}
	atOffice(t, shop, func(office *store.Store) error {
		_, err := office.AddTag(t.Context(), loyalty.Answer{}, tag, func(added *loyalty.Tag) (loyalty.Answer, error) {
			tag = *added
			return loyalty.Answer{}, nil
		})
		return err
	})
	if found, err := shop.TagByUID(t.Context(), loyaltytest.Merchant, tag.UID); err != nil || !reflect.DeepEqual(found, tag) {
		t.Fatalf("%+v, %v", found, err)
	}
	shop.Must(t, loyaltytest.Command("all tap", card, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1}, loyaltytest.Tapping(tag, 1)))
}

// atOffice does what is no scan in a session of its own.
func atOffice(t *testing.T, shop *storetest.Shop, do func(*store.Store) error) {
	t.Helper()
	office, err := store.Open(t.Context(), shop.URL, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer office.Close()
	if err := do(office); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, shop *storetest.Shop, w loyalty.Writes) {
	t.Helper()
	if err := shop.Post(t.Context(), loyalty.Keys{}, func(*loyalty.Facts) loyalty.Writes { return w }); err != nil {
		t.Fatal(err)
	}
}

// prepared is a prepared statement of the session.
type prepared struct {
	name, statement string
	types           []string
}

func preparedStatements(t *testing.T, conn *pgx.Conn) []prepared {
	t.Helper()
	rows, err := conn.Query(t.Context(), `SELECT name, statement, parameter_types::text[] FROM pg_prepared_statements`,
		pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p prepared, err error) {
		return p, row.Scan(&p.name, &p.statement, &p.types)
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(p prepared) bool { return len(p.types) == 0 }) // BEGIN and the like
}

// title is the statement's first words.
func (p prepared) title() string {
	words := strings.Fields(p.statement)
	for i, word := range words {
		if word == "FROM" || word == "INTO" || word == "(UPDATE" {
			return strings.Join([]string{strings.Trim(words[0], "("), words[i+1]}, " ")
		}
	}
	return p.statement
}

// explain plans the statement for arrays of so many keys.
func (p prepared) explain(t *testing.T, conn *pgx.Conn, keys int) plan {
	t.Helper()
	values := make([]string, len(p.types))
	for i, kind := range p.types {
		values[i] = literal(kind, keys)
	}
	var text string
	err := conn.QueryRow(t.Context(),
		fmt.Sprintf("EXPLAIN (FORMAT JSON) EXECUTE %q (%s)", p.name, strings.Join(values, ", ")),
		pgx.QueryExecModeSimpleProtocol).Scan(&text)
	if err != nil {
		t.Fatalf("%s: %v", p.statement, err)
	}
	var plans []struct{ Plan plan }
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		t.Fatal(err)
	}
	plans[0].Plan.text = text
	return plans[0].Plan
}

// literal is a value of a type of PostgreSQL.
func literal(kind string, keys int) string {
	element, isArray := strings.CutSuffix(kind, "[]")
	if !isArray {
		keys = 1
	}
	values := make([]string, keys)
	for i := range values {
		switch element {
		case "uuid":
			values[i] = fmt.Sprintf("'%08x-0000-7000-8000-000000000000'::uuid", i)
		case "bytea":
			values[i] = fmt.Sprintf(`'\x%064x'::bytea`, i)
		case "boolean":
			values[i] = "false"
		default:
			values[i] = fmt.Sprintf("%d::%s", i, element)
		}
	}
	if isArray {
		return "ARRAY[" + strings.Join(values, ",") + "]"
	}
	return values[0]
}

// plan is a node of what EXPLAIN prints.
type plan struct {
	Type      string `json:"Node Type"`
	Relation  string `json:"Relation Name"`
	Filter    string `json:"Filter"`
	Join      string `json:"Join Filter"`
	Index     string `json:"Index Name"`
	IndexCond string `json:"Index Cond"`
	Plans     []plan `json:"Plans"`
	text      string
}

// faults are the parts of a plan that would read more than was asked for.
// onlyNextState holds of a code, found by its id, that nobody else was handed it.
const onlyNextState = "((n.state - 1) = state)"

func (p plan) faults(found []string) []string {
	switch {
	case p.Type == "Seq Scan":
		found = append(found, "scans "+p.Relation)
	case strings.HasPrefix(p.Type, "Index") || p.Type == "Bitmap Index Scan":
		if p.IndexCond == "" {
			found = append(found, "reads a whole index of "+p.Relation)
		}
	}
	if p.Relation != "" && p.Filter != "" && p.Filter != onlyNextState {
		found = append(found, "filters "+p.Relation+" by "+p.Filter)
	}
	if p.Join != "" {
		found = append(found, "joins by "+p.Join)
	}
	for _, child := range p.Plans {
		found = child.faults(found)
	}
	return found
}

func run(t *testing.T, conn *pgx.Conn, statement string) {
	t.Helper()
	if _, err := conn.Exec(context.WithoutCancel(t.Context()), statement); err != nil {
		t.Fatal(err)
	}
}

// syncOffline posts a reward that was handed out offline: it reads its place in the
// queue and its lease, and writes both.
func syncOffline(t *testing.T, shop *storetest.Shop, card loyalty.CardID) {
	t.Helper()
	var lease loyalty.Lease
	atOffice(t, shop, func(office *store.Store) (err error) {
		lease, err = office.TakeLease(t.Context(), loyaltytest.Merchant, shop.Front.ID, loyaltytest.Now)
		return err
	})
	shop.Must(t, loyaltytest.Command("all ten more", card, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 10}))
	item := loyalty.QueueItem{Queue: loyalty.NewID(), Counter: 1, Hash: loyalty.Hash{1}}
	shop.Must(t, loyaltytest.Command("all offline", card, shop.Front, loyaltytest.Now,
		loyalty.Redemption{Reward: loyaltytest.Cone}, loyaltytest.Queued(item, lease.ID)))
}

// byCodes redeems a reward that is a code of a partner, and takes it back.
func byCodes(t *testing.T, shop *storetest.Shop) {
	t.Helper()
	program := loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Rewards = []loyalty.Reward{{ID: loyaltytest.Partner, Name: "A book voucher", Cost: 3, RewardTerms: loyalty.RewardTerms{Kind: loyalty.PartnerCode}}}
	})
	program.ID = loyaltytest.ID("plans of pools")
	atOffice(t, shop, func(office *store.Store) error {
		_, err := office.Once(t.Context(), loyalty.Answer{}, func(tx *store.Tx) (loyalty.Answer, error) {
			return loyalty.Answer{}, tx.InsertProgram(*program, loyaltytest.Now)
		})
		return err
	})
	card := shop.Card(t, program, "all codes", func(c *loyalty.Card) { c.Balance, c.Lifetime = 9, 9 })
	code := loyaltytest.Code("all", loyaltytest.Partner, func(c *loyalty.GiftCode) { c.Import, c.Sealed = loyaltytest.ID("all import"), []byte("x") })
	batch := &loyalty.CodeBatch{Merchant: loyaltytest.Merchant, Reward: loyaltytest.Partner, Import: code.Import, Codes: []loyalty.NewCode{{GiftCode: code}}}
	none := func([]int, int64) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
	atOffice(t, shop, func(office *store.Store) error {
		_, err := office.ImportCodes(t.Context(), loyalty.Answer{}, batch, loyaltytest.Now, none)
		return err
	})
	redeemed := shop.Must(t, loyaltytest.Command("all code", card.ID, shop.Front, loyaltytest.Now, loyalty.Redemption{Reward: loyaltytest.Partner}))
	shop.Must(t, loyaltytest.Command("all spoiled", card.ID, shop.Front, loyaltytest.Now,
		loyalty.Reversal{Entry: redeemed.Entries[0].ID, Reward: loyaltytest.Partner}, loyaltytest.Approved(loyalty.Manager)))
}
