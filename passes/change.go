package passes

import (
	"time"

	"stempel/internal/loyalty"
)

// changedOf is when the card last changed, or zero for never.
func changedOf(entries []loyalty.Entry) time.Time {
	if last := newest(entries); last != nil {
		return last.Posted
	}
	return time.Time{}
}

func newest(entries []loyalty.Entry) (last *loyalty.Entry) {
	for i := range entries {
		if last == nil || entries[i].Seq > last.Seq {
			last = &entries[i]
		}
	}
	return last
}

// change tells the last posting in a sentence. A posting may have several
// entries, and issue vouchers: what matters most to the customer is told.
func (s *speaker) change(f *Face, of *Subject, now string) string {
	last := newest(of.Last)
	if last == nil {
		return s.tell("change.new", words{"Now": now})
	}
	said := words{"Now": now}
	by := map[loyalty.EntryKind]*loyalty.Entry{}
	var earned int64
	for i := range of.Last {
		if e := &of.Last[i]; e.Posted.Equal(last.Posted) {
			if by[e.Kind] == nil || e.Seq > by[e.Kind].Seq {
				by[e.Kind] = e
			}
			if e.Kind == loyalty.Earn {
				earned += e.Units
			}
		}
	}
	switch {
	case by[loyalty.Void] != nil, by[loyalty.Refund] != nil:
		return s.tell("change.void", said)
	case by[loyalty.Complete] != nil:
		said["Reward"] = rewardName(of.Program, of.Program.Card.Reward)
		return s.tell("change.full", said)
	case by[loyalty.Redeem] != nil:
		return s.redeemed(of, by[loyalty.Redeem], now)
	case by[loyalty.Grant] != nil:
		said["Amount"] = Money(s.language, by[loyalty.Grant].Counted.Off, f.Standing.Currency)
		return s.tell("change.grant", said)
	case by[loyalty.Merge] != nil:
		return s.tell("change.merge", said)
	}
	if voucher := issuedAt(of.Vouchers, last.Posted); voucher != nil {
		said["Reward"] = rewardName(of.Program, voucher.Reward)
		return s.tell("change.milestone", said)
	}
	switch {
	case by[loyalty.Earn] != nil:
		return s.count("change.earn."+string(f.Kind), earned, said)
	case by[loyalty.Opening] != nil:
		return s.tell("change.welcome", said)
	case by[loyalty.Expire] != nil:
		return s.tell("change.expire", said)
	}
	return s.tell("change.adjust", said)
}

// issuedAt is a voucher that a posting issued.
func issuedAt(vouchers []loyalty.Voucher, posted time.Time) *loyalty.Voucher {
	for i := range vouchers {
		if vouchers[i].Issued.Equal(posted) {
			return &vouchers[i]
		}
	}
	return nil
}
