package credential

import (
	"testing"
	"time"

	"github.com/skip2/go-qrcode"
	"pgregory.net/rapid"

	"stempel/internal/loyalty"
)

var first = loyalty.Secret{Number: 1, Epoch: 1}

// mintRotating makes the text of a secret of the card at a time.
func mintRotating(key fixedMAC, name loyalty.Secret, at time.Time) string {
	secret, err := NewRotating(key).Secret(card, name, at)
	if err != nil {
		panic(err)
	}
	return secret.Text(at)
}

func TestRotatingRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rotating := NewRotating(macKey(keyID('t', rapid.Byte().Draw(t, "key")), "any"))
		of := drawCard(t)
		name := loyalty.Secret{
			Number: rapid.Uint16Min(1).Draw(t, "number"), Epoch: rapid.Uint16Min(1).Draw(t, "epoch"),
		}
		at := drawTime(t)
		secret, err := rotating.Secret(of, name, at)
		if err != nil {
			t.Fatal(err)
		}
		text := secret.Text(at)
		if qr, err := qrcode.New(text, qrcode.Medium); err != nil || qr.VersionNumber > 3 {
			t.Fatalf("%s: QR version %d at level M, want at most 3 (%v)", text, qr.VersionNumber, err)
		}
		got, err := rotating.Parse(text, at)
		if err != nil || got.Card != of || got.Secret != name {
			t.Fatalf("%s: %+v, %v; want %+v of %s", text, got, err, name, of)
		}
		if left := got.Expires.Sub(at); left <= RotatingPeriod || left > 2*RotatingPeriod {
			t.Fatalf("made at %s, it ends at %s", at, got.Expires)
		}
		skew := time.Duration(rapid.Int64Range(-int64(RotatingPeriod), int64(RotatingPeriod)).Draw(t, "skew"))
		if later, err := rotating.Parse(text, at.Add(skew)); err != nil || later != got {
			t.Fatalf("%s off: %+v, %v; want %+v", skew, later, err, got)
		}
		if _, err := rotating.Parse(text, got.Expires); err == nil {
			t.Fatal("accepted at its end")
		}
	})
}

// A nonce is one step of one secret, whichever key made it.
func TestRotatingNonce(t *testing.T) {
	t.Parallel()
	nonce := func(key fixedMAC, name loyalty.Secret, at time.Time) loyalty.Nonce {
		got, err := NewRotating(key).Parse(mintRotating(key, name, at), at)
		if err != nil {
			t.Fatal(err)
		}
		return got.Nonce
	}
	one := nonce(rotatingTestKey, first, now)
	if other := nonce(macKey("t02", "the next key"), first, now.Truncate(RotatingPeriod)); other != one {
		t.Error("the same step of the same secret has two nonces")
	}
	for name, other := range map[string]loyalty.Nonce{
		"step":   nonce(rotatingTestKey, first, now.Add(RotatingPeriod)),
		"number": nonce(rotatingTestKey, loyalty.Secret{Number: 2, Epoch: 1}, now),
		"epoch":  nonce(rotatingTestKey, loyalty.Secret{Number: 1, Epoch: 2}, now),
	} {
		if other == one {
			t.Errorf("another %s has the same nonce", name)
		}
	}
}

// Secrets tell nothing of each other.
func TestRotatingSecretsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[[rotatingKey]byte]bool{}
	for _, key := range []fixedMAC{rotatingTestKey, macKey("t02", "stempel test rotating"), macKey("t01", "other")} {
		for _, of := range []loyalty.CardID{card, {15: 1}} {
			for _, name := range []loyalty.Secret{{Number: 1, Epoch: 1}, {Number: 1, Epoch: 2}, {Number: 2, Epoch: 1}, {Number: 256, Epoch: 1}} {
				secret, err := NewRotating(key).Secret(of, name, now)
				if err != nil {
					t.Fatal(err)
				}
				seen[secret.Key] = true
			}
		}
	}
	if len(seen) != 3*2*4 {
		t.Errorf("%d secrets of %d names", len(seen), 3*2*4)
	}
}

func TestRotatingSecretRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		kid    string
		secret loyalty.Secret
	}{
		{"no secret", "t01", loyalty.Secret{}},
		{"number 0", "t01", loyalty.Secret{Epoch: 1}},
		{"epoch 0", "t01", loyalty.Secret{Number: 1}},
		{"key of another purpose", "s01", first},
		{"key beyond one byte", "t100", first},
	}
	for _, tt := range tests {
		if made, err := NewRotating(macKey(tt.kid, "any")).Secret(card, tt.secret, now); err == nil {
			t.Errorf("%s: made %s", tt.name, made.Prefix)
		}
	}
}

// Whoever is off by more than a period is told which way, as far as that helps.
func TestRotatingTime(t *testing.T) {
	t.Parallel()
	rotating := NewRotating(rotatingTestKey)
	at := now.Truncate(RotatingPeriod)
	text := mintRotating(rotatingTestKey, first, at)
	for periods, want := range map[int]loyalty.Code{
		-11: Invalid, -10: FromFuture, -2: FromFuture, -1: "ok", 0: "ok", 1: "ok", 2: Expired, 120: Expired, 121: Invalid,
	} {
		if _, err := rotating.Parse(text, at.Add(time.Duration(periods)*RotatingPeriod)); codeOf(t, err) != want {
			t.Errorf("%d periods later: %v, want %s", periods, err, want)
		}
	}
}

func TestRotatingOneBit(t *testing.T) {
	t.Parallel()
	rotating := NewRotating(rotatingTestKey)
	text := mintRotating(rotatingTestKey, first, now)
	for changed := range flips(text) {
		if _, err := rotating.Parse(changed, now); err == nil {
			t.Fatalf("accepted %q for %q", changed, text)
		}
	}
}

func FuzzRotatingParse(f *testing.F) {
	rotating := NewRotating(rotatingTestKey)
	for _, c := range rotatingCases() {
		f.Add(c.Text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := rotating.Parse(text, now)
		checkRefusal(t, text, err)
		if err != nil {
			return
		}
		secret, err := rotating.Secret(got.Card, got.Secret, now)
		if made := secret.Text(got.Expires.Add(-2 * RotatingPeriod)); err != nil || made != text {
			t.Fatalf("%q is another spelling of %q (%v)", text, made, err)
		}
	})
}
