package passes

import (
	"testing"
	"time"
)

func TestDue(t *testing.T) {
	now := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	later := func(hours int) time.Time { return now.Add(time.Duration(hours) * time.Hour) }
	for name, tt := range map[string]struct {
		face Face
		want time.Time
	}{
		"never":                   {},
		"units lapse":             {Face{Lapses: later(3)}, later(3)},
		"the program ends before": {Face{Lapses: later(3), Ends: later(2)}, later(2)},
		"a voucher expires first": {Face{Lapses: later(3), Ready: []Ready{{}, {Expires: later(1)}, {Expires: later(2)}}}, later(1)},
		"what is over is over":    {Face{Lapses: later(-3), Ends: now, Ready: []Ready{{Expires: later(4)}}}, later(4)},
	} {
		if got := tt.face.Due(now); !got.Equal(tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
