package passes

import (
	"testing"

	"stempel/internal/loyalty"
)

func TestParseMoney(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, code string
		minor      int64 // 0: it is no amount
	}{
		{"5", "EUR", 500},
		{"5.5", "EUR", 550},
		{"5,50", "EUR", 550},
		{" 12,05\u00a0€ ", "EUR", 1205},
		{"€3", "EUR", 300},
		{"3 EUR", "EUR", 300},
		{"7 zł", "PLN", 700},
		{"0,01", "EUR", 1},
		{"500", "JPY", 500},
		{"10000000000", "EUR", loyalty.MaxAmount},
		{"10000000000,01", "EUR", 0},
		{"99999999999999999999999999", "EUR", 0},
		{"1.000,50", "EUR", 0},
		{"1,000.50", "EUR", 0},
		{"5.555", "EUR", 0},
		{"5.5", "JPY", 0},
		{"5.", "EUR", 0},
		{".5", "EUR", 0},
		{"0", "EUR", 0},
		{"-5", "EUR", 0},
		{"+5", "EUR", 0},
		{"5e2", "EUR", 0},
		{"٥", "EUR", 0},
		{"5 zł", "EUR", 0},
		{"", "EUR", 0},
		{"all", "EUR", 0},
	} {
		if minor, ok := ParseMoney(tt.text, tt.code); ok != (tt.minor > 0) || ok && minor != tt.minor {
			t.Errorf("%q of %s: %d, %v; want %d", tt.text, tt.code, minor, ok, tt.minor)
		}
	}
}

// What is read is an amount that can be paid, and is read from what is written of it.
func FuzzParseMoney(f *testing.F) {
	f.Add("5,50 €", "EUR")
	f.Add("500", "JPY")
	f.Add("1.2.3", "")
	f.Fuzz(func(t *testing.T, text, code string) {
		minor, ok := ParseMoney(text, code)
		if !ok {
			return
		}
		if minor < 1 || minor > loyalty.MaxAmount {
			t.Fatalf("%q is %d", text, minor)
		}
		if again, ok := ParseMoney(Money(Polish, minor, "EUR"), "EUR"); minor < 100_000 && (!ok || again != minor) {
			t.Errorf("%d is written and read as %d", minor, again)
		}
	})
}
