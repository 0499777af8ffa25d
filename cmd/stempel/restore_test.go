package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/store"
)

// A restore that failed says what is in the database now.
func TestFailedRestoresTellTheTruth(t *testing.T) {
	r := restoreCommand{storage: storage{Data: "shop"}}
	cause := errors.New("disk full")
	for _, tt := range []struct {
		err       error
		want, not string
	}{
		{cause, "nothing was restored into shop/stempel.db: disk full", "everything"},
		{fmt.Errorf("%w: %w", store.ErrNotUpToDate, cause), "everything was restored", "nothing"},
		{fmt.Errorf("%w: %w", store.ErrNotUpToDate, loyalty.ErrOutcomeUnknown), "everything was restored", "nothing"},
		{fmt.Errorf("%w: %w", loyalty.ErrOutcomeUnknown, cause), "Run it again", "nothing"},
	} {
		if got := r.failed(tt.err); !strings.Contains(got.Error(), tt.want) || strings.Contains(got.Error(), tt.not) || !errors.Is(got, tt.err) {
			t.Errorf("%v is told as %q", tt.err, got)
		}
	}
}
