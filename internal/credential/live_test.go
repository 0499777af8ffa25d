package credential

import (
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/skip2/go-qrcode"
	"pgregory.net/rapid"

	"stempel/internal/loyalty"
)

func TestLiveRoundTrip(t *testing.T) {
	t.Parallel()
	live := NewLive(liveKey)
	rapid.Check(t, func(t *rapid.T) {
		card, now := drawCard(t), drawTime(t)
		text, expires, err := live.Mint(card, now)
		if err != nil {
			t.Fatal(err)
		}
		later := now.Add(time.Duration(rapid.Int64Range(0, int64(LiveLife+loyalty.Leeway-time.Second)).Draw(t, "later")))
		got, err := live.Parse(text, later)
		if err != nil {
			t.Fatalf("%s at %s: %v", text, later, err)
		}
		if got.Card != card || !got.Expires.Equal(expires) || got.Nonce == (loyalty.Nonce{}) {
			t.Fatalf("got %+v", got)
		}
		if life := expires.Sub(now); life > LiveLife || life <= LiveLife-time.Second {
			t.Fatalf("lives %s", life)
		}
	})
}

func TestLiveFitsAPhone(t *testing.T) {
	t.Parallel()
	text, _, err := NewLive(signingKey("l0ff", "a key with a long id")).Mint(card, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > MaxLiveLength || !strings.HasPrefix(text, LivePrefix) {
		t.Errorf("%d characters: %s", len(text), text)
	}
	if qr, err := qrcode.New(text, qrcode.Medium); err != nil || qr.VersionNumber > 11 {
		t.Errorf("QR version %d at level M, want at most 11 (%v)", qr.VersionNumber, err)
	}
}

func TestLiveTokensAreFresh(t *testing.T) {
	t.Parallel()
	live := NewLive(liveKey)
	seen := map[loyalty.Nonce]bool{}
	for range 100 {
		text, _, _ := live.Mint(card, now)
		token, err := live.Parse(text, now)
		if err != nil || seen[token.Nonce] {
			t.Fatalf("a nonce came twice, or %v", err)
		}
		seen[token.Nonce] = true
	}
}

// App developers read our tokens with the library of their language.
func TestLiveIsAJWT(t *testing.T) {
	t.Parallel()
	text, expires, _ := NewLive(liveKey).Mint(card, now)
	token, err := libraryParse(text)
	if err != nil {
		t.Fatal(err)
	}
	claims := token.Claims.(jwt.MapClaims)
	if len(token.Header) != 2 || token.Header["alg"] != "EdDSA" || token.Header["kid"] != "l01" {
		t.Errorf("header %v", token.Header)
	}
	if len(claims) != 3 || claims["exp"] != float64(expires.Unix()) ||
		claims["sub"] != encoding.EncodeToString(card[:]) || len(claims["jti"].(string)) != 11 {
		t.Errorf("claims %v", claims)
	}
}

func TestLiveOneBit(t *testing.T) {
	t.Parallel()
	live := NewLive(liveKey)
	text, _, _ := live.Mint(card, now)
	for changed := range flips(text) {
		if _, err := live.Parse(changed, now); err == nil {
			t.Fatalf("accepted %q for %q", changed, text)
		}
	}
}

func TestLiveOneByteMoreOrLess(t *testing.T) {
	t.Parallel()
	live := NewLive(liveKey)
	text, _, _ := live.Mint(card, now)
	for i := range len(text) + 1 {
		for _, extra := range []string{"\n", "\r", " ", "=", ".", "A", "\x00", "é"} {
			if _, err := live.Parse(text[:i]+extra+text[i:], now); err == nil {
				t.Fatalf("accepted with %q at %d", extra, i)
			}
		}
		if i < len(text) {
			if _, err := live.Parse(text[:i]+text[i+1:], now); err == nil {
				t.Fatalf("accepted without byte %d", i)
			}
		}
	}
}

func TestLiveLeeway(t *testing.T) {
	t.Parallel()
	live := NewLive(liveKey)
	text, expires, _ := live.Mint(card, now)
	tests := []struct {
		at   time.Time
		want loyalty.Code
	}{
		{expires, "ok"},
		{expires.Add(loyalty.Leeway), "ok"},
		{expires.Add(loyalty.Leeway + time.Nanosecond), Expired},
		{expires.Add(-LiveLife - loyalty.Leeway), "ok"},
		{expires.Add(-LiveLife - loyalty.Leeway - time.Nanosecond), FromFuture},
	}
	for _, tt := range tests {
		if _, err := live.Parse(text, tt.at); codeOf(t, err) != tt.want {
			t.Errorf("at %s: %v, want %s", tt.at.Sub(expires), err, tt.want)
		}
	}
}

func FuzzLiveParse(f *testing.F) {
	live := NewLive(liveKey)
	for _, c := range liveCases() {
		f.Add(c.Text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		token, err := live.Parse(text, now)
		checkRefusal(t, text, err)
		if err != nil {
			return
		}
		read, err := libraryParse(text)
		if err != nil {
			t.Fatalf("%q: the library says %v", text, err)
		}
		if subject, _ := read.Claims.GetSubject(); subject != encoding.EncodeToString(token.Card[:]) {
			t.Fatalf("%q: we read %s, the library %s", text, token.Card, subject)
		}
	})
}

func FuzzLiveClaims(f *testing.F) {
	c := claims{card: card, jti: [8]byte{1, 2, 3}, expires: now.Truncate(time.Second)}
	f.Add(string(c.appendJSON(nil)))
	f.Add(`{"sub":"AZNNihAAcACAAAAAAAAAAQ","jti":"AQIDAAAAAAA","exp":01}`)
	f.Fuzz(func(t *testing.T, payload string) {
		if c, ok := readClaims(payload); ok && string(c.appendJSON(nil)) != payload {
			t.Fatalf("%q is another spelling of %q", payload, c.appendJSON(nil))
		}
	})
}

// libraryParse reads a live token as anyone could.
func libraryParse(text string) (*jwt.Token, error) {
	parser := jwt.NewParser(jwt.WithStrictDecoding(), jwt.WithValidMethods([]string{"EdDSA"}),
		jwt.WithExpirationRequired(), jwt.WithLeeway(loyalty.Leeway), jwt.WithTimeFunc(func() time.Time { return now }))
	return parser.Parse(text, func(*jwt.Token) (any, error) { return liveKey.key.Public(), nil })
}
