package keys

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	start  = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	master = [32]byte{1, 2, 3}
)

// memory is a Store that several rings share.
type memory struct {
	mu      sync.Mutex
	version int64
	sealed  []byte
	broken  error
	loaded  func() // called after each load, to let others be first
}

func (m *memory) LoadKeyring(context.Context) (int64, []byte, error) {
	m.mu.Lock()
	version, sealed, err := m.version, bytes.Clone(m.sealed), m.broken
	m.mu.Unlock()
	if m.loaded != nil {
		m.loaded()
	}
	return version, sealed, err
}

func (m *memory) SaveKeyring(_ context.Context, previous int64, sealed []byte) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil || m.version != previous {
		return false, m.broken
	}
	m.version, m.sealed = previous+1, bytes.Clone(sealed)
	return true, nil
}

// fail makes the store answer this error, until it is nil.
func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = err
}

func open(t testing.TB, store Store) *Ring {
	t.Helper()
	ring, err := Open(t.Context(), store, master, start)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestOpenMakesEveryPurpose(t *testing.T) {
	t.Parallel()
	store := &memory{}
	first := open(t, store)
	second := open(t, store)
	if store.version != 1 {
		t.Errorf("version %d: a second start changed the ring", store.version)
	}
	for _, kind := range kinds {
		kid := kind.kid(1)
		if kind.signs {
			got, key := second.Signing(kind.purpose).Current(start)
			want, _ := first.Signing(kind.purpose).Find(kid)
			if got != kid || !want.Equal(key) {
				t.Errorf("%s: the two rings differ", kind.purpose)
			}
			continue
		}
		got, key := second.MACs(kind.purpose).Current(start)
		want, _ := first.MACs(kind.purpose).Find(kid)
		if got != kid || len(key) != 32 || !bytes.Equal(key, want) {
			t.Errorf("%s: the two rings differ", kind.purpose)
		}
	}
}

func TestPurposesDoNotMix(t *testing.T) {
	t.Parallel()
	ring := open(t, &memory{})
	if _, ok := ring.Signing(Live).Find("r01"); ok {
		t.Error("a receipt's key verifies live tokens")
	}
	if _, ok := ring.MACs(Scan).Find("s01"); ok {
		t.Error("a static key verifies handles")
	}
	for _, bad := range []func(){
		func() { ring.Signing(Scan) }, func() { ring.MACs(Live) }, func() { ring.MACs("loan") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("keys of another kind were handed out")
				}
			}()
			bad()
		}()
	}
}

func TestOpenWithAnotherMaster(t *testing.T) {
	t.Parallel()
	store := &memory{}
	open(t, store)
	_, err := Open(t.Context(), store, [32]byte{9}, start)
	if !errors.Is(err, ErrMaster) || !strings.Contains(err.Error(), "master key") {
		t.Errorf("%v", err)
	}
	if store.version != 1 {
		t.Error("the ring was overwritten")
	}
}

func TestOpenTogether(t *testing.T) {
	t.Parallel()
	store := &memory{}
	var barrier, done sync.WaitGroup
	const processes = 8
	barrier.Add(processes)
	var once [processes]sync.Once
	rings := make([]*Ring, processes)
	for i := range rings {
		done.Go(func() {
			// Each sees an empty store before anyone has saved.
			mine := &meeting{memory: store, once: &once[i], barrier: &barrier}
			ring, err := Open(t.Context(), mine, master, start)
			if err != nil {
				t.Error(err)
			}
			rings[i] = ring
		})
	}
	done.Wait()
	for _, ring := range rings {
		if ring == nil || !bytes.Equal(ring.JWKS(), rings[0].JWKS()) {
			t.Error("two processes have different keys")
		}
	}
	if store.version != 1 {
		t.Errorf("version %d", store.version)
	}
}

// meeting waits in its first load until all others have loaded too.
type meeting struct {
	*memory
	once    *sync.Once
	barrier *sync.WaitGroup
}

func (m *meeting) LoadKeyring(ctx context.Context) (int64, []byte, error) {
	version, sealed, err := m.memory.LoadKeyring(ctx)
	m.once.Do(func() { m.barrier.Done(); m.barrier.Wait() })
	return version, sealed, err
}

func TestRefreshSeesOthers(t *testing.T) {
	t.Parallel()
	store := &memory{}
	here, there := open(t, store), open(t, store)
	kid, err := there.Rotate(t.Context(), Live, start, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := here.Signing(Live).Find(kid); ok {
		t.Error("a key is known before anyone could tell")
	}
	if err := here.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, _ := here.Signing(Live).Current(start); got != kid {
		t.Errorf("signs with %s, want %s", got, kid)
	}
}

func TestRefreshSurvivesTrouble(t *testing.T) {
	t.Parallel()
	store := &memory{}
	ring := open(t, store)
	before := ring.JWKS()
	sealed := store.sealed

	store.broken = errors.New("no connection")
	if err := ring.Refresh(t.Context()); !errors.Is(err, store.broken) {
		t.Errorf("%v", err)
	}
	store.broken, store.sealed = nil, []byte("rubbish")
	if err := ring.Refresh(t.Context()); err == nil {
		t.Error("rubbish is a ring")
	}
	store.version, store.sealed = 0, nil
	if err := ring.Refresh(t.Context()); err == nil {
		t.Error("nothing is a ring")
	}
	store.version, store.sealed = 1, sealed
	if !bytes.Equal(before, ring.JWKS()) {
		t.Error("the ring has changed")
	}
}

func TestAnOldRefreshDoesNotWin(t *testing.T) {
	t.Parallel()
	store := &memory{}
	ring := open(t, store)
	store.loaded = func() {
		store.loaded = nil // while this refresh is on its way, the ring goes on
		if _, err := ring.Rotate(t.Context(), Live, start, 0); err != nil {
			t.Error(err)
		}
	}
	if err := ring.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if kid, _ := ring.Signing(Live).Current(start); kid != "l02" {
		t.Errorf("signs with %s", kid)
	}
}

func TestChangeGivesUp(t *testing.T) {
	t.Parallel()
	ring := open(t, &memory{})
	ring.store = stubborn{ring.store}
	if _, err := ring.Rotate(t.Context(), Live, start, 0); err == nil {
		t.Error("rotated a ring that nobody can save")
	}
}

// stubborn is always changed by somebody else.
type stubborn struct{ Store }

func (stubborn) SaveKeyring(context.Context, int64, []byte) (bool, error) { return false, nil }
