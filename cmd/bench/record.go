package main

import (
	"fmt"
	"sync"

	"stempel/internal/loyalty"
)

// record is what tills were told: the side of the story that the ledger has to
// agree with. Its methods may be called from several goroutines.
type record struct {
	mu       sync.Mutex
	scans    int            // acknowledged
	entries  map[string]int // acknowledged entry → by how many requests
	redeemed map[string]int // voucher → acknowledged redemptions
	troubles []string       // what should not have been answered, or was not settled
	changed  int            // retries that were told something else than the first time
}

func newRecord() *record {
	return &record{entries: map[string]int{}, redeemed: map[string]int{}}
}

// acknowledged notes the answer to one request.
func (r *record) acknowledged(p posting) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range p.Entries {
		r.entries[e.ID]++
		switch e.Kind {
		case loyalty.Earn.String():
			r.scans++
		case loyalty.Redeem.String():
			r.redeemed[e.Voucher]++
		}
	}
}

func (r *record) trouble(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.troubles = append(r.troubles, fmt.Sprintf(format, args...))
}

func (r *record) answerChanged() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changed++
}

// verdict compares what tills were told with what the ledger has.
type verdict struct {
	acknowledged   int // scans
	redeemed       int // vouchers
	lost           int // acknowledged entries that are not in the ledger, or stand for two requests
	doubled        int // credits in the ledger that nobody was told of
	doubleRedeemed int // redemptions of a voucher beyond its first, told or posted
	changed        int
	troubles       []string
}

func (v *verdict) holds() bool {
	return v.lost+v.doubled+v.doubleRedeemed+v.changed+len(v.troubles) == 0
}

// judge takes the whole ledger of the cards that were scanned.
func (r *record) judge(ledger []loyalty.Entry) verdict {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := verdict{acknowledged: r.scans, redeemed: len(r.redeemed), changed: r.changed, troubles: r.troubles}
	posted := map[string]bool{}
	redemptions := map[loyalty.VoucherID]int{}
	for i := range ledger {
		e := &ledger[i]
		id := e.ID.String()
		posted[id] = true
		if e.Kind == loyalty.Earn && r.entries[id] == 0 {
			v.doubled++
		}
		if e.Kind == loyalty.Redeem {
			redemptions[e.Voucher]++
		}
	}
	for id, told := range r.entries {
		if !posted[id] {
			v.lost += told
		} else {
			v.lost += told - 1
		}
	}
	for voucher, count := range redemptions {
		v.doubleRedeemed += max(count, r.redeemed[voucher.String()]) - 1
	}
	return v
}
