package offline

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

var update = flag.Bool("update", false, "write the vectors of mobile-contracts anew")

const vectors = "../../mobile-contracts/vectors/offline.json"

// vectorFile has an example of every text of offline.md, with keys that the whole
// world knows.
type vectorFile struct {
	About string       `json:"about"`
	Keys  []vectorKey  `json:"keys"`
	Cases []vectorCase `json:"cases"`
}

type vectorKey struct {
	KID     string `json:"kid,omitempty"`
	Purpose string `json:"purpose"`
	Seed    string `json:"ed25519_seed,omitempty"` // hex
	Private string `json:"p256_private,omitempty"` // hex
	X       string `json:"x"`                      // base64url
	Y       string `json:"y,omitempty"`
}

type vectorCase struct {
	Name    string          `json:"name"`
	Kind    string          `json:"kind"` // item, statement, lease, contact
	Text    string          `json:"text"`
	Result  string          `json:"result"`            // ok, or the code of the refusal
	Hash    string          `json:"hash,omitempty"`    // of a good item
	Payload json.RawMessage `json:"payload,omitempty"` // of a good text
}

// signingKey is an Ed25519 key that never changes.
type signingKey struct {
	kid string
	key ed25519.PrivateKey
}

func (k signingKey) Current(time.Time) (string, ed25519.PrivateKey) { return k.kid, k.key }

func (k signingKey) Find(kid string) (ed25519.PrivateKey, bool) { return k.key, kid == k.kid }

func (k signingKey) vector(purpose string) vectorKey {
	return vectorKey{KID: k.kid, Purpose: purpose, Seed: hex.EncodeToString(k.key.Seed()), X: encoding.EncodeToString(k.key.Public().(ed25519.PublicKey))}
}

func fixedKey(kid string, n byte) signingKey {
	return signingKey{kid, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))}
}

var (
	leaseKey     = fixedKey("o01", 7)
	statementKey = fixedKey("v01", 8)
	somewhen     = time.Date(2026, 11, 6, 9, 41, 7, 120_000_000, time.UTC)
)

// fixedID is a UUIDv7 that never changes.
func fixedID(n byte) (id [16]byte) {
	id = [16]byte{0: 0x01, 1: 0x9a, 6: 0x70, 8: 0x80, 15: n}
	return id
}

// queueKeyOf is the private key of a queue, which never changes.
func queueKeyOf(t testing.TB, n byte) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{n}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func publicHalf(t testing.TB, key *ecdsa.PrivateKey) (half [64]byte) {
	t.Helper()
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return [64]byte(point[1:])
}

// signItem signs as RFC 6979 does, so that the text is always the same.
func signItem(t testing.TB, key *ecdsa.PrivateKey, header, payload string) string {
	t.Helper()
	signed := encoding.EncodeToString([]byte(header)) + "." + encoding.EncodeToString([]byte(payload))
	digest := sha256.Sum256([]byte(signed))
	der, err := key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	var parts struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &parts); err != nil {
		t.Fatal(err)
	}
	var raw [64]byte
	parts.R.FillBytes(raw[:32])
	parts.S.FillBytes(raw[32:])
	return signed + "." + encoding.EncodeToString(raw[:])
}

const (
	earnPayload = `{"queue":"queue_01k800000070080000000000h1","counter":17,"captured":1793958069120,"contact":"CONTACT",` +
		`"credential":"eyJhbGciOiJFZERTQSJ9.e30.x","channel":"camera","do":"earn","units":2}`
	redeemPayload = `{"queue":"queue_01k800000070080000000000h1","counter":18,"captured":1793958070000,"contact":"CONTACT",` +
		`"shift":"sh.x","credential":"eyJhbGciOiJFZERTQSJ9.e30.x","channel":"camera","do":"redeem",` +
		`"voucher":"VOUCHER","statement":"STATEMENT","lease":"LEASE"}`
	spendPayload = `{"purchase":{"ref":"4711","total":1250,"currency":"EUR","items":[{"quantity":1000,"unit":"piece","amount":1250}]},` +
		`"do":"earn","channel":"wedge","credential":"SX","contact":"CONTACT","captured":1,"counter":450359962737049,"queue":"queue_01k800000070080000000000h1"}`
)

// texts are the statements that items of the vectors carry.
type texts struct{ statement, lease, contact, queue, voucher string }

func makeTexts(t testing.TB) texts {
	t.Helper()
	leases, statements := credential.NewLeases(leaseKey), credential.NewStatements(statementKey)
	voucher := loyalty.Voucher{ID: fixedID(3), Card: fixedID(4), Reward: fixedID(5)}
	statement, _, err := statements.Mint(&voucher, somewhen)
	if err != nil {
		t.Fatal(err)
	}
	lease, err := leases.Sign(&loyalty.Lease{ID: fixedID(6), Till: fixedID(2), Redemptions: 5, Expires: somewhen.Add(12 * time.Hour).Truncate(time.Second)}, somewhen)
	if err != nil {
		t.Fatal(err)
	}
	contact, err := leases.SignContact(fixedID(2), somewhen)
	if err != nil {
		t.Fatal(err)
	}
	return texts{statement, lease, contact, loyalty.QueueID(fixedID(1)).String(), voucher.ID.String()}
}

// fill puts the texts in their places.
func (x texts) fill(payload string) string {
	return strings.NewReplacer("queue_01k800000070080000000000h1", x.queue, "CONTACT", x.contact, "VOUCHER", x.voucher, "STATEMENT", x.statement, "LEASE", x.lease).Replace(payload)
}

func vectorCases(t *testing.T) []vectorCase {
	t.Helper()
	x, key := makeTexts(t), queueKeyOf(t, 9)
	good := func(name, payload string) vectorCase {
		payload = x.fill(payload)
		text := signItem(t, key, header, payload)
		hash := sha256.Sum256([]byte(text[:strings.LastIndexByte(text, '.')]))
		return vectorCase{Name: name, Kind: "item", Text: text, Result: "ok", Hash: encoding.EncodeToString(hash[:]), Payload: json.RawMessage(payload)}
	}
	bad := func(name, result, text string) vectorCase {
		return vectorCase{Name: name, Kind: "item", Text: text, Result: result}
	}
	malformed := func(name, payload string) vectorCase {
		return bad(name, "item_malformed", signItem(t, key, header, x.fill(payload)))
	}
	earn := x.fill(earnPayload)
	one, other := signItem(t, key, header, earn), signItem(t, key, header, strings.Replace(earn, `"units":2`, `"units":3`, 1))
	statement := func(kind, text string) vectorCase {
		body, ok := decode(strings.Split(text, ".")[1])
		if !ok {
			t.Fatal("a statement that cannot be read")
		}
		return vectorCase{Name: "a " + kind, Kind: kind, Text: text, Result: "ok", Payload: body}
	}
	return []vectorCase{
		good("two stamps", earnPayload), good("a reward", redeemPayload), good("a purchase, in another order", spendPayload),
		bad("another queue's key", "item_invalid", signItem(t, queueKeyOf(t, 10), header, earn)),
		bad("one byte of the payload changed", "item_invalid", other[:strings.LastIndexByte(other, '.')]+one[strings.LastIndexByte(one, '.'):]),
		bad("another algorithm", "item_malformed", signItem(t, key, `{"alg":"EdDSA","typ":"stempel-offline+jwt"}`, earn)),
		bad("a header with more", "item_malformed", signItem(t, key, `{"alg":"ES256","typ":"stempel-offline+jwt","kid":"1"}`, earn)),
		bad("without a signature", "item_malformed", one[:strings.LastIndexByte(one, '.')+1]),
		malformed("an unknown member", strings.Replace(earnPayload, `"units":2`, `"units":2,"pin":"1"`, 1)),
		malformed("a member twice", strings.Replace(earnPayload, `"units":2`, `"units":2,"units":3`, 1)),
		malformed("null", strings.Replace(earnPayload, `"units":2`, `"units":null`, 1)),
		malformed("a counter of 0", strings.Replace(earnPayload, `"counter":17`, `"counter":0`, 1)),
		malformed("a counter that JavaScript cannot count", strings.Replace(spendPayload, "450359962737049", "9007199254740992", 1)),
		malformed("a fraction of a stamp", strings.Replace(earnPayload, `"units":2`, `"units":2.5`, 1)),
		malformed("no stamps", strings.Replace(earnPayload, `"units":2`, `"units":0`, 1)),
		malformed("a reward without a lease", strings.Replace(redeemPayload, `,"lease":"LEASE"`, "", 1)),
		malformed("stamps and a reward", strings.Replace(redeemPayload, `"do":"redeem"`, `"do":"redeem","units":1`, 1)),
		malformed("an unknown channel", strings.Replace(earnPayload, "camera", "mail", 1)),
		statement("statement", x.statement), statement("lease", x.lease), statement("contact", x.contact),
	}
}

func TestVectors(t *testing.T) {
	t.Parallel()
	half := publicHalf(t, queueKeyOf(t, 9))
	file := vectorFile{
		About: "What tills write down without a network, and what they are told for it: see offline.md. Items are those of one queue.",
		Keys: []vectorKey{
			{Purpose: "queue", Private: strings.Repeat("09", 32), X: encoding.EncodeToString(half[:32]), Y: encoding.EncodeToString(half[32:])},
			leaseKey.vector("lease"), statementKey.vector("statement"),
		},
		Cases: vectorCases(t),
	}
	made, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	made = append(made, '\n')
	if *update {
		if err := os.WriteFile(vectors, made, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(vectors)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, made) {
		t.Error("offline.json is not what the code makes: look why, then run go test -update here")
	}
	for _, c := range file.Cases {
		if got := resultOf(c, half); got != c.Result {
			t.Errorf("%s: %s, want %s", c.Name, got, c.Result)
		}
	}
}

func resultOf(c vectorCase, key [64]byte) string {
	var err error
	switch c.Kind {
	case "statement":
		_, err = credential.NewStatements(statementKey).Parse(c.Text, somewhen)
	case "lease":
		_, err = credential.NewLeases(leaseKey).Parse(c.Text)
	case "contact":
		_, err = credential.NewLeases(leaseKey).ParseContact(c.Text, fixedID(2))
	default:
		var item *Item
		if item, err = Parse(c.Text); err == nil {
			err = item.Verify(key)
		}
		if err == nil && encoding.EncodeToString(item.Name.Hash[:]) != c.Hash {
			return "another hash"
		}
	}
	switch {
	case errors.Is(err, ErrMalformed):
		return "item_malformed"
	case errors.Is(err, ErrForged):
		return "item_invalid"
	case err != nil:
		return err.Error()
	}
	return "ok"
}
