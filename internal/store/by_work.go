package store

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// JoinByWork makes whoever has shown f.Who what the agreement says, and sees to it that
// they have a card of the program: that which they have, or a new one, which c and open
// are for as in OpenCard. It is who belongs to the agreement by the same Who already, or
// else fresh, a new member. The answer's body is the member's id. All of it is done, or
// nothing.
//
// Errors: loyalty.ErrKnownOtherwise where who belongs to it did not join so, or is known by
// more since; a *loyalty.Refusal with loyalty.CardBlocked where the only card is blocked,
// and NotEligible where the answer is an earlier one, and the member belongs no more; as of
// Affiliate and OpenMemberCard.
func (s *Store) JoinByWork(ctx context.Context, r loyalty.Answer, f loyalty.Affiliation, fresh loyalty.Member, c loyalty.Command, program loyalty.ProgramID, open func(*loyalty.Program) (*loyalty.Decision, loyalty.Answer, error)) (answer loyalty.Answer, err error) {
	answer, err = s.confirmed(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		f := f // it may be called again after a rollback
		f.Alone = true
		known, err := tx.holderOf(&f)
		switch {
		case err != nil:
			return loyalty.Answer{}, err
		case len(known) > 0:
			f.Member = known[0]
		default:
			f.Member = fresh.ID
			if err := tx.addMember(&fresh); err != nil {
				return loyalty.Answer{}, err
			}
		}
		member, cards, err := tx.becomes(c.Merchant, &f, known)
		if err != nil {
			return loyalty.Answer{}, err
		}
		has, err := tx.hasCard(member.ID, program)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if !has {
			opened, err := tx.openCard(c, program, member.ID, open)
			if err != nil {
				return loyalty.Answer{}, err
			}
			if _, err := tx.attach(c.Merchant, loyalty.Attachment{Card: opened.Card, Member: member.ID, At: c.Captured}); err != nil {
				return loyalty.Answer{}, err
			}
		}
		return ofMember(member.ID), tx.belongAnew(cards, f.Since)
	})
	if err != nil || !answer.Replayed {
		return answer, err
	}
	member, err := loyalty.ParseID[loyalty.MemberID](string(answer.Body))
	if err == nil {
		err = joinedAlone(s.engine.reader().WithContext(ctx), member)
	}
	return answer, err
}

// joinedAlone holds that all that is known of somebody is the address they joined by.
// Errors: loyalty.ErrKnownOtherwise; a *loyalty.Refusal with loyalty.NotEligible for who
// belongs to nothing any more.
func joinedAlone(db *gorm.DB, member loyalty.MemberID) error {
	f, err := first(affiliationsOf(db).Where("f.member_id = ?", uid(member)), getAffiliation)
	if err == nil && !f.Alone {
		err = loyalty.ErrKnownOtherwise
	}
	return orRefuse(err, &loyalty.Refusal{Code: loyalty.NotEligible, Message: "Whoever joined by this address belongs to the agreement no more."})
}

// knownOtherwise notes that more is known of a member, who is locked, than an address: a
// name, or what was done with a card before.
func (tx *Tx) knownOtherwise(member loyalty.MemberID) error {
	return tx.exec("UPDATE affiliations SET alone = ? WHERE member_id = ?", false, uid(member))
}

// ConfirmWork makes the holder of a card what the agreement says by f.Who; f.Member is
// who that was when it was asked for, or zero where the card was nobody's: then it becomes
// that of fresh, a new member. All of it is done, or nothing.
//
// Errors: a *loyalty.Refusal with loyalty.CardNotFound, CardMerged, NotEligible where the
// card has another holder by now, or one who is something else already; as of Affiliate.
func (s *Store) ConfirmWork(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.CardID, f loyalty.Affiliation, fresh loyalty.Member) (loyalty.Answer, error) {
	return s.confirmed(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		f, nobodys := f, f.Member.IsZero() // it may be called again after a rollback
		if nobodys {
			f.Member = fresh.ID
			if err := tx.addMember(&fresh); err != nil {
				return loyalty.Answer{}, err
			}
		}
		before, err := tx.holderOf(&f)
		if err != nil {
			return loyalty.Answer{}, err
		}
		member, cards, err := tx.becomes(m, &f, before, id)
		switch {
		case errors.Is(err, loyalty.ErrNotFound): // erased
			err = refuseOtherHolder()
		case err == nil && nobodys:
			err = tx.firstHolder(m, id, &fresh)
		}
		if err != nil {
			return loyalty.Answer{}, err
		}
		made, err := attachment(tx.db, id) // its member is locked
		switch {
		case err != nil && !errors.Is(err, loyalty.ErrNotFound):
			return loyalty.Answer{}, err
		case err != nil || made.Member != member.ID:
			return loyalty.Answer{}, refuseOtherHolder()
		case member.Belonging.AudienceAt(f.Since) != loyalty.Customer && member.Belonging.Agreement != f.Agreement:
			return loyalty.Answer{}, &loyalty.Refusal{Code: loyalty.NotEligible, Message: "This card's holder is known as somebody else already: the shop can change that."}
		}
		return ofMember(member.ID), tx.belongAnew(cards, f.Since)
	})
}

// confirmed is Once for what a link does that may be pressed twice at the same time: the
// second finds what the first has done.
func (s *Store) confirmed(ctx context.Context, r loyalty.Answer, f func(*Tx) (loyalty.Answer, error)) (answer loyalty.Answer, err error) {
	for range maxAttempts {
		if answer, err = s.Once(ctx, r, f); !errors.Is(err, loyalty.ErrConflict) {
			break
		}
	}
	return answer, err
}

func ofMember(id loyalty.MemberID) loyalty.Answer {
	return about(loyalty.Answer{Body: []byte(id.String())}, id)
}

func refuseOtherHolder() error {
	return &loyalty.Refusal{Code: loyalty.NotEligible, Message: "This card has another holder by now, or none."}
}

// firstHolder makes a locked card that is nobody's that of a new member.
func (tx *Tx) firstHolder(m loyalty.MerchantID, id loyalty.CardID, fresh *loyalty.Member) error {
	card, err := tx.lockCard(m, id)
	if err != nil {
		return orRefuse(err, errNoCard)
	}
	if err := loyalty.CheckMerged(&card); err != nil {
		return err
	}
	if _, err := attachment(tx.db, id); !errors.Is(err, loyalty.ErrNotFound) {
		if err == nil {
			err = refuseOtherHolder()
		}
		return err
	}
	_, err = tx.attach(m, loyalty.Attachment{Card: id, Member: fresh.ID, At: fresh.Created})
	return err
}

// hasCard reports whether a member has a card of a program that is good. Errors: a
// *loyalty.Refusal with loyalty.CardBlocked where all there are are blocked.
func (tx *Tx) hasCard(member loyalty.MemberID, program loyalty.ProgramID) (bool, error) {
	blocked, err := all(tx.db.Table("card_members AS a").Select("c.blocked").Joins("JOIN cards c ON c.id = a.card_id").
		Where("a.member_id = ? AND c.program_id = ? AND c.merged_into IS NULL", uid(member), uid(program)).Order("c.blocked").Limit(1),
		func(r source) bool { return r.flag() })
	if err != nil || len(blocked) == 0 {
		return false, err
	}
	if blocked[0] {
		return false, &loyalty.Refusal{Code: loyalty.CardBlocked, Message: "This person's card of the program is blocked."}
	}
	return true, nil
}
