package keys

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestSeal(t *testing.T) {
	t.Parallel()
	s := newSeal(master)
	sealed := s.close([]byte("a secret"))
	if got, err := s.open(sealed); err != nil || string(got) != "a secret" {
		t.Fatalf("%q, %v", got, err)
	}
	if bytes.Contains(sealed, []byte("secret")) || bytes.Equal(sealed, s.close([]byte("a secret"))) {
		t.Error("the seal shows what is under it")
	}
	for i := range len(sealed) * 8 {
		changed := bytes.Clone(sealed)
		changed[i/8] ^= 1 << (i % 8)
		if _, err := s.open(changed); err == nil {
			t.Errorf("opened with bit %d changed", i)
		}
	}
	for i := range sealed {
		if _, err := s.open(sealed[:i]); err == nil {
			t.Errorf("opened the first %d bytes", i)
		}
	}
	if _, err := s.open([]byte{2, 3, 4}); errors.Is(err, ErrMaster) || !strings.Contains(err.Error(), "format 2") {
		t.Errorf("a later format: %v", err)
	}
}

func FuzzSealOpen(f *testing.F) {
	s := newSeal(master)
	f.Add(s.close([]byte(`{"keys":[]}`)))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if plain, err := s.open(sealed); (err == nil) != (plain != nil) {
			t.Fatalf("%q, %v", plain, err)
		}
	})
}
