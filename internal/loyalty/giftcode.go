package loyalty

import (
	"slices"
	"time"
)

// GiftCode is one code of another shop, out of the pool of a reward: whoever redeems
// the reward is handed one, and nobody else ever is.
type GiftCode struct {
	ID          GiftCodeID
	Merchant    MerchantID
	Reward      RewardID
	Import      ImportID
	State       GiftCodeState
	Expires     time.Time // UTC; zero: never
	Imported    time.Time
	Sealed      []byte // its text
	Fingerprint Hash   // keyed, of its text: the same text again is found without opening any

	Taken time.Time // when it was handed out, …
	Card  CardID    // … to this card, or the one that this was merged into; zero once its holder was erased
	Entry EntryID   // … with this redemption
}

// GiftCodeState is where a code is in its life. It only ever rises, by one.
type GiftCodeState uint8

// The states of a code. What a customer has seen never goes back into the pool: a
// voided redemption spoils it.
const (
	CodeFree    GiftCodeState = 0
	CodeTaken   GiftCodeState = 1
	CodeSpoiled GiftCodeState = 2
)

// Good reports whether the code can be used at now, as far as its end goes.
func (c *GiftCode) Good(now time.Time) bool { return c.Expires.IsZero() || now.Before(c.Expires) }

// CodeBatch is what comes into the pool of a reward at once.
type CodeBatch struct {
	Merchant MerchantID
	Reward   RewardID
	Import   ImportID
	Codes    []NewCode
}

// NewCode is a code that is to come into a pool. Former are its fingerprints under
// keys that are no longer the current one, but were.
type NewCode struct {
	GiftCode
	Former []Hash
}

// Without are the codes of a batch but for the places given, which rise.
func (b *CodeBatch) Without(places []int) []GiftCode {
	rest := make([]GiftCode, 0, len(b.Codes)-len(places))
	for i := range b.Codes {
		if len(places) > 0 && places[0] == i {
			places = places[1:]
			continue
		}
		rest = append(rest, b.Codes[i].GiftCode)
	}
	return rest
}

// CodeCounts are how many codes of a pool, or of one import, stand where.
type CodeCounts struct {
	Free    int64
	Taken   int64
	Spoiled int64
	Expired int64 // too late to be handed out
}

// CodeImport is what is left in a pool of one import.
type CodeImport struct {
	ID       ImportID
	Imported time.Time
	CodeCounts
}

// CodePool is a reward's pool. LowSince is since when it has been low, as far as that
// was noticed; zero: it has not.
type CodePool struct {
	Reward   Reward
	LowSince time.Time
	CodeCounts
}

// MaxPool bounds the codes of a reward that nobody has been handed yet.
const MaxPool = 1_000_000

// Low reports whether so few codes are left that the shop wants to know.
func (r *Reward) Low(left int64) bool {
	return r.Kind == PartnerCode && r.CodesLow > 0 && left <= r.CodesLow
}

// RefuseNoPool is of a reward that has no pool.
func RefuseNoPool() *Refusal {
	return refuse(ActionNotOffered, "This reward is not a code of a partner. Give it the kind code in its program first.")
}

// RefusePoolFull is of an import too many.
func RefusePoolFull() *Refusal {
	return refuse(PoolFull, "A pool holds at most 1000000 codes that nobody was handed yet. Import these later.")
}

// poolCode is the code that a redemption of a reward hands out; nil for a reward
// that is no code. A reward that has left the catalogue is one while it has a pool.
// Errors: reward_out_of_stock; action_not_offered for what was done offline.
func (d *deciding) poolCode(id RewardID) (*GiftCode, error) {
	reward, known := d.rules.Reward(id)
	pool, pooled := d.facts.Pools[id]
	if known && reward.Kind != PartnerCode || !known && !pooled {
		return nil, nil
	}
	if d.cmd.Offline != nil {
		return nil, refuse(ActionNotOffered, "A code of a partner is handed out only by the server: a till without a network cannot have shown one.")
	}
	if code := freeCode(pool, d.now); code != nil {
		return code, nil
	}
	return nil, errNoCode()
}

// freeCode is the first of a pool that is good at now; nil where none is.
func freeCode(pool []GiftCode, now time.Time) *GiftCode {
	for i := range pool { // those that end first
		if pool[i].Good(now) {
			code := pool[i]
			return &code
		}
	}
	return nil
}

func errNoCode() error {
	return refuse(RewardOutOfStock, "No code of this partner is left. The voucher or the points stay on the card; the shop has to import more codes.")
}

// handOut gives a code out with a redemption.
func (d *deciding) handOut(code *GiftCode, entry EntryID) {
	if code == nil {
		return
	}
	code.State, code.Taken, code.Card, code.Entry = CodeTaken, d.now, d.card.ID, entry
	d.out.Codes = append(d.out.Codes, *code)
}

// spoil ends the code that a voided redemption had handed out, if any. The customer
// has seen it, so it is never handed out again; and a manager has to answer for it
// that it was not used. Errors: pin_required.
func (d *deciding) spoil(redemption EntryID) error {
	code, handed := d.facts.Handed[redemption]
	if !handed {
		return nil
	}
	if err := d.manager("The customer has been shown this reward's code. A manager's PIN confirms that it was not used; the code is then spoiled."); err != nil {
		return err
	}
	code.State = CodeSpoiled
	d.out.Codes = append(d.out.Codes, code)
	return nil
}

// applyCodes is Facts.Apply for codes.
func (f *Facts) applyCodes(d *Decision) {
	for _, code := range d.Codes {
		if code.State == CodeSpoiled {
			delete(f.Handed, code.Entry)
			continue
		}
		f.Pools[code.Reward] = slices.DeleteFunc(f.Pools[code.Reward], func(c GiftCode) bool { return c.ID == code.ID })
	}
}

// VerifyCode holds that a code which was handed out names the redemption that did,
// of its reward. e is zero where that entry is not there. Errors: *Flaw.
func VerifyCode(c *GiftCode, e *Entry) error {
	flaw := &Flaw{Card: e.Card, Seq: e.Seq, Entry: c.Entry}
	switch {
	case e.ID.IsZero():
		flaw.Problem = "is what " + c.ID.String() + " was handed out with, and is not there"
	case e.Kind != Redeem || e.Reward != c.Reward || e.Operator != c.Merchant:
		flaw.Problem = "is not what " + c.ID.String() + " was handed out with: that redeemed " + c.Reward.String()
	default:
		return nil
	}
	return flaw
}
