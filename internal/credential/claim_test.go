package credential

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
)

var claimKey = macKey("c01", "stempel test claim")

// claimOf is the code of a claim drawn from few.
func claimOf(t interface{ Fatal(...any) }, id loyalty.ClaimID) ClaimCode {
	code := NewClaims(claimKey).Mint(id, time.Time{})
	if got, err := ParseClaim(code.Text); err != nil || got != code.Hash {
		t.Fatal(code.Text, err)
	}
	return code
}

func TestClaimCodes(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){2}$`)
	claims := NewClaims(claimKey)
	seen := map[string]bool{}
	for i := range 200 {
		id := loyalty.ClaimID(fixedID(byte(i)))
		code := claimOf(t, id)
		if !form.MatchString(code.Text) || seen[code.Text] {
			t.Errorf("claim %s has the code %s", id, code.Text)
		}
		seen[code.Text] = true
		if again, ok := claims.Text(id, code.Key); !ok || again != code.Text {
			t.Errorf("the code %s is %s when drawn again", code.Text, again)
		}
	}
	if text, ok := claims.Text(fixedID(1), "c02"); ok {
		t.Errorf("a key that is not there makes %s", text)
	}
	if other := NewClaims(macKey("c01", "stempel test of another deployment")).Mint(fixedID(1), time.Time{}); seen[other.Text] {
		t.Error("two keys make one code")
	}
}

// However it is typed, it is the same code.
func TestClaimIsReadAsTyped(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var id loyalty.ClaimID
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		code := claimOf(t, id)
		var typed strings.Builder
		for _, r := range code.Text {
			spellings := []string{string(r), strings.ToLower(string(r)), string(r) + " "}
			switch r {
			case '0':
				spellings = append(spellings, "O", "o")
			case '1':
				spellings = append(spellings, "I", "i", "L", "l")
			case '-':
				spellings = []string{"-", "", " ", " – ", "\u00a0", "\n"}
			}
			typed.WriteString(rapid.SampledFrom(spellings).Draw(t, "as"))
		}
		if got, err := ParseClaim(typed.String()); err != nil || got != code.Hash {
			t.Fatalf("%q: %v", typed.String(), err)
		}
	})
}

// One wrong character, or any two swapped, never make another code.
func TestClaimTypingMistakes(t *testing.T) {
	t.Parallel()
	for i := range 20 {
		code := claimOf(t, fixedID(byte(i)))
		plain := strings.ReplaceAll(code.Text, "-", "")
		for at := range plain {
			for _, wrong := range claimText {
				changed := plain[:at] + string(wrong) + plain[at+1:]
				if _, err := ParseClaim(changed); (err == nil) != (changed == plain) {
					t.Errorf("%s for %s: %v", changed, plain, err)
				}
			}
			for other := range at {
				swapped := []byte(plain)
				swapped[at], swapped[other] = swapped[other], swapped[at]
				if _, err := ParseClaim(string(swapped)); (err == nil) != (string(swapped) == plain) {
					t.Errorf("%s for %s: %v", swapped, plain, err)
				}
			}
		}
	}
}

func TestParseClaimRefuses(t *testing.T) {
	t.Parallel()
	good := claimOf(t, fixedID(1)).Text
	for _, bad := range []string{
		"", " ", "-", good[:16], good + "0", good + good, "U" + good[1:], "u" + good[1:], good[:5] + "_" + good[6:],
		good + "\x00", "\x00" + good, good + ".", strings.Replace(good, "-", "/", 1), "*" + good[1:], "Ａ" + good[1:],
		strings.Repeat(" ", 60) + good, "\xff" + good, "claim_01h455vb4pex5vsknk084sn02q",
	} {
		var refusal *loyalty.Refusal
		if hash, err := ParseClaim(bad); !errors.As(err, &refusal) || refusal.Code != ClaimMalformed || hash != (loyalty.Hash{}) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// The example of mobile-contracts/tokens.md and openapi.yaml is one.
func TestClaimExample(t *testing.T) {
	t.Parallel()
	printed, err := ParseClaim("7ZQ4M-K2TRE-0V9W0")
	if typed, typedErr := ParseClaim("7zq4m k2tre ov9wo"); err != nil || typedErr != nil || typed != printed {
		t.Errorf("%v, %v", err, typedErr)
	}
}

func FuzzClaim(f *testing.F) {
	f.Add(NewClaims(claimKey).Mint(fixedID(1), time.Time{}).Text)
	f.Add("00000-00000-00000")
	f.Add("ooooo iiiii lllll")
	f.Fuzz(func(t *testing.T, text string) {
		hash, err := ParseClaim(text)
		if err != nil {
			if hash != (loyalty.Hash{}) {
				t.Fatalf("%q: refused with %v and read as %x", text, err, hash)
			}
			return
		}
		var digits []byte
		for _, r := range text {
			if value, ok := claimValue(r); ok {
				digits = append(digits, value)
			}
		}
		if again, err := ParseClaim(printed(digits)); err != nil || again != hash || len(digits) != 15 || len(text) > MaxClaimLength {
			t.Fatalf("%q reads as %s: %v", text, printed(digits), err)
		}
	})
}
