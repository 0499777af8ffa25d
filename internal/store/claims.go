package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"stempel/internal/loyalty"
)

// claimRow is a claim code, as GORM sees it.
type claimRow struct {
	ID          uid
	MerchantID  uid
	ProgramID   uid
	TillID      uid
	LocationID  uid
	StaffID     uid
	Role        int64
	Units       int64
	Purchase    []byte // JSON
	Worth       int64
	CodeHash    []byte
	KeyID       string
	IssuedAt    int64
	ExpiresAt   int64
	WithdrawnAt int64
	ClaimedAt   int64
	CardID      uid
	EntryID     uid
}

func (claimRow) TableName() string { return "claims" }

func newClaimRow(k *loyalty.ClaimCode) (*claimRow, error) {
	row := &claimRow{
		ID: uid(k.ID), MerchantID: uid(k.Merchant), ProgramID: uid(k.Program), TillID: uid(k.Till),
		LocationID: uid(k.Location), StaffID: uid(k.Staff), Role: int64(k.Role), Units: k.Units, Worth: k.Worth,
		CodeHash: k.Hash[:], KeyID: k.Key, IssuedAt: micros(k.Issued), ExpiresAt: micros(k.Expires),
		WithdrawnAt: micros(k.Withdrawn), ClaimedAt: micros(k.Claimed), CardID: uid(k.Card), EntryID: uid(k.Entry),
	}
	if k.Purchase == nil {
		return row, nil
	}
	var err error
	row.Purchase, err = json.Marshal(k.Purchase)
	return row, err
}

func (r *claimRow) code() (loyalty.ClaimCode, error) {
	k := loyalty.ClaimCode{
		ID: loyalty.ClaimID(r.ID), Merchant: loyalty.MerchantID(r.MerchantID), Program: loyalty.ProgramID(r.ProgramID),
		Till: loyalty.TillID(r.TillID), Location: loyalty.LocationID(r.LocationID), Staff: loyalty.StaffID(r.StaffID),
		Role: loyalty.Role(r.Role), Earning: loyalty.Earning{Units: r.Units}, Worth: r.Worth, Key: r.KeyID,
		Issued: fromMicros(r.IssuedAt), Expires: fromMicros(r.ExpiresAt), Withdrawn: fromMicros(r.WithdrawnAt),
		Claimed: fromMicros(r.ClaimedAt), Card: loyalty.CardID(r.CardID), Entry: loyalty.EntryID(r.EntryID),
	}
	copy(k.Hash[:], r.CodeHash)
	if r.Purchase == nil {
		return k, nil
	}
	k.Purchase = new(loyalty.Purchase)
	if err := json.Unmarshal(r.Purchase, k.Purchase); err != nil {
		return loyalty.ClaimCode{}, fmt.Errorf("store: purchase of claim %s: %w", k.ID, err)
	}
	return k, nil
}

// IssueClaim stores a new claim code of a program, in c's name. issue gets the
// program's current version and the entry, if any, that c's purchase has earned
// in it, and returns the code and its answer, which is remembered for c's
// Request; it may be called again after a rollback. The till's row is locked, so
// that its codes are counted one by one, and that none is given out behind its
// revocation: scans only read that row, and do not wait.
//
// Errors: loyalty.ErrNotFound for a program that is not c's Merchant's; a
// *loyalty.Refusal with loyalty.TillRevoked, or with loyalty.PINRequired, see
// loyalty.CheckClaims; what issue returns; as of Once.
func (s *Store) IssueClaim(ctx context.Context, c loyalty.Command, program loyalty.ProgramID, issue func(*loyalty.Program, loyalty.EntryID) (*loyalty.ClaimCode, loyalty.Answer, error)) (loyalty.Answer, error) {
	request := loyalty.Answer{Request: c.Request, BodyHash: c.BodyHash, Expires: c.Captured.Add(loyalty.AnswerLife)}
	return s.Once(ctx, request, func(tx *Tx) (loyalty.Answer, error) {
		p, err := tx.Program(c.Merchant, program)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.mayIssue(&c); err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.unanswered(request); err != nil { // by whoever had the till's row
			return loyalty.Answer{}, err
		}
		credited, err := tx.credited(&c, program)
		if err != nil {
			return loyalty.Answer{}, err
		}
		code, answer, err := issue(p, credited)
		if err != nil {
			return loyalty.Answer{}, err
		}
		row, err := newClaimRow(code)
		if err != nil {
			return loyalty.Answer{}, err
		}
		return answer, tx.create(row)
	})
}

// mayIssue locks the till and holds that it may give out one more code.
func (tx *Tx) mayIssue(c *loyalty.Command) error {
	till, err := tx.till(c.Merchant, c.Till)
	if err != nil {
		return err
	}
	if err := till.CheckPaired(c.Pairing); err != nil {
		return err
	}
	var given int64
	err = tx.db.Table("claims").Where("till_id = ? AND issued_at > ? AND withdrawn_at = 0", uid(c.Till), micros(c.Captured.Add(-loyalty.ClaimDay))).
		Count(&given).Error
	if err != nil {
		return translate(err, false)
	}
	return loyalty.CheckClaims(given, c)
}

// credited is the entry that a command's purchase has earned in a program; zero
// for none.
func (tx *Tx) credited(c *loyalty.Command, program loyalty.ProgramID) (loyalty.EntryID, error) {
	do, ok := c.Do.(loyalty.Earning)
	if !ok || do.Purchase == nil {
		return loyalty.EntryID{}, nil
	}
	found, err := all(tx.db.Table("purchases AS p").Select("p.entry_id").
		Where("p.key = ? AND p.program_id = ?", uid(do.Purchase.Key(c.Merchant, c.Location)), uid(program)),
		func(r source) loyalty.EntryID { return r.id() })
	if err != nil || len(found) == 0 {
		return loyalty.EntryID{}, err
	}
	return found[0], nil
}

// Claim is a claim code, whichever merchant's: that is for the caller to compare.
// Errors: loyalty.ErrNotFound.
func (s *Store) Claim(ctx context.Context, id loyalty.ClaimID) (loyalty.ClaimCode, error) {
	return takeClaim(s.engine.reader().WithContext(ctx).Where("id = ?", uid(id)))
}

// ClaimByCode is Claim by the hash of the code.
func (s *Store) ClaimByCode(ctx context.Context, code loyalty.Hash) (loyalty.ClaimCode, error) {
	return takeClaim(s.engine.reader().WithContext(ctx).Where("code_hash = ?", code[:]))
}

func takeClaim(query *gorm.DB) (loyalty.ClaimCode, error) {
	var row claimRow
	if err := query.Take(&row).Error; err != nil {
		return loyalty.ClaimCode{}, translate(err, false)
	}
	return row.code()
}

// TillClaims are the claim codes that a till has given out, newest first, after the
// one named if any; whose till it is, is for the caller to know.
func (s *Store) TillClaims(ctx context.Context, till loyalty.TillID, after loyalty.ClaimID, limit int) ([]loyalty.ClaimCode, error) {
	query := s.engine.reader().WithContext(ctx).Table("claims AS k").Select(selected("k", claimColumns)).Where("k.till_id = ?", uid(till))
	if !after.IsZero() {
		query = query.Where("(k.issued_at, k.id) < (SELECT a.issued_at, a.id FROM claims a WHERE a.id = ?)", uid(after))
	}
	return all(query.Order("k.issued_at DESC, k.id DESC").Limit(limit), getClaim)
}

// WithdrawClaim takes a merchant's claim code back, unless it was claimed, and
// answers with what render makes of it. A till may only take its own ones back;
// a zero till is the office. Errors: loyalty.ErrNotFound; *loyalty.Refusal with
// loyalty.ClaimUsed; what render returns; as of Once.
func (s *Store) WithdrawClaim(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, till loyalty.TillID, id loyalty.ClaimID, now time.Time, render func(*loyalty.ClaimCode) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		code, err := takeClaim(tx.db.Clauses(clause.Locking{Strength: "NO KEY UPDATE"}).Where("id = ?", uid(id)))
		if err == nil && (code.Merchant != m || !till.IsZero() && code.Till != till) {
			err = loyalty.ErrNotFound
		}
		if err != nil {
			return loyalty.Answer{}, err
		}
		if err := code.Withdraw(now); err != nil {
			return loyalty.Answer{}, err
		}
		answer, err := render(&code)
		if err != nil {
			return loyalty.Answer{}, err
		}
		return answer, affected(tx.db.Model(&claimRow{}).Where("id = ?", uid(id)).
			Updates(map[string]any{"withdrawn_at": micros(code.Withdrawn), "purchase": nil}))
	})
}
