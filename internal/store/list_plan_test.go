package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
	"stempel/internal/store/storetest"
)

// TestListPlans holds that each list of the office, and what it asks before it adds
// a phone, is read by the index that bounds it, on tables that were filled but never
// analysed.
func TestListPlans(t *testing.T) {
	shop := storetest.NewShop(t, enginetest.Postgres(t))
	fillCards(t, shop)
	s, err := store.Open(t.Context(), shop.URL, store.Options{Connections: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	listEverything(t, s, shop)
	conn, err := s.Pool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()

	all := preparedStatements(t, conn.Conn())
	for words, index := range map[string]string{
		"WHERE e.merchant_id = $1 ORDER BY e.card_id":              "enrolments_pkey",
		"WHERE e.merchant_id = $1 AND e.card_id < $2":              "enrolments_pkey",
		"WHERE (e.merchant_id = $1 AND e.blocked) AND e.card_id <": "enrolments_blocked",
		"WHERE e.program_id = $1 AND e.card_id < $2":               "enrolments_program",
		"FROM enrolments AS e WHERE e.program_id = $1 LIMIT":       "enrolments_program",
		"WHERE e.card_id = $1 AND e.seq < $2":                      "entries_card_id_seq_key",
		"WHERE e.id >= $1 AND e.id < $2 ORDER BY e.id DESC LIMIT":  "entries_pkey",
		"e.till_id = $": "entries_pkey",
		"GROUP BY e.card_id, e.till_id, e.staff_id":                 "entries_pkey",
		"FROM lookups AS l WHERE l.merchant_id":                     "lookups_merchant",
		"WHERE v.card_id = $1 AND v.state = $2 AND COALESCE":        "vouchers_card",
		"WHERE v.card_id = $1 ORDER BY COALESCE":                    "vouchers_card",
		"FROM card_changes AS c WHERE c.card_id = $1 AND c.id < $2": "card_changes_card",
		"FROM devices d WHERE d.home_id = $1":                       "devices_number",
	} {
		found := slices.IndexFunc(all, func(p prepared) bool { return strings.Contains(p.statement, words) })
		if found < 0 {
			t.Errorf("no statement has %q", words)
			continue
		}
		for _, mode := range []string{"force_generic_plan", "force_custom_plan"} {
			run(t, conn.Conn(), "SET plan_cache_mode = "+mode)
			plan := all[found].explain(t, conn.Conn(), 1)
			if got := plan.indexes(nil); !slices.Equal(got, []string{index}) {
				t.Errorf("%s: read by %v, want %s\n%s\n%s", mode, got, index, all[found].statement, plan.text)
			}
		}
	}
}

// indexes are those that a plan looks up, with a condition; what it reads whole
// stands there as that.
func (p plan) indexes(found []string) []string {
	switch {
	case p.Type == "Seq Scan":
		found = append(found, "all of "+p.Relation)
	case p.Index != "" && p.IndexCond == "":
		found = append(found, "all of "+p.Index)
	case p.Index != "":
		found = append(found, p.Index)
	}
	for _, child := range p.Plans {
		found = child.indexes(found)
	}
	return found
}

func listEverything(t *testing.T, s *store.Store, shop *storetest.Shop) {
	t.Helper()
	ctx, m := t.Context(), loyaltytest.Merchant
	yes := true
	card := loyaltytest.Card(shop.Stamps, "many 0").ID
	for _, filter := range []loyalty.CardFilter{{}, {Blocked: &yes}, {Program: shop.Stamps.ID}} {
		for _, after := range []loyalty.CardID{{}, card} {
			if _, _, err := s.Cards(ctx, m, filter, after, 20); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, filter := range []loyalty.EntryFilter{{}, {Till: shop.Front.ID, From: loyaltytest.Now}} {
		if _, _, err := s.FindEntries(ctx, m, filter, loyalty.EntryID{}, 20); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.StaffReport(ctx, m, loyaltytest.Now, loyaltytest.Now.Add(time.Hour), 1000); err != nil {
		t.Fatal(err)
	}
	after := loyalty.EntryID{}
	for range 2 {
		found, _, err := s.FindEntries(ctx, m, loyalty.EntryFilter{Card: card}, after, 1)
		if err != nil || len(found) == 0 {
			t.Fatalf("%d entries, %v", len(found), err)
		}
		after = found[0].ID
	}
	if _, err := s.CardVouchers(ctx, m, card, 0, loyalty.VoucherID{}, 20); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CardVouchers(ctx, m, card, loyalty.Issued, loyaltytest.ID("voucher"), 20); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CardChanges(ctx, m, card, loyaltytest.ID("change"), 20); err != nil {
		t.Fatal(err)
	}
	phone := loyalty.Device{ID: loyalty.NewID(), Card: card, Kind: loyalty.Phone, Created: loyaltytest.Now}
	if _, err := s.AddDevice(ctx, loyalty.Answer{}, m, phone, loyalty.Hash{1}, loyalty.Answer{}); err != nil {
		t.Fatal(err)
	}
	next := *loyaltytest.Next(t, shop.Points)
	_, err := s.Once(ctx, loyalty.Answer{}, func(tx *store.Tx) (loyalty.Answer, error) {
		return loyalty.Answer{}, tx.InsertProgram(next, loyaltytest.Now)
	})
	if err != nil {
		t.Fatal(err)
	}
}
