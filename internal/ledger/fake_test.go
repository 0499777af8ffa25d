package ledger

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"testing"
	"time"

	"stempel/internal/loyalty"
)

// fakeStore keeps one program's cards in memory and posts like the real ones:
// fresh facts for every attempt, all or nothing. The conformance of the real
// stores is tested with them; here it is the ledger that is on trial.
type fakeStore struct {
	mu      sync.Mutex
	program *loyalty.Program
	till    loyalty.Till
	cards   map[loyalty.CardID]loyalty.State
	answers map[loyalty.RequestID]loyalty.Answer
	entries []loyalty.Entry
	batches []int // commands that asked, per attempt
	before  func(attempt int, keys loyalty.Keys) error
	after   func(attempt int) error // the commit happened, but the answer is this
	held    chan struct{}           // if set, every attempt waits for it
	started chan struct{}           // if set, told of every attempt
}

func (s *fakeStore) Post(_ context.Context, keys loyalty.Keys, decide func(*loyalty.Facts) loyalty.Writes) error {
	if s.started != nil {
		s.started <- struct{}{}
	}
	if s.held != nil {
		<-s.held
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batches = append(s.batches, len(keys.Cards))
	if s.before != nil {
		if err := s.before(len(s.batches), keys); err != nil {
			return err
		}
	}
	facts := loyalty.Facts{
		Cards:   map[loyalty.CardID]*loyalty.State{},
		Tills:   map[loyalty.TillID]loyalty.Till{s.till.ID: s.till},
		Stock:   map[loyalty.RewardID]int64{},
		Origins: map[loyalty.EntryID]loyalty.Origin{},
		Credits: map[loyalty.Credit]loyalty.EntryID{},
		Answers: maps.Clone(s.answers),
	}
	for _, id := range keys.Cards {
		if state, ok := s.cards[id]; ok {
			facts.Cards[id] = &state
		}
	}
	writes := decide(&facts)
	if writes.Late != nil && len(writes.Cards) > 0 {
		late, err := writes.Late()
		if err != nil {
			return err
		}
		writes.Answers = append(writes.Answers, late...)
	}
	for _, card := range writes.Cards {
		state := s.cards[card.ID]
		state.Card = card
		s.cards[card.ID] = state
	}
	for _, use := range writes.Uses {
		state := s.cards[use.Card]
		state.Uses = append(state.Uses, use)
		s.cards[use.Card] = state
	}
	for _, answer := range writes.Answers {
		s.answers[answer.Request] = answer
	}
	s.entries = append(s.entries, writes.Entries...)
	if s.after != nil {
		return s.after(len(s.batches))
	}
	return nil
}

// fakeGuard remembers outcomes, and can be told to fail.
type fakeGuard struct {
	mu       sync.Mutex
	outcomes map[loyalty.Nonce]loyalty.Outcome
	pace     func(*loyalty.Paced) loyalty.Reached
	asked    []loyalty.Paced
	undone   []loyalty.Paced
	trips    int
	err      error
}

func (g *fakeGuard) Exchange(_ context.Context, told loyalty.Told, asked loyalty.Asked) (loyalty.Answered, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.trips++
	g.undone = append(g.undone, told.Undone...)
	g.asked = append(g.asked, asked.Paced...)
	if g.err != nil {
		return loyalty.Answered{}, g.err
	}
	for _, o := range told.Done {
		g.outcomes[o.Nonce] = o
	}
	answered := loyalty.Answered{Used: make([]*loyalty.Outcome, len(asked.Claims))}
	for i, c := range asked.Claims {
		if o, ok := g.outcomes[c.Nonce]; ok && o.Owner != c.Owner && o.Action == c.Action {
			answered.Used[i] = &o
		}
	}
	for i := range asked.Paced {
		answered.Reached = append(answered.Reached, g.pace(&asked.Paced[i]))
	}
	return answered, nil
}

// bench is a ledger on fakes with one card to stamp.
type bench struct {
	store  *fakeStore
	guard  *fakeGuard
	ledger *Ledger
	card   loyalty.CardID
	serial byte
}

var start = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)

func setup(t *testing.T, config Config) *bench {
	t.Helper()
	merchant, reward := loyalty.MerchantID(loyalty.NewID()), loyalty.RewardID(loyalty.NewID())
	program := &loyalty.Program{ID: loyalty.NewID(), Version: 1, Merchant: merchant, Rules: loyalty.Rules{
		Name: "ice", Kind: loyalty.Stamps, Earn: loyalty.EarnRule{By: loyalty.ByUnits},
		Card:    loyalty.StampRule{Size: 10, Reward: reward},
		Rewards: []loyalty.Reward{{ID: reward, Name: "cone"}},
	}}
	if err := program.Check(); err != nil {
		t.Fatal(err)
	}
	b := &bench{guard: &fakeGuard{outcomes: map[loyalty.Nonce]loyalty.Outcome{}}, card: loyalty.NewID()}
	b.store = &fakeStore{
		program: program,
		till:    loyalty.Till{ID: loyalty.NewID(), Merchant: merchant, Name: "till 1"},
		cards: map[loyalty.CardID]loyalty.State{
			b.card: {Program: program, Card: loyalty.NewCard(b.card, program, start)},
		},
		answers: map[loyalty.RequestID]loyalty.Answer{},
	}
	config.Log = slog.New(slog.DiscardHandler)
	if config.Now == nil {
		config.Now = func() time.Time { return start }
	}
	b.ledger = New(b.store, b.guard, config)
	t.Cleanup(func() {
		if err := b.ledger.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return b
}

// scan is a command to stamp the card once, with a nonce and request of its own.
func (b *bench) scan() loyalty.Command {
	b.serial++
	return loyalty.Command{
		Merchant: b.store.program.Merchant, Card: b.card, Do: loyalty.Earning{Units: 1},
		Till: b.store.till.ID, Captured: start,
		Scan:    loyalty.Scanned{ID: loyalty.ScanID{b.serial}, Nonce: loyalty.Nonce{b.serial}, Method: loyalty.Live},
		Request: loyalty.RequestID{b.serial},
	}
}

func (b *bench) balance() int64 {
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	return b.store.cards[b.card].Card.Balance
}

// plain renders an answer that tells one decision from another.
func plain(d *loyalty.Decision) (loyalty.Answer, error) {
	return loyalty.Answer{Status: 200, Body: []byte(d.Entries[0].ID.String())}, nil
}
