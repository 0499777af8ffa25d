package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"stempel/internal/loyalty"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func (b *bench) mustPost(t *testing.T, c loyalty.Command) loyalty.Answer {
	t.Helper()
	answer, err := b.ledger.Post(context.Background(), c, plain)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func wantCode(t *testing.T, err error, code loyalty.Code) *loyalty.Refusal {
	t.Helper()
	var refusal *loyalty.Refusal
	if !errors.As(err, &refusal) || refusal.Code != code {
		t.Fatalf("got %v, want a refusal %s", err, code)
	}
	return refusal
}

func TestARetryIsNotAReplay(t *testing.T) {
	b := setup(t, Config{})
	c := b.scan()
	first := b.mustPost(t, c)
	again := b.mustPost(t, c)
	if !again.Replayed || string(again.Body) != string(first.Body) {
		t.Errorf("the retry got %+v, want the first answer %q replayed", again, first.Body)
	}

	other := c
	other.BodyHash[0] = 1
	_, err := b.ledger.Post(context.Background(), other, plain)
	wantCode(t, err, loyalty.KeyReused)

	replay := c
	replay.Request[5] = 1
	_, err = b.ledger.Post(context.Background(), replay, plain)
	refusal := wantCode(t, err, loyalty.CredentialUsed)
	if refusal.Used.TillName != "till 1" || !refusal.Used.At.Equal(start) || refusal.Entry.IsZero() {
		t.Errorf("the loser was told %+v, want when, where and which entry", refusal)
	}
	if b.balance() != 1 {
		t.Errorf("balance %d, want 1", b.balance())
	}
}

func TestTheGuardAnswersReplaysWithoutTheStore(t *testing.T) {
	b := setup(t, Config{})
	c := b.scan()
	b.mustPost(t, c)
	b.mustPost(t, b.scan()) // carries the first outcome to the guard
	attempts := len(b.store.batches)
	replay := c
	replay.Request[5], replay.Till, replay.Scan.ID = 1, loyalty.NewID(), loyalty.ScanID{99}
	_, err := b.ledger.Post(context.Background(), replay, plain)
	refusal := wantCode(t, err, loyalty.CredentialUsed)
	if refusal.Used.TillName != "till 1" || !refusal.Entry.IsZero() {
		t.Errorf("another till was told %+v, want the place but not the entry", refusal)
	}
	if len(b.store.batches) != attempts {
		t.Error("the store was asked about a replay that the guard knew")
	}
}

func TestALostGuardStopsNothingAndDoublesNothing(t *testing.T) {
	b := setup(t, Config{})
	b.guard.err = errors.New("down")
	c := b.scan()
	b.mustPost(t, c)
	c.Request[5] = 1
	_, err := b.ledger.Post(context.Background(), c, plain)
	wantCode(t, err, loyalty.CredentialUsed)
}

func TestCommandsThatWaitShareABatch(t *testing.T) {
	b := setup(t, Config{})
	b.store.started, b.store.held = make(chan struct{}, 100), make(chan struct{})
	var posted sync.WaitGroup
	post := func(c loyalty.Command) { posted.Go(func() { b.mustPost(t, c) }) }
	post(b.scan())
	<-b.store.started
	for range 20 {
		post(b.scan())
	}
	for b.ledger.Waiting() < 20 {
	}
	close(b.store.held)
	posted.Wait()
	if got := fmt.Sprint(b.store.batches); got != "[1 20]" {
		t.Errorf("batches %s, want [1 20]", got)
	}
	if err := b.ledger.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if b.guard.trips != 3 && b.guard.trips != 4 { // one a batch, and one when the queue ran empty
		t.Errorf("%d trips to the guard for two batches", b.guard.trips)
	}
}

func TestACulpritIsIsolatedAndDecidedAnew(t *testing.T) {
	b := setup(t, Config{})
	b.store.started, b.store.held = make(chan struct{}, 100), make(chan struct{})
	culprit := loyalty.RequestID{4}
	refusals := 0
	b.store.before = func(_ int, keys loyalty.Keys) error {
		for _, r := range keys.Requests {
			if r == culprit && (len(keys.Requests) > 1 || refusals < 1) {
				if len(keys.Requests) == 1 {
					refusals++
				}
				return fmt.Errorf("primary key: %w", loyalty.ErrConflict)
			}
		}
		return nil
	}
	var posted sync.WaitGroup
	posted.Go(func() { b.mustPost(t, b.scan()) })
	<-b.store.started
	for range 9 {
		c := b.scan()
		posted.Go(func() { b.mustPost(t, c) })
	}
	for b.ledger.Waiting() < 9 {
	}
	close(b.store.held)
	posted.Wait()
	if b.balance() != 0 || len(b.store.entries) != 11 { // ten stamps and one full card
		t.Errorf("balance %d with %d entries, want a full card from ten scans", b.balance(), len(b.store.entries))
	}
}

func TestAnUnknownCommitIsSettledByAskingAgain(t *testing.T) {
	b := setup(t, Config{})
	b.store.after = func(attempt int) error {
		if attempt == 1 {
			return fmt.Errorf("connection reset: %w", loyalty.ErrOutcomeUnknown)
		}
		return nil
	}
	b.store.before = func(attempt int, _ loyalty.Keys) error {
		if attempt == 2 {
			return fmt.Errorf("connection refused: %w", loyalty.ErrUnavailable)
		}
		return nil
	}
	b.mustPost(t, b.scan())
	if b.balance() != 1 {
		t.Errorf("balance %d, want 1", b.balance())
	}
}

func TestAnUnsettledCommitStaysUnknown(t *testing.T) {
	b := setup(t, Config{Patience: 120 * 1e6})
	b.store.before = func(attempt int, _ loyalty.Keys) error {
		if attempt == 1 {
			return loyalty.ErrOutcomeUnknown
		}
		return loyalty.ErrUnavailable
	}
	if _, err := b.ledger.Post(context.Background(), b.scan(), plain); !errors.Is(err, loyalty.ErrOutcomeUnknown) {
		t.Errorf("got %v, want outcome unknown", err)
	}
}

func TestAPanicFailsOneCommand(t *testing.T) {
	b := setup(t, Config{})
	b.store.started, b.store.held = make(chan struct{}, 100), make(chan struct{})
	var posted sync.WaitGroup
	posted.Go(func() { b.mustPost(t, b.scan()) })
	<-b.store.started
	bad := b.scan()
	posted.Go(func() {
		_, err := b.ledger.Post(context.Background(), bad, func(*loyalty.Decision) (loyalty.Answer, error) { panic("ouch") })
		if err == nil {
			t.Error("a panicking command succeeded")
		}
	})
	good := b.scan()
	posted.Go(func() { b.mustPost(t, good) })
	for b.ledger.Waiting() < 2 {
	}
	close(b.store.held)
	posted.Wait()
	if b.balance() != 2 {
		t.Errorf("balance %d, want the two good ones", b.balance())
	}
}

func TestLeavingInTimeMeansNothingHappened(t *testing.T) {
	b := setup(t, Config{Queue: 1})
	b.store.started, b.store.held = make(chan struct{}, 100), make(chan struct{})
	ctx, leave := context.WithCancel(context.Background())
	first, second := make(chan error), make(chan error)
	post := func(c loyalty.Command, told chan error) {
		_, err := b.ledger.Post(ctx, c, plain)
		told <- err
	}
	go post(b.scan(), first)
	<-b.store.started // taken
	go post(b.scan(), second)
	for b.ledger.Waiting() < 1 {
	}
	if _, err := b.ledger.Post(ctx, b.scan(), plain); !errors.Is(err, ErrOverloaded) {
		t.Errorf("a third in a queue of one got %v, want ErrOverloaded", err)
	}
	leave()
	if err := <-first; !errors.Is(err, loyalty.ErrOutcomeUnknown) {
		t.Errorf("who left after being taken got %v, want unknown", err)
	}
	if err := <-second; !errors.Is(err, ErrAbandoned) {
		t.Errorf("who left the queue got %v, want ErrAbandoned", err)
	}
	close(b.store.held)
	if err := b.ledger.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if b.balance() != 1 {
		t.Errorf("balance %d, want 1: the taken one only", b.balance())
	}
}

func TestCloseDrainsAndThenRefuses(t *testing.T) {
	b := setup(t, Config{Workers: 3})
	b.mustPost(t, b.scan())
	if err := b.ledger.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.ledger.Post(context.Background(), b.scan(), plain); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}

func TestWhatSomethingShowsIsToldOf(t *testing.T) {
	var told [][]loyalty.Dirt
	var mu sync.Mutex
	b := setup(t, Config{Changed: func(dirty []loyalty.Dirt) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, dirty)
	}})
	b.mustPost(t, b.scan())
	state := b.store.cards[b.card]
	state.Watched = loyalty.WatchedForEver
	b.store.cards[b.card] = state
	c := b.scan()
	b.mustPost(t, c)
	b.mustPost(t, c) // a retry changes nothing
	mu.Lock()
	defer mu.Unlock()
	if len(told) != 1 || len(told[0]) != 1 || told[0][0].Card != b.card {
		t.Errorf("told of %+v, want the one scan after somebody looked", told)
	}
}
