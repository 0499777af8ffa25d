package arrows

import (
	"slices"
	"strings"
)

// module is the path of this module, as in go.mod.
const module = "stempel"

// rule forbids some imports. Paths within the module are given without its
// name: "internal/store", not "stempel/internal/store".
type rule struct {
	why    string
	breaks func(from, to string) bool
}

// adapters stand side by side: each implements what others declare.
var adapters = []string{"internal/store", "internal/guard", "internal/credential", "internal/keys", "internal/personal"}

// rules are the import arrows of the module. They speak of what a package is
// built from; what its tests import is free.
var rules = []rule{
	{
		"internal never imports api, scanner, passes or cmd",
		func(from, to string) bool {
			return within(from, "internal") && within(to, "api", "scanner", "passes", "cmd")
		},
	},
	{
		"scanner and passes stand below api and cmd, and side by side",
		func(from, to string) bool {
			return within(from, "scanner") && within(to, "api", "cmd", "passes") ||
				within(from, "passes") && within(to, "api", "cmd", "scanner")
		},
	},
	{
		"api stands below cmd, where the wiring is",
		func(from, to string) bool { return within(from, "api") && within(to, "cmd") },
	},
	{
		"internal/loyalty is the domain: the standard library and google/uuid only",
		func(from, to string) bool {
			return within(from, "internal/loyalty") && !testSupport(from) &&
				!standard(to) && !within(to, "internal/loyalty", "github.com/google/uuid")
		},
	},
	{
		"internal/loyalty is pure: no files, no network, no database",
		func(from, to string) bool {
			return within(from, "internal/loyalty") && !testSupport(from) && within(to, "os", "net", "database")
		},
	},
	{
		"internal/ledger and internal/webhooks declare what they need; adapters implement it",
		func(from, to string) bool {
			return within(from, "internal/ledger", "internal/webhooks") && within(to, adapters...)
		},
	},
	{
		"internal/ledger and internal/webhooks know no SQL and no Redis",
		func(from, to string) bool {
			return within(from, "internal/ledger", "internal/webhooks") && (gorm(to) || pgx(to) || redis(to) || within(to, "database"))
		},
	},
	{
		"adapters never import each other",
		func(from, to string) bool {
			a, b := adapterOf(from), adapterOf(to)
			return a != "" && b != "" && a != b
		},
	},
	{
		"internal/cel knows nothing of ours, and internal/rules only it and the domain",
		func(from, to string) bool {
			return within(from, "internal/cel") && !standard(to) ||
				within(from, "internal/rules") && !standard(to) && !within(to, "internal/cel", "internal/loyalty")
		},
	},
	{
		"only internal/store imports GORM",
		func(from, to string) bool { return gorm(to) && !within(from, "internal/store") },
	},
	{
		"only api imports Fiber",
		func(from, to string) bool { return fiber(to) && !within(from, "api") },
	},
	{
		"api reaches the database through the store alone",
		func(from, to string) bool { return within(from, "api") && (gorm(to) || pgx(to)) },
	},
	{
		"internal/engines serves tests and cmd/bench; nothing that a shop runs",
		func(from, to string) bool {
			return within(to, "internal/engines") && !within(from, "internal/engines", "cmd/bench") && !testSupport(from)
		},
	},
}

// within reports whether path is one of the roots or lies below one.
func within(path string, roots ...string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return path == root || strings.HasPrefix(path, root+"/")
	})
}

func adapterOf(path string) string {
	for _, a := range adapters {
		if within(path, a) {
			return a
		}
	}
	return ""
}

// testSupport reports whether a package is made for tests alone, like
// loyaltytest and enginetest: its name ends in test.
func testSupport(path string) bool { return strings.HasSuffix(path, "test") }

// standard reports whether path is of the standard library: its first element
// has no dot, and it is not ours.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && !slices.Contains(ours, first)
}

// ours are the first path elements of this module's packages.
var ours = []string{"cmd", "api", "passes", "scanner", "internal", "mobile-contracts"}

func gorm(path string) bool {
	return within(path, "gorm.io", "github.com/glebarez/sqlite") // the second is a dialect of GORM
}

func pgx(path string) bool { return within(path, "github.com/jackc/pgx") }

func redis(path string) bool { return within(path, "github.com/redis", "github.com/go-redis") }

// fiber knows also what others make for it, such as fiberprometheus.
func fiber(path string) bool { return strings.Contains(path, "fiber") && strings.Contains(path, ".") }
