package credential

import (
	"encoding/base32"
	"testing"
	"time"

	"github.com/pquerna/otp"
	others "github.com/pquerna/otp/totp"
	"pgregory.net/rapid"
)

// The seed of RFC 6238 appendix B, which Google's page on rotating barcodes uses
// too.
var rfcKey = [rotatingKey]byte([]byte("12345678901234567890"))

// What RFC 6238 appendix B prints for SHA-1, and what Google Wallet shows for
// {totp_value_0} of TOTP_SHA1, 8 digits, 30 seconds, under the same key.
func TestTOTPIsThatOfGoogleWallet(t *testing.T) {
	t.Parallel()
	for millis, want := range map[int64]string{
		59_000: "94287082", 1_111_111_109_000: "07081804", 1_111_111_111_000: "14050471", 1_234_567_890_000: "89005924",
		2_000_000_000_000: "69279037", 20_000_000_000_000: "65353130",
	} {
		if got := totp(rfcKey, stepAt(time.UnixMilli(millis))); got != want {
			t.Errorf("at %d ms: %s, want %s", millis, got, want)
		}
	}
	// With the period of 3 seconds that Google's page shows, the step is another.
	for millis, want := range map[int64]string{
		59_000: "21578337", 1_111_111_109_000: "32442993", 1_111_111_111_000: "65078005",
	} {
		if got := totp(rfcKey, millis/3000); got != want {
			t.Errorf("at %d ms, every 3 s: %s, want %s", millis, got, want)
		}
	}
}

// An implementation of others agrees on any key and time.
func TestTOTPIsThatOfOthers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := [rotatingKey]byte(rapid.SliceOfN(rapid.Byte(), rotatingKey, rotatingKey).Draw(t, "key"))
		at := drawTime(t)
		want, err := others.GenerateCodeCustom(base32.StdEncoding.EncodeToString(key[:]), at, others.ValidateOpts{
			Period: uint(periodSeconds), Digits: otp.DigitsEight, Algorithm: otp.AlgorithmSHA1,
		})
		if got := totp(key, stepAt(at)); err != nil || got != want {
			t.Fatalf("%s, want %s (%v)", got, want, err)
		}
	})
}

func BenchmarkRotatingParse(b *testing.B) {
	rotating := NewRotating(rotatingTestKey)
	text := mintRotating(rotatingTestKey, first, now)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rotating.Parse(text, now); err != nil {
			b.Fatal(err)
		}
	}
}
