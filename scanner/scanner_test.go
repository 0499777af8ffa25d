package scanner

import (
	"context"
	"sync"
	"testing"
	"time"

	"stempel/internal/credential"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
)

var (
	now   = time.Date(2026, 11, 21, 10, 30, 15, 250_000_000, time.UTC)
	card  = loyalty.CardID{1, 15: 1}
	tillA = loyalty.TillID{2, 15: 1}
	tillB = loyalty.TillID{2, 15: 2}
)

// house is a scanner with everything real but the stores of its keys and tags.
type house struct {
	ring     *keys.Ring
	live     *credential.Live
	rotating *credential.Rotating
	static   *credential.Static
	tagKeys  *credential.TagKeys
	tags     shelf
	phones   Phones
	verifier *Verifier
	handles  *Handles
}

func setup(t testing.TB) *house {
	t.Helper()
	ring, err := keys.Open(t.Context(), &memory{}, [32]byte{1}, now.Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{ring: ring}
	h.live = credential.NewLive(ring.Signing(keys.Live))
	h.static = credential.NewStatic(ring.MACs(keys.Static))
	h.rotating = credential.NewRotating(ring.MACs(keys.Rotating))
	h.tagKeys = credential.NewTagKeys(ring.MACs(keys.Tag))
	h.phones = phones(t)
	h.verifier = NewVerifier(h.live, h.rotating, h.static, h.tagKeys, &h.tags, h.phones)
	h.handles = NewHandles(ring.MACs(keys.Scan))
	return h
}

func (h *house) liveText(t testing.TB) string {
	t.Helper()
	text, _, err := h.live.Mint(card, now)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// phone is the secret that rotating texts are made of here.
var phone = loyalty.Secret{Number: 3, Epoch: 2}

func (h *house) rotatingText(t testing.TB) string {
	t.Helper()
	secret, err := h.rotating.Secret(card, phone, now)
	if err != nil {
		t.Fatal(err)
	}
	return secret.Text(now)
}

func (h *house) staticText(t testing.TB, surface loyalty.Surface) string {
	t.Helper()
	text, err := h.static.Mint(card, surface, 7, now)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (h *house) verify(t testing.TB, r Reading) Presentation {
	t.Helper()
	p, err := h.verifier.Verify(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// memory is a keys.Store.
type memory struct {
	mu      sync.Mutex
	version int64
	sealed  []byte
}

func (m *memory) LoadKeyring(context.Context) (int64, []byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.version, m.sealed, nil
}

func (m *memory) SaveKeyring(_ context.Context, previous int64, sealed []byte) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.version != previous {
		return false, nil
	}
	m.version, m.sealed = previous+1, sealed
	return true, nil
}

func codeOf(t testing.TB, err error) loyalty.Code {
	t.Helper()
	if err == nil {
		return "ok"
	}
	refusal, ok := err.(*loyalty.Refusal)
	if !ok {
		t.Fatalf("%v is a %T, want a refusal", err, err)
	}
	return refusal.Code
}
