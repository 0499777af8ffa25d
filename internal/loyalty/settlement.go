package loyalty

import (
	"cmp"
	"errors"
	"slices"
)

// Turnover is what those entries of one program come to that share all this. Of what
// takes an entry back, merchant, version, reward and voucher are those of that entry.
type Turnover struct {
	Merchant  MerchantID
	Version   int32 // of the program, that decided
	Kind      EntryKind
	Of        EntryKind // what is taken back; 0: nothing is
	Reward    RewardID
	ByVoucher bool  // a voucher paid for the reward
	Units     int64 // the sum, with its sign
	Off       int64 // minor units that rewards took off purchases, likewise: each of the entries some, or none any
	Entries   int64
}

// Share is what came of some entries of one program: those of one merchant that were
// decided by one version. What takes an entry back counts for the merchant and the
// version of that entry, whoever does it; what no till earned or redeemed counts as
// Other, for the operator.
type Share struct {
	Merchant    MerchantID
	Version     int32
	Issued      int64 // units that were earned
	TakenBack   int64 // of units earned at any time: voided or refunded
	Redeemed    int64 // units that were spent on rewards
	GivenBack   int64 // of units redeemed at any time: voided
	Other       int64 // units that expired, were adjusted, brought along or merged: the sum, with its sign
	Redemptions int64 // rewards handed out, less those that were voided
	Cards       int64 // minor units that gift cards have paid, less what was given back to them
}

// share makes a turnover that of whoever pays for the reward. A code was bought by the
// operator, and a gift card is money that the operator owes from when it is bought:
// units spent on either are the operator's at whatever till, and who takes the gift
// card gets what it pays. rules are those of the version.
func (t *Turnover) share(operator MerchantID, rules *Rules) Share {
	s := Share{Merchant: t.Merchant, Version: t.Version}
	kind := AnItem
	if reward, known := rules.Reward(t.Reward); known {
		kind = reward.Kind
	}
	redeems := t.Kind == Redeem || t.Kind == Void && t.Of == Redeem
	switch {
	case redeems && kind == GiftCard && t.ByVoucher && t.Off != 0:
		s.Cards = t.Off
		return s
	case redeems && (kind == GiftCard && !t.ByVoucher || kind == PartnerCode):
		s.Merchant = operator
	}
	switch {
	case t.Kind == Earn:
		s.Issued = t.Units
	case t.Kind == Redeem:
		s.Redeemed, s.Redemptions = -t.Units, t.Entries
	case redeems:
		s.GivenBack, s.Redemptions = t.Units, -t.Entries
	case t.Kind == Void && t.Of == Earn || t.Kind == Refund:
		s.TakenBack = -t.Units
	default:
		s.Other = t.Units
	}
	return s
}

func (s *Share) add(o *Share) {
	s.Issued += o.Issued
	s.TakenBack += o.TakenBack
	s.Redeemed += o.Redeemed
	s.GivenBack += o.GivenBack
	s.Other += o.Other
	s.Redemptions += o.Redemptions
	s.Cards += o.Cards
}

// Sum is what the entries have changed balances by.
func (s *Share) Sum() int64 { return s.Issued - s.TakenBack - s.Redeemed + s.GivenBack + s.Other }

// Line is one merchant's part of a settlement. Money is in minor units.
type Line struct {
	Share       // Version is 0
	Pays  int64 // for what was issued, less what was taken back
	Gets  int64 // for what was redeemed, less what was given back, and what gift cards have paid
}

// Due is what the operator owes the merchant; below zero the merchant owes it.
func (l *Line) Due() int64 { return l.Gets - l.Pays }

// ErrNotSettled is of sums that are beyond what money is counted in.
var ErrNotSettled = errors.New("loyalty: the sums of a settlement are out of range")

// Settle makes the lines of a program from its turnovers, one for each merchant, the
// operator's first and then by id. What is Other is the operator's. The points of
// each version are worth what its rule says, rounded half up, and nothing without one.
// Errors: ErrNotSettled.
func Settle(operator MerchantID, turnovers []Turnover, versions map[int32]Rules) ([]Line, error) {
	lines := map[MerchantID]*Line{}
	lineOf := func(m MerchantID) *Line {
		if lines[m] == nil {
			lines[m] = &Line{Share: Share{Merchant: m}}
		}
		return lines[m]
	}
	house := lineOf(operator)
	for _, s := range sharesOf(operator, turnovers, versions) {
		rule := versions[s.Version].Coalition
		pays, fits := rule.worth(s.Issued - s.TakenBack)
		gets, fit := rule.worth(s.Redeemed - s.GivenBack)
		if !fits || !fit {
			return nil, ErrNotSettled
		}
		house.Other += s.Other
		s.Other = 0
		line := lineOf(s.Merchant)
		line.add(&s)
		line.Pays, line.Gets = line.Pays+pays, line.Gets+gets+s.Cards
	}
	list := make([]Line, 0, len(lines))
	for _, line := range lines {
		if line == house || line.Share != (Share{Merchant: line.Merchant}) {
			list = append(list, *line)
		}
	}
	slices.SortFunc(list, func(a, b Line) int {
		return cmp.Or(cmp.Compare(side(operator, &a), side(operator, &b)), a.Merchant.Compare(b.Merchant))
	})
	return list, nil
}

// side puts the operator before the others.
func side(operator MerchantID, l *Line) int {
	if l.Merchant == operator {
		return 0
	}
	return 1
}

// sharesOf adds turnovers up: one share for each merchant and version.
func sharesOf(operator MerchantID, turnovers []Turnover, versions map[int32]Rules) []Share {
	var sums []Share
	for i := range turnovers {
		rules := versions[turnovers[i].Version]
		s := turnovers[i].share(operator, &rules)
		at := slices.IndexFunc(sums, func(sum Share) bool { return sum.Merchant == s.Merchant && sum.Version == s.Version })
		if at < 0 {
			at, sums = len(sums), append(sums, Share{Merchant: s.Merchant, Version: s.Version})
		}
		sums[at].add(&s)
	}
	return sums
}

// worth is what points are worth in minor units; nothing without a rule.
func (r *CoalitionRule) worth(points int64) (money int64, fits bool) {
	if r == nil {
		return 0, true
	}
	if points < 0 {
		money, fits = HalfUp.scale(-points, r.Value, r.Units)
		return -money, fits
	}
	return HalfUp.scale(points, r.Value, r.Units)
}
