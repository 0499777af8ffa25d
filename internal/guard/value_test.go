package guard

import (
	"encoding/hex"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/guard/guardtest"
	"stempel/internal/loyalty"
)

// What the older and newer processes of one deployment agree on.
func TestValueForm(t *testing.T) {
	t.Parallel()
	o := loyalty.Outcome{
		Claim: loyalty.Claim{
			Merchant: loyalty.MerchantID{0: 0xea, 15: 0xeb},
			Nonce:    loyalty.Nonce{0: 0xfb, 15: 0x01},
			Action:   loyalty.Redeem,
			Owner:    loyalty.RequestID{0: 0xaa, 31: 0xab},
		},
		Scan:     loyalty.ScanID{0: 0xba, 15: 0xbb},
		Till:     loyalty.TillID{0: 0xca, 15: 0xcb},
		TillName: "Bar",
		Entry:    loyalty.EntryID{0: 0xda, 15: 0xdb},
		At:       time.UnixMicro(1_700_000_000_123_456).UTC(),
	}
	owner := "aa" + strings.Repeat("00", 30) + "ab"
	zeros := strings.Repeat("00", 14)
	forms := []struct{ got, want string }{
		{(&Redis{prefix: "stempel"}).key(o.Claim), "stempel:{-wAAAAAAAAAAAAAAAAAAAQ}:redeem"},
		{
			hex.EncodeToString(outcomeValue(&o)),
			"01" + "ea" + zeros + "eb" + owner + "ba" + zeros + "bb" + "ca" + zeros + "cb" + "da" + zeros + "db" + "00060a2418202240" + "426172",
		},
	}
	for _, form := range forms {
		if form.got != form.want {
			t.Errorf("got  %s\nwant %s", form.got, form.want)
		}
	}
}

func TestOutcomeRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := loyalty.Outcome{
			Claim: loyalty.Claim{
				Merchant: loyalty.MerchantID(bytes(t, "merchant", 16)),
				Nonce:    loyalty.Nonce(bytes(t, "nonce", 16)),
				Action:   rapid.SampledFrom([]loyalty.EntryKind{loyalty.Earn, loyalty.Redeem}).Draw(t, "action"),
				Owner:    loyalty.RequestID(bytes(t, "owner", 32)),
			},
			Scan:     loyalty.ScanID(bytes(t, "scan", 16)),
			Till:     loyalty.TillID(bytes(t, "till", 16)),
			TillName: rapid.StringN(0, 200, longestName).Draw(t, "name"),
			Entry:    loyalty.EntryID(bytes(t, "entry", 16)),
			At:       time.UnixMicro(rapid.Int64Range(1, latest-1).Draw(t, "at")).UTC(),
		}
		if o.Entry.IsZero() {
			t.Skip("every outcome has an entry")
		}
		asker := o.Claim
		asker.Owner = loyalty.RequestID(bytes(t, "asker", 32))
		if got, ok := parseOutcome(string(outcomeValue(&o)), asker); !ok || got != o {
			t.Fatalf("got  %+v %v\nwant %+v", got, ok, o)
		}
	})
}

func bytes(t *rapid.T, label string, n int) []byte {
	return rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, label)
}

func TestParseOutcomeIsStrict(t *testing.T) {
	t.Parallel()
	good := func(change func(*loyalty.Outcome)) string {
		o := guardtest.Outcome(guardtest.Claim(1))
		change(&o)
		return string(outcomeValue(&o))
	}
	same := func(*loyalty.Outcome) {}
	at := func(micros int64) func(*loyalty.Outcome) {
		return func(o *loyalty.Outcome) { o.At = time.UnixMicro(micros) }
	}
	named := func(name string) func(*loyalty.Outcome) {
		return func(o *loyalty.Outcome) { o.TillName = name }
	}
	tests := []struct {
		name  string
		value string
		want  bool
	}{
		{"an outcome", good(same), true},
		{"without a name", good(named("")), true},
		{"the first moment", good(at(1)), true},
		{"the last moment", good(at(latest - 1)), true},
		{"the longest name", good(named(strings.Repeat("x", longestName))), true},

		{"nothing", "", false},
		{"one byte less than the head", good(named(""))[:outcomeHead-1], false},
		{"another form", "\x03" + good(same)[1:], false},
		{"text", strings.Repeat("A", 200), false},
		{"no entry", good(func(o *loyalty.Outcome) { o.Entry = loyalty.EntryID{} }), false},
		{"no time", good(at(0)), false},
		{"before all time", good(at(math.MinInt64)), false},
		{"after all time", good(at(latest)), false},
		{"a name that is no text", good(named("\xff")), false},
		{"too long a name", good(named(strings.Repeat("x", longestName+1))), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, ok := parseOutcome(tt.value, guardtest.Claim(2))
			if ok != tt.want {
				t.Errorf("got %v, want %v", ok, tt.want)
			}
			if !ok && o != (loyalty.Outcome{}) {
				t.Errorf("no outcome, but %+v", o)
			}
		})
	}
}

// Whatever stands in Redis: it is no outcome, or the one that would be written so
// and that an answer can show.
func FuzzOutcome(f *testing.F) {
	o := guardtest.Outcome(guardtest.Claim(1))
	f.Add(string(outcomeValue(&o)))
	f.Add("")
	f.Add("\x01" + strings.Repeat("\xff", outcomeHead))
	f.Fuzz(func(t *testing.T, value string) {
		claim := guardtest.Claim(2)
		got, ok := parseOutcome(value, claim)
		if !ok {
			return
		}
		if got.Nonce != claim.Nonce || got.Action != claim.Action {
			t.Errorf("an outcome of another claim: %+v", got)
		}
		if again := string(outcomeValue(&got)); again != value {
			t.Errorf("%q is written as %q", value, again)
		}
		if _, err := got.At.MarshalJSON(); err != nil {
			t.Error(err)
		}
	})
}
