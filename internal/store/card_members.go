package store

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"stempel/internal/loyalty"
)

// cardMemberRow says whose a card is, as GORM sees it.
type cardMemberRow struct {
	CardID     uid
	MemberID   uid
	AttachedAt int64
}

func (cardMemberRow) TableName() string { return "card_members" }

const attachmentColumns = "a.card_id, a.member_id, a.attached_at"

func getAttachment(r source) loyalty.Attachment {
	return loyalty.Attachment{Card: r.id(), Member: r.id(), At: fromMicros(r.number())}
}

var (
	errNoCard   = &loyalty.Refusal{Code: loyalty.CardNotFound, Message: "There is no such card."}
	errNoMember = &loyalty.Refusal{Code: loyalty.MemberNotFound, Message: "There is no such member."}
)

// AttachCard makes a card a member's, or of whom it was merged into. A card that
// is so already stays as it was. The card is locked as posting does: what is
// attached before its merge goes along, and afterwards it is the survivor's turn.
//
// Errors: *loyalty.Refusal with loyalty.CardNotFound, MemberNotFound, CardMerged,
// or CardHasMember for a card of somebody else; what answer returns; as of Once.
func (s *Store) AttachCard(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, a loyalty.Attachment, answer func(loyalty.Attachment) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		card, err := tx.lockCard(m, a.Card)
		if err != nil {
			return loyalty.Answer{}, orRefuse(err, errNoCard)
		}
		if err := loyalty.CheckMerged(&card); err != nil {
			return loyalty.Answer{}, err
		}
		made, err := tx.attach(m, a)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.knownOtherwise(made.Member); err != nil { // by what was bought with the card
			return loyalty.Answer{}, err
		}
		if err := tx.touch(a.Card, micros(a.At)); err != nil {
			return loyalty.Answer{}, err
		}
		return withCard(answer, made)
	})
}

// attach trusts that the card is this merchant's, and locked or new.
func (tx *Tx) attach(m loyalty.MerchantID, a loyalty.Attachment) (loyalty.Attachment, error) {
	member, err := tx.member(m, a.Member)
	if err != nil {
		return a, orRefuse(err, errNoMember)
	}
	row := cardMemberRow{CardID: uid(a.Card), MemberID: uid(member.ID), AttachedAt: micros(a.At)}
	if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return a, translate(err, false)
	}
	made, err := attachment(tx.db, a.Card)
	switch {
	case err != nil:
		return made, err
	case made.Member != member.ID:
		return made, &loyalty.Refusal{
			Code: loyalty.CardHasMember, Message: "This card is another member's. Detach it first, or merge the two members.",
		}
	}
	if err := tx.exec(forgetCounted, uid(member.ID)); err != nil {
		return made, err
	}
	return made, tx.belong([]loyalty.CardID{a.Card})
}

func withCard(answer func(loyalty.Attachment) (loyalty.Answer, error), a loyalty.Attachment) (loyalty.Answer, error) {
	told, err := answer(a)
	told.Card = a.Card
	return told, err
}

func attachment(db *gorm.DB, card loyalty.CardID) (loyalty.Attachment, error) {
	return first(db.Table("card_members AS a").Select(attachmentColumns).Where("a.card_id = ?", uid(card)), getAttachment)
}

// orRefuse says what it was that was not found.
func orRefuse(err error, refusal *loyalty.Refusal) error {
	if errors.Is(err, loyalty.ErrNotFound) {
		return refusal
	}
	return err
}

// OpenMemberCard is OpenCard for a card that is a member's from the beginning.
// Errors: *loyalty.Refusal with loyalty.MemberNotFound, or NotEligible where the
// program is not for the member; as of OpenCard.
func (s *Store) OpenMemberCard(ctx context.Context, c loyalty.Command, program loyalty.ProgramID, member loyalty.MemberID, open func(*loyalty.Program) (*loyalty.Decision, loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, requestOf(c), func(tx *Tx) (loyalty.Answer, error) {
		answer, err := tx.openCard(c, program, member, open)
		if err == nil {
			_, err = tx.attach(c.Merchant, loyalty.Attachment{Card: answer.Card, Member: member, At: c.Captured})
		}
		return answer, err
	})
}

// opensFor locks the member for whom a card is opened, if there is one, and tells what
// it is.
func (tx *Tx) opensFor(m loyalty.MerchantID, id loyalty.MemberID) (loyalty.Belonging, error) {
	if id.IsZero() {
		return loyalty.Belonging{}, nil
	}
	member, err := tx.member(m, id)
	if err != nil {
		return loyalty.Belonging{}, orRefuse(err, errNoMember)
	}
	return belongingOf(tx.db, member.ID)
}

// MemberOfCard is whose a card is. Errors: loyalty.ErrNotFound.
func (s *Store) MemberOfCard(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID) (loyalty.Member, error) {
	query := s.engine.reader().WithContext(ctx).Table("card_members AS a").Select(memberColumns).
		Joins("JOIN members m ON m.id = a.member_id").Where("a.card_id = ? AND m.merchant_id = ?", uid(card), uid(m))
	return first(query, onlyMember)
}

// MemberCards are the cards of a merchant's member after one of them, the newest first.
func (s *Store) MemberCards(ctx context.Context, m loyalty.MerchantID, member loyalty.MemberID, after loyalty.CardID, limit int) ([]*loyalty.State, error) {
	query := s.engine.reader().WithContext(ctx).Table("card_members AS a").Select("a.card_id").
		Where("a.member_id = ?", uid(member))
	ids, err := page(query, "a.card_id", after, limit, func(r source) loyalty.CardID { return r.id() })
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	facts, err := s.engine.facts(ctx, shownTo(m, ids))
	if err != nil {
		return nil, err
	}
	var states []*loyalty.State
	for _, id := range ids {
		if state := facts.Cards[id]; state != nil {
			state.Supply = facts.Supply(state)
			states = append(states, state)
		}
	}
	return states, nil
}

// shownTo are cards of which a merchant is told what they can have.
func shownTo(m loyalty.MerchantID, ids []loyalty.CardID) *loyalty.Keys {
	keys := &loyalty.Keys{Cards: ids}
	for _, id := range ids {
		keys.Shown = append(keys.Shown, loyalty.Shown{Card: id, Merchant: m})
	}
	return keys
}

// DetailedEntries are a card's entries with a Seq above afterSeq, the oldest
// first, with their details.
func (s *Store) DetailedEntries(ctx context.Context, card loyalty.CardID, afterSeq int64, limit int) ([]loyalty.DetailedEntry, error) {
	query := s.engine.reader().WithContext(ctx).Table("entries AS e").Select(selected("e", entryColumns)+", d.salt, d.body").
		Joins("LEFT JOIN details d ON d.entry_id = e.id").Where("e.card_id = ? AND e.seq > ?", uid(card), afterSeq)
	return all(query.Order("e.seq").Limit(limit), getDetailedEntry)
}
