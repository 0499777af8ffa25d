// Package guardtest is what every guard must do, as one suite.
package guardtest

import (
	"context"
	"testing"
	"time"

	"stempel/internal/loyalty"
)

// Guard is what the ledger and the api ask of a guard.
type Guard interface {
	Exchange(ctx context.Context, told loyalty.Told, asked loyalty.Asked) (loyalty.Answered, error)
	Allow(ctx context.Context, key string, perSecond, burst int) (ok bool, retryAfter time.Duration)
	AllowEvery(ctx context.Context, key string, each time.Duration, burst int) (ok bool, retryAfter time.Duration)
	Degraded() bool
}

// Open returns a guard that remembers nothing yet, and a function that lets time
// pass for it.
type Open func(t *testing.T) (g Guard, advance func(time.Duration))

// Run runs the suite; each test gets a guard of its own.
func Run(t *testing.T, open Open) {
	tests := []struct {
		name string
		test func(*testing.T, *bench)
	}{
		{"claims without outcome are for the database", claimsWithoutOutcome},
		{"an outcome answers other owners", outcomeAnswersOthers},
		{"an outcome is for one nonce and one action", outcomeIsForOneSpending},
		{"an outcome is its merchant's", outcomeIsItsMerchants},
		{"a batch is answered in order", batchInOrder},
		{"outcomes come before claims", outcomesBeforeClaims},
		{"an outcome can be told twice", outcomeToldTwice},
		{"an outcome is told as it was", outcomeAsItWas},
		{"an outcome outlives the credential", outcomeLives},
		{"an outcome is forgotten", outcomeForgotten},
		{"an empty exchange is answered", emptyExchange},
		{"arguments stay the caller's", argumentsStayTheCallers},
		{"a flood gets one outcome", flood},
		{"random histories follow the model", randomHistories},
		{"a limit holds back, until there is room", limitHoldsBack},
		{"an owner counts once", ownerCountsOnce},
		{"what came to nothing is taken back", undoneIsTakenBack},
		{"only what an attempt counted is taken back", undoneIsTheAttempts},
		{"what two attempts count stays", attemptsAtOnce},
		{"what is held back counts nowhere", heldBackCountsNowhere},
		{"a manager goes on, and counts", managerGoesOn},
		{"limits are apart", limitsApart},
		{"a lowered limit says when there is room", loweredLimit},
		{"a crowd shares a limit", crowdSharesLimit},
		{"random actions follow the model", randomPaces},
		{"a bucket holds its burst", bucketHoldsBurst},
		{"a bucket fills again", bucketFills},
		{"buckets are apart", bucketsApart},
		{"a slow bucket stays empty", slowBucket},
		{"a crowd shares a bucket", crowdSharesBucket},
		{"it is not degraded", notDegraded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g, advance := open(t)
			tt.test(t, &bench{guard: g, advance: advance})
		})
	}
}

// bench is one test's guard.
type bench struct {
	guard   Guard
	advance func(time.Duration)
}

// claim makes claims and returns their answers, one for each.
func (b *bench) claim(t *testing.T, claims ...loyalty.Claim) []*loyalty.Outcome {
	t.Helper()
	return b.exchange(t, nil, claims)
}

// tell records outcomes.
func (b *bench) tell(t *testing.T, done ...loyalty.Outcome) {
	t.Helper()
	b.exchange(t, done, nil)
}

func (b *bench) exchange(t *testing.T, done []loyalty.Outcome, claims []loyalty.Claim) []*loyalty.Outcome {
	t.Helper()
	answered, err := b.guard.Exchange(t.Context(), loyalty.Told{Done: done}, loyalty.Asked{Claims: claims})
	used := answered.Used
	if err != nil {
		t.Fatal(err)
	}
	if len(used) != len(claims) {
		t.Fatalf("%d answers for %d claims", len(used), len(claims))
	}
	return used
}

// want compares one answer; a nil want stands for "let the database decide".
func want(t *testing.T, got, want *loyalty.Outcome) {
	t.Helper()
	switch {
	case got == nil && want == nil:
	case got == nil:
		t.Errorf("no outcome, want %+v", *want)
	case want == nil:
		t.Errorf("got %+v, want no outcome", *got)
	case *got != *want:
		t.Errorf("got  %+v\nwant %+v", *got, *want)
	}
}

var merchant = loyalty.MerchantID(loyalty.NewID())

// Claim is one by owner n, of a nonce that no other test uses.
func Claim(n int) loyalty.Claim {
	return loyalty.Claim{
		Merchant: merchant,
		Nonce:    loyalty.Nonce(loyalty.NewID()),
		Action:   loyalty.Earn,
		Owner:    owner(n),
	}
}

// Outcome is a claim come true.
func Outcome(c loyalty.Claim) loyalty.Outcome {
	return loyalty.Outcome{
		Claim:    c,
		Scan:     loyalty.ScanID(loyalty.NewID()),
		Till:     loyalty.TillID(loyalty.NewID()),
		TillName: "Kasse 2 · Zürich",
		Entry:    loyalty.EntryID(loyalty.NewID()),
		At:       time.Date(2026, 11, 21, 17, 30, 0, 123456000, time.UTC),
	}
}

// by is the same claim by another owner.
func by(n int, c loyalty.Claim) loyalty.Claim {
	c.Owner = owner(n)
	return c
}

func owner(n int) (id loyalty.RequestID) {
	id[0], id[1], id[31] = byte(n), byte(n>>8), 1
	return id
}
