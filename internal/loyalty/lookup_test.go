package loyalty_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
)

func TestParseCardNumber(t *testing.T) {
	t.Parallel()
	want, err := loyalty.ParseID[loyalty.CardID]("card_01h455vb4pex5vsknk084sn02q")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"card_01h455vb4pex5vsknk084sn02q", "01h455vb4pex5vsknk084sn02q", "01H455VB4PEX5VSKNK084SN02Q",
		"CARD_01H455VB4PEX5VSKNK084SN02Q", "01h4 55vb 4pex 5vsk nk08 4sn0 2q", "01h455-vb4pex-5vsknk-084sn02q",
		"olh455vb4pex5vsknko84sno2q", "0ih455vb4pex5vsknk084sn02q",
	} {
		if got, err := loyalty.ParseCardNumber(text); err != nil || got != want {
			t.Errorf("%q is %s, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "card_", "7f3k", "…7f3k", "01h455vb4pex5vsknk084sn02", "01h455vb4pex5vsknk084sn02qq", "u1h455vb4pex5vsknk084sn02q",
		"till_01h455vb4pex5vsknk084sn02q", "card_card_01h455vb4pex5vsknk084sn02q", strings.Repeat("0", 26), "01h455vb4pex5vsknk084sn02\x00",
	} {
		if got, err := loyalty.ParseCardNumber(text); err == nil {
			t.Errorf("%q is %s", text, got)
		}
	}
}

// Whatever is typed, it is one card's number or none.
func TestParseCardNumberOfAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		got, err := loyalty.ParseCardNumber(rapid.String().Draw(t, "typed"))
		if err != nil {
			return
		}
		if again, err := loyalty.ParseCardNumber(got.String()); err != nil || again != got {
			t.Fatalf("%s is read as %s, %v", got, again, err)
		}
	})
}

func FuzzParseCardNumber(f *testing.F) {
	f.Add("01H4 55VB 4PEX 5VSK NK08 4SN0 2Q")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := loyalty.ParseCardNumber(text)
		if err != nil {
			return
		}
		if again, err := loyalty.ParseCardNumber(got.String()); err != nil || again != got {
			t.Fatalf("%s is read as %s, %v", got, again, err)
		}
	})
}
