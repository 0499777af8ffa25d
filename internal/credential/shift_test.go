package credential

import (
	"errors"
	"testing"
	"time"

	"stempel/internal/loyalty"
)

var (
	shiftPINs = NewPINs([]byte("a key of thirty-two bytes, no 01"))
	shiftTill = loyalty.Till{ID: loyalty.TillID(fixedID(1)), Pairing: 3}
	shiftEnds = time.Date(2026, 11, 6, 21, 0, 0, 0, time.UTC)
)

func TestShift(t *testing.T) {
	t.Parallel()
	who := loyalty.StaffID(fixedID(7))
	text := shiftPINs.SealShift(shiftTill, who, shiftEnds)
	if found, err := shiftPINs.OpenShift(text, shiftTill, shiftEnds.Add(-1)); found != who || err != nil {
		t.Errorf("it names %v: %v", found, err)
	}
	elsewhere, again := shiftTill, shiftTill
	elsewhere.ID, again.Pairing = loyalty.TillID(fixedID(2)), 4
	for name, c := range map[string]struct {
		pins *PINs
		text string
		till loyalty.Till
		now  time.Time
	}{
		"at its end":         {shiftPINs, text, shiftTill, shiftEnds},
		"at another till":    {shiftPINs, text, elsewhere, shiftEnds.Add(-1)},
		"paired anew":        {shiftPINs, text, again, shiftEnds.Add(-1)},
		"of another server":  {NewPINs([]byte("a key of thirty-two bytes, no 02")), text, shiftTill, shiftEnds.Add(-1)},
		"with a line break":  {shiftPINs, text + "\n", shiftTill, shiftEnds.Add(-1)},
		"without its prefix": {shiftPINs, text[3:], shiftTill, shiftEnds.Add(-1)},
		"nothing":            {shiftPINs, "", shiftTill, shiftEnds.Add(-1)},
	} {
		var refusal *loyalty.Refusal
		if _, err := c.pins.OpenShift(c.text, c.till, c.now); !errors.As(err, &refusal) || refusal.Code != ShiftEnded {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range len(text) - 3 {
		changed := []byte(text)
		changed[3+i] ^= 1
		if _, err := shiftPINs.OpenShift(string(changed), shiftTill, shiftEnds.Add(-1)); err == nil {
			t.Errorf("%s is taken for %s", changed, text)
		}
	}
}

func FuzzShift(f *testing.F) {
	f.Add(shiftPINs.SealShift(shiftTill, loyalty.StaffID(fixedID(7)), shiftEnds))
	f.Add("sh.AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		who, err := shiftPINs.OpenShift(text, shiftTill, shiftEnds.Add(-1))
		if err == nil && shiftPINs.SealShift(shiftTill, who, shiftEnds) != text {
			t.Errorf("%q is no shift of ours", text)
		}
	})
}
