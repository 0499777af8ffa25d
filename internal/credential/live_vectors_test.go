package credential

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"stempel/internal/loyalty"
)

// liveCase is one live token and what becomes of it at a time.
type liveCase struct {
	Name    string       `json:"name"`
	Text    string       `json:"text"`
	Now     time.Time    `json:"now"`
	Result  loyalty.Code `json:"result"` // ok, or the code of the refusal
	Card    string       `json:"card,omitempty"`
	JTI     string       `json:"jti,omitempty"`   // hex
	Nonce   string       `json:"nonce,omitempty"` // hex
	Expires time.Time    `json:"expires,omitzero"`
}

func TestLiveVectors(t *testing.T) {
	t.Parallel()
	live := NewLive(liveKey)
	file := vectorFile[liveCase]{
		About: "Live tokens: see tokens.md. The keys are known to the world; the second one serves receipts.",
		Keys:  []vectorKey{signingVector(liveKey, "live"), signingVector(receiptKey, "receipt")},
		Cases: liveCases(),
	}
	for _, c := range readVectors(t, "live.json", file) {
		token, err := live.Parse(c.Text, c.Now)
		if codeOf(t, err) != c.Result {
			t.Errorf("%s: %v, want %s", c.Name, err, c.Result)
			continue
		}
		checkRefusal(t, c.Text, err)
		if err == nil && (token.Card.String() != c.Card || hex.EncodeToString(token.Nonce[:]) != c.Nonce || !token.Expires.Equal(c.Expires)) {
			t.Errorf("%s: %+v", c.Name, token)
		}
	}
}

// liveCases are made in this order, so that a new one comes last.
func liveCases() []liveCase {
	c := claims{card: card, jti: [8]byte{0xde, 0xad, 0xbe, 0xef, 0, 1, 2, 3}, expires: seconds(60)}
	good := signLive(headerOf("l01"), string(c.appendJSON(nil)))
	nonce := loyalty.NewNonce(loyalty.Live, c.card, c.jti[:])
	accepted := func(name string, at time.Time) liveCase {
		return liveCase{name, good, at, "ok", card.String(), hex.EncodeToString(c.jti[:]), hex.EncodeToString(nonce[:]), c.expires}
	}
	refused := func(name, text string, why loyalty.Code) liveCase {
		return liveCase{Name: name, Text: text, Now: seconds(0), Result: why}
	}
	signed := func(name, header, payload string, why loyalty.Code) liveCase {
		return refused(name, signLive(header, payload), why)
	}

	sub := encoding.EncodeToString(card[:])
	jti := encoding.EncodeToString(c.jti[:])
	exp := c.expires.Unix()
	payload := string(c.appendJSON(nil))
	claim := func(sub, jti, exp any) string { return fmt.Sprintf(`{"sub":"%v","jti":"%v","exp":%v}`, sub, jti, exp) }

	segments := strings.Split(good, ".")
	header, body, signature := segments[0], segments[1], segments[2]
	public := liveKey.public()
	hs256, _ := jwt.SigningMethodHS256.Sign(segmentOf(`{"alg":"HS256","kid":"l01"}`)+"."+body, []byte(public))

	return []liveCase{
		accepted("good", seconds(0)),
		accepted("good at its end", seconds(60)),
		accepted("good within the leeway after its end", seconds(65)),
		accepted("good within the leeway before it was made", seconds(-5)),
		{Name: "expired", Text: good, Now: seconds(66), Result: Expired},
		{Name: "from the future", Text: good, Now: seconds(-6), Result: FromFuture},
		signed("expires in an hour", headerOf("l01"), claim(sub, jti, exp+3600), FromFuture),

		refused("empty", "", Malformed),
		refused("only the prefix", "eyJ", Malformed),
		refused("two segments", header+"."+body, Malformed),
		refused("four segments", good+"."+signature, Malformed),
		refused("empty signature", header+"."+body+".", Malformed),
		refused("cut short", good[:len(good)-1], Malformed),
		refused("a byte too long", good+"A", Malformed),
		refused("a line break at the end", good+"\n", Malformed),
		refused("a line break inside", good[:100]+"\r\n"+good[100:], Malformed),
		refused("padded", header+"."+body+"."+signature+"==", Malformed),
		refused("another spelling of the signature's last character", good[:len(good)-1]+otherSpelling(good), Malformed),
		refused("standard base64 alphabet", changed(good, strings.NewReplacer("-", "+", "_", "/").Replace(good)), Malformed),
		refused("NUL inside", good[:50]+"\x00"+good[51:], Malformed),
		refused("letters that are not ASCII", changed(good, strings.Replace(good, "A", "А", 1)), Malformed),
		refused("longer than any live token", good+strings.Repeat("A", 20), Malformed),

		refused("alg none", segmentOf(`{"alg":"none"}`)+"."+body+"."+signature, Invalid),
		refused("alg none without a signature", segmentOf(`{"alg":"none","kid":"l01"}`)+"."+body+".", Malformed),
		refused("HS256 with the public key as its secret",
			segmentOf(`{"alg":"HS256","kid":"l01"}`)+"."+body+"."+encoding.EncodeToString(hs256), Malformed),
		signed("HS256 in the header, signed with our key", `{"alg":"HS256","kid":"l01"}`, payload, Invalid),
		signed("alg in lower case", `{"alg":"eddsa","kid":"l01"}`, payload, Invalid),
		signed("no kid", `{"alg":"EdDSA"}`, payload, Invalid),
		signed("typ in the header: too long", `{"alg":"EdDSA","kid":"l01","typ":"JWT"}`, payload, Malformed),
		signed("a key in the header: too long", `{"alg":"EdDSA","kid":"l01","jwk":{"kty":"OKP","crv":"Ed25519","x":"`+encoding.EncodeToString(public)+`"}}`, payload, Malformed),
		signed("alg twice: too long", `{"alg":"none","alg":"EdDSA","kid":"l01"}`, payload, Malformed),
		signed("kid before alg", `{"kid":"l01","alg":"EdDSA"}`, payload, Invalid),
		signed("white space in the header", `{"alg":"EdDSA", "kid":"l01"}`, payload, Invalid),
		signed("unknown kid", headerOf("l02"), payload, Invalid),
		signed("empty kid", headerOf(""), payload, Invalid),
		refused("kid and key of receipts", signWith(receiptKey, headerOf("r01"), payload), Invalid),
		refused("key of receipts under the kid of live tokens", signWith(receiptKey, headerOf("l01"), payload), Invalid),
		refused("another deployment's key with the same kid",
			signWith(signingKey("l01", "stempel test of another deployment"), headerOf("l01"), payload), Invalid),
		refused("the claims of one token with the signature of another",
			header+"."+segmentOf(claim(sub, jti, exp+1))+"."+signature, Invalid),

		signed("no claims", headerOf("l01"), `{}`, Malformed),
		signed("claims that are no JSON", headerOf("l01"), `stamp`, Malformed),
		signed("no jti", headerOf("l01"), fmt.Sprintf(`{"sub":"%s","exp":%d}`, sub, exp), Malformed),
		signed("one claim more", headerOf("l01"), strings.Replace(payload, "}", `,"iat":1}`, 1), Malformed),
		signed("sub twice", headerOf("l01"), strings.Replace(payload, "{", `{"sub":"`+sub+`",`, 1), Malformed),
		signed("exp twice", headerOf("l01"), strings.Replace(payload, "}", fmt.Sprintf(`,"exp":%d}`, exp), 1), Malformed),
		signed("claims in another order", headerOf("l01"), fmt.Sprintf(`{"exp":%d,"jti":"%s","sub":"%s"}`, exp, jti, sub), Malformed),
		signed("white space in the claims", headerOf("l01"), strings.Replace(payload, ":", ": ", 1), Malformed),
		signed("an escaped character in a claim", headerOf("l01"), strings.Replace(payload, `"sub"`, `"\u0073ub"`, 1), Malformed),
		signed("another spelling of sub", headerOf("l01"), claim(sub[:21]+otherSpelling(sub), jti, exp), Malformed),
		signed("another spelling of jti", headerOf("l01"), claim(sub, jti[:10]+otherSpelling(jti), exp), Malformed),
		signed("sub as a typed id", headerOf("l01"), claim(card, jti, exp), Malformed),
		signed("sub of 15 bytes", headerOf("l01"), claim(encoding.EncodeToString(card[:15]), jti, exp), Malformed),
		signed("sub of zeros", headerOf("l01"), claim(strings.Repeat("A", 22), jti, exp), Malformed),
		signed("jti of 16 bytes", headerOf("l01"), claim(sub, sub, exp), Malformed),
		signed("exp as a string", headerOf("l01"), claim(sub, jti, `"1"`), Malformed),
		signed("exp with a fraction", headerOf("l01"), claim(sub, jti, fmt.Sprintf("%d.0", exp)), Malformed),
		signed("exp with an exponent", headerOf("l01"), claim(sub, jti, "1e9"), Malformed),
		signed("exp with a leading zero", headerOf("l01"), claim(sub, jti, fmt.Sprintf("0%d", exp)), Malformed),
		signed("negative exp", headerOf("l01"), claim(sub, jti, -1), Malformed),
		signed("exp beyond 64 bits", headerOf("l01"), claim(sub, jti, "18446744073709551617"), Malformed),
		signed("exp zero", headerOf("l01"), claim(sub, jti, 0), Malformed),
		signed("long ago", headerOf("l01"), claim(sub, jti, 1), Expired),
	}
}

func headerOf(kid string) string { return headerStart + kid + `"}` }

func segmentOf(text string) string { return encoding.EncodeToString([]byte(text)) }

func signLive(header, payload string) string { return signWith(liveKey, header, payload) }

// signWith signs whatever header and payload it is given.
func signWith(key fixedSigning, header, payload string) string {
	text := segmentOf(header) + "." + segmentOf(payload)
	signature, err := jwt.SigningMethodEdDSA.Sign(text, key.key)
	if err != nil {
		panic(err)
	}
	return text + "." + encoding.EncodeToString(signature)
}

// changed holds that a case is what its name says.
func changed(from, to string) string {
	if from == to {
		panic("nothing to change in " + from)
	}
	return to
}

// otherSpelling is another last character that a lenient decoder reads as the
// same bytes.
func otherSpelling(text string) string {
	lenient := base64.RawURLEncoding
	segment := text[strings.LastIndexByte(text, '.')+1:]
	want, err := lenient.DecodeString(segment)
	if err != nil {
		panic(err)
	}
	for _, last := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
		other := segment[:len(segment)-1] + string(last)
		if got, _ := lenient.DecodeString(other); other != segment && string(got) == string(want) {
			return string(last)
		}
	}
	panic("the last character of " + text + " has one spelling")
}
