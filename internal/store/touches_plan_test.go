package store_test

import (
	"fmt"
	"strings"
	"testing"

	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
	"stempel/internal/store/storetest"
)

// TestTouchPlans holds that telling that all cards of a program changed, and marking
// some of them, read by index what they need and no more, on tables that were filled
// but never analysed.
func TestTouchPlans(t *testing.T) {
	t.Parallel()
	shop := storetest.NewShop(t, enginetest.Postgres(t))
	fillCards(t, shop)
	inWallets(t, shop, 150)
	one, err := store.Open(t.Context(), shop.URL, store.Options{Connections: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	for range 2 {
		_, err := one.ChangeMerchant(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, loyaltytest.Now, func(m *loyalty.Merchant) (loyalty.Answer, error) {
			m.Name += "!"
			return loyalty.Answer{}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := one.MarkTouched(t.Context(), loyaltytest.Now, 120); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := one.Pool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	explained := map[string]bool{}
	for _, mode := range []string{"force_generic_plan", "force_custom_plan"} {
		run(t, conn.Conn(), "SET plan_cache_mode = "+mode)
		for _, p := range preparedStatements(t, conn.Conn()) {
			if !strings.Contains(p.statement, "passes") && !strings.Contains(p.statement, "dirty") {
				continue // few rows, or one by its key
			}
			explained[p.statement] = true
			t.Run(fmt.Sprintf("%s/%s", mode, p.title()), func(t *testing.T) {
				plan := p.explain(t, conn.Conn(), 1)
				for _, fault := range plan.faults(nil) {
					if !strings.HasPrefix(fault, "filters cards by") { // whether something shows a card that was found
						t.Errorf("%s\n%s\n%s", p.statement, fault, plan.text)
					}
				}
			})
		}
	}
	if len(explained) < 3 { // the first passes, those after a card, and marking
		t.Errorf("explained %v", explained)
	}
}
