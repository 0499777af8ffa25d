package credential

import (
	"encoding/json"
	"strings"
	"testing"

	"stempel/internal/loyalty"
)

// receiptCase is one receipt and what it states. A refused one states nothing.
type receiptCase struct {
	Name      string          `json:"name"`
	Text      string          `json:"text"`
	Result    string          `json:"result"` // ok, or refused
	Statement json.RawMessage `json:"statement,omitempty"`
}

func TestReceiptVectors(t *testing.T) {
	t.Parallel()
	receipts := NewReceipts(receiptKey)
	file := vectorFile[receiptCase]{
		About: "Receipts: see receipts.md. The keys are known to the world; the second one serves live tokens.",
		Keys:  []vectorKey{signingVector(receiptKey, "receipt"), signingVector(liveKey, "live")},
		Cases: receiptCases(),
	}
	for _, c := range readVectors(t, "receipt.json", file) {
		got, err := receipts.Verify(c.Text)
		if (err == nil) != (c.Result == "ok") {
			t.Errorf("%s: %v, want %s", c.Name, err, c.Result)
		}
		if err != nil {
			continue
		}
		var want, is any
		if json.Unmarshal(c.Statement, &want) != nil || json.Unmarshal(got.appendJSON(nil), &is) != nil {
			t.Fatalf("%s: a statement is no JSON", c.Name)
		}
		if a, b := asText(want), asText(is); a != b {
			t.Errorf("%s:\n got %s\nwant %s", c.Name, b, a)
		}
	}
}

func asText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func receiptCases() []receiptCase {
	redemption, reversal := entry, entry
	redemption.Kind, redemption.Units, redemption.Seq, redemption.Balance = loyalty.Redeem, 0, 5, 5
	redemption.Reward, redemption.Voucher = fixedID(20), fixedID(21)
	redemption.Hash = redemption.Link(entry.Hash)
	reversal.Kind, reversal.Units, reversal.Seq, reversal.Balance = loyalty.Void, -2, 6, 3
	reversal.Origin = entry.ID
	reversal.Hash = reversal.Link(redemption.Hash)

	accepted := func(name string, e *loyalty.Entry) receiptCase {
		text, err := NewReceipts(receiptKey).Sign(e, now)
		if err != nil {
			panic(err)
		}
		s := stateEntry(e)
		return receiptCase{name, text, "ok", s.appendJSON(nil)}
	}
	refused := func(name, text string) receiptCase {
		return receiptCase{Name: name, Text: text, Result: "refused"}
	}
	signed := func(name, header, payload string) receiptCase {
		return refused(name, signWith(receiptKey, header, payload))
	}

	header := headerStart + `r01","typ":"stempel-receipt+jwt"}`
	s := stateEntry(&entry)
	payload := string(s.appendJSON(nil))
	change := func(from, to string) string { return changed(payload, strings.Replace(payload, from, to, 1)) }
	good := signWith(receiptKey, header, payload)
	return []receiptCase{
		accepted("an earn", &entry),
		accepted("a redemption with a voucher", &redemption),
		accepted("a void", &reversal),

		refused("empty", ""),
		refused("cut short", good[:len(good)-2]),
		refused("a line break at the end", good+"\n"),
		refused("another spelling of the signature's last character", good[:len(good)-1]+otherSpelling(good)),
		refused("more units, the same signature",
			segmentOf(header)+"."+segmentOf(change(`"units":2`, `"units":9`))+good[strings.LastIndexByte(good, '.'):]),
		signed("alg none", `{"alg":"none","kid":"r01","typ":"stempel-receipt+jwt"}`, payload),
		signed("no typ", headerOf("r01"), payload),
		signed("another typ", headerStart+`r01","typ":"JWT"}`, payload),
		signed("unknown kid", headerStart+`r02","typ":"stempel-receipt+jwt"}`, payload),
		refused("kid and key of live tokens", signWith(liveKey, headerStart+`l01","typ":"stempel-receipt+jwt"}`, payload)),
		refused("another deployment's key with the same kid",
			signWith(signingKey("r01", "stempel test of another deployment"), header, payload)),

		signed("another version", header, change(`"v":1`, `"v":2`)),
		signed("an unknown member", header, change(`"v":1`, `"v":1,"note":"x"`)),
		signed("units twice", header, change(`"units":2`, `"units":9,"units":2`)),
		signed("white space", header, change(`,`, `, `)),
		signed("a time of another zone", header, change(`000Z`, `000+00:00`)),
		signed("a time with five digits", header, change(`250000Z`, `25000Z`)),
		signed("an unknown kind", header, change(`"earn"`, `"gift"`)),
		signed("an id of another kind", header, change(`"card_`, `"member_`)),
		signed("a hash of 31 bytes", header, change(encoding.EncodeToString(s.Hash[:]), encoding.EncodeToString(s.Hash[:31]))),
	}
}
