package store

import (
	"slices"
	"sync"
	"sync/atomic"

	"stempel/internal/loyalty"
)

// programVersion names rules that never change.
type programVersion struct {
	program loyalty.ProgramID
	number  int32
}

// programs remembers every program version that was read. A version never
// changes, so nothing here is ever stale; which one is current is read anew
// each time.
type programs struct {
	mu        sync.RWMutex
	known     map[programVersion]*loyalty.Program
	lots      atomic.Bool // some of them has lots
	codes     atomic.Bool // likewise a reward with a pool of codes
	coalition atomic.Bool // some of them may have partners
	members   atomic.Bool // some of them has a reward that is counted by member

	catalogues catalogues
}

func newPrograms() *programs { return &programs{known: map[programVersion]*loyalty.Program{}} }

// get returns nil for what was not read yet.
func (p *programs) get(v programVersion) *loyalty.Program {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.known[v]
}

func (p *programs) put(v programVersion, program *loyalty.Program) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[v] = program
	if program.Lots != nil {
		p.lots.Store(true)
	}
	if slices.ContainsFunc(program.Rewards, func(r loyalty.Reward) bool { return r.Kind == loyalty.PartnerCode }) {
		p.codes.Store(true)
	}
	if program.Coalition != nil {
		p.coalition.Store(true)
	}
	if slices.ContainsFunc(program.Rewards, func(r loyalty.Reward) bool { return r.PerMember > 0 }) {
		p.members.Store(true)
	}
	p.catalogues.learn(program.Merchant, program)
}

// have is what some of the programs have.
func (p *programs) have() seldom {
	return seldom{p.lots.Load(), p.coalition.Load(), p.members.Load(), p.codes.Load()}
}
