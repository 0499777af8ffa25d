package loyalty

import "time"

// Card is one enrolment in a program. It holds no personal data. Balance,
// Lifetime, Seq and Head always follow from its entries, Inherited from those of
// the cards that were merged into it; the rest is what Decide needs to know
// without reading them.
type Card struct {
	ID       CardID
	Merchant MerchantID
	Program  ProgramID
	Created  time.Time
	Blocked  bool
	MayOwe   bool // the program allows a negative balance

	Balance  int64 // sum of all entries' units
	Lifetime int64 // units ever come in, less those taken back: a voucher's Threshold is measured on it
	Cycle    int64 // stamps: how many cards were filled (or lapsed) before this one
	Seq      int64 // of the last entry; 0 for none
	Head     Hash  // of the last entry, or FirstLink
	Floor    int64 // Seq of the last lapse: entries up to it cannot be voided

	Counts Counts // what came in by month, for programs with a standing; "" on other cards

	Inherited  int64  // lifetime of cards merged into this one, beyond the balance that came with them
	MergedInto CardID // the survivor; a card that has one has ended: its balance is 0 for ever

	LastEarn   time.Time // of the last earn; zero for none, or when that one was voided
	ActiveAt   time.Time // when units last came in; units_last_days counts from here
	Day        int32     // local date of the last earn as yyyymmdd; 0 before the first
	DayFrom    int64     // Seq of that day's first earn
	DayUnits   int64     // earned on that day, less what was voided
	Month      int32     // likewise of the month, as yyyymm
	MonthFrom  int64
	MonthUnits int64
	Visits     int64 // earns, less those that were voided
	WalletGen  int32 // generation of the static text in wallets
	PrintGen   int32 // generation of the static text on paper and tags

	Choice Choice // what its holder wishes to redeem next; zero: nothing
}

// NewCard is a card without entries.
func NewCard(id CardID, p *Program, now time.Time) Card {
	return Card{
		ID: id, Merchant: p.Merchant, Program: p.ID, Created: now, Head: FirstLink(id),
		WalletGen: 1, PrintGen: 1,
	}
}

// Earned is all that its holder ever earned in the program, less what was taken
// back, on this card and on those merged into it.
func (c *Card) Earned() int64 { return c.Lifetime + c.Inherited }

// lapseAt is when the balance lapses if nothing comes in, or zero for never.
func (c *Card) lapseAt(r *Rules) time.Time {
	if r.UnitsLast == 0 || c.Balance <= 0 || c.ActiveAt.IsZero() {
		return time.Time{}
	}
	return c.ActiveAt.Add(days(r.UnitsLast))
}

// LapsesAt is when the card's units lapse if none come in before, or zero for
// never. After that moment they cannot be used, although the entry that says so
// is posted only with the card's next action.
func (c *Card) LapsesAt(p *Program) time.Time { return c.lapseAt(&p.Rules) }
