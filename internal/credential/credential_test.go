package credential

import (
	"iter"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
)

// flips yields a text with one bit changed, for each of its bits.
func flips(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range len(text) * 8 {
			changed := []byte(text)
			changed[i/8] ^= 1 << (i % 8)
			if !yield(string(changed)) {
				return
			}
		}
	}
}

// checkRefusal holds what is true of every refusal: a known code, and a sentence
// that shows nothing of the text.
func checkRefusal(t *testing.T, text string, err error) {
	t.Helper()
	switch codeOf(t, err) {
	case "ok":
	case Malformed, Invalid, Expired, FromFuture, ClaimMalformed:
		if len(text) > 8 && strings.Contains(err.Error(), text) {
			t.Fatalf("%v repeats the text", err)
		}
	default:
		t.Fatalf("%v has another code", err)
	}
}

func drawCard(t *rapid.T) loyalty.CardID {
	id := loyalty.CardID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "card"))
	if id.IsZero() {
		id[0] = 1
	}
	return id
}

// drawTime gives any microsecond from 2001 to 2286, where Unix seconds have ten
// digits.
func drawTime(t *rapid.T) time.Time {
	return time.UnixMicro(rapid.Int64Range(1e15, 9_999_999_000_000_000).Draw(t, "now")).UTC()
}
