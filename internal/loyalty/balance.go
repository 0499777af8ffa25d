package loyalty

import "fmt"

// maxCards is how many stamp cards one command may fill; it bounds the entries
// of a decision.
const maxCards = 100

// credit posts an entry that brings units in and fills stamp cards.
func (d *deciding) credit(e Entry) (EntryID, error) {
	if d.rules.Kind == Stamps && e.Units > maxCards*d.rules.Card.Size {
		return EntryID{}, refuse(UnitsOutOfRange, fmt.Sprintf("No more than %d cards can be filled at once.", maxCards))
	}
	since := d.card.Lifetime
	id, err := d.count(e)
	if err != nil {
		return EntryID{}, err
	}
	d.card.ActiveAt = d.now
	if d.rules.Kind == Stamps {
		d.fill(since, id)
	}
	return id, nil
}

// debit posts an entry that takes earned units away. A stamp card's full cards
// are undone as far as needed, and every voucher that the remaining units no
// longer reach is withdrawn. Errors: void_reward_used where such a voucher was
// used, insufficient_balance where the units were spent.
func (d *deciding) debit(e Entry) error {
	id, err := d.count(e)
	if err != nil {
		return err
	}
	if d.rules.Kind == Stamps {
		if err := d.unfill(id); err != nil {
			return err
		}
	}
	if d.card.Balance < 0 && !d.rules.AllowNegative {
		return refuse(InsufficientBalance, "The card no longer has these units. Void what they were spent on first.")
	}
	return nil
}

// count posts an entry whose units count in both balance and lifetime.
func (d *deciding) count(e Entry) (EntryID, error) {
	lifetime, fits := add(d.card.Lifetime, e.Units)
	if _, fitsToo := add(d.card.Balance, e.Units); !fits || !fitsToo {
		return EntryID{}, refuse(UnitsOutOfRange, "That is more than a card can hold.")
	}
	d.card.Lifetime = lifetime
	return d.post(e).ID, nil
}

// fill issues what the stamps since that lifetime have reached: milestones on the
// way, and a voucher for every full card, whose surplus begins the next one. It
// fills at most maxCards; only a change of rules can leave more, for the next
// command.
func (d *deciding) fill(since int64, because EntryID) {
	rule := &d.rules.Card
	for filled := 0; ; filled++ {
		start := d.card.Lifetime - d.card.Balance // Lifetime when this cycle began
		for _, m := range rule.Milestones {
			if at := start + m.At; since < at && at <= d.card.Lifetime {
				d.issueByID(m.Reward, at, 0, because)
			}
		}
		if d.card.Balance < rule.Size || filled == maxCards {
			return
		}
		complete := d.post(Entry{Kind: Complete, Units: -rule.Size, Origin: because}).ID
		d.card.Cycle++
		d.issueByID(rule.Reward, start+rule.Size, rule.Size, complete)
	}
}

// unfill takes full cards back until the balance is whole again, and withdraws
// what is no longer reached.
func (d *deciding) unfill(because EntryID) error {
	for d.card.Balance < 0 {
		full := d.fullCardBefore(d.card.Lifetime - d.card.Balance)
		if full == nil {
			return nil // debit refuses
		}
		if err := d.withdraw(full); err != nil {
			return err
		}
		d.card.Cycle--
		d.post(Entry{Kind: Void, Units: full.Spent, Origin: full.Entry, Voucher: full.ID, Reward: full.Reward})
	}
	for i := range d.out.Vouchers {
		if v := &d.out.Vouchers[i]; v.Threshold > d.card.Lifetime && v.State != Withdrawn {
			if err := d.withdraw(v); err != nil {
				return err
			}
		}
	}
	d.fill(d.card.Lifetime, because) // the last card taken back may have been larger than today's
	return nil
}

// fullCardBefore is the voucher of the full card after which the cycle that
// began at this lifetime came.
func (d *deciding) fullCardBefore(start int64) *Voucher {
	for i := range d.out.Vouchers {
		if v := &d.out.Vouchers[i]; v.Spent > 0 && v.Threshold == start && v.State != Withdrawn {
			return v
		}
	}
	return nil
}

func (d *deciding) withdraw(v *Voucher) error {
	if !v.State.CanBecome(Withdrawn) || v.Left < v.Value {
		return refuse(VoidRewardUsed, "The reward that these units earned has been used. Void its redemption first.")
	}
	d.move(v, Withdrawn)
	return nil
}
