package store

import (
	"fmt"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"stempel/internal/loyalty"
)

// keysAtOnce is how many keys one question has here: always the same number but
// for the last one, so that the database knows the question already.
const keysAtOnce = 500

// moved is a card that has moved in, with how many units, or how much spend.
type moved struct {
	id    loyalty.CardID
	units int64
}

// movedCards are cards that are there, each with what it began with: units or spend
// of an opening, if that is its first entry.
func movedCards(db *gorm.DB) *gorm.DB {
	return db.Table("cards AS c").Select("c.id, COALESCE(e.units + COALESCE(e.spend, 0), 0)").
		Joins("LEFT JOIN entries e ON e.card_id = c.id AND e.seq = 1 AND e.kind = ?", int64(loyalty.Opening))
}

// knownOf reads what is known of those who arrive; where cards are looked up is
// said. Members are read with a lock, if any. Errors: errAgain where one has just
// gone elsewhere.
func knownOf(db *gorm.DB, cards func(*gorm.DB) *gorm.DB, a loyalty.Arriving, lock ...clause.Expression) (*loyalty.Known, error) {
	known := &loyalty.Known{
		Cards: map[loyalty.CardID]int64{}, Members: map[loyalty.Hash]*loyalty.Member{}, Consents: map[loyalty.MemberID][]loyalty.Consent{},
	}
	for part := range slices.Chunk(a.Cards, keysAtOnce) {
		found, err := all(cards(db).Where("c.id IN ?", uids(part)), func(r source) moved { return moved{r.id(), r.number()} })
		if err != nil {
			return nil, err
		}
		for _, card := range found {
			known.Cards[card.id] = card.units
		}
	}
	var contacts []contact
	for part := range slices.Chunk(a.Contacts, keysAtOnce) {
		found, err := all(db.Table("contacts AS c").Select("c.blind_index, c.member_id").Where("c.blind_index IN ?", hashes(part)),
			func(r source) contact { return contact{r.hash(), r.id()} })
		if err != nil {
			return nil, err
		}
		contacts = append(contacts, found...)
	}
	members, err := membersOf(db, contacts, lock)
	if err != nil {
		return nil, err
	}
	for _, c := range contacts {
		if known.Members[c.index] = members[c.member]; members[c.member] == nil {
			return nil, fmt.Errorf("%w: a member was merged or erased meanwhile", errAgain)
		}
	}
	if !a.Consents {
		return known, nil
	}
	return known, consentsKnown(db, known, members)
}

// membersOf reads the members of contacts, in the order of ids.
func membersOf(db *gorm.DB, contacts []contact, lock []clause.Expression) (map[loyalty.MemberID]*loyalty.Member, error) {
	ids := make([]loyalty.MemberID, len(contacts))
	for i := range contacts {
		ids[i] = contacts[i].member
	}
	slices.SortFunc(ids, loyalty.MemberID.Compare)
	members := map[loyalty.MemberID]*loyalty.Member{}
	for part := range slices.Chunk(slices.Compact(ids), keysAtOnce) {
		found, err := all(db.Clauses(lock...).Table("members AS m").Select(memberColumns).
			Where("m.id IN ?", uids(part)).Order("m.id"), getMember)
		if err != nil {
			return nil, err
		}
		for i := range found {
			if found[i].into.IsZero() {
				members[found[i].ID] = &found[i].Member
			}
		}
	}
	return members, nil
}

// consentsKnown adds all consents of members.
func consentsKnown(db *gorm.DB, known *loyalty.Known, members map[loyalty.MemberID]*loyalty.Member) error {
	ids := make([]loyalty.MemberID, 0, len(members))
	for id := range members {
		ids = append(ids, id)
	}
	for part := range slices.Chunk(ids, keysAtOnce) {
		given, err := all(db.Table("consents AS c").Select(consentColumns).Where("c.member_id IN ?", uids(part)), getConsent)
		if err != nil {
			return err
		}
		for _, c := range given {
			known.Consents[c.Member] = append(known.Consents[c.Member], c)
		}
	}
	return nil
}
