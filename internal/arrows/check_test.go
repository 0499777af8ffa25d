package arrows

import (
	"strings"
	"testing"
)

// A rule that lets everything pass looks like a house in order, so the checker
// is shown houses that are not.
func TestCheckForbids(t *testing.T) {
	t.Parallel()
	tests := []struct{ from, to, why string }{
		{"internal/ledger", "api", "internal never imports"},
		{"internal/engines/with", "cmd/bench", "internal never imports"},
		{"internal/jobs", "scanner/ntag", "internal never imports"},
		{"scanner", "api", "stand below api"},
		{"passes/apple", "scanner", "side by side"},
		{"scanner/till", "passes/web", "side by side"},
		{"api/problem", "cmd/stempel/config", "api stands below cmd"},
		{"internal/loyalty", "internal/store", "is the domain"},
		{"internal/loyalty", "github.com/google/go-cmp/cmp", "is the domain"},
		{"internal/loyalty/rules", "pgregory.net/rapid", "is the domain"},
		{"internal/loyalty", "net/http", "is pure"},
		{"internal/loyalty", "database/sql", "is pure"},
		{"internal/ledger", "internal/store", "adapters implement it"},
		{"internal/ledger", "internal/guard/guardtest", "adapters implement it"},
		{"internal/ledger", "github.com/redis/go-redis/v9", "no SQL and no Redis"},
		{"internal/ledger", "github.com/jackc/pgx/v5/pgconn", "no SQL and no Redis"},
		{"internal/ledger", "database/sql", "no SQL and no Redis"},
		{"internal/cel", "internal/loyalty", "internal/cel knows nothing"},
		{"internal/rules", "internal/store", "internal/cel knows nothing"},
		{"internal/store", "internal/guard", "never import each other"},
		{"internal/keys", "internal/credential", "never import each other"},
		{"internal/guard", "gorm.io/gorm", "imports GORM"},
		{"cmd/stempel", "github.com/glebarez/sqlite", "imports GORM"},
		{"cmd/stempel", "github.com/gofiber/fiber/v2", "imports Fiber"},
		{"passes/web", "github.com/ansrivas/fiberprometheus/v2", "imports Fiber"},
		{"api", "github.com/jackc/pgx/v5", "through the store alone"},
		{"cmd/stempel", "internal/engines", "internal/engines serves tests"},
		{"internal/store", "internal/engines/enginetest", "internal/engines serves tests"},
	}
	unshown := map[string]bool{}
	for _, r := range rules {
		unshown[r.why] = true
	}
	for _, tt := range tests {
		broken := strings.Join(check(graph{tt.from: {tt.to}}), "\n")
		arrow := tt.from + " → " + tt.to + ": "
		if !strings.HasPrefix(broken, arrow) || !strings.Contains(broken, tt.why) {
			t.Errorf("%s wants a rule with %q; got %q", arrow, tt.why, broken)
		}
		for _, r := range rules {
			if strings.Contains(r.why, tt.why) {
				delete(unshown, r.why)
			}
		}
	}
	for why := range unshown {
		t.Errorf("no example breaks the rule %q", why)
	}
}

func TestCheckAllows(t *testing.T) {
	t.Parallel()
	g := graph{
		"cmd/stempel":                  {"api", "scanner", "internal/store", "internal/guard", "internal/ledger", "internal/loyalty"},
		"cmd/bench":                    {"internal/engines", "github.com/jackc/pgx/v5", "net/http"},
		"api":                          {"github.com/gofiber/fiber/v2", "scanner", "passes/web", "internal/ledger", "mobile-contracts"},
		"api/apitest":                  {"api", "internal/engines/enginetest"},
		"scanner":                      {"internal/credential", "internal/ledger", "internal/loyalty"},
		"scanner/ntag":                 {"scanner"},
		"passes/apple":                 {"passes", "internal/credential"},
		"internal/ledger":              {"internal/loyalty", "context"},
		"internal/ledger/ledgertest":   {"internal/ledger", "pgregory.net/rapid"},
		"internal/loyalty":             {"github.com/google/uuid", "crypto/sha256", "time"},
		"internal/loyalty/loyaltytest": {"internal/loyalty", "pgregory.net/rapid", "testing"},
		"internal/store":               {"internal/loyalty", "gorm.io/gorm", "github.com/jackc/pgx/v5"},
		"internal/store/storetest":     {"internal/store", "internal/loyalty"},
		"internal/guard":               {"github.com/redis/go-redis/v9"},
		"internal/personal":            {"internal/seal", "internal/loyalty"},
		"internal/webhooks":            {"internal/seal", "internal/loyalty", "net/http"},
		"internal/engines/enginetest":  {"internal/engines"},
		"internal/storefront":          {"internal/guard"}, // shares letters, not the folder, with an adapter
	}
	for _, broken := range check(g) {
		t.Error(broken)
	}
}
