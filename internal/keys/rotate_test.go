package keys

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestRotate(t *testing.T) {
	t.Parallel()
	ring := open(t, &memory{})
	kid, err := ring.Rotate(t.Context(), Live, start, Ahead)
	if err != nil || kid != "l02" {
		t.Fatalf("%s, %v", kid, err)
	}
	live := ring.Signing(Live)
	for at, want := range map[time.Duration]string{
		-time.Hour: "l01", 0: "l01", Ahead - 1: "l01", Ahead: "l02", 365 * 24 * time.Hour: "l02",
	} {
		if got, _ := live.Current(start.Add(at)); got != want {
			t.Errorf("%s later it signs with %s, want %s", at, got, want)
		}
	}
	for _, kid := range []string{"l01", "l02"} {
		if _, ok := live.Find(kid); !ok {
			t.Errorf("%s does not verify", kid)
		}
	}
	if _, ok := live.Find("l03"); ok {
		t.Error("a key that was never made verifies")
	}
}

// Whatever shows something made with a key knows when another one comes into use.
func TestNextKey(t *testing.T) {
	t.Parallel()
	ring := open(t, &memory{})
	static := ring.MACs(Static)
	for _, ahead := range []time.Duration{2 * Ahead, Ahead} {
		if _, err := ring.Rotate(t.Context(), Static, start, ahead); err != nil {
			t.Fatal(err)
		}
	}
	for at, want := range map[time.Duration]time.Duration{-time.Hour: Ahead, 0: Ahead, Ahead - 1: Ahead, Ahead: 2 * Ahead, 2*Ahead - 1: 2 * Ahead} {
		if got := static.Next(start.Add(at)); !got.Equal(start.Add(want)) {
			t.Errorf("%s later the next comes at %s, want %s", at, got, start.Add(want))
		}
	}
	if got := static.Next(start.Add(2 * Ahead)); !got.IsZero() {
		t.Errorf("after the last one there is one at %s", got)
	}
	if got := static.IDs(); !slices.Equal(got, []string{"s01", "s03", "s02"}) {
		t.Errorf("they are %v", got)
	}
}

func TestRotateRefuses(t *testing.T) {
	t.Parallel()
	ring := open(t, &memory{})
	tests := []struct {
		purpose Purpose
		ahead   time.Duration
		want    string
	}{
		{PIN, Ahead, "every staff PIN"},
		{Live, -time.Second, "before"},
		{"loan", Ahead, "not a purpose"},
	}
	for _, tt := range tests {
		if _, err := ring.Rotate(t.Context(), tt.purpose, start, tt.ahead); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %s: %v", tt.purpose, tt.ahead, err)
		}
	}
}

func TestRetire(t *testing.T) {
	t.Parallel()
	store := &memory{}
	ring := open(t, store)
	if _, err := ring.Rotate(t.Context(), Static, start, Ahead); err != nil {
		t.Fatal(err)
	}
	later := start.Add(Ahead)
	refused := func(kid string, now time.Time, want string) {
		t.Helper()
		if err := ring.Retire(t.Context(), kid, now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", kid, err)
		}
	}
	refused("s01", start, "sign with now")
	refused("s02", later, "sign with now")
	refused("l01", later, "sign with now")
	refused("p01", later, "sign with now")
	refused("x99", later, "no key")
	if err := ring.Retire(t.Context(), "s01", later); err != nil {
		t.Fatal(err)
	}
	refused("s01", later, "was retired on 2026-11-24")

	again := open(t, store)
	for _, r := range []*Ring{ring, again} {
		if _, ok := r.MACs(Static).Find("s01"); ok {
			t.Error("a retired key verifies")
		}
	}
	if k := again.current.Load().document.find("s01"); k == nil || k.Secret != nil {
		t.Errorf("the secret is still there: %+v", k)
	}
	if kid, err := ring.Rotate(t.Context(), Static, later, 0); err != nil || kid != "s03" {
		t.Errorf("%s, %v: an id was given away again", kid, err)
	}
}

// A key that does not sign yet may go: it was made by mistake.
func TestRetireAKeyOfTomorrow(t *testing.T) {
	t.Parallel()
	ring := open(t, &memory{})
	kid, _ := ring.Rotate(t.Context(), Link, start, Ahead)
	if err := ring.Retire(t.Context(), kid, start); err != nil {
		t.Fatal(err)
	}
	if got, _ := ring.MACs(Link).Current(start.Add(Ahead)); got != "u01" {
		t.Errorf("makes MACs with %s", got)
	}
}

func TestStaticNumbersRunOut(t *testing.T) {
	t.Parallel()
	var d document
	for i := range 0xff {
		kid, err := d.add(Static, start, start)
		if err != nil || kid != fmt.Sprintf("s%02x", i+1) {
			t.Fatalf("%d: %s, %v", i, kid, err)
		}
	}
	if kid, err := d.add(Static, start, start); err == nil {
		t.Errorf("made %s, which no static text has room for", kid)
	}
}

// Whatever is rotated and retired, every purpose has a key, ids are proper and
// never come back, and no purpose finds another's key.
func TestRingProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		store, now := &memory{}, start
		ring, err := Open(t.Context(), store, master, now)
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 48).Draw(t, "hours")) * time.Hour)
			kind := rapid.SampledFrom(kinds[:]).Draw(t, "kind")
			if rapid.Bool().Draw(t, "rotate") {
				ring.Rotate(t.Context(), kind.purpose, now, time.Duration(rapid.IntRange(0, 72).Draw(t, "ahead"))*time.Hour)
			} else {
				ring.Retire(t.Context(), kind.kid(rapid.IntRange(1, 8).Draw(t, "number")), now)
			}
			checkRing(t, ring, now)
		}
	})
}

func checkRing(t *rapid.T, ring *Ring, now time.Time) {
	seen := map[string]Info{}
	signing := map[Purpose]int{}
	for _, info := range ring.List(now) {
		if _, twice := seen[info.KID]; twice || !isKID(info.KID) {
			t.Fatalf("id %q", info.KID)
		}
		seen[info.KID] = info
		if info.State == InUse {
			signing[info.Purpose]++
		}
		for _, kind := range kinds {
			if want := info.Purpose == kind.purpose && info.State != Retired; finds(ring, kind, info.KID) != want {
				t.Fatalf("%+v found among %s keys: %t", info, kind.purpose, !want)
			}
		}
	}
	for _, kind := range kinds {
		if signing[kind.purpose] != 1 {
			t.Fatalf("%d keys of %s sign", signing[kind.purpose], kind.purpose)
		}
	}
	var set struct{ Keys []jwk }
	if err := json.Unmarshal(ring.JWKS(), &set); err != nil {
		t.Fatal(err)
	}
	for _, k := range set.Keys {
		if info := seen[k.KID]; info.State == Retired || info.Purpose != k.Purpose {
			t.Fatalf("published %+v of %+v", k, info)
		}
	}
}

func finds(ring *Ring, kind kind, kid string) bool {
	if kind.signs {
		_, ok := ring.Signing(kind.purpose).Find(kid)
		return ok
	}
	_, ok := ring.MACs(kind.purpose).Find(kid)
	return ok
}
