package googletest

import (
	"testing"
	"time"
)

// The values of ../shared/vectors/google-totp.json: those of RFC 6238 appendix B,
// and Google's period of three seconds, under the key that both use.
func TestTOTP(t *testing.T) {
	t.Parallel()
	for _, known := range []struct {
		ms, period int64
		want       string
	}{
		{59000, 30000, "94287082"},
		{1111111109000, 30000, "07081804"},
		{1111111111000, 30000, "14050471"},
		{1234567890000, 30000, "89005924"},
		{59000, 3000, "21578337"},
		{1111111109000, 3000, "32442993"},
		{1111111111000, 3000, "65078005"},
	} {
		if got := totp([]byte("12345678901234567890"), time.UnixMilli(known.ms), known.period, 8); got != known.want {
			t.Errorf("at %d ms, every %d: %s, want %s", known.ms, known.period, got, known.want)
		}
	}
}
