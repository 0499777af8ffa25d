package loyalty

// Sums are what entries came to within the span of a replay. Where that is all of a
// history, what was issued, less what was redeemed, expired and filled, is the
// balance.
type Sums struct {
	Earns    int64 // entries
	Issued   int64 // units that came in, less what was taken back
	Redeemed int64 // units that rewards cost, less what was given back
	Expired  int64 // units
	Filled   int64 // stamps of full cards
	Discount int64 // minor units that the cards' discount took off
	Rewards  map[RewardID]*RewardSums
	Refused  map[Refused]int64
}

// RewardSums are those of one reward.
type RewardSums struct {
	Issued    int64 // vouchers
	Withdrawn int64 // of these
	Redeemed  int64 // in all, less what was given back
	Bought    int64 // of these: for units
	Off       int64 // minor units that it took off, less what was given back
	Live      int64 // vouchers at the end
	Left      int64 // minor units on these, of gift cards
}

// Refused is what the ledger has and a replay refuses.
type Refused struct {
	Kind EntryKind
	Code Code
}

func (s *Sums) reward(id RewardID) *RewardSums {
	if s.Rewards == nil {
		s.Rewards = map[RewardID]*RewardSums{}
	}
	if s.Rewards[id] == nil {
		s.Rewards[id] = &RewardSums{}
	}
	return s.Rewards[id]
}

func (s *Sums) refuse(kind EntryKind, code Code) {
	if s.Refused == nil {
		s.Refused = map[Refused]int64{}
	}
	s.Refused[Refused{kind, code}]++
}

// add adds an entry. origin is what a void takes back.
func (s *Sums) add(e, origin *Entry) {
	kind, sign := e.Kind, int64(1)
	if kind == Void {
		kind, sign = origin.Kind, -1
	}
	switch kind {
	case Earn, Opening, Adjust, Refund:
		s.Issued += e.Units
		s.Discount += e.Counted.Off // of a refunded grant
		if e.Kind == Earn {
			s.Earns++
		}
	case Redeem:
		s.Redeemed -= e.Units
		reward := s.reward(e.Reward)
		reward.Redeemed += sign
		reward.Off += e.Counted.Off
		if e.Units != 0 {
			reward.Bought += sign
		}
	case Grant:
		s.Discount += e.Counted.Off
	case Expire:
		s.Expired -= e.Units
	case Complete:
		s.Filled -= e.Units
	}
}

// off is all that was taken off, of whatever money.
func (s *Sums) off() int64 {
	off := s.Discount
	for _, reward := range s.Rewards {
		off += reward.Off
	}
	return off
}

// addVouchers adds those of a decision. What only moves to another card is neither
// issued nor withdrawn.
func (s *Sums) addVouchers(d *Decision, moved []Voucher) {
	for i := range d.Issued {
		s.reward(d.Issued[i].Reward).Issued++
	}
	for i := range d.Changed {
		if v := &d.Changed[i]; v.State == Withdrawn && find(moved, v.ID, voucherID) < 0 {
			s.reward(v.Reward).Withdrawn++
		}
	}
	if d.From != nil {
		for i := range moved {
			s.reward(moved[i].Reward).Issued--
		}
	}
}

// Add adds the sums of another card.
func (s *Sums) Add(more *Sums) {
	s.Earns += more.Earns
	s.Issued += more.Issued
	s.Redeemed += more.Redeemed
	s.Expired += more.Expired
	s.Filled += more.Filled
	s.Discount += more.Discount
	for id, r := range more.Rewards {
		sum := s.reward(id)
		sum.Issued += r.Issued
		sum.Withdrawn += r.Withdrawn
		sum.Redeemed += r.Redeemed
		sum.Bought += r.Bought
		sum.Off += r.Off
		sum.Live += r.Live
		sum.Left += r.Left
	}
	for what, n := range more.Refused {
		if s.Refused == nil {
			s.Refused = map[Refused]int64{}
		}
		s.Refused[what] += n
	}
}
