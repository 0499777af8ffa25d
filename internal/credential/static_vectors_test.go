package credential

import (
	"encoding/hex"
	"strings"
	"testing"

	"stempel/internal/loyalty"
)

// staticCase is one static text and what becomes of it.
type staticCase struct {
	Name       string       `json:"name"`
	Text       string       `json:"text"`
	Result     loyalty.Code `json:"result"` // ok, or the code of the refusal
	Card       string       `json:"card,omitempty"`
	Surface    string       `json:"surface,omitempty"`
	Generation int32        `json:"generation,omitempty"`
}

func TestStaticVectors(t *testing.T) {
	t.Parallel()
	static := NewStatic(staticKey)
	file := vectorFile[staticCase]{
		About: "Static texts: see tokens.md. The key is known to the world.",
		Keys:  []vectorKey{{KID: staticKey.kid, Purpose: "static", HMAC: hex.EncodeToString(staticKey.key)}},
		Cases: staticCases(),
	}
	for _, c := range readVectors(t, "static.json", file) {
		got, err := static.Parse(c.Text)
		if codeOf(t, err) != c.Result {
			t.Errorf("%s: %v, want %s", c.Name, err, c.Result)
			continue
		}
		checkRefusal(t, c.Text, err)
		if err == nil && (got.Card.String() != c.Card || got.Surface.String() != c.Surface || got.Generation != c.Generation) {
			t.Errorf("%s: %+v", c.Name, got)
		}
	}
}

func staticCases() []staticCase {
	mint := func(key fixedMAC, surface loyalty.Surface, generation int32) string {
		text, err := NewStatic(key).Mint(card, surface, generation, now)
		if err != nil {
			panic(err)
		}
		return text
	}
	accepted := func(name string, surface loyalty.Surface, generation int32) staticCase {
		return staticCase{name, mint(staticKey, surface, generation), "ok", card.String(), surface.String(), generation}
	}
	refused := func(name, text string, why loyalty.Code) staticCase {
		return staticCase{Name: name, Text: text, Result: why}
	}
	good := mint(staticKey, loyalty.Wallet, 1)
	other := mint(staticKey, loyalty.Print, 1)
	return []staticCase{
		accepted("wallet, first generation", loyalty.Wallet, 1),
		accepted("wallet, last generation", loyalty.Wallet, 65535),
		accepted("print, first generation", loyalty.Print, 1),
		accepted("for readers, first generation", loyalty.WalletNFC, 1),

		refused("empty", "", Malformed),
		refused("only the prefix", "STS.", Malformed),
		refused("prefix in lower case", "sts."+good[4:], Malformed),
		refused("lower case", good[:4]+strings.ToLower(good[4:]), Malformed),
		refused("cut short", good[:59], Malformed),
		refused("a character too long", good+"A", Malformed),
		refused("padded", good+"=", Malformed),
		refused("a line break at the end", good+"\n", Malformed),
		refused("a line break for a character", good[:59]+"\n", Malformed),
		refused("a digit that base32 lacks", good[:10]+"1"+good[11:], Malformed),
		refused("letters that are not ASCII", good[:10]+"é"+good[12:], Malformed),
		refused("NUL inside", good[:10]+"\x00"+good[11:], Malformed),

		refused("another card", good[:20]+next(good[20])+good[21:], Invalid),
		refused("surface of one text, MAC of another", other[:36]+good[36:], Invalid),
		refused("barcode of a wallet as the text for readers", mint(staticKey, loyalty.WalletNFC, 1)[:36]+good[36:], Invalid),
		refused("unknown key number", mint(macKey("s02", "stempel test static"), loyalty.Wallet, 1), Invalid),
		refused("another deployment's key with the same number",
			mint(macKey("s01", "stempel test of another deployment"), loyalty.Wallet, 1), Invalid),
		refused("no MAC to speak of", good[:36]+strings.Repeat("A", 24), Invalid),
	}
}

// next is another character of base32.
func next(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}
