package keys

import (
	"testing"
	"time"
)

func TestList(t *testing.T) {
	t.Parallel()
	ring := open(t, &memory{})
	later := start.Add(Ahead)
	for _, step := range []error{
		second(ring.Rotate(t.Context(), Scan, start, 0)),
		ring.Retire(t.Context(), "h01", later),
		second(ring.Rotate(t.Context(), Scan, start, time.Hour)),
		second(ring.Rotate(t.Context(), Scan, later, Ahead)),
	} {
		if step != nil {
			t.Fatal(step)
		}
	}
	want := map[string]Info{
		"h01": {"h01", Scan, Retired, start, start, later},
		"h02": {"h02", Scan, Verifying, start, start, time.Time{}},
		"h03": {"h03", Scan, InUse, start, start.Add(time.Hour), time.Time{}},
		"h04": {"h04", Scan, Published, later, later.Add(Ahead), time.Time{}},
		"p01": {"p01", PIN, InUse, start, start, time.Time{}},
	}
	got := map[string]Info{}
	for _, info := range ring.List(later) {
		got[info.KID] = info
	}
	for kid, info := range want {
		if got[kid] != info {
			t.Errorf("got %+v, want %+v", got[kid], info)
		}
	}
	if len(got) != len(kinds)+3 {
		t.Errorf("%d keys", len(got))
	}
}

func second(_ string, err error) error { return err }

func TestParsePurpose(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		if got, err := ParsePurpose(string(kind.purpose)); err != nil || got != kind.purpose {
			t.Errorf("%s: %v", kind.purpose, err)
		}
	}
	for _, bad := range []string{"", "Live", "loan", "live "} {
		if _, err := ParsePurpose(bad); err == nil {
			t.Errorf("%q is a purpose", bad)
		}
	}
}
