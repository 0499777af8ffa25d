package loyalty_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"stempel/internal/loyalty"
)

// The ids of the TypeID specification's valid.json.
func TestIDTypeIDVectors(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, uuid string }{
		{"card_00000000000000000000000001", "00000000-0000-0000-0000-000000000001"},
		{"card_0000000000000000000000000a", "00000000-0000-0000-0000-00000000000a"},
		{"card_0000000000000000000000000g", "00000000-0000-0000-0000-000000000010"},
		{"card_00000000000000000000000010", "00000000-0000-0000-0000-000000000020"},
		{"card_7zzzzzzzzzzzzzzzzzzzzzzzzz", "ffffffff-ffff-ffff-ffff-ffffffffffff"},
		{"card_0123456789abcdefghjkmnpqrs", "0110c853-1d09-52d8-d73e-1194e95b5f19"},
		{"card_01h455vb4pex5vsknk084sn02q", "01890a5d-ac96-774b-bcce-b302099a8057"},
	}
	for _, tt := range tests {
		id := loyalty.CardID(uuid.MustParse(tt.uuid))
		if got := id.String(); got != tt.text {
			t.Errorf("%s is written %s, want %s", tt.uuid, got, tt.text)
		}
		if got, err := loyalty.ParseID[loyalty.CardID](tt.text); err != nil || got != id {
			t.Errorf("%s is read as %v, %v", tt.text, got, err)
		}
	}
}

func TestParseIDIsStrict(t *testing.T) {
	t.Parallel()
	const good = "card_01h455vb4pex5vsknk084sn02q"
	tests := []struct{ name, text string }{
		{"empty", ""},
		{"no prefix", "01h455vb4pex5vsknk084sn02q"},
		{"prefix alone", "card_"},
		{"another kind", "till_01h455vb4pex5vsknk084sn02q"},
		{"longer prefix", "cards_01h455vb4pex5vsknk084sn02q"},
		{"upper case", "card_01H455VB4PEX5VSKNK084SN02Q"},
		{"upper-case prefix", "CARD_01h455vb4pex5vsknk084sn02q"},
		{"one upper-case letter", "card_01h455vb4pex5vsknk084sn02Q"},
		{"more than 128 bits", "card_81h455vb4pex5vsknk084sn02q"},
		{"too short", "card_01h455vb4pex5vsknk084sn02"},
		{"too long", "card_01h455vb4pex5vsknk084sn02qq"},
		{"not in the alphabet: i", "card_01h455vb4pex5vsknk084sn02i"},
		{"not in the alphabet: l", "card_01h455vb4pex5vsknk084sn02l"},
		{"not in the alphabet: o", "card_01h455vb4pex5vsknk084sn02o"},
		{"not in the alphabet: u", "card_01h455vb4pex5vsknk084sn02u"},
		{"below the digits", "card_/1h455vb4pex5vsknk084sn02q"},
		{"hyphen", "card-01h455vb4pex5vsknk084sn02q"},
		{"space before", " " + good},
		{"space after", good + " "},
		{"newline after", good + "\n"},
		{"not UTF-8", "card_01h455vb4pex5vsknk084sn0\xff"},
		{"a letter of two bytes", "card_01h455vb4pex5vsknk084sn0é"},
		{"a UUID", "01890a5d-ac96-774b-bcce-b302099a8057"},
		{"the zero id", "card_00000000000000000000000000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			id, err := loyalty.ParseID[loyalty.CardID](tt.text)
			if !errors.Is(err, loyalty.ErrNotAnID) || !id.IsZero() {
				t.Errorf("%q is read as %v, %v", tt.text, id, err)
			}
		})
	}
}

// Each kind of id has a prefix of its own, so that none is read as another.
func TestIDKindsAreNotInterchangeable(t *testing.T) {
	t.Parallel()
	id := [16]byte(uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057"))
	texts := []string{
		loyalty.MerchantID(id).String(), loyalty.LocationID(id).String(), loyalty.TillID(id).String(),
		loyalty.StaffID(id).String(), loyalty.ProgramID(id).String(), loyalty.RewardID(id).String(),
		loyalty.MemberID(id).String(), loyalty.CardID(id).String(), loyalty.EntryID(id).String(),
		loyalty.VoucherID(id).String(), loyalty.APIKeyID(id).String(), loyalty.ScanID(id).String(),
	}
	readers := []interface{ UnmarshalText([]byte) error }{
		new(loyalty.MerchantID), new(loyalty.LocationID), new(loyalty.TillID),
		new(loyalty.StaffID), new(loyalty.ProgramID), new(loyalty.RewardID),
		new(loyalty.MemberID), new(loyalty.CardID), new(loyalty.EntryID),
		new(loyalty.VoucherID), new(loyalty.APIKeyID), new(loyalty.ScanID),
	}
	for i, text := range texts {
		for j, reader := range readers {
			if err := reader.UnmarshalText([]byte(text)); (err == nil) != (i == j) {
				t.Errorf("%s as %T: %v", text, reader, err)
			}
		}
	}
}

func TestIDRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := loyalty.CardID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		var back loyalty.CardID
		text, err := id.MarshalText()
		if err == nil {
			err = back.UnmarshalText(text)
		}
		if err != nil || back != id {
			t.Fatalf("%x is written %q and read as %x, %v", id, text, back, err)
		}
	})
}

// As text, ids sort like their bytes: by age.
func TestIDOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := loyalty.CardID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "a"))
		b := loyalty.CardID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "b"))
		if a.Compare(b) != strings.Compare(a.String(), b.String()) {
			t.Fatalf("%s and %s sort differently from their bytes", a, b)
		}
	})
}

func TestIDInJSON(t *testing.T) {
	t.Parallel()
	type row struct {
		Card loyalty.CardID          `json:"card"`
		None loyalty.TillID          `json:"none"`
		Left loyalty.TillID          `json:"left,omitzero"`
		Map  map[loyalty.CardID]bool `json:"map"`
	}
	card := loyalty.CardID(uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057"))
	body, err := json.Marshal(row{Card: card, Map: map[loyalty.CardID]bool{card: true}})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"card":"card_01h455vb4pex5vsknk084sn02q","none":"","map":{"card_01h455vb4pex5vsknk084sn02q":true}}`
	if string(body) != want {
		t.Errorf("got %s, want %s", body, want)
	}
	var back row
	if err := json.Unmarshal(body, &back); err != nil || back.Card != card || !back.None.IsZero() || !back.Map[card] {
		t.Errorf("read back as %+v, %v", back, err)
	}
}

// A failed read leaves what was there.
func TestIDUnmarshalTextKeepsOnError(t *testing.T) {
	t.Parallel()
	card := loyalty.CardID(loyalty.NewID())
	before := card
	if err := card.UnmarshalText([]byte("till_01h455vb4pex5vsknk084sn02q")); err == nil || card != before {
		t.Errorf("%v, and the id is %v", err, card)
	}
}

func TestNewIDIsVersion7(t *testing.T) {
	t.Parallel()
	first, second := loyalty.NewID(), loyalty.NewID()
	if v := uuid.UUID(first).Version(); v != 7 {
		t.Errorf("version %d", v)
	}
	if loyalty.EntryID(first).Compare(second) >= 0 {
		t.Errorf("%x does not sort before %x", first, second)
	}
}

func FuzzParseID(f *testing.F) {
	for _, seed := range []string{
		"", "card_", "card_01h455vb4pex5vsknk084sn02q", "card_7zzzzzzzzzzzzzzzzzzzzzzzzz",
		"card_8zzzzzzzzzzzzzzzzzzzzzzzzz", "till_01h455vb4pex5vsknk084sn02q", "card_01H455VB4PEX5VSKNK084SN02Q",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := loyalty.ParseID[loyalty.CardID](text)
		if err != nil {
			if !errors.Is(err, loyalty.ErrNotAnID) || !id.IsZero() {
				t.Fatalf("%q: %v, %v", text, id, err)
			}
			return
		}
		if id.IsZero() || id.String() != text {
			t.Fatalf("%q is read as %v: a second spelling", text, id)
		}
	})
}
