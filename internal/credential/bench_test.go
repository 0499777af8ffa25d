package credential

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"stempel/internal/loyalty"
)

func BenchmarkLiveMint(b *testing.B) {
	b.ReportAllocs()
	live := NewLive(liveKey)
	for b.Loop() {
		live.Mint(card, now)
	}
}

func BenchmarkLiveParse(b *testing.B) {
	b.ReportAllocs()
	live := NewLive(liveKey)
	text, _, _ := live.Mint(card, now)
	for b.Loop() {
		if _, err := live.Parse(text, now); err != nil {
			b.Fatal(err)
		}
	}
}

// What golang-jwt's parser takes for the same token, without the checks on
// form: the price of reading JSON by reflection. Ed25519 alone is below.
func BenchmarkLiveParseByLibrary(b *testing.B) {
	b.ReportAllocs()
	text, _, _ := NewLive(liveKey).Mint(card, now)
	parser := jwt.NewParser(jwt.WithStrictDecoding(), jwt.WithValidMethods([]string{"EdDSA"}),
		jwt.WithTimeFunc(func() time.Time { return now }))
	for b.Loop() {
		var claims jwt.RegisteredClaims
		if _, err := parser.ParseWithClaims(text, &claims, func(*jwt.Token) (any, error) { return liveKey.key.Public(), nil }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEd25519Verify(b *testing.B) {
	message := make([]byte, 130)
	signature := ed25519.Sign(liveKey.key, message)
	public := liveKey.key.Public().(ed25519.PublicKey)
	for b.Loop() {
		ed25519.Verify(public, message, signature)
	}
}

func BenchmarkEd25519Sign(b *testing.B) {
	message := make([]byte, 600)
	for b.Loop() {
		ed25519.Sign(liveKey.key, message)
	}
}

func BenchmarkStaticParse(b *testing.B) {
	b.ReportAllocs()
	static := NewStatic(staticKey)
	text, _ := static.Mint(card, loyalty.Wallet, 7, now)
	for b.Loop() {
		if _, err := static.Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReceiptSign(b *testing.B) {
	b.ReportAllocs()
	receipts := NewReceipts(receiptKey)
	for b.Loop() {
		if _, err := receipts.Sign(&entry, now); err != nil {
			b.Fatal(err)
		}
	}
}
