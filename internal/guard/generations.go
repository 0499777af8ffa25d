package guard

import "time"

// generations is a map that forgets without ever looking through its keys. New
// keys go into the young half; when that is old enough, or full, it becomes the
// old half and the old one is dropped whole.
//
// So a key lasts at least life and at most twice that after it was put, unless
// most younger ones crowd it out, and there are never more than twice most keys.
// It is not safe for concurrent use.
type generations[K comparable, V any] struct {
	life time.Duration
	most int

	young, old map[K]V
	born       time.Time // when young began
}

func (g *generations[K, V]) get(key K, now time.Time) (V, bool) {
	g.age(now)
	if value, ok := g.young[key]; ok {
		return value, true
	}
	value, ok := g.old[key]
	return value, ok
}

func (g *generations[K, V]) put(key K, value V, now time.Time) {
	g.age(now)
	if len(g.young) >= g.most {
		g.turn(now)
	}
	g.young[key] = value
}

// age drops what has had its time.
func (g *generations[K, V]) age(now time.Time) {
	switch age := now.Sub(g.born); {
	case age >= 2*g.life: // both halves, or nothing was ever put
		g.turn(now)
		g.old = nil
	case age >= g.life:
		g.turn(g.born.Add(g.life)) // not now: nobody may have looked for a while
	}
}

// turn begins a new young half, at the given time.
func (g *generations[K, V]) turn(at time.Time) {
	g.young, g.old, g.born = make(map[K]V), g.young, at
}
