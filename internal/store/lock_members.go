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
	cards   []loyalty.CardID                    // and those that were asked for
}

// lockMembers locks the cards of several members, or of whom they were merged into, and
// more cards, and then the members, each in the order of ids. What came or went before all
// were locked is seen the next time. Errors: loyalty.ErrNotFound.
func (tx *Tx) lockMembers(m loyalty.MerchantID, ids []loyalty.MemberID, more ...loyalty.CardID) (got lockedMembers, err error) {
	meant, err := tx.meantBy(m, ids)
	if err != nil {
		return got, err
	}
	members := distinctMembers(meant)
	if got.cards, err = tx.cardsOfMembers(members, more...); err != nil {
		return got, err
	}
	for part := range slices.Chunk(got.cards, keysAtOnce) { // in order, part by part
		if err := tx.lockCards(part); err != nil {
			return got, err
		}
	}
	found, err := membersBy(tx.db.Clauses(locked), m, members)
	if err != nil {
		return got, err
	}
	got.members = map[loyalty.MemberID]loyalty.Member{}
	for asked, id := range meant {
		member, known := found[id]
		switch {
		case !known:
			return got, loyalty.ErrNotFound
		case !member.into.IsZero():
			return got, fmt.Errorf("%w: a member was merged meanwhile", errAgain)
		}
		got.members[asked] = member.Member
	}
	now, err := tx.cardsOfMembers(members, more...)
	if err == nil && !slices.Equal(got.cards, now) {
		err = fmt.Errorf("%w: a card was attached, detached or merged meanwhile", errAgain)
	}
	return got, err
}

// meantBy is who stands for each of some members now: itself, or whom it was merged into,
// however often. Errors: loyalty.ErrNotFound.
func (tx *Tx) meantBy(m loyalty.MerchantID, ids []loyalty.MemberID) (map[loyalty.MemberID]loyalty.MemberID, error) {
	meant := make(map[loyalty.MemberID]loyalty.MemberID, len(ids))
	for _, id := range ids {
		meant[id] = id
	}
	for {
		found, err := membersBy(tx.db, m, distinctMembers(meant))
		if err != nil {
			return nil, err
		}
		settled := true
		for asked, id := range meant {
			member, known := found[id]
			if !known {
				return nil, loyalty.ErrNotFound
			}
			if !member.into.IsZero() {
				meant[asked], settled = member.into, false
			}
		}
		if settled {
			return meant, nil
		}
	}
}

// membersBy are a merchant's members, and old ones, by their ids, which are read in order.
func membersBy(db *gorm.DB, m loyalty.MerchantID, ids []loyalty.MemberID) (map[loyalty.MemberID]memberOrOld, error) {
	members := make(map[loyalty.MemberID]memberOrOld, len(ids))
	for part := range slices.Chunk(ids, keysAtOnce) {
		found, err := all(db.Table("members AS m").Select(memberColumns).
			Where("m.merchant_id = ? AND m.id IN ?", uid(m), uids(part)).Order("m.id"), getMember)
		if err != nil {
			return nil, err
		}
		for _, member := range found {
			members[member.ID] = member
		}
	}
	return members, nil
}

func distinctMembers(meant map[loyalty.MemberID]loyalty.MemberID) []loyalty.MemberID {
	members := make([]loyalty.MemberID, 0, len(meant))
	for _, id := range meant {
		members = append(members, id)
	}
	slices.SortFunc(members, loyalty.MemberID.Compare)
	return slices.Compact(members)
}

// cardsOfMembers are their cards, and more, in the order in which they are locked.
func (tx *Tx) cardsOfMembers(members []loyalty.MemberID, more ...loyalty.CardID) (cards []loyalty.CardID, err error) {
	cards = slices.Clone(more)
	for part := range slices.Chunk(members, keysAtOnce) {
		found, err := all(tx.db.Table("card_members AS a").Select("a.card_id").Where("a.member_id IN ?", uids(part)),
			func(r source) loyalty.CardID { return r.id() })
		if err != nil {
			return nil, err
		}
		cards = append(cards, found...)
	}
	slices.SortFunc(cards, loyalty.CardID.Compare)
	return slices.Compact(cards), nil
}
