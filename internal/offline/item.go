// Package offline reads what a till did without a network: items of its queue, as
// mobile-contracts/offline.md has them. Every byte comes from outside.
//
// It knows the form of an item and whose signature is on it. It must never know
// whether what it says holds: that is asked of the ledger.
package offline

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"stempel/internal/loyalty"
)

// Limits of an item, in bytes.
const (
	MaxLength     = 16 << 10 // of the whole text
	maxPayload    = 12_000
	maxCredential = 1024
	maxText       = 1024 // of each statement in it
)

// header is that of every item: it is compared, not interpreted.
const header = `{"alg":"ES256","typ":"stempel-offline+jwt"}`

// Errors of reading an item.
var (
	ErrMalformed = errors.New("this is not an item of an offline queue")
	ErrForged    = errors.New("the item was not signed by its queue")
)

// Item is one earning or redemption, as the till says it. None of it is proven
// before Verify.
type Item struct {
	Name       loyalty.QueueItem
	Captured   time.Time // by the till's estimate of the server's clock
	Contact    string
	Shift      string // empty: nobody was signed in
	Credential string
	Channel    string
	Redeems    bool
	Units      int64             // of earning; 0: not given
	Purchase   *loyalty.Purchase // likewise
	Voucher    loyalty.VoucherID // of redeeming
	Statement  string
	Lease      string

	signed    string // header and payload, as they were signed
	signature []byte
}

// payload is an item's JSON.
type payload struct {
	Queue      loyalty.QueueID   `json:"queue"`
	Counter    int64             `json:"counter"`
	Captured   int64             `json:"captured"`
	Contact    string            `json:"contact"`
	Shift      string            `json:"shift"`
	Credential string            `json:"credential"`
	Channel    string            `json:"channel"`
	Do         string            `json:"do"`
	Units      *int64            `json:"units"`
	Purchase   *loyalty.Purchase `json:"purchase"`
	Voucher    loyalty.VoucherID `json:"voucher"`
	Statement  string            `json:"statement"`
	Lease      string            `json:"lease"`
}

// maxMillis is the year 9999: later is no time of a shop.
const maxMillis = 253_402_300_799_999

// Parse reads an item. Errors: ErrMalformed.
func Parse(text string) (*Item, error) {
	if len(text) > MaxLength {
		return nil, fmt.Errorf("%w: it has more than %d bytes", ErrMalformed, MaxLength)
	}
	first, rest, _ := strings.Cut(text, ".")
	second, third, _ := strings.Cut(rest, ".") // a third dot is no base64
	head, headOK := decode(first)
	body, bodyOK := decode(second)
	signature, signatureOK := decode(third)
	switch {
	case !headOK || !bodyOK || !signatureOK || len(signature) != 64:
		return nil, fmt.Errorf("%w: want three parts of base64url, the last of 64 bytes", ErrMalformed)
	case string(head) != header:
		return nil, fmt.Errorf("%w: its header is another", ErrMalformed)
	case len(body) > maxPayload:
		return nil, fmt.Errorf("%w: its payload has more than %d bytes", ErrMalformed, maxPayload)
	}
	var p payload
	if err := json.Unmarshal(body, &p, json.RejectUnknownMembers(true)); err != nil || hasNull(body) {
		return nil, fmt.Errorf("%w: its payload is not JSON, or has what no item has", ErrMalformed)
	}
	item, err := p.item()
	if err != nil {
		return nil, err
	}
	item.signed, item.signature = text[:len(first)+1+len(second)], signature
	item.Name.Hash = sha256.Sum256([]byte(item.signed))
	return item, nil
}

func (p *payload) item() (*Item, error) {
	bad := func(what string) (*Item, error) { return nil, fmt.Errorf("%w: %s", ErrMalformed, what) }
	switch {
	case p.Queue.IsZero():
		return bad("queue is missing")
	case p.Counter < 1 || p.Counter > loyalty.MaxCounter:
		return bad("counter must be 1 to 9007199254740991")
	case p.Captured < 1 || p.Captured > maxMillis:
		return bad("captured is no time in milliseconds")
	case p.Contact == "" || len(p.Contact) > maxText || len(p.Shift) > maxText || len(p.Statement) > maxText || len(p.Lease) > maxText:
		return bad("contact is missing, or a statement is too long")
	case p.Credential == "" || len(p.Credential) > maxCredential:
		return bad("credential is missing or has more than 1024 bytes")
	}
	item := &Item{
		Name: loyalty.QueueItem{Queue: p.Queue, Counter: p.Counter}, Captured: time.UnixMilli(p.Captured).UTC(),
		Contact: p.Contact, Shift: p.Shift, Credential: p.Credential, Channel: p.Channel,
		Redeems: p.Do == "redeem", Purchase: p.Purchase, Voucher: p.Voucher, Statement: p.Statement, Lease: p.Lease,
	}
	if p.Units != nil {
		item.Units = *p.Units
	}
	given, used := p.Units != nil || p.Purchase != nil, !p.Voucher.IsZero() || p.Statement != "" || p.Lease != ""
	switch {
	case p.Channel != "camera" && p.Channel != "wedge" && p.Channel != "nfc" && p.Channel != "typed":
		return bad("channel must be camera, wedge, nfc or typed")
	case p.Do != "earn" && p.Do != "redeem":
		return bad("do must be earn or redeem")
	case item.Redeems && given || !item.Redeems && used:
		return bad("it has what belongs to the other action")
	case item.Redeems && (p.Voucher.IsZero() || p.Statement == "" || p.Lease == ""):
		return bad("to redeem takes voucher, statement and lease")
	case p.Units != nil && (*p.Units < 1 || *p.Units > loyalty.MaxUnits):
		return bad("units must be a whole number of at least 1")
	}
	return item, nil
}

// Verify holds that an item was signed with a queue's key. Errors: ErrForged.
func (i *Item) Verify(key [64]byte) error {
	public, err := publicKey(key)
	digest := sha256.Sum256([]byte(i.signed))
	if err != nil || !ecdsa.Verify(public, digest[:], number(i.signature[:32]), number(i.signature[32:])) {
		return ErrForged
	}
	return nil
}

// CheckKey holds that a key is a point of P-256.
func CheckKey(key [64]byte) error {
	_, err := publicKey(key)
	return err
}

// publicKey is x and y behind the byte that says that both are there (SEC 1 §2.3.3).
func publicKey(key [64]byte) (*ecdsa.PublicKey, error) {
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append([]byte{4}, key[:]...))
}

// hasNull reports whether a JSON text has a null, which would look as if nothing had
// been given.
func hasNull(body []byte) bool {
	if !bytes.Contains(body, []byte("null")) {
		return false
	}
	for tokens := jsontext.NewDecoder(bytes.NewReader(body)); ; {
		token, err := tokens.ReadToken()
		if err != nil || token.Kind() == 'n' {
			return err == nil
		}
	}
}

func number(b []byte) *big.Int { return new(big.Int).SetBytes(b) }

// encoding has one spelling for each value: no padding, no bits left over.
var encoding = base64.RawURLEncoding.Strict()

// decode also refuses line breaks, which the decoder passes over.
func decode(text string) ([]byte, bool) {
	decoded, err := encoding.DecodeString(text)
	return decoded, err == nil && encoding.EncodedLen(len(decoded)) == len(text)
}
