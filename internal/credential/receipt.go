package credential

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"stempel/internal/loyalty"
)

// Receipts makes and reads receipts: a JWS over one entry and the hash of the
// chain up to it. The customer keeps it; anyone can check it against the
// published keys.
type Receipts struct{ jws jws }

// Statement is what a receipt says of an entry.
type Statement struct {
	Entry    loyalty.EntryID
	Card     loyalty.CardID
	Merchant loyalty.MerchantID // whose till or system acted
	Program  loyalty.ProgramID
	Version  int32 // of the program
	Kind     loyalty.EntryKind
	Units    int64
	Balance  int64
	Seq      int64
	At       time.Time // when the entry was posted; UTC microseconds
	Hash     loyalty.Hash
	Origin   loyalty.EntryID   // of a void: what it takes back
	Reward   loyalty.RewardID  // of a redemption
	Voucher  loyalty.VoucherID // of a redemption with one
}

// ErrNotAReceipt is what Verify answers to any text that Sign has not made.
var ErrNotAReceipt = errors.New("not a receipt of this system, or changed since")

// StatementVersion is the member v of a receipt's statement.
const StatementVersion = 1

// NewReceipts takes the keys for receipts, which must serve nothing else.
func NewReceipts(keys SigningKeys) *Receipts {
	return &Receipts{jws{keys, `","typ":"stempel-receipt+jwt"}`}}
}

// Sign makes the receipt of an entry that has its hash.
func (r *Receipts) Sign(e *loyalty.Entry, now time.Time) (string, error) {
	s := stateEntry(e)
	return r.jws.sign(s.appendJSON(make([]byte, 0, 640)), now)
}

func stateEntry(e *loyalty.Entry) Statement {
	return Statement{
		Entry: e.ID, Card: e.Card, Merchant: e.Merchant, Program: e.Program, Version: e.Version,
		Kind: e.Kind, Units: e.Units, Balance: e.Balance, Seq: e.Seq, At: e.Posted.UTC(), Hash: e.Hash,
		Origin: e.Origin, Reward: e.Reward, Voucher: e.Voucher,
	}
}

// Verify reads a receipt. It does not ask whether the entry was voided since.
// Errors: ErrNotAReceipt.
func (r *Receipts) Verify(text string) (Statement, error) {
	u, flaw := r.jws.split(text)
	if flaw != sound || !r.jws.verify(u) {
		return Statement{}, ErrNotAReceipt
	}
	s, ok := readStatement(u.payload)
	if !ok {
		return Statement{}, ErrNotAReceipt
	}
	return s, nil
}

// receiptTime is RFC 3339 with exactly six digits of a second, in UTC.
const receiptTime = "2006-01-02T15:04:05.000000Z"

// appendJSON writes the one spelling of a statement. Every text in it is of
// characters that JSON takes as they are.
func (s *Statement) appendJSON(b []byte) []byte {
	b = append(b, `{"v":`...)
	b = strconv.AppendInt(b, StatementVersion, 10)
	b = appendText(b, "entry", s.Entry.String())
	b = appendText(b, "card", s.Card.String())
	b = appendText(b, "merchant", s.Merchant.String())
	b = appendText(b, "program", s.Program.String())
	b = appendInt(b, "version", int64(s.Version))
	b = appendText(b, "kind", s.Kind.String())
	b = appendInt(b, "units", s.Units)
	b = appendInt(b, "balance", s.Balance)
	b = appendInt(b, "seq", s.Seq)
	b = appendName(b, "at")
	b = append(b, '"')
	b = s.At.AppendFormat(b, receiptTime)
	b = append(b, `","hash":"`...)
	b = encoding.AppendEncode(b, s.Hash[:])
	b = append(b, '"')
	if !s.Origin.IsZero() {
		b = appendText(b, "origin", s.Origin.String())
	}
	if !s.Reward.IsZero() {
		b = appendText(b, "reward", s.Reward.String())
	}
	if !s.Voucher.IsZero() {
		b = appendText(b, "voucher", s.Voucher.String())
	}
	return append(b, '}')
}

func appendName(b []byte, name string) []byte {
	b = append(b, `,"`...)
	b = append(b, name...)
	return append(b, `":`...)
}

func appendText(b []byte, name, text string) []byte {
	b = append(appendName(b, name), '"')
	b = append(b, text...)
	return append(b, '"')
}

func appendInt(b []byte, name string, n int64) []byte {
	return strconv.AppendInt(appendName(b, name), n, 10)
}

// readStatement reads exactly what appendJSON writes: whatever else the JSON
// decoder lets pass shows when the statement is written again.
func readStatement(payload string) (Statement, bool) {
	var read struct {
		Entry    loyalty.EntryID    `json:"entry"`
		Card     loyalty.CardID     `json:"card"`
		Merchant loyalty.MerchantID `json:"merchant"`
		Program  loyalty.ProgramID  `json:"program"`
		Version  int32              `json:"version"`
		Kind     string             `json:"kind"`
		Units    int64              `json:"units"`
		Balance  int64              `json:"balance"`
		Seq      int64              `json:"seq"`
		At       time.Time          `json:"at"`
		Hash     string             `json:"hash"`
		Origin   loyalty.EntryID    `json:"origin"`
		Reward   loyalty.RewardID   `json:"reward"`
		Voucher  loyalty.VoucherID  `json:"voucher"`
	}
	if json.Unmarshal([]byte(payload), &read) != nil {
		return Statement{}, false
	}
	kind, err := loyalty.ParseEntryKind(read.Kind)
	hash, ok := decode(read.Hash)
	if err != nil || !ok || len(hash) != len(loyalty.Hash{}) {
		return Statement{}, false
	}
	s := Statement{
		Entry: read.Entry, Card: read.Card, Merchant: read.Merchant, Program: read.Program, Version: read.Version,
		Kind: kind, Units: read.Units, Balance: read.Balance, Seq: read.Seq, At: read.At.UTC(), Hash: loyalty.Hash(hash),
		Origin: read.Origin, Reward: read.Reward, Voucher: read.Voucher,
	}
	return s, string(s.appendJSON(nil)) == payload
}
