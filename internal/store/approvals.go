package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

const (
	approvalColumns = "id uuid, merchant_id uuid, location_id uuid, program_id uuid, card_id uuid, tag_id uuid, epoch bigint, " +
		"counter bigint, units bigint, asked_at bigint, expires_at bigint, " + decidedColumns
	decidedColumns = "decided_at bigint, till_id uuid, staff_id uuid, entry_id uuid"
)

func putApproval(s sink, a *loyalty.Approval) {
	s.id(a.ID)
	s.id(a.Merchant)
	s.id(a.Location)
	s.id(a.Program)
	s.id(a.Card)
	putTapped(s, &a.Tapped)
	s.number(a.Units)
	s.number(micros(a.Asked))
	s.number(micros(a.Expires))
	putDecision(s, a)
}

func putDecision(s sink, a *loyalty.Approval) {
	s.number(micros(a.Decided))
	s.id(a.Till)
	s.id(a.Staff)
	s.id(a.Entry)
}

func putDecided(s sink, a *loyalty.Approval) {
	s.id(a.ID)
	putDecision(s, a)
}

func getApproval(r source) loyalty.Approval {
	return loyalty.Approval{
		ID: r.id(), Merchant: r.id(), Location: r.id(), Program: r.id(), Card: r.id(),
		Tapped: loyalty.Tapped{Tag: r.id(), Epoch: int32(r.number()), Counter: uint32(r.number())}, Units: r.number(),
		Asked: fromMicros(r.number()), Expires: fromMicros(r.number()),
		Decided: fromMicros(r.number()), Till: r.id(), Staff: r.id(), Entry: r.id(),
	}
}

var errNoApproval = &loyalty.Refusal{Code: loyalty.ApprovalNotFound, Message: "Nobody waits under this id."}

// Approval is one of a merchant's, whatever became of it. Errors: a *loyalty.Refusal
// with loyalty.ApprovalNotFound.
func (s *Store) Approval(ctx context.Context, m loyalty.MerchantID, id loyalty.ApprovalID) (loyalty.Approval, error) {
	a, err := first(approvalsOf(s.engine.reader().WithContext(ctx), m).Where("a.id = ?", uid(id)), getApproval)
	return a, refused(err, errNoApproval)
}

// WaitingApprovals are those that a location's tills can decide at now, so many after
// the one named if any: the oldest first, since they have least time.
func (s *Store) WaitingApprovals(ctx context.Context, m loyalty.MerchantID, l loyalty.LocationID, now time.Time, after loyalty.ApprovalID, limit int) ([]loyalty.Approval, error) {
	query := approvalsOf(s.engine.reader().WithContext(ctx), m).
		Where("a.location_id = ? AND a.expires_at > ? AND a.decided_at = 0", uid(l), micros(now))
	if !after.IsZero() {
		query = query.Where("a.id > ?", uid(after))
	}
	// By the index on expires_at: by the key of the table each look would read all of a day.
	return all(query.Order("COALESCE(a.id, a.card_id)").Limit(limit), getApproval)
}

// RefuseApproval ends a wait in the name of a till, and answers with what render makes
// of it. Errors: a *loyalty.Refusal with loyalty.TillRevoked, loyalty.ApprovalNotFound,
// loyalty.ApprovalDecided or loyalty.ApprovalExpired; what render returns; as of Once.
func (s *Store) RefuseApproval(ctx context.Context, r loyalty.Answer, till loyalty.Till, staff loyalty.StaffID, id loyalty.ApprovalID, now time.Time, render func(*loyalty.Approval) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		a, err := first(approvalsOf(tx.db, till.Merchant).Clauses(locked).Where("a.id = ?", uid(id)), getApproval)
		if err != nil {
			return loyalty.Answer{}, refused(err, errNoApproval)
		}
		at, err := tx.till(till.Merchant, till.ID)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if err := at.CheckPaired(till.Pairing); err != nil {
			return loyalty.Answer{}, err
		}
		if err := a.Reject(at.Till, staff, now); err != nil {
			return loyalty.Answer{}, err
		}
		err = tx.exec("UPDATE approvals SET decided_at = ?, till_id = ?, staff_id = ? WHERE id = ?", micros(a.Decided), uid(a.Till), uid(a.Staff), uid(id))
		if err != nil {
			return loyalty.Answer{}, err
		}
		return render(&a)
	})
}

func approvalsOf(db *gorm.DB, m loyalty.MerchantID) *gorm.DB {
	return db.Table("approvals AS a").Select(selected("a", approvalColumns)).Where("a.merchant_id = ?", uid(m))
}
