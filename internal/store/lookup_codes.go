package store

import "stempel/internal/loyalty"

// Lookups of pools, which only redemptions and voids make.
var (
	// poolLookup locks the pools: whoever hands out, imports or withdraws codes does
	// so first.
	poolLookup = newLookup("uuid", "SELECT p.reward_id FROM pools p WHERE p.reward_id", " ORDER BY p.reward_id", (*gathering).pool)

	// freeCodeLookup reads of each import that is open no more than a batch may hand out
	// of its reward, and one to tell whether any is left: one more than keys were given,
	// whatever they are, those first that end first.
	freeCodeLookup = &lookup{
		key: "uuid", timed: true,
		postgres: "SELECT " + selected("f", bareCodeColumns) +
			" FROM (SELECT reward, max(at) AS at FROM unnest($1::uuid[], $2::bigint[]) AS k (reward, at) GROUP BY reward) AS k " +
			"CROSS JOIN LATERAL (SELECT i.import_id FROM code_imports i WHERE i.reward_id = k.reward AND i.state = 1 OFFSET 0) AS i " + // of each reward by index
			"CROSS JOIN LATERAL (" +
			"SELECT * FROM codes c WHERE c.import_id = i.import_id AND c.state = 0 AND c.expires_at > k.at " +
			"ORDER BY c.expires_at, c.id LIMIT cardinality($1) + 1) AS f ORDER BY f.expires_at, f.id",
		sqlite: [2]string{"WITH k (reward, at) AS (VALUES ", ") SELECT " + selected("f", bareCodeColumns) +
			" FROM (SELECT DISTINCT reward FROM k) AS r JOIN code_imports i ON i.reward_id = r.reward AND i.state = 1 JOIN codes f ON f.id IN (" +
			"SELECT c.id FROM codes c WHERE c.import_id = i.import_id AND c.state = 0 AND c.expires_at > (SELECT max(at) FROM k) " +
			"ORDER BY c.expires_at, c.id LIMIT (SELECT count(*) + 1 FROM k)) ORDER BY f.expires_at, f.id"},
		read: (*gathering).freeCode,
	}

	handedLookup = newLookup("uuid", "SELECT "+selected("c", bareCodeColumns)+" FROM codes c WHERE c.entry_id", "", (*gathering).handed)
)

// poolQuestions are what to ask for pools: nothing where no program has one, as
// far as this process knows, as with lots. Locks come after all others.
func poolQuestions(k *loyalty.Keys) []question {
	asked := make([]question, 0, 3)
	if len(k.Rewards) > 0 {
		asked = append(asked,
			question{lookup: poolLookup, keys: distinct(k.Rewards), lock: true},
			question{lookup: freeCodeLookup, keys: repeated(k.Rewards), at: micros(k.At)})
	}
	if len(k.Origins) > 0 {
		asked = append(asked, question{lookup: handedLookup, keys: distinct(k.Origins)})
	}
	return asked
}

// repeated are ids as they are: of one that stands there twice, two are wanted.
func repeated[T ~[16]byte](ids []T) [][]byte {
	keys := make([][]byte, len(ids))
	for i := range ids {
		keys[i] = ids[i][:]
	}
	return keys
}

// pool makes the map only when it is needed, as claim does.
func (g *gathering) pool(r source) {
	if g.facts.Pools == nil {
		g.facts.Pools = map[loyalty.RewardID][]loyalty.GiftCode{}
	}
	g.facts.Pools[r.id()] = nil
}

// freeCode comes behind its pool, that which ends first before others. Of several imports
// there are more than enough.
func (g *gathering) freeCode(r source) {
	code := getBareCode(r)
	if pool, there := g.facts.Pools[code.Reward]; there && len(pool) < g.codes {
		g.facts.Pools[code.Reward] = append(pool, code)
	}
}

func (g *gathering) handed(r source) {
	code := getBareCode(r)
	if code.State != loyalty.CodeTaken {
		return
	}
	if g.facts.Handed == nil {
		g.facts.Handed = map[loyalty.EntryID]loyalty.GiftCode{}
	}
	g.facts.Handed[code.Entry] = code
}
