package store

import (
	"maps"
	"sync"
	"sync/atomic"

	"stempel/internal/loyalty"
)

// scarce is what a program's rewards are bounded by, besides units. Few programs have
// anything.
type scarce struct {
	version            int32 // of the program
	stock, pools       []loyalty.RewardID
	perCard, perMember bool
}

func scarceOf(p *loyalty.Program) scarce {
	b := scarce{version: p.Version}
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

func (b *scarce) add(other *scarce) {
	b.stock, b.pools = append(b.stock, other.stock...), append(b.pools, other.pools...)
	b.perCard, b.perMember = b.perCard || other.perCard, b.perMember || other.perMember
}

// catalogue is what bounds the rewards of the cards that a merchant's tills serve,
// as far as this process knows. It never changes.
type catalogue struct {
	programs map[loyalty.ProgramID]scarce
	all      scarce
}

// knows reports whether all that bounds a program's rewards is in it.
func (c *catalogue) knows(p *loyalty.Program) bool {
	return c != nil && c.programs[p.ID].version == p.Version
}

// catalogues are those of all merchants. A trip to the database asks along what is in
// them, because it learns a card's program only on its way.
type catalogues struct {
	any atomic.Bool
	mu  sync.RWMutex
	of  map[loyalty.MerchantID]*catalogue
}

// get returns nil for a merchant without any such program.
func (c *catalogues) get(m loyalty.MerchantID) *catalogue {
	if !c.any.Load() {
		return nil
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.of[m]
}

// learn puts a program into the catalogue of a merchant who serves its cards.
func (c *catalogues) learn(m loyalty.MerchantID, p *loyalty.Program) {
	b := scarceOf(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.of[m]
	if before == nil {
		before = &catalogue{}
	}
	if had, known := before.programs[p.ID]; !known && b.none() || known && had.version >= p.Version {
		return
	}
	after := &catalogue{programs: maps.Clone(before.programs)}
	if after.programs == nil {
		after.programs = map[loyalty.ProgramID]scarce{}
	}
	after.programs[p.ID] = b
	for _, one := range after.programs {
		after.all.add(&one)
	}
	if c.of == nil {
		c.of = map[loyalty.MerchantID]*catalogue{}
	}
	c.of[m] = after
	c.any.Store(true)
}
