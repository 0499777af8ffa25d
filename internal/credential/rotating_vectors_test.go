package credential

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
)

// rotatingCase is one rotating text and what becomes of it at a time. Of a good
// one it also says what a device makes it of, and when it did.
type rotatingCase struct {
	Name    string       `json:"name"`
	Text    string       `json:"text"`
	Now     time.Time    `json:"now"`
	Result  loyalty.Code `json:"result"` // ok, or the code of the refusal
	Secret  string       `json:"secret,omitempty"`
	Prefix  string       `json:"prefix,omitempty"`
	Made    time.Time    `json:"made,omitzero"`
	Card    string       `json:"card,omitempty"`
	Number  uint16       `json:"number,omitempty"`
	Epoch   uint16       `json:"epoch,omitempty"`
	Nonce   string       `json:"nonce,omitempty"` // hex
	Expires time.Time    `json:"expires,omitzero"`
}

func TestRotatingVectors(t *testing.T) {
	t.Parallel()
	rotating := NewRotating(rotatingTestKey)
	file := vectorFile[rotatingCase]{
		About: "Rotating texts: see tokens.md. The key is known to the world.",
		Keys:  []vectorKey{{KID: rotatingTestKey.kid, Purpose: "rotating", HKDF: hex.EncodeToString(rotatingTestKey.key)}},
		Cases: rotatingCases(),
	}
	for _, c := range readVectors(t, "rotating.json", file) {
		got, err := rotating.Parse(c.Text, c.Now)
		if codeOf(t, err) != c.Result {
			t.Errorf("%s: %v, want %s", c.Name, err, c.Result)
			continue
		}
		checkRefusal(t, c.Text, err)
		if err == nil && (got.Card.String() != c.Card || got.Secret != loyalty.Secret{Number: c.Number, Epoch: c.Epoch} ||
			hex.EncodeToString(got.Nonce[:]) != c.Nonce || !got.Expires.Equal(c.Expires)) {
			t.Errorf("%s: %+v", c.Name, got)
		}
	}
}

// rotatingCases are made in this order, so that a new one comes last. now is in
// the middle of a period.
func rotatingCases() []rotatingCase {
	accepted := func(name string, of loyalty.Secret, made, at time.Time) rotatingCase {
		secret, err := NewRotating(rotatingTestKey).Secret(card, of, made)
		if err != nil {
			panic(err)
		}
		text := secret.Text(made)
		read, err := NewRotating(rotatingTestKey).Parse(text, at)
		if err != nil {
			panic(err)
		}
		return rotatingCase{
			Name: name, Text: text, Now: at, Result: "ok",
			Secret: secret.String(), Prefix: secret.Prefix, Made: made,
			Card: card.String(), Number: of.Number, Epoch: of.Epoch,
			Nonce: hex.EncodeToString(read.Nonce[:]), Expires: made.Truncate(RotatingPeriod).Add(2 * RotatingPeriod),
		}
	}
	refused := func(name, text string, why loyalty.Code) rotatingCase {
		return rotatingCase{Name: name, Text: text, Now: seconds(0), Result: why}
	}
	later := func(name string, after int, why loyalty.Code) rotatingCase {
		return rotatingCase{Name: name, Text: mintRotating(rotatingTestKey, first, seconds(0)), Now: seconds(after), Result: why}
	}
	good := mintRotating(rotatingTestKey, first, seconds(0))
	other := mintRotating(rotatingTestKey, loyalty.Secret{Number: 2, Epoch: 1}, seconds(0))
	return []rotatingCase{
		accepted("good", first, seconds(0), seconds(0)),
		accepted("a second later, the same text", first, seconds(1), seconds(1)),
		accepted("the next period", first, seconds(30), seconds(30)),
		accepted("the clock of the phone is half a minute slow", first, seconds(-30), seconds(0)),
		accepted("the clock of the phone is half a minute fast", first, seconds(30), seconds(0)),
		accepted("the last second of the period after", first, seconds(0), seconds(44)),
		accepted("the first second of the period before", first, seconds(0), seconds(-45)),
		accepted("the last secret that a card can have", loyalty.Secret{Number: 65535, Epoch: 65535}, seconds(0), seconds(0)),
		later("expired", 45, Expired),
		later("expired an hour ago", 3600, Expired),
		later("too long ago to say more", 4000, Invalid),
		later("from the future", -46, FromFuture),
		later("too far in the future to say more", -400, Invalid),

		refused("empty", "", Malformed),
		refused("only the prefix", "STR.", Malformed),
		refused("prefix in lower case", "str."+good[4:], Malformed),
		refused("lower case", good[:4]+strings.ToLower(good[4:]), Malformed),
		refused("without its digits", good[:52], Malformed),
		refused("six digits", good[:58], Malformed),
		refused("nine digits", good+"0", Malformed),
		refused("padded", good[:51]+"="+good[52:], Malformed),
		refused("a line break at the end", good+"\n", Malformed),
		refused("a line break within the prefix", good[:20]+"\n"+good[21:], Malformed),
		refused("a line break for a digit", good[:59]+"\n", Malformed),
		refused("a digit that base32 lacks", good[:10]+"1"+good[11:], Malformed),
		refused("a letter for a digit", good[:59]+"A", Malformed),
		refused("a sign for a digit", good[:52]+"+"+good[53:], Malformed),
		refused("digits of another script", good[:58]+"\u0661", Malformed),
		refused("NUL inside", good[:10]+"\x00"+good[11:], Malformed),

		refused("another digit", good[:59]+otherDigit(good[59]), Invalid),
		refused("digits of another secret", good[:52]+other[52:], Invalid),
		refused("another card", good[:20]+next(good[20])+good[21:], Invalid),
		refused("no tag to speak of", good[:38]+strings.Repeat("A", 14)+good[52:], Invalid),
		refused("unknown key number", mintRotating(macKey("t02", "stempel test rotating"), first, seconds(0)), Invalid),
		refused("another deployment's key with the same number",
			mintRotating(macKey("t01", "stempel test of another deployment"), first, seconds(0)), Invalid),
	}
}

func otherDigit(c byte) string {
	if c == '0' {
		return "1"
	}
	return "0"
}
