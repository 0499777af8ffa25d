package store

import (
	"context"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// consentRow is a consent, as GORM sees it.
type consentRow struct {
	ID       uid
	MemberID uid
	Purpose  string
	Given    bool
	GivenAt  int64
	Shown    []byte
}

func (consentRow) TableName() string { return "consents" }

const consentColumns = "c.id, c.member_id, c.purpose, c.given, c.given_at, c.shown"

func getConsent(r source) loyalty.Consent {
	return loyalty.Consent{
		ID: r.id(), Member: r.id(), Purpose: r.text(), Given: r.flag(), At: fromMicros(r.number()), Sealed: r.bytes(),
	}
}

// AddConsent stores what a member, or whom it was merged into, has allowed or
// taken back. Errors: loyalty.ErrNotFound for the member; as of Once.
func (s *Store) AddConsent(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, c loyalty.Consent, answer loyalty.Answer) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		member, err := tx.member(m, c.Member)
		if err != nil {
			return loyalty.Answer{}, err
		}
		return about(answer, member.ID), tx.create(&consentRow{
			ID: uid(c.ID), MemberID: uid(member.ID), Purpose: c.Purpose, Given: c.Given, GivenAt: micros(c.At), Shown: c.Sealed,
		})
	})
}

// Consents are a member's consents after one of them, the newest first.
func (s *Store) Consents(ctx context.Context, member loyalty.MemberID, after loyalty.ConsentID, limit int) ([]loyalty.Consent, error) {
	query := s.engine.reader().WithContext(ctx).Table("consents AS c").Select(consentColumns).
		Where("c.member_id = ?", uid(member))
	return page(query, "c.id", after, limit, getConsent)
}

// CurrentConsents are those that hold, one for each purpose, of some members.
func (s *Store) CurrentConsents(ctx context.Context, members []loyalty.MemberID) (map[loyalty.MemberID][]loyalty.Consent, error) {
	found := map[loyalty.MemberID][]loyalty.Consent{}
	if len(members) == 0 {
		return found, nil
	}
	list, err := currentConsents(s.engine.reader().WithContext(ctx), members)
	for _, c := range list {
		found[c.Member] = append(found[c.Member], c)
	}
	return found, err
}

func currentConsents(db *gorm.DB, members []loyalty.MemberID) ([]loyalty.Consent, error) {
	ids := make([]uid, len(members))
	for i := range members {
		ids[i] = uid(members[i])
	}
	return all(db.Table("consents AS c").Select(consentColumns).
		Where("c.member_id IN ? AND NOT EXISTS (SELECT 1 FROM consents n "+
			"WHERE n.member_id = c.member_id AND n.purpose = c.purpose AND n.id > c.id)", ids).
		Order("c.member_id, c.purpose"), getConsent)
}
