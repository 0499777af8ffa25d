package credential

import (
	"strings"
	"testing"

	"stempel/internal/loyalty"
)

var passKey = macKey("a01", "stempel test pass")

// A pass's token is the same for ever, and nobody else's.
func TestPassTokens(t *testing.T) {
	t.Parallel()
	tokens := NewPassTokens(passKey)
	one, other := loyalty.PassID(loyalty.NewID()), loyalty.PassID(loyalty.NewID())
	kid := tokens.KeyID(now)
	token, ok := tokens.Mint(one, kid)
	again, _ := tokens.Mint(one, kid)
	if !ok || token != again || len(token) < 16 || !tokens.Check(one, token) {
		t.Errorf("%q, %q, %v", token, again, ok)
	}
	if _, ok := tokens.Mint(one, "a99"); ok {
		t.Error("a key that was retired makes tokens")
	}
	for what, wrong := range map[string]string{
		"empty": "", "kid": kid, "kid and dot": kid + ".", "short": token[:len(token)-1], "long": token + "A",
		"no kid": strings.TrimPrefix(token, kid), "other kid": strings.Replace(token, kid, "a99", 1), "upper case": strings.ToUpper(token),
	} {
		if tokens.Check(one, wrong) {
			t.Errorf("%s: %q is taken", what, wrong)
		}
	}
	if tokens.Check(other, token) {
		t.Error("one pass's token opens another")
	}
}

func FuzzPassToken(f *testing.F) {
	tokens, id := NewPassTokens(passKey), loyalty.PassID{1}
	f.Add("a01.AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		if tokens.Check(id, text) {
			if token, _ := tokens.Mint(id, tokens.KeyID(now)); token != text {
				t.Errorf("%q is taken, as is %q", text, token)
			}
		}
	})
}
