package store

import (
	"slices"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// What rules may ask of a card's holder stands beside the card, so that no scan has to
// look for it. It is read with these columns, and when the holder's agreement holds.
const cardBelonging = "c.tags, c.audience, c.agreement_id, " +
	"(SELECT g.starts_at FROM agreements g WHERE g.id = c.agreement_id), " +
	"(SELECT g.ends_at FROM agreements g WHERE g.id = c.agreement_id)"

// memberBelonging is the same of a member.
const memberBelonging = "m.tags, (SELECT f.audience FROM affiliations f WHERE f.member_id = m.id), " +
	"(SELECT f.agreement_id FROM affiliations f WHERE f.member_id = m.id), " +
	"(SELECT g.starts_at FROM affiliations f JOIN agreements g ON g.id = f.agreement_id WHERE f.member_id = m.id), " +
	"(SELECT g.ends_at FROM affiliations f JOIN agreements g ON g.id = f.agreement_id WHERE f.member_id = m.id)"

func getBelonging(r source) loyalty.Belonging {
	return loyalty.Belonging{
		Labels: loyalty.Labels(r.text()), Audience: loyalty.Audience(r.text()), Agreement: r.id(),
		From: fromMicros(r.number()), Until: fromMicros(r.number()),
	}
}

// belongingOf is what stands beside a card of a member.
func belongingOf(db *gorm.DB, member loyalty.MemberID) (loyalty.Belonging, error) {
	return first(db.Table("members AS m").Select(memberBelonging).Where("m.id = ?", uid(member)), getBelonging)
}

// belongingToCards writes beside cards what their members are now, and of nobody's
// cards nothing.
const belongingToCards = "UPDATE cards SET " +
	"tags = COALESCE((SELECT m.tags FROM card_members a JOIN members m ON m.id = a.member_id WHERE a.card_id = cards.id), ''), " +
	"audience = COALESCE((SELECT f.audience FROM card_members a JOIN affiliations f ON f.member_id = a.member_id WHERE a.card_id = cards.id), ''), " +
	"agreement_id = (SELECT f.agreement_id FROM card_members a JOIN affiliations f ON f.member_id = a.member_id WHERE a.card_id = cards.id) "

// belong writes beside cards, which are locked or new, what their members are.
func (tx *Tx) belong(cards []loyalty.CardID) error {
	for part := range slices.Chunk(cards, keysAtOnce) {
		if err := tx.exec(belongingToCards+"WHERE id IN ?", uids(part)); err != nil {
			return err
		}
	}
	return nil
}
