package credential

import (
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"pgregory.net/rapid"

	"stempel/internal/loyalty"
)

// fixedID is an id for fixtures: a UUIDv7 that ends in these bytes.
func fixedID(last byte) [16]byte {
	return [16]byte{0x01, 0x93, 0x4d, 0x8a, 0x10, 0, 0x70, 0, 0x80, 15: last}
}

var entry = func() loyalty.Entry {
	e := loyalty.Entry{
		ID: fixedID(10), Merchant: fixedID(11), Operator: fixedID(11), Card: card, Seq: 4, Kind: loyalty.Earn, Units: 2, Balance: 5,
		Program: fixedID(12), Version: 3, Location: fixedID(13), Till: fixedID(14), Method: loyalty.Live, Captured: now, Posted: now,
	}
	e.Hash = e.Link(loyalty.FirstLink(card))
	return e
}()

func TestReceiptRoundTrip(t *testing.T) {
	t.Parallel()
	receipts := NewReceipts(receiptKey)
	rapid.Check(t, func(t *rapid.T) {
		id := func(label string) [16]byte {
			return [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, label))
		}
		units := rapid.Int64Range(-loyalty.MaxUnits, loyalty.MaxUnits)
		e := loyalty.Entry{
			ID: id("entry"), Card: id("card"), Merchant: id("merchant"), Program: id("program"),
			Version: rapid.Int32Min(1).Draw(t, "version"),
			Kind: rapid.SampledFrom([]loyalty.EntryKind{
				loyalty.Earn, loyalty.Complete, loyalty.Redeem, loyalty.Expire, loyalty.Void, loyalty.Adjust, loyalty.Opening,
			}).Draw(t, "kind"),
			Units: units.Draw(t, "units"), Balance: units.Draw(t, "balance"), Seq: rapid.Int64Min(1).Draw(t, "seq"),
			Posted: drawTime(t),
		}
		if rapid.Bool().Draw(t, "more") {
			e.Origin, e.Reward, e.Voucher = id("origin"), id("reward"), id("voucher")
		}
		e.Hash = e.Link(loyalty.FirstLink(e.Card))
		text, err := receipts.Sign(&e, now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := receipts.Verify(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got != stateEntry(&e) {
			t.Fatalf("got %+v\nof   %+v", got, e)
		}
	})
}

func TestReceiptIsAJWT(t *testing.T) {
	t.Parallel()
	text, err := NewReceipts(receiptKey).Sign(&entry, now)
	if err != nil {
		t.Fatal(err)
	}
	parser := jwt.NewParser(jwt.WithStrictDecoding(), jwt.WithValidMethods([]string{"EdDSA"}))
	token, err := parser.Parse(text, func(*jwt.Token) (any, error) { return receiptKey.key.Public(), nil })
	if err != nil {
		t.Fatal(err)
	}
	claims := token.Claims.(jwt.MapClaims)
	if token.Header["typ"] != "stempel-receipt+jwt" || claims["card"] != card.String() ||
		claims["at"] != "2026-11-21T10:30:15.250000Z" || claims["units"] != 2.0 || claims["kind"] != "earn" {
		t.Errorf("%v\n%v", token.Header, claims)
	}
	for _, absent := range []string{"origin", "reward", "voucher"} {
		if _, there := claims[absent]; there {
			t.Errorf("%s is there", absent)
		}
	}
}

func TestReceiptOneBit(t *testing.T) {
	t.Parallel()
	receipts := NewReceipts(receiptKey)
	text, _ := receipts.Sign(&entry, now)
	for changed := range flips(text) {
		if _, err := receipts.Verify(changed); err == nil {
			t.Fatalf("accepted %q for %q", changed, text)
		}
	}
}

func TestReceiptTimeIsUTC(t *testing.T) {
	t.Parallel()
	receipts := NewReceipts(receiptKey)
	e := entry
	e.Posted = now.In(time.FixedZone("elsewhere", 7200))
	text, _ := receipts.Sign(&e, now)
	if got, err := receipts.Verify(text); err != nil || !got.At.Equal(now) || got.At.Location() != time.UTC {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzReceiptVerify(f *testing.F) {
	receipts := NewReceipts(receiptKey)
	for _, c := range receiptCases() {
		f.Add(c.Text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := receipts.Verify(text); err != nil && err != ErrNotAReceipt {
			t.Fatal(err)
		}
	})
}

func FuzzReceiptStatement(f *testing.F) {
	s := stateEntry(&entry)
	f.Add(string(s.appendJSON(nil)))
	f.Add(`{"v":1}`)
	f.Fuzz(func(t *testing.T, payload string) {
		if s, ok := readStatement(payload); ok && string(s.appendJSON(nil)) != payload {
			t.Fatalf("%q is another spelling of %q", payload, s.appendJSON(nil))
		}
	})
}
