package loyalty

import (
	"encoding/binary"
	"errors"
	"time"
)

// Offline says of a command that a till did it without a network, wrote it down,
// and sent it later. Times are those of the capture then, see Command.at.
type Offline struct {
	Item  QueueItem
	Lease LeaseID // of a redemption
}

// QueueItem names one item of a till's queue. The same counter with another hash is
// something else, done by a device that was restored from a copy.
type QueueItem struct {
	Queue   QueueID
	Counter int64 // 1 to MaxCounter
	Hash    Hash
}

// MaxCounter is the last item of a queue: JavaScript counts exactly that far.
const MaxCounter = 1<<53 - 1

// ItemMemory is how long it is known what became of an item, at least: from when it was
// posted or settled. An item is sent within OfflineHorizon, or is too old by then.
const ItemMemory = 90 * 24 * time.Hour

// Slot is the place of an item in its queue: the queue's id, and the counter in
// big-endian. Its first item, by arrival, is the one that counts.
type Slot [24]byte

// Slot is where the item stands.
func (i *QueueItem) Slot() (s Slot) {
	copy(s[:], i.Queue[:])
	binary.BigEndian.PutUint64(s[16:], uint64(i.Counter))
	return s
}

// Item is the item with that hash that stands in a slot.
func (s Slot) Item(hash Hash) QueueItem {
	return QueueItem{Queue: QueueID(s[:16]), Counter: int64(binary.BigEndian.Uint64(s[16:])), Hash: hash}
}

// Queue is one device's list of what it does without a network at a till.
type Queue struct {
	ID       QueueID
	Merchant MerchantID
	Till     TillID
	Key      [64]byte // of P-256: x and y
	Created  time.Time
	Last     int64 // the highest counter that was synced; 0: none
}

// Lease lets a till hand out rewards without a network: so many, until a time. It is
// a budget for losses, counted at the sync.
type Lease struct {
	ID          LeaseID
	Merchant    MerchantID
	Till        TillID
	Redemptions int32
	Used        int32 // synced, posted or contested
	Issued      time.Time
	Expires     time.Time
}

// LeaseRule is what the owner allows a till to hand out offline.
type LeaseRule struct {
	Redemptions int32 // 0: nothing
	Hours       int32
}

// DefaultLease is the rule of a till of which nothing else was said.
var DefaultLease = LeaseRule{Redemptions: 5, Hours: 12}

// Next is the lease of a till that asks for one at now, having had last (zero: none)
// before. While a lease lasts and some of it was not synced, nobody knows how much of
// it was used: it goes on, with a later end, so that there is never more abroad than
// the rule says. The second value is false where the rule allows nothing.
func (r LeaseRule) Next(last Lease, id LeaseID, now time.Time) (Lease, bool) {
	if r.Redemptions == 0 {
		return Lease{}, false
	}
	next := last
	if last.ID.IsZero() || !now.Before(last.Expires) || last.Used >= r.Redemptions {
		next = Lease{ID: id, Merchant: last.Merchant, Till: last.Till, Issued: now}
	}
	next.Redemptions = r.Redemptions
	next.Expires = now.UTC().Add(time.Duration(r.Hours) * time.Hour).Truncate(time.Second)
	return next, true
}

// Synced is what became of an item that was posted.
type Synced struct {
	Item     QueueItem
	Merchant MerchantID
	Till     TillID
	Entry    EntryID
	Lease    LeaseID
	At       time.Time
}

// Contested is an item that the ledger did not take. The owner settles it.
type Contested struct {
	ID       ContestedID
	Item     QueueItem
	Merchant MerchantID
	Till     TillID
	Staff    StaffID
	Captured time.Time
	Synced   time.Time
	Action   EntryKind // Earn or Redeem
	Card     CardID    // zero where the credential did not tell
	Method   Method    // 0 likewise
	Units    int64     // of an earning that names them
	Total    int64     // of its purchase, in Currency's minor units
	Currency string    // "": no purchase
	Voucher  VoucherID
	Lease    LeaseID
	Code     Code
	Detail   string
	Settled  time.Time // zero: open
	Note     string
}

// Loss reports whether a reward was handed out for which no voucher was redeemed.
func (c *Contested) Loss() bool { return c.Action == Redeem }

// Settled is what became of an item, for good: Entry where it was posted; else
// Contested, with why.
type Settled struct {
	Entry     EntryID
	Contested ContestedID
	Code      Code
	Detail    string
}

// ErrItemSettled says that an item became what it is before: the store knows what.
var ErrItemSettled = errors.New("the item was settled before")

// at is the time by which a command is judged: when it was done where a till did it
// offline, else now.
func (c *Command) at(now time.Time) time.Time {
	if c.Offline != nil {
		return c.Captured
	}
	return now
}

// belated reports whether a command tells of a moment before others that were posted
// already.
func (c *Command) belated() bool { return c.Offline != nil || c.Scan.Method == Slip }

// CheckCaptured holds that an item was sent before it is too old. Errors:
// capture_too_old.
func CheckCaptured(captured, now time.Time) error {
	if now.Sub(captured) > OfflineHorizon {
		return refuse(CaptureTooOld, "This was done more than three days before it was sent.")
	}
	return nil
}

// checkItem holds that an item is new, not too old, and within its lease.
func (d *deciding) checkItem() error {
	if d.cmd.Offline == nil {
		return nil
	}
	item := &d.cmd.Offline.Item
	switch hash, taken := d.facts.Items[item.Slot()]; {
	case taken && hash == item.Hash:
		return ErrItemSettled
	case taken:
		return RefuseReused()
	}
	if err := CheckCaptured(d.cmd.Captured, d.now); err != nil {
		return err
	}
	if d.cmd.Kind() != Redeem {
		return nil
	}
	lease, found := d.facts.Leases[d.cmd.Offline.Lease]
	switch {
	case !found || lease.Till != d.cmd.Till || lease.Merchant != d.cmd.Merchant:
		return refuse(LeaseInvalid, "This till was never given the lease on which the reward was handed out.")
	case lease.Used >= lease.Redemptions:
		return refuse(LeaseExhausted, "The till handed out more rewards than its lease allows.")
	}
	return nil
}

// RefuseReused is of the later one of two items with one counter.
func RefuseReused() *Refusal {
	return refuse(CounterReused, "Another item with this number arrived first. The tablet was perhaps restored from a copy.")
}

// settle notes that an item was posted, and counts it against its lease.
func (d *deciding) settle() {
	c := d.cmd
	if c.Offline == nil {
		return
	}
	d.out.Synced = append(d.out.Synced, Synced{
		Item: c.Offline.Item, Merchant: c.Merchant, Till: c.Till, Entry: d.out.Primary(c.Kind()).ID, Lease: c.Offline.Lease, At: d.now,
	})
	if lease, found := d.facts.Leases[c.Offline.Lease]; found {
		lease.Used++
		d.out.Leases = append(d.out.Leases, lease)
	}
}

// applySynced is Facts.Apply for items and leases. Their maps are made only when they
// are needed: few batches have any.
func (f *Facts) applySynced(d *Decision) {
	for i := range d.Synced {
		if f.Items == nil {
			f.Items = map[Slot]Hash{}
		}
		item := &d.Synced[i].Item
		f.Items[item.Slot()] = item.Hash
	}
	for _, l := range d.Leases {
		f.Leases[l.ID] = l
	}
}
