package store

import (
	"fmt"
	"slices"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// lockedMembers are members that a transaction is about to change, with all their cards.
type lockedMembers struct {
	members map[loyalty.MemberID]loyalty.Member // by the ids that were asked for
	cards   []loyalty.CardID
}

// lockMembers locks the cards of several members, or of whom they were merged into, and
// then the members, each in the order of ids. What came or went before all were locked
// is seen the next time. Errors: loyalty.ErrNotFound.
func (tx *Tx) lockMembers(m loyalty.MerchantID, ids []loyalty.MemberID) (locked lockedMembers, err error) {
	meant := map[loyalty.MemberID]loyalty.MemberID{}
	for _, id := range ids {
		member, err := findMember(func() *gorm.DB { return tx.db }, m, id)
		if err != nil {
			return locked, err
		}
		meant[id] = member.ID
	}
	members := distinctMembers(meant)
	if locked.cards, err = tx.cardsOfMembers(members); err != nil {
		return locked, err
	}
	for part := range slices.Chunk(locked.cards, keysAtOnce) { // in order, part by part
		if err := tx.lockCards(part); err != nil {
			return locked, err
		}
	}
	found := map[loyalty.MemberID]loyalty.Member{}
	for _, id := range members {
		member, err := tx.member(m, id)
		if err != nil {
			return locked, err
		}
		if member.ID != id {
			return locked, fmt.Errorf("%w: a member was merged meanwhile", errAgain)
		}
		found[id] = member
	}
	locked.members = map[loyalty.MemberID]loyalty.Member{}
	for asked, id := range meant {
		locked.members[asked] = found[id]
	}
	now, err := tx.cardsOfMembers(members)
	if err == nil && !slices.Equal(locked.cards, now) {
		err = fmt.Errorf("%w: a card was attached, detached or merged meanwhile", errAgain)
	}
	return locked, err
}

func distinctMembers(meant map[loyalty.MemberID]loyalty.MemberID) []loyalty.MemberID {
	members := make([]loyalty.MemberID, 0, len(meant))
	for _, id := range meant {
		members = append(members, id)
	}
	slices.SortFunc(members, loyalty.MemberID.Compare)
	return slices.Compact(members)
}

// cardsOfMembers are their cards, in the order in which they are locked.
func (tx *Tx) cardsOfMembers(members []loyalty.MemberID) (cards []loyalty.CardID, err error) {
	for part := range slices.Chunk(members, keysAtOnce) {
		found, err := all(tx.db.Table("card_members AS a").Select("a.card_id").Where("a.member_id IN ?", uids(part)),
			func(r source) loyalty.CardID { return r.id() })
		if err != nil {
			return nil, err
		}
		cards = append(cards, found...)
	}
	slices.SortFunc(cards, loyalty.CardID.Compare)
	return cards, nil
}
