package store

import "stempel/internal/loyalty"

// How often a member has had a reward is the sum of what the cards have had that are
// the member's, and of what stands in member_tallies: what others had when they were
// detached, or merged into somebody else's. A card that was merged is counted with its
// survivor.

// memberLookup tells whose cards are, and locks the members: two cards of one member
// are decided one after the other, and what is read next was left by the one before.
var memberLookup = lockingOnly("m", newLookup("uuid",
	"SELECT a.card_id, a.member_id FROM card_members a JOIN members m ON m.id = a.member_id WHERE a.card_id",
	" ORDER BY m.id", (*gathering).member))

// memberTallyLookup is what the members have had to whom cards belong.
var memberTallyLookup = newLookup("uuid",
	"WITH n AS (SELECT DISTINCT a.member_id FROM card_members a WHERE a.card_id",
	") SELECT n.member_id, t.reward_id, t.count, c.merged_into FROM n JOIN card_members b ON b.member_id = n.member_id "+
		"JOIN cards c ON c.id = b.card_id JOIN tallies t ON t.card_id = b.card_id "+
		"UNION ALL SELECT n.member_id, k.reward_id, k.count, NULL FROM n JOIN member_tallies k ON k.member_id = n.member_id",
	(*gathering).memberTally)

// memberQuestions are what to ask about the members whose cards count by them. Those
// whose cards are only shown are not locked.
func memberQuestions(k *loyalty.Keys, show *shown) (asked []question) {
	locked := distinct(k.Tallies)
	all := distinct(joined(k.Tallies, show.members))
	if len(all) == 0 {
		return nil
	}
	if len(locked) > 0 {
		asked = append(asked, question{lookup: memberLookup, keys: locked, lock: true})
	}
	if rest := without(all, locked); len(rest) > 0 {
		asked = append(asked, question{lookup: memberLookup, keys: rest})
	}
	return append(asked, question{lookup: memberTallyLookup, keys: all})
}

// lockingOnly is a lookup that locks the rows of one of its tables.
func lockingOnly(alias string, l *lookup) *lookup {
	l.locking += " OF " + alias
	return l
}

func (g *gathering) member(r source) {
	card, member := loyalty.CardID(r.id()), loyalty.MemberID(r.id())
	if state := g.facts.Cards[card]; state != nil {
		state.Member = member
	}
}

// memberTally makes the maps only when they are needed, as claim does.
func (g *gathering) memberTally(r source) {
	member, reward, count := loyalty.MemberID(r.id()), loyalty.RewardID(r.id()), r.number()
	if merged := r.id(); merged != ([16]byte{}) {
		return
	}
	if g.facts.Members == nil {
		g.facts.Members = map[loyalty.MemberID]loyalty.MemberTallies{}
	}
	if g.facts.Members[member] == nil {
		g.facts.Members[member] = loyalty.MemberTallies{}
	}
	g.facts.Members[member][reward] += count
}

// A row names the card that goes on, wherever the one that it is about went.
const (
	intoTallies = "INSERT INTO member_tallies (member_id, card_id, reward_id, count) "
	addTallies  = " ON CONFLICT (member_id, card_id, reward_id) DO UPDATE SET count = member_tallies.count + excluded.count"

	// keepDetached remembers what a member had with a card that is detached; of a card
	// that was merged that is counted with its survivor.
	keepDetached = intoTallies + `SELECT a.member_id, t.card_id, t.reward_id, t.count FROM card_members a
		JOIN cards c ON c.id = a.card_id JOIN tallies t ON t.card_id = a.card_id
		WHERE c.merged_into IS NULL AND a.card_id = ?` + addTallies

	// keepMerged remembers the same of a card that was merged into somebody else's.
	keepMerged = intoTallies + `SELECT a.member_id, n.into_id, t.reward_id, t.count FROM %s
		JOIN card_members a ON a.card_id = n.from_id JOIN tallies t ON t.card_id = n.from_id
		WHERE NOT EXISTS (SELECT 1 FROM card_members b WHERE b.card_id = n.into_id AND b.member_id = a.member_id)`

	// followMerged has rows follow a merge.
	followMerged = intoTallies + `SELECT k.member_id, n.into_id, k.reward_id, k.count FROM %s
		JOIN member_tallies k ON k.card_id = n.from_id WHERE true`
	leaveMerged = "UPDATE member_tallies SET count = 0 FROM %s WHERE member_tallies.card_id = n.from_id"

	// forgetMerged drops what the survivor's member has along with the survivor.
	forgetMerged = `UPDATE member_tallies SET count = 0 FROM %s JOIN card_members a ON a.card_id = n.into_id
		WHERE member_tallies.member_id = a.member_id AND member_tallies.card_id = n.into_id`

	// forgetCounted drops what a member had with cards that are the member's again.
	forgetCounted = `DELETE FROM member_tallies WHERE member_id = ? AND EXISTS (SELECT 1 FROM card_members a
		WHERE a.card_id = member_tallies.card_id AND a.member_id = member_tallies.member_id)`

	// passMemberTallies gives what one member had to another. Whoever had a card later
	// had with it what the one before had, too.
	passMemberTallies = intoTallies + `SELECT m.id, k.card_id, k.reward_id, k.count FROM members m
		JOIN member_tallies k ON true WHERE m.id = ? AND k.member_id = ? ON CONFLICT (member_id, card_id, reward_id) DO UPDATE
		SET count = CASE WHEN excluded.count > member_tallies.count THEN excluded.count ELSE member_tallies.count END`
)

var mergedTallies = []*change{
	rewriting(mergedColumns, keepMerged, "", addTallies),
	rewriting(mergedColumns, followMerged, "", addTallies),
	rewriting(mergedColumns, leaveMerged, "", ""),
	rewriting(mergedColumns, forgetMerged, "", ""),
}
