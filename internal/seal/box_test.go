package seal_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"testing"
	"time"

	"stempel/internal/seal"
)

// keyList is keys by hand: the last one is current.
type keyList []string

func (k keyList) Current(time.Time) (string, []byte) { return k[len(k)-1], keyOf(k[len(k)-1]) }

func (k keyList) Find(kid string) ([]byte, bool) { return keyOf(kid), slices.Contains(k, kid) }

func keyOf(kid string) []byte { return bytes.Repeat([]byte(kid), 16)[:32] }

var (
	now   = time.Unix(1_770_000_000, 0)
	place = []byte("here")
	plain = []byte("a secret that nobody else may read")
)

func TestBox(t *testing.T) {
	t.Parallel()
	box := seal.New("test", keyList{"m01", "m02"})
	sealed := box.Seal(place, plain, now)
	if got, err := box.Open(place, sealed); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("got %q, %v", got, err)
	}
	if bytes.Contains(sealed, plain) {
		t.Error("it can be read")
	}
	if bytes.Equal(sealed, box.Seal(place, plain, now)) {
		t.Error("sealed twice, it looks the same: somebody could see what is equal")
	}
	for name, open := range map[string]func() ([]byte, error){
		"elsewhere":      func() ([]byte, error) { return box.Open([]byte("there"), sealed) },
		"by another box": func() ([]byte, error) { return seal.New("rest", keyList{"m02"}).Open(place, sealed) },
		"nothing":        func() ([]byte, error) { return box.Open(place, nil) },
	} {
		if _, err := open(); !errors.Is(err, seal.ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range sealed {
		bad := slices.Clone(sealed)
		bad[i] ^= 1
		if _, err := box.Open(place, bad); err == nil {
			t.Errorf("byte %d changed, it opens", i)
		}
		if _, err := box.Open(place, sealed[:i]); err == nil {
			t.Errorf("cut at %d, it opens", i)
		}
	}
}

func TestKeysComeAndGo(t *testing.T) {
	t.Parallel()
	old, both, only := seal.New("test", keyList{"m01"}), seal.New("test", keyList{"m01", "m02"}), seal.New("test", keyList{"m02"})
	sealed := old.Seal(place, plain, now)
	if !old.Fresh(sealed, now) || both.Fresh(sealed, now) || both.Fresh(nil, now) {
		t.Error("what is under the key in use, and what is not, is confused")
	}
	if got, err := both.Open(place, sealed); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("under an older key: %q, %v", got, err)
	}
	if _, err := only.Open(place, sealed); !errors.Is(err, seal.ErrKeyGone) {
		t.Errorf("under a retired key: %v", err)
	}
}

// What was sealed by an earlier release opens: databases are full of it.
func TestFormat(t *testing.T) {
	t.Parallel()
	const text = "01036d3031397fb84846b5a5471db42f1d0da8492a7d3af6baa9e8f8d0c07b4983b584e030b9ab463c143302f1a1f343c1421bda0220e31b9b8a42fc02320cad809923"
	sealed, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := seal.New("test", keyList{"m01"}).Open(place, sealed); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("got %q, %v", got, err)
	}
}

func FuzzOpen(f *testing.F) {
	box := seal.New("test", keyList{"m01"})
	f.Add(box.Seal(place, plain, now))
	f.Add([]byte{1, 3})
	f.Add([]byte{1, 255, 0})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		got, err := box.Open(place, sealed)
		if err == nil && !bytes.Equal(got, plain) {
			t.Errorf("%x opens as %q", sealed, got)
		}
	})
}
