package store

import (
	"bytes"
	"context"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"stempel/internal/loyalty"
)

// The tables of people, as GORM sees them.
type (
	memberRow struct {
		ID         uid
		MerchantID uid
		MergedInto uid
		Profile    []byte
		CreatedAt  int64 `gorm:"autoCreateTime:false"`
		ChangedAt  int64
	}
	contactRow struct {
		BlindIndex []byte
		MemberID   uid
	}
)

func (memberRow) TableName() string  { return "members" }
func (contactRow) TableName() string { return "contacts" }

const memberColumns = "m.id, m.merchant_id, m.created_at, m.changed_at, m.profile, m.merged_into, " + memberBelonging

// memberOrOld is a member, or where one that was merged went.
type memberOrOld struct {
	loyalty.Member
	into loyalty.MemberID
}

func getMember(r source) memberOrOld {
	return memberOrOld{
		Member: loyalty.Member{
			ID: r.id(), Merchant: r.id(), Created: fromMicros(r.number()), Changed: fromMicros(r.number()), Sealed: r.bytes(),
		},
		into: r.id(),
	}.with(getBelonging(r))
}

func (m memberOrOld) with(b loyalty.Belonging) memberOrOld {
	m.Belonging = b
	return m
}

// AddMember stores a new member and its answer. Errors: *loyalty.TakenError; as
// of Once.
func (s *Store) AddMember(ctx context.Context, r loyalty.Answer, m loyalty.Member, answer loyalty.Answer) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		return about(answer, m.ID), tx.addMember(&m)
	})
}

func (tx *Tx) addMember(m *loyalty.Member) error {
	err := tx.create(&memberRow{
		ID: uid(m.ID), MerchantID: uid(m.Merchant), Profile: m.Sealed,
		CreatedAt: micros(m.Created), ChangedAt: micros(m.Changed),
	})
	if err != nil {
		return err
	}
	return tx.insertContacts(m.ID, m.Indexes)
}

// about marks an answer as a member's, so that it is erased with the member.
func about(answer loyalty.Answer, m loyalty.MemberID) loyalty.Answer {
	answer.Card = loyalty.CardID(m)
	return answer
}

// ChangeMember replaces a member, or whom it was merged into, by what change
// makes of it; that gets the consents that hold as well, and may be called again
// after a rollback. The member's cards may show what changed. Errors: loyalty.ErrNotFound, *loyalty.TakenError; what change
// returns; as of Once.
func (s *Store) ChangeMember(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.MemberID, change func(*loyalty.Member, []loyalty.Consent) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		member, _, err := tx.lockMember(m, id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		consents, err := currentConsents(tx.db, []loyalty.MemberID{member.ID})
		if err != nil {
			return loyalty.Answer{}, err
		}
		answer, err := change(&member, consents)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.saveMember(&member); err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.knownOtherwise(member.ID); err != nil {
			return loyalty.Answer{}, err
		}
		return about(answer, member.ID), tx.touchMember(member.ID, micros(member.Changed))
	})
}

// member reads and locks a member, or whom it was merged into.
func (tx *Tx) member(m loyalty.MerchantID, id loyalty.MemberID) (loyalty.Member, error) {
	return findMember(func() *gorm.DB { return tx.db.Clauses(locked) }, m, id)
}

func findMember(db func() *gorm.DB, m loyalty.MerchantID, id loyalty.MemberID) (loyalty.Member, error) {
	for {
		found, err := first(db().Table("members AS m").Select(memberColumns).
			Where("m.merchant_id = ? AND m.id = ?", uid(m), uid(id)), getMember)
		if err != nil || found.into.IsZero() {
			return found.Member, err
		}
		id = found.into
	}
}

// saveMember writes what may change of a member.
func (tx *Tx) saveMember(m *loyalty.Member) error {
	err := affected(tx.db.Model(&memberRow{}).Where("id = ?", uid(m.ID)).
		Updates(map[string]any{"profile": m.Sealed, "changed_at": micros(m.Changed)}))
	if err != nil {
		return err
	}
	if err := tx.exec("DELETE FROM contacts WHERE member_id = ?", uid(m.ID)); err != nil {
		return err
	}
	return tx.insertContacts(m.ID, m.Indexes)
}

// insertContacts asks first and complains later: on PostgreSQL a violated
// constraint would be the end of the transaction, and tell less.
func (tx *Tx) insertContacts(m loyalty.MemberID, indexes []loyalty.Hash) error {
	if len(indexes) == 0 {
		return nil
	}
	rows := make([]contactRow, len(indexes))
	for i := range indexes {
		rows[i] = contactRow{BlindIndex: indexes[i][:], MemberID: uid(m)}
	}
	// In one order for all, so that no two wait for each other.
	slices.SortFunc(rows, func(a, b contactRow) int { return bytes.Compare(a.BlindIndex, b.BlindIndex) })
	done := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows)
	if done.Error != nil || done.RowsAffected == int64(len(rows)) {
		return translate(done.Error, false)
	}
	taken, err := first(tx.db.Table("contacts AS c").Select("c.blind_index, c.member_id").
		Where("c.blind_index IN ? AND c.member_id <> ?", hashes(indexes), uid(m)), func(r source) loyalty.TakenError {
		return loyalty.TakenError{Index: r.hash(), By: r.id()}
	})
	if err != nil {
		return err
	}
	return &taken
}

func (tx *Tx) exec(statement string, values ...any) error {
	return translate(tx.db.Exec(statement, values...).Error, false)
}

func hashes(list []loyalty.Hash) [][]byte {
	all := make([][]byte, len(list))
	for i := range list {
		all[i] = list[i][:]
	}
	return all
}

// Member is a member, or whom it was merged into, without its indexes. Errors:
// loyalty.ErrNotFound, also for another merchant's.
func (s *Store) Member(ctx context.Context, m loyalty.MerchantID, id loyalty.MemberID) (loyalty.Member, error) {
	return findMember(func() *gorm.DB { return s.engine.reader().WithContext(ctx) }, m, id)
}

// Members are a merchant's members after one of them, the newest first, without
// their indexes.
func (s *Store) Members(ctx context.Context, m loyalty.MerchantID, after loyalty.MemberID, limit int) ([]loyalty.Member, error) {
	query := s.engine.reader().WithContext(ctx).Table("members AS m").Select(memberColumns).
		Where("m.merchant_id = ? AND m.merged_into IS NULL", uid(m))
	return page(query, "m.id", after, limit, onlyMember)
}

// MembersByContact are the members of whom one of these is an index, the newest
// first. An index says whose merchant's it is. It asks twice, by key alone: of a
// join PostgreSQL might make a walk through everybody.
func (s *Store) MembersByContact(ctx context.Context, indexes []loyalty.Hash) ([]loyalty.Member, error) {
	db := s.engine.reader().WithContext(ctx)
	ids, err := all(db.Table("contacts AS c").Select("c.member_id").Where("c.blind_index IN ?", hashes(indexes)),
		func(r source) uid { return r.id() })
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return all(db.Table("members AS m").Select(memberColumns).Where("m.id IN ?", ids).Order("m.id DESC"), onlyMember)
}

func onlyMember(r source) loyalty.Member { return getMember(r).Member }
