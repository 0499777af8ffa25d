package store

import "stempel/internal/loyalty"

// What stands beside a card goes along with its merge, in the same transaction.
// Scans write none of these tables; of a batch without a merge nothing is sent.
const (
	mergedColumns = "from_id uuid, into_id uuid"

	// tellKnown notes that more is known of the member who gets the survivor than the
	// address they joined by: what was done with a card that was not theirs (see
	// knownOtherwise). The member's row is held before, as whoever else notes it does.
	tellKnown = `UPDATE affiliations SET alone = false WHERE alone AND member_id IN (
		SELECT COALESCE(m.merged_into, m.id) FROM %s
		LEFT JOIN card_members a ON a.card_id = n.from_id LEFT JOIN card_members b ON b.card_id = n.into_id
		JOIN members m ON m.id = COALESCE(b.member_id, a.member_id)
		WHERE a.member_id IS NULL OR b.member_id IS NULL OR a.member_id <> b.member_id`

	// passMember makes the survivor the member's whose the other card was, unless it
	// is somebody's already. The member's row is held (see below), so that whoever
	// is merging two members meanwhile is waited for, and followed.
	passMember = `INSERT INTO card_members (card_id, member_id, attached_at)
		SELECT n.into_id, COALESCE(m.merged_into, m.id), n.merged_at FROM %s
		JOIN card_members a ON a.card_id = n.from_id JOIN members m ON m.id = a.member_id
		WHERE true`

	// movePhones lets the phones of the other card go on with the survivor, unless
	// that is another person's: the one must not read what the other bought.
	movePhones = `UPDATE devices SET card_id = n.into_id FROM %s
		WHERE devices.card_id = n.from_id AND NOT EXISTS (
			SELECT 1 FROM card_members a JOIN card_members b ON b.card_id = n.into_id
			WHERE a.card_id = n.from_id AND a.member_id <> b.member_id)`

	// moveCodes lets what the other card was handed show on the survivor.
	moveCodes = `UPDATE codes SET card_id = n.into_id FROM %s WHERE codes.card_id = n.from_id`
	// passBelonging has the survivor stand where its member does, who may be a new one.
	passBelonging = belongingToCards + "FROM %s WHERE cards.id = n.into_id"
)

var (
	knownByMerge  = rewriting(mergedColumns, tellKnown, " FOR SHARE OF m", ")")
	passMembers   = rewriting(mergedColumns+", merged_at bigint", passMember, " FOR SHARE OF m", " ON CONFLICT (card_id) DO NOTHING")
	passOnDevices = rewriting(mergedColumns, movePhones, "", "")
	passOnCodes   = rewriting(mergedColumns, moveCodes, "", "")
	passOnTags    = rewriting(mergedColumns, passBelonging, "", "")
)

// merged writes what follows from merges: one after the other, since a card may
// come and go in one batch.
func (w *writing) merged(list []loyalty.Merged) {
	for i := range list {
		one := list[i : i+1]
		add(w, knownByMerge, one, putMergedCards)
		add(w, passMembers, one, putMerged)
		for _, c := range mergedTallies {
			add(w, c, one, putMergedCards)
		}
		add(w, passOnCodes, one, putMergedCards)
		add(w, passOnTags, one, putMergedCards)
		if !one[0].Blocked { // a lost card's phones stay locked out with it
			add(w, passOnDevices, one, putMergedCards)
		}
	}
}

func putMerged(s sink, m *loyalty.Merged) {
	putMergedCards(s, m)
	s.number(micros(m.At))
}

func putMergedCards(s sink, m *loyalty.Merged) {
	s.id(m.From)
	s.id(m.Into)
}
