package loyalty_test

import (
	"slices"
	"testing"

	"stempel/internal/loyalty"
)

func TestReaders(t *testing.T) {
	t.Parallel()
	set := loyalty.ReadersOf(loyalty.SmartTapReader, loyalty.SmartTapReader)
	if !set.Has(loyalty.SmartTapReader) || !slices.Equal(set.List(), []loyalty.Reader{loyalty.SmartTapReader}) || set != 1<<1 {
		t.Errorf("the set is %b", set)
	}
	if none := loyalty.ReadersOf(); none != 0 || none.Has(loyalty.SmartTapReader) || len(none.List()) != 0 {
		t.Errorf("nothing is %b", none)
	}
	if got, err := loyalty.ParseReader("smart_tap"); err != nil || got != loyalty.SmartTapReader || got.String() != "smart_tap" {
		t.Errorf("%s, %v", got, err)
	}
	for _, text := range []string{"", "smarttap", "SMART_TAP", "1"} {
		if got, err := loyalty.ParseReader(text); err == nil {
			t.Errorf("%q is %s", text, got)
		}
	}
}
