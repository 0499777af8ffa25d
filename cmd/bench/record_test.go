package main

import (
	"net/http"
	"testing"
	"time"

	"stempel/internal/loyalty"
)

// told makes what a till is told of an entry.
func told(e loyalty.Entry) posting {
	return posting{Entries: []entry{{ID: e.ID.String(), Kind: e.Kind.String(), Voucher: e.Voucher.String()}}}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	one := loyalty.Entry{ID: loyalty.NewID(), Kind: loyalty.Earn}
	two := loyalty.Entry{ID: loyalty.NewID(), Kind: loyalty.Earn}
	voucher := loyalty.VoucherID(loyalty.NewID())
	gift := loyalty.Entry{ID: loyalty.NewID(), Kind: loyalty.Redeem, Voucher: voucher}
	again := loyalty.Entry{ID: loyalty.NewID(), Kind: loyalty.Redeem, Voucher: voucher}
	tests := []struct {
		name   string
		told   []loyalty.Entry
		ledger []loyalty.Entry
		want   verdict
	}{
		{"all there", []loyalty.Entry{one, two, gift}, []loyalty.Entry{gift, two, one}, verdict{acknowledged: 2, redeemed: 1}},
		{"lost", []loyalty.Entry{one, two}, []loyalty.Entry{two}, verdict{acknowledged: 2, lost: 1}},
		{"one entry for two scans", []loyalty.Entry{one, one}, []loyalty.Entry{one}, verdict{acknowledged: 2, lost: 1}},
		{"credited behind our back", []loyalty.Entry{one}, []loyalty.Entry{one, two}, verdict{acknowledged: 1, doubled: 1}},
		{"redeemed twice", []loyalty.Entry{gift, again}, []loyalty.Entry{gift, again}, verdict{redeemed: 1, doubleRedeemed: 1}},
		{"redeemed twice, told once", []loyalty.Entry{gift}, []loyalty.Entry{gift, again}, verdict{redeemed: 1, doubleRedeemed: 1}},
	}
	for _, tt := range tests {
		r := newRecord()
		for _, e := range tt.told {
			r.acknowledged(told(e))
		}
		got := r.judge(tt.ledger)
		if got.acknowledged != tt.want.acknowledged || got.redeemed != tt.want.redeemed || got.lost != tt.want.lost ||
			got.doubled != tt.want.doubled || got.doubleRedeemed != tt.want.doubleRedeemed {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
		if good := tt.name == "all there"; got.holds() != good {
			t.Errorf("%s: holds says %v", tt.name, !good)
		}
	}
}

func TestAnythingOddBreaksTheVerdict(t *testing.T) {
	t.Parallel()
	r := newRecord()
	r.trouble("status %d", http.StatusTeapot)
	if v := r.judge(nil); v.holds() || v.troubles[0] != "status 418" {
		t.Errorf("after a trouble: %+v", v)
	}
	r = newRecord()
	r.answerChanged()
	if v := r.judge(nil); v.holds() {
		t.Errorf("after an answer changed: %+v", v)
	}
}

func TestJudgeFlood(t *testing.T) {
	t.Parallel()
	here, there := till{}, till{}
	here.ID, there.ID = loyalty.NewID(), loyalty.NewID()
	won := presentation{till: here, status: http.StatusOK, credit: posting{Entries: []entry{{ID: "entry_1", Kind: "earn"}}}}
	lost := func(at till, change func(*problem)) presentation {
		p := presentation{till: at, status: http.StatusConflict}
		p.loser.Code = "credential_already_used"
		p.loser.Used.At, p.loser.Used.Till = time.Unix(1, 0), here.ID.String()
		if at.ID == here.ID {
			p.loser.Used.Entry, p.loser.Entry = "entry_1", "entry_1"
		}
		if change != nil {
			change(&p.loser)
		}
		return p
	}
	tests := []struct {
		name           string
		told           []presentation
		credits, badly int
	}{
		{"as promised", []presentation{lost(here, nil), won, lost(there, nil)}, 1, 0},
		{"nobody", []presentation{lost(here, nil), lost(there, nil)}, 0, 2},
		{"two", []presentation{won, won, lost(there, nil)}, 2, 1},
		{"not when", []presentation{won, lost(there, func(p *problem) { p.Used.At = time.Time{} })}, 1, 1},
		{"not where", []presentation{won, lost(there, func(p *problem) { p.Used.Till = "" })}, 1, 1},
		{"not which entry", []presentation{won, lost(here, func(p *problem) { p.Used.Entry = "" })}, 1, 1},
		{"the entry to another till", []presentation{won, lost(there, func(p *problem) { p.Entry = "entry_1" })}, 1, 1},
		{"another reason", []presentation{won, lost(there, func(p *problem) { p.Code = "cooldown_active" })}, 1, 1},
	}
	for _, tt := range tests {
		if credits, badly := judgeFlood(tt.told); credits != tt.credits || badly != tt.badly {
			t.Errorf("%s: got %d credits and %d badly told", tt.name, credits, badly)
		}
	}
}
