package store

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"stempel/internal/loyalty"
)

// edition is a version of a program.
type edition struct {
	program loyalty.ProgramID
	version int32
}

// scarce is what the rewards of programs are bounded by, besides units. Few programs have
// anything.
type scarce struct {
	of                 []edition
	archived           bool
	stock, pools       []loyalty.RewardID
	perCard, perMember bool
}

func scarceOf(p *loyalty.Program) scarce {
	b := scarce{of: []edition{{p.ID, p.Version}}, archived: p.Archived}
	for i := range p.Rewards {
		r := &p.Rewards[i]
		if r.Limited {
			b.stock = append(b.stock, r.ID)
		}
		if r.Kind == loyalty.PartnerCode {
			b.pools = append(b.pools, r.ID)
		}
		b.perCard = b.perCard || r.PerCard > 0
		b.perMember = b.perMember || r.PerMember > 0
	}
	return b
}

func (b *scarce) none() bool {
	return len(b.stock) == 0 && len(b.pools) == 0 && !b.perCard && !b.perMember
}

// keys is how many rows it takes to tell how its rewards stand.
func (b *scarce) keys() int { return len(b.stock) + len(b.pools) }

func (b *scarce) add(other *scarce) {
	b.of = append(b.of, other.of...)
	b.stock, b.pools = append(b.stock, other.stock...), append(b.pools, other.pools...)
	b.perCard, b.perMember = b.perCard || other.perCard, b.perMember || other.perMember
}

// catalogue is what bounds the rewards of the cards that a merchant's tills serve,
// as far as this process knows. It never changes.
type catalogue struct {
	programs map[loyalty.ProgramID]scarce
	unseen   scarce // what to ask of a card that may be of any of them
}

// mostUnseen is how many keys are asked along for a card of which this process does not
// know the program.
const mostUnseen = 64

// unseenOf takes programs together as long as that is few keys, those first that have
// the fewest, and at least one. Archived programs stay away: hardly anybody scans their
// cards. Who is left out costs one journey more when a process meets the card.
func unseenOf(programs map[loyalty.ProgramID]scarce) (b scarce) {
	list := slices.SortedFunc(maps.Values(programs), func(a, b scarce) int { return cmp.Compare(a.keys(), b.keys()) })
	list = slices.DeleteFunc(list, func(one scarce) bool { return one.archived })
	for i := range list {
		if i > 0 && b.keys()+list[i].keys() > mostUnseen {
			break
		}
		b.add(&list[i])
	}
	return b
}

// catalogues are those of all merchants. A trip to the database asks along what is in
// them, because it learns a card's program only on its way: all of it, or for a card
// that this process has seen what is its own program's.
type catalogues struct {
	any        atomic.Bool
	mu         sync.RWMutex
	catalogues map[loyalty.MerchantID]*catalogue
	homes      homes
}

// get returns nil for a merchant without any such program.
func (c *catalogues) get(m loyalty.MerchantID) *catalogue {
	if !c.any.Load() {
		return nil
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.catalogues[m]
}

// expect is what to ask along for a card; nil where that is nothing.
func (c *catalogues) expect(one loyalty.Shown) *scarce {
	known := c.get(one.Merchant)
	if known == nil {
		return nil
	}
	program, seen := c.homes.get(one.Card)
	if !seen {
		return &known.unseen
	}
	return known.of(program)
}

// met is what bounds the program of a card that is there, and remembers that.
func (c *catalogues) met(one loyalty.Shown, p *loyalty.Program) scarce {
	b := c.learn(one.Merchant, p)
	if c.get(one.Merchant) != nil {
		c.homes.put(one.Card, p.ID)
	}
	return b
}

// learn puts a program into the catalogue of a merchant who serves its cards, and
// returns what bounds it.
func (c *catalogues) learn(m loyalty.MerchantID, p *loyalty.Program) scarce {
	had := c.get(m).of(p.ID)
	if had != nil && had.of[0].version == p.Version {
		return *had
	}
	b := scarceOf(p)
	if had == nil && b.none() {
		return b
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.catalogues[m]
	if before == nil {
		before = &catalogue{}
	}
	if had := before.of(p.ID); had != nil && had.of[0].version >= p.Version {
		return b
	}
	after := &catalogue{programs: map[loyalty.ProgramID]scarce{p.ID: b}}
	for id, one := range before.programs {
		if id != p.ID {
			after.programs[id] = one
		}
	}
	after.unseen = unseenOf(after.programs)
	if c.catalogues == nil {
		c.catalogues = map[loyalty.MerchantID]*catalogue{}
	}
	c.catalogues[m] = after
	c.any.Store(true)
	return b
}

// of is what bounds a program, as far as that was learned; nil for nothing.
func (c *catalogue) of(p loyalty.ProgramID) *scarce {
	if c == nil {
		return nil
	}
	if b, known := c.programs[p]; known {
		return &b
	}
	return nil
}
