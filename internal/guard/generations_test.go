package guard

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What was put last is found for life at least, unless crowded out, for twice
// life at most, and there is never more than promised.
func TestGenerations(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const life = time.Minute
		g := generations[int, int]{life: life, most: rapid.IntRange(1, 8).Draw(t, "most")}
		now := newClock().now()
		type put struct {
			value   int
			at      time.Time
			younger int // puts since
		}
		model := map[int]*put{}
		for i := range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "seconds")) * time.Second)
			key := rapid.IntRange(0, 12).Draw(t, "key")
			if rapid.Bool().Draw(t, "put") {
				g.put(key, i, now)
				for _, p := range model {
					p.younger++
				}
				model[key] = &put{value: i, at: now}
			}
			if kept := len(g.young) + len(g.old); kept > 2*g.most {
				t.Fatalf("%d keys kept, want at most %d", kept, 2*g.most)
			}
			value, found := g.get(key, now)
			p := model[key]
			switch {
			case p == nil:
				if found {
					t.Fatalf("found %d, which was never put", value)
				}
			case found && value != p.value:
				t.Fatalf("found %d, want the latest, %d", value, p.value)
			case found && now.Sub(p.at) >= 2*life:
				t.Fatalf("found after %v", now.Sub(p.at))
			case !found && now.Sub(p.at) < life && p.younger < g.most:
				t.Fatalf("lost after %v and %d younger ones", now.Sub(p.at), p.younger)
			}
		}
	})
}
