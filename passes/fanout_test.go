package passes

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"stempel/internal/loyalty"
)

// board is a store in memory: one mark per card, settled by whoever is first.
type board struct {
	mu      sync.Mutex
	marks   []loyalty.Dirt
	touched []loyalty.CardID // not yet marked
	passes  map[loyalty.CardID][]loyalty.Pass
}

func (b *board) mark(card loyalty.CardID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.marks {
		if b.marks[i].Card == card {
			b.marks[i].Version++
			return
		}
	}
	b.marks = append(b.marks, loyalty.Dirt{Card: card, Version: 1})
}

func (b *board) Waiting(context.Context) (int64, time.Time, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return int64(len(b.marks)), time.Time{}, nil
}

func (b *board) Dirty(_ context.Context, after loyalty.Dirt, limit int) ([]loyalty.Dirt, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := slices.DeleteFunc(slices.Clone(b.marks), func(d loyalty.Dirt) bool { return d.Card.Compare(after.Card) <= 0 })
	slices.SortFunc(list, func(a, b loyalty.Dirt) int { return a.Card.Compare(b.Card) })
	return list[:min(limit, len(list))], nil
}

func (b *board) PassesOf(_ context.Context, card loyalty.CardID) ([]loyalty.Pass, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.passes[card]), nil
}

func (b *board) Settle(_ context.Context, turns []loyalty.Turn, add func(*sql.Tx, []loyalty.Pass) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var changed []loyalty.Pass
	for _, turn := range turns {
		i := slices.Index(b.marks, turn.Dirt)
		if i < 0 {
			continue
		}
		b.marks = slices.Delete(b.marks, i, i+1)
		if s := turn.Survivor; !s.IsZero() {
			b.passes[s] = append(b.passes[s], b.passes[turn.Dirt.Card]...)
			delete(b.passes, turn.Dirt.Card)
			b.marks = append(b.marks, loyalty.Dirt{Card: s, Version: 1})
		}
		for _, p := range slices.Concat(turn.Changed, turn.Quiet) {
			all := b.passes[turn.Dirt.Card]
			all[slices.IndexFunc(all, func(q loyalty.Pass) bool { return q.ID == p.ID })] = p
		}
		changed = append(changed, turn.Changed...)
	}
	if len(changed) == 0 {
		return nil
	}
	return add(nil, changed)
}

func (b *board) MarkDue(context.Context, time.Time, int) error { return nil }

// MarkTouched marks the cards of a program that was touched, in their order.
func (b *board) MarkTouched(_ context.Context, _ time.Time, limit int) (more bool, err error) {
	b.mu.Lock()
	n := min(limit, len(b.touched))
	touched := b.touched[:n]
	b.touched = b.touched[n:]
	more = len(b.touched) > 0
	b.mu.Unlock()
	for _, card := range touched {
		b.mark(card)
	}
	return more, nil
}

func TestFanout(t *testing.T) {
	now := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	anna, bert, carl, dora := loyalty.CardID{1}, loyalty.CardID{2}, loyalty.CardID{3}, loyalty.CardID{4}
	b := &board{passes: map[loyalty.CardID][]loyalty.Pass{
		anna: {{ID: loyalty.PassID{1}, Changed: now}, {ID: loyalty.PassID{2}, Changed: now, Removed: now}},
		bert: {{ID: loyalty.PassID{3}, Changed: now}},
		carl: {{ID: loyalty.PassID{4}, Changed: now}},
	}}
	looks := map[loyalty.PassID]Look{
		{1}: {Version: [16]byte{1}, Due: now.Add(time.Hour)},
		{4}: {Survivor: bert},
	}
	var told []loyalty.CardID
	var updates []loyalty.PassID
	var mu sync.Mutex
	f := NewFanout(FanoutConfig{
		Board: b, Batch: 2, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
		Look: func(_ context.Context, p *loyalty.Pass) (Look, error) {
			mu.Lock()
			defer mu.Unlock()
			look, ok := looks[p.ID]
			if !ok {
				return Look{}, errors.New("it cannot be drawn")
			}
			return look, nil
		},
		Jobs: func(_ context.Context, _ *sql.Tx, changed []Changed) error {
			for _, p := range changed {
				updates = append(updates, p.ID)
			}
			return nil
		},
		Tell: func(cards ...loyalty.CardID) { told = append(told, cards...) },
	})
	round := func() {
		t.Helper()
		told, updates = nil, nil
		if err := f.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}

	for _, card := range []loyalty.CardID{anna, anna, anna, bert, dora} {
		b.mark(card)
	}
	round()
	if want := []loyalty.PassID{{1}, {2}}; !slices.Equal(updates, want) {
		t.Errorf("updated %v, want %v: once for three changes, the end of one, not for what cannot be shown", updates, want)
	}
	if p := b.passes[anna][1]; p.Shown != loyalty.Ended || !p.Removed.Equal(now) {
		t.Errorf("the pass that has ended is %+v", p)
	}
	if !slices.Contains(told, anna) || !slices.Contains(told, dora) || len(b.marks) != 1 || b.marks[0].Card != bert {
		t.Errorf("told %v; still dirty: %v, want the card that cannot be shown", told, b.marks)
	}
	if p := b.passes[anna][0]; p.Shown != looks[p.ID].Version || !p.Due.Equal(now.Add(time.Hour)) || !p.Changed.Equal(now.Add(time.Second)) {
		t.Errorf("the pass is %+v", p)
	}

	looks[loyalty.PassID{3}] = Look{Version: [16]byte{3}}
	b.mark(anna)
	b.mark(carl)
	round() // carl's pass goes to bert, who is marked
	if slices.Contains(updates, loyalty.PassID{2}) {
		t.Error("the wallet of the pass that has ended is told again")
	}
	looks[loyalty.PassID{4}] = Look{Version: [16]byte{3}}
	round()
	if len(b.passes[bert]) != 2 || len(b.passes[carl]) != 0 {
		t.Errorf("passes of the survivor: %v", b.passes[bert])
	}
	looks[loyalty.PassID{4}] = Look{Version: [16]byte{4}}
	b.mark(bert)
	round()
	if !slices.Contains(updates, loyalty.PassID{4}) || slices.Contains(updates, loyalty.PassID{1}) {
		t.Errorf("updated %v, want the merged card's pass and none that shows the same", updates)
	}
}

// What many cards have in common goes behind what a card is told alone.
func TestFanoutSaysWhatIsOneOfMany(t *testing.T) {
	anna, bert := loyalty.CardID{1}, loyalty.CardID{2}
	b := &board{
		marks:  []loyalty.Dirt{{Card: anna, Version: 1, Many: true}, {Card: bert, Version: 1}},
		passes: map[loyalty.CardID][]loyalty.Pass{anna: {{ID: loyalty.PassID{1}, Card: anna}}, bert: {{ID: loyalty.PassID{2}, Card: bert}}},
	}
	many := map[loyalty.PassID]bool{}
	f := NewFanout(FanoutConfig{
		Board: b, Tell: func(...loyalty.CardID) {},
		Look: func(context.Context, *loyalty.Pass) (Look, error) { return Look{Version: [16]byte{1}}, nil },
		Jobs: func(_ context.Context, _ *sql.Tx, changed []Changed) error {
			for _, c := range changed {
				many[c.ID] = c.Many
			}
			return nil
		},
	})
	if err := f.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := map[loyalty.PassID]bool{{1}: true, {2}: false}; !maps.Equal(many, want) {
		t.Errorf("of many: %v, want %v", many, want)
	}
}

// Two processes and many changes: every pass ends up showing the last of them, and
// no mark is settled twice.
func TestFanoutsTogether(t *testing.T) {
	b := &board{passes: map[loyalty.CardID][]loyalty.Pass{}}
	var mu sync.Mutex
	state, jobs := map[loyalty.PassID]byte{}, map[loyalty.PassID]int{}
	cards := make([]loyalty.CardID, 20)
	for i := range cards {
		cards[i] = loyalty.CardID{byte(i + 1)}
		b.passes[cards[i]] = []loyalty.Pass{{ID: loyalty.PassID(cards[i])}}
	}
	open := func() *Fanout {
		return NewFanout(FanoutConfig{
			Board: b, Batch: 3, Every: time.Millisecond, Tell: func(...loyalty.CardID) {},
			Look: func(_ context.Context, p *loyalty.Pass) (Look, error) {
				mu.Lock()
				defer mu.Unlock()
				return Look{Version: [16]byte{state[p.ID]}}, nil
			},
			Jobs: func(_ context.Context, _ *sql.Tx, changed []Changed) error {
				mu.Lock()
				defer mu.Unlock()
				for _, p := range changed {
					jobs[p.ID]++
				}
				return nil
			},
		})
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for range 2 {
		f := open()
		running.Go(func() { f.Run(ctx) })
	}
	const changes = 50
	for range changes {
		for _, card := range cards {
			mu.Lock()
			state[loyalty.PassID(card)]++
			mu.Unlock()
			b.mark(card)
		}
	}
	stop()
	running.Wait()
	if err := open().Round(t.Context()); err != nil { // what is left
		t.Fatal(err)
	}
	for _, card := range cards {
		if p := b.passes[card][0]; p.Shown != [16]byte{changes} {
			t.Errorf("card %v shows change %d of %d", card[0], p.Shown[0], changes)
		}
		if n := jobs[loyalty.PassID(card)]; n < 1 || n > changes {
			t.Errorf("card %v was updated %d times", card[0], n)
		}
	}
}

// Marks that never stop coming keep no round for ever.
func TestFanoutEndsItsRound(t *testing.T) {
	b := &board{passes: map[loyalty.CardID][]loyalty.Pass{}}
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	told := 0
	f := NewFanout(FanoutConfig{
		Board: b, Batch: 2,
		Tell: func(...loyalty.CardID) {
			told++
			b.mark(loyalty.CardID{2, byte(told >> 8), byte(told)}) // each brings another one
		},
	})
	for i := range byte(5) {
		b.mark(loyalty.CardID{1, i})
	}
	if err := f.Round(ctx); err != nil || told != 5 || len(b.marks) != 5 {
		t.Errorf("%d cards had their turn, %d wait, %v: want those 5 that waited when it began", told, len(b.marks), err)
	}
}

// Of a program that changed as a whole a round takes some cards, and asks for the
// next one: what tills mark meanwhile waits behind no more.
func TestFanoutTakesTouchedCardsBitByBit(t *testing.T) {
	b := &board{passes: map[loyalty.CardID][]loyalty.Pass{}}
	const cards = 2*touchedAtOnce + 1
	for i := range cards {
		b.touched = append(b.touched, loyalty.CardID{1, byte(i >> 8), byte(i)})
	}
	told := map[loyalty.CardID]int{}
	f := NewFanout(FanoutConfig{Board: b, Tell: func(cards ...loyalty.CardID) {
		for _, card := range cards {
			told[card]++
		}
	}})
	rounds := 0
	for again := true; again; rounds++ {
		if err := f.Round(t.Context()); err != nil || len(told) > (rounds+1)*touchedAtOnce {
			t.Fatalf("%d cards after %d rounds, %v", len(told), rounds+1, err)
		}
		select {
		case <-f.nudged:
		default:
			again = false
		}
	}
	if len(told) != cards || rounds != 3 {
		t.Errorf("%d cards in %d rounds, want %d in 3", len(told), rounds, cards)
	}
	for card, n := range told {
		if n != 1 {
			t.Errorf("%v had its turn %d times", card, n)
		}
	}
}
