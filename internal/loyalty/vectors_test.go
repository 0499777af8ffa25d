package loyalty_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
)

var update = flag.Bool("update", false, "write the vectors of mobile-contracts anew")

const (
	contracts = "../../mobile-contracts/"
	vectors   = contracts + "vectors/chain.json"
)

// The file is what the code makes of the entries in vectors_chain_test.go, and
// what it says is so.
func TestChainVectors(t *testing.T) {
	t.Parallel()
	for _, c := range readVectors(t).Cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			var entries []loyalty.Entry
			for _, v := range c.Entries {
				e := v.entry(t)
				if got := hex.EncodeToString(e.Canonical()); got != v.Canonical {
					t.Errorf("entry %d is written as\n%s, want\n%s", e.Seq, got, v.Canonical)
				}
				if d := v.Detail; d != nil {
					salt, err := hex.DecodeString(d.Salt)
					if want := sha256.Sum256(append(salt, d.Body...)); err != nil || e.Commitment != want {
						t.Errorf("entry %d commits to %x, want %x, %v", e.Seq, e.Commitment, want, err)
					}
				}
				entries = append(entries, e)
			}
			card := totals(c.Card, c.Merchant, c.Program, entries)
			flaw := flawOf(loyalty.VerifyChain(&card, entries))
			switch {
			case c.BrokenAt == 0 && flaw != nil:
				t.Error(flaw)
			case c.BrokenAt > 0 && (flaw == nil || flaw.Entry != entries[c.BrokenAt-1].ID):
				t.Errorf("got %v, want a break at place %d", flaw, c.BrokenAt)
			}
		})
	}
}

// ledger.md describes the bytes that the code writes, and works an example that
// is the first vector.
func TestLedgerSpecification(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(contracts + "ledger.md")
	if err != nil {
		t.Fatal(err)
	}
	end := 0
	for _, row := range regexp.MustCompile(`(?m)^\| (\d+) \| (\d+) \|`).FindAllSubmatch(text, -1) {
		offset, _ := strconv.Atoi(string(row[1]))
		size, _ := strconv.Atoi(string(row[2]))
		if offset != end {
			t.Errorf("a field begins at %d, the one before it ends at %d", offset, end)
		}
		end = offset + size
	}
	if want := len((&loyalty.Entry{Counted: loyalty.Counted{Month: 1}}).Canonical()); end != want {
		t.Errorf("the table describes %d bytes of %d", end, want)
	}
	first := readVectors(t).Cases[0].Entries[0]
	for _, want := range []string{first.Canonical, first.Hash} {
		if !strings.Contains(strings.Join(strings.Fields(string(text)), ""), want) {
			t.Errorf("the worked example does not have %s", want)
		}
	}
}

type vectorFile struct {
	About string       `json:"about"`
	Cases []vectorCase `json:"cases"`
}

type vectorCase struct {
	Name      string             `json:"name"`
	Card      loyalty.CardID     `json:"card"`
	Merchant  loyalty.MerchantID `json:"merchant"`
	Program   loyalty.ProgramID  `json:"program"`
	FirstLink string             `json:"first_link"`
	BrokenAt  int                `json:"broken_at,omitempty"` // place of the first broken entry, from 1
	Entries   []vectorEntry      `json:"entries"`
}

type vectorEntry struct {
	ID         loyalty.EntryID    `json:"id"`
	Merchant   loyalty.MerchantID `json:"merchant"`
	Operator   loyalty.MerchantID `json:"operator"`
	Card       loyalty.CardID     `json:"card"`
	Seq        int64              `json:"seq"`
	Kind       string             `json:"kind"`
	Units      int64              `json:"units"`
	Balance    int64              `json:"balance"`
	Program    loyalty.ProgramID  `json:"program"`
	Version    int32              `json:"version"`
	Location   loyalty.LocationID `json:"location,omitzero"`
	Till       loyalty.TillID     `json:"till,omitzero"`
	Staff      loyalty.StaffID    `json:"staff,omitzero"`
	Method     string             `json:"method"`
	Captured   time.Time          `json:"captured_at"`
	Posted     time.Time          `json:"posted_at"`
	Origin     loyalty.EntryID    `json:"origin,omitzero"`
	Reward     loyalty.RewardID   `json:"reward,omitzero"`
	Voucher    loyalty.VoucherID  `json:"voucher,omitzero"`
	Commitment string             `json:"commitment,omitempty"` // base64url, as the hash
	Month      string             `json:"month,omitempty"`      // as 2026-11
	Spend      int64              `json:"spend,omitempty"`
	Rate       int64              `json:"rate,omitempty"`
	Discount   int64              `json:"discount,omitempty"`
	Detail     *vectorDetail      `json:"detail,omitempty"`
	Canonical  string             `json:"canonical"` // hex
	Hash       string             `json:"hash"`
}

// vectorDetail is what the commitment commits to.
type vectorDetail struct {
	Salt string `json:"salt"` // hex
	Body string `json:"body"`
}

func vectorOf(e *loyalty.Entry, detail *vectorDetail) vectorEntry {
	v := vectorEntry{
		ID: e.ID, Merchant: e.Merchant, Operator: e.Operator, Card: e.Card, Seq: e.Seq,
		Kind: e.Kind.String(), Units: e.Units, Balance: e.Balance, Program: e.Program, Version: e.Version,
		Location: e.Location, Till: e.Till, Staff: e.Staff, Method: e.Method.String(),
		Captured: e.Captured, Posted: e.Posted, Origin: e.Origin, Reward: e.Reward, Voucher: e.Voucher,
		Detail: detail, Canonical: hex.EncodeToString(e.Canonical()), Hash: base64url(e.Hash),
	}
	if e.Commitment != (loyalty.Hash{}) {
		v.Commitment = base64url(e.Commitment)
	}
	v.Spend, v.Rate, v.Discount = e.Counted.Spend, e.Counted.Rate, e.Counted.Off
	if e.Counted.Month != 0 {
		v.Month = e.Counted.Month.String()
	}
	return v
}

func (v *vectorEntry) entry(t *testing.T) loyalty.Entry {
	t.Helper()
	kind, err := loyalty.ParseEntryKind(v.Kind)
	if err != nil {
		t.Fatal(err)
	}
	method, err := loyalty.ParseMethod(v.Method)
	if err != nil {
		t.Fatal(err)
	}
	e := loyalty.Entry{
		ID: v.ID, Merchant: v.Merchant, Operator: v.Operator, Card: v.Card, Seq: v.Seq,
		Kind: kind, Units: v.Units, Balance: v.Balance, Program: v.Program, Version: v.Version,
		Location: v.Location, Till: v.Till, Staff: v.Staff, Method: method,
		Captured: v.Captured, Posted: v.Posted, Origin: v.Origin, Reward: v.Reward, Voucher: v.Voucher,
		Hash: parseHash(t, v.Hash),
	}
	if v.Commitment != "" {
		e.Commitment = parseHash(t, v.Commitment)
	}
	e.Counted = loyalty.Counted{Spend: v.Spend, Rate: v.Rate, Off: v.Discount}
	if v.Month != "" {
		month, err := time.Parse("2006-01", v.Month)
		if err != nil {
			t.Fatal(err)
		}
		e.Counted.Month = loyalty.MonthOf(month, time.UTC)
	}
	return e
}

func base64url(h loyalty.Hash) string { return base64.RawURLEncoding.EncodeToString(h[:]) }

func parseHash(t *testing.T, text string) loyalty.Hash {
	t.Helper()
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != len(loyalty.Hash{}) {
		t.Fatalf("%q is not a hash: %v", text, err)
	}
	return loyalty.Hash(b)
}

// readVectors reads the file, which must be as this package would write it now;
// with -update it writes it.
func readVectors(t *testing.T) vectorFile {
	t.Helper()
	made, err := json.MarshalIndent(chainVectors(), "", "  ")
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
		t.Errorf("%s is not what the code makes: look why, then run go test -update here", vectors)
	}
	var read vectorFile
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return read
}
