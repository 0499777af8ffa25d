package store

import (
	"bytes"
	"slices"
	"strings"

	"stempel/internal/loyalty"
)

// A lookup reads the rows that a list of keys names: one table, one column, an
// index on it, and no further condition, so that no plan can be a scan.
type lookup struct {
	key      string // type of the keys in PostgreSQL
	postgres string // one parameter: an array of keys
	locking  string // the same, and locks the rows in the order of their keys
	timed    bool   // a second parameter: an array of the same time, once per key
	sqlite   [2]string
	read     func(*gathering, source)
}

// newLookup takes the query up to the key column, and what follows.
func newLookup(key, head, tail string, read func(*gathering, source)) *lookup {
	postgres := head + " = ANY($1)" + tail
	return &lookup{
		key: key, postgres: postgres, locking: postgres + " FOR NO KEY UPDATE",
		sqlite: [2]string{head + " IN (", ")" + tail}, read: read,
	}
}

// forSQLite is the text for so many keys.
func (l *lookup) forSQLite(keys int) string {
	key := "?"
	if l.timed {
		key = "(?, ?)"
	}
	return l.sqlite[0] + key + strings.Repeat(", "+key, keys-1) + l.sqlite[1]
}

// All lookups there are.
var (
	cardLookup = newLookup("uuid",
		"SELECT "+selected("c", cardIdentity+", "+cardState)+
			", c.watched, c.choice, (SELECT p.current_version FROM programs p WHERE p.id = c.program_id), "+cardBelonging+" FROM cards c WHERE c.id",
		" ORDER BY c.id", (*gathering).card)
	stockLookup = newLookup("uuid",
		"SELECT "+selected("s", stockColumns)+" FROM stock s WHERE s.reward_id",
		" ORDER BY s.reward_id", (*gathering).stock)
	claimLookup = newLookup("uuid",
		"SELECT "+selected("k", claimColumns)+" FROM claims k WHERE k.id",
		" ORDER BY k.id", (*gathering).claim)
	tagLookup = newLookup("uuid",
		"SELECT "+selected("g", tagColumns)+", (SELECT l.zone FROM locations l WHERE l.id = g.location_id)"+
			", (SELECT l.hours FROM locations l WHERE l.id = g.location_id) FROM tags g WHERE g.id",
		" ORDER BY g.id", (*gathering).tag)
	approvalLookup = newLookup("uuid",
		"SELECT "+selected("a", approvalColumns)+" FROM approvals a WHERE a.id",
		" ORDER BY a.id", (*gathering).approval)
	waitingLookup = newLookup("uuid",
		"SELECT "+selected("a", approvalColumns)+" FROM approvals a WHERE a.decided_at = 0 AND a.card_id",
		" ORDER BY a.id", (*gathering).waiting)
	leaseLookup = newLookup("uuid",
		"SELECT "+selected("l", leaseColumns)+" FROM leases l WHERE l.id",
		" ORDER BY l.id", (*gathering).lease)
	itemLookup = newLookup("bytea",
		"SELECT i.slot, i.hash FROM offline_items i WHERE i.code <> 'counter_reused' AND i.slot",
		"", (*gathering).item)
	tillLookup = newLookup("uuid",
		"SELECT t.id, t.merchant_id, t.location_id, t.name, t.revoked_at, t.blocked_at, t.pairing, "+
			"(SELECT l.zone FROM locations l WHERE l.id = t.location_id) FROM tills t WHERE t.id",
		"", (*gathering).till)
	useLookup = newLookup("uuid",
		"SELECT "+selected("u", useColumns)+
			", (SELECT t.name FROM tills t WHERE t.id = u.till_id)"+
			", (SELECT t.merchant_id FROM tills t WHERE t.id = u.till_id) FROM spent u WHERE u.nonce",
		"", (*gathering).use)
	secretLookup = newLookup("uuid",
		"SELECT d.home_id, "+selected("d", secretColumns)+" FROM devices d WHERE d.revoked_at = 0 AND d.home_id",
		"", (*gathering).secret)
	holderLookup = newLookup("uuid",
		"SELECT a.card_id, a.member_id, (SELECT m.profile FROM members m WHERE m.id = a.member_id) FROM card_members a WHERE a.card_id",
		"", (*gathering).holder)
	answerLookup = newLookup("bytea",
		"SELECT "+selected("r", answerColumns)+" FROM requests r WHERE r.id",
		"", (*gathering).answer)
	liveVoucherLookup = newLookup("uuid",
		"SELECT "+selected("v", voucherColumns)+" FROM vouchers v WHERE v.state IN (1, 2) AND v.card_id",
		" ORDER BY v.issued_at, v.id", (*gathering).voucher)
	voucherLookup = newLookup("uuid",
		"SELECT "+selected("v", voucherColumns)+" FROM vouchers v WHERE v.card_id",
		" ORDER BY v.issued_at, v.id", (*gathering).voucher)
	liveLotLookup = newLookup("uuid",
		"SELECT "+selected("l", lotColumns)+" FROM lots l WHERE l.remaining > 0 AND l.card_id",
		"", (*gathering).lot)
	lotLookup = newLookup("uuid",
		"SELECT "+selected("l", lotColumns)+" FROM lots l WHERE l.card_id",
		"", (*gathering).lot)
	refundLookup = newLookup("uuid",
		"SELECT "+selected("r", refundColumns)+" FROM refunds r WHERE r.entry_id",
		"", (*gathering).refund)
	tallyLookup = newLookup("uuid",
		"SELECT "+selected("t", tallyColumns)+" FROM tallies t WHERE t.card_id",
		"", (*gathering).tally)
	originLookup = newLookup("uuid",
		"SELECT "+selected("e", entryColumns)+
			", (SELECT v.id FROM entries v WHERE v.kind = 6 AND v.origin_id = e.id)"+
			", (SELECT p.key FROM purchases p WHERE p.entry_id = e.id) FROM entries e WHERE e.id",
		"", (*gathering).origin)
	creditLookup = newLookup("uuid",
		"SELECT "+selected("p", creditedColumns)+" FROM purchases p WHERE p.key",
		"", (*gathering).credit)
	partnerLookup = newLookup("uuid",
		"SELECT "+selected("p", partnerColumns)+" FROM partners p WHERE p.merchant_id",
		"", (*gathering).partner)
	versionLookup = newLookup("uuid",
		"SELECT v.program_id, v.version, p.merchant_id, CAST(v.rules AS text) "+
			"FROM program_versions v JOIN programs p ON p.id = v.program_id WHERE v.program_id",
		"", (*gathering).version)
)

// A question is a lookup of some keys.
type question struct {
	lookup *lookup
	keys   [][]byte
	lock   bool  // with lookup.locking, where a transaction writes
	at     int64 // where the lookup is timed: in microseconds
}

// questions are what to ask for the facts that keys name, in the order in which
// to ask: locks first, cards before stock before claim codes before tags before approvals before leases
// before pools, each by id; what is only shown is not locked. On PostgreSQL each
// statement sees what was committed before it began; so whatever follows the
// locks is as the last holder of the locks left it.
func questions(k *loyalty.Keys, uses seldom, show *shown) []question {
	cards, histories := distinct(k.Cards), distinct(k.Histories)
	all := [...]question{
		{lookup: cardLookup, keys: cards, lock: true},
		{lookup: stockLookup, keys: distinct(k.Rewards), lock: true},
		{lookup: claimLookup, keys: distinct(k.Claims), lock: true},
		{lookup: tagLookup, keys: distinct(k.Tags), lock: true},
		{lookup: approvalLookup, keys: distinct(k.Approvals), lock: true},
		{lookup: leaseLookup, keys: distinct(k.Leases), lock: true},
		{lookup: waitingLookup, keys: distinct(k.Waiting)},
		{lookup: itemLookup, keys: distinctSlots(k.Slots)},
		{lookup: tillLookup, keys: distinct(k.Tills)},
		{lookup: useLookup, keys: distinct(k.Nonces)},
		{lookup: secretLookup, keys: distinct(k.Secrets)},
		{lookup: holderLookup, keys: distinct(k.Holders)},
		{lookup: answerLookup, keys: distinctRequests(k.Requests)},
		{lookup: liveVoucherLookup, keys: without(cards, histories)},
		{lookup: voucherLookup, keys: histories},
		{lookup: tallyLookup, keys: distinct(joined(k.Tallies, show.tallies))},
		{lookup: originLookup, keys: distinct(k.Origins)},
		{lookup: refundLookup, keys: distinct(k.Origins)},
		{lookup: creditLookup, keys: distinct(k.Purchases)},
	}
	asked := make([]question, 0, len(all)+3)
	for _, q := range all {
		if len(q.keys) > 0 {
			asked = append(asked, q)
		}
	}
	asked = append(asked, seldomAsked(k, uses, show)...)
	return append(asked, show.questions(k)...)
}

// seldom is what few programs have. What none has, as far as this process knows,
// nobody asks for. It hears of a program that has it with the first of its versions
// that it reads, and asks along with that.
type seldom struct{ lots, partners, members, codes bool }

// without is what another has not.
func (s seldom) without(other seldom) seldom {
	return seldom{s.lots && !other.lots, s.partners && !other.partners, s.members && !other.members, s.codes && !other.codes}
}

// seldomAsked are what to ask where programs have it.
func seldomAsked(k *loyalty.Keys, uses seldom, show *shown) (asked []question) {
	if uses == (seldom{}) {
		return nil
	}
	if uses.lots {
		asked = lotQuestions(k)
	}
	if acting := distinct(k.Merchants); uses.partners && len(acting) > 0 {
		asked = append(asked, question{lookup: partnerLookup, keys: acting})
	}
	if uses.members {
		asked = append(asked, memberQuestions(k, show)...)
	}
	if uses.codes {
		asked = append(asked, poolQuestions(k)...)
	}
	return asked
}

// lotQuestions are what to ask for the lots of cards.
func lotQuestions(k *loyalty.Keys) []question {
	cards, histories := distinct(k.Cards), distinct(k.Histories)
	asked := make([]question, 0, 2)
	if live := without(cards, histories); len(live) > 0 {
		asked = append(asked, question{lookup: liveLotLookup, keys: live})
	}
	if len(histories) > 0 {
		asked = append(asked, question{lookup: lotLookup, keys: histories})
	}
	return asked
}

// distinct sorts ids and drops repetitions.
func distinct[T ~[16]byte](ids []T) [][]byte {
	keys := make([][]byte, len(ids))
	for i := range ids {
		keys[i] = ids[i][:]
	}
	return compact(keys)
}

func distinctRequests(ids []loyalty.RequestID) [][]byte {
	keys := make([][]byte, len(ids))
	for i := range ids {
		keys[i] = ids[i][:]
	}
	return compact(keys)
}

func distinctSlots(slots []loyalty.Slot) [][]byte {
	keys := make([][]byte, len(slots))
	for i := range slots {
		keys[i] = slots[i][:]
	}
	return compact(keys)
}

func compact(keys [][]byte) [][]byte {
	if len(keys) > 1 {
		slices.SortFunc(keys, bytes.Compare)
		keys = slices.CompactFunc(keys, bytes.Equal)
	}
	return keys
}

// without is keys less some; both are sorted.
func without(keys, some [][]byte) [][]byte {
	if len(some) == 0 {
		return keys
	}
	rest := make([][]byte, 0, len(keys))
	for _, key := range keys {
		if _, found := slices.BinarySearchFunc(some, key, bytes.Compare); !found {
			rest = append(rest, key)
		}
	}
	return rest
}
