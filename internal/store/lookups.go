package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stempel/internal/loyalty"
)

// How many customers and receipts may be looked up by hand within lookupWindow. Each
// answer tells whether one is known here: who would try all numbers has to wait.
const (
	lookupWindow      = time.Hour
	lookupsOfTill     = 60
	lookupsOfMerchant = 1000
)

type lookupRow struct {
	At         int64
	ID         uid
	MerchantID uid
	TillID     uid
	StaffID    uid
}

func (lookupRow) TableName() string { return "lookups" }

// NoteLookup finds who wants to look a customer or a receipt up, and notes it. The till is as
// it was authenticated; without a hash of a PIN it asks for one.
//
// Errors: *loyalty.Refusal with loyalty.PINRequired, loyalty.TooManyLookups and
// RetryAt; as of CheckPIN.
func (s *Store) NoteLookup(ctx context.Context, look loyalty.Lookup, till loyalty.Till, pinMAC []byte) (loyalty.Staff, error) {
	var staff loyalty.Staff
	var refusal *loyalty.Refusal // beside the transaction's error: a wrong PIN is to be counted
	err := again(func() error {
		return s.engine.within(ctx, func(tx *Tx) (err error) {
			staff, refusal, err = tx.noteLookup(look, till, pinMAC)
			return err
		})
	})
	if err == nil && refusal != nil {
		err = refusal
	}
	if err != nil {
		return loyalty.Staff{}, err
	}
	return staff, nil
}

func (tx *Tx) noteLookup(look loyalty.Lookup, till loyalty.Till, pinMAC []byte) (loyalty.Staff, *loyalty.Refusal, error) {
	if pinMAC == nil {
		row, err := take[tillRow](tx, "id = ? AND merchant_id = ?", uid(till.ID), uid(look.Merchant))
		if err != nil {
			return loyalty.Staff{}, nil, err
		}
		is := row.listing()
		if err := is.CheckPaired(till.Pairing); err != nil {
			return loyalty.Staff{}, nil, err
		}
		return loyalty.Staff{}, &loyalty.Refusal{
			Code: loyalty.PINRequired, Needs: loyalty.Cashier, Message: "Looking customers and receipts up needs a staff PIN.",
		}, nil
	}
	// It locks till and merchant, so that no two count each other out.
	staff, refusal, err := tx.checkPIN(look.Merchant, till, pinMAC, look.At)
	if refusal != nil || err != nil {
		return staff, refusal, err
	}
	until, who, err := tx.lookupsFrom(look)
	if err != nil || until.After(look.At) {
		return staff, &loyalty.Refusal{
			Code: loyalty.TooManyLookups, RetryAt: until,
			Message: fmt.Sprintf("Too many customers and receipts were looked up at %s. Scan the customer's code, or wait.", who),
		}, err
	}
	return staff, nil, tx.create(&lookupRow{
		At: micros(look.At), ID: uid(look.ID), MerchantID: uid(look.Merchant), TillID: uid(look.Till), StaffID: uid(staff.ID),
	})
}

// lookupsFrom is from when on the next one may be made, and because of whom.
func (tx *Tx) lookupsFrom(look loyalty.Lookup) (until time.Time, who string, err error) {
	for _, limit := range []struct {
		column string
		of     uid
		most   int
		who    string
	}{
		{"l.till_id", uid(look.Till), lookupsOfTill, "this till"},
		{"l.merchant_id", uid(look.Merchant), lookupsOfMerchant, "all tills together"},
	} {
		at, err := first(tx.db.Table("lookups AS l").Select("l.at").Where(limit.column+" = ?", limit.of).
			Order(limit.column+" DESC, l.at DESC").Offset(limit.most-1), func(r source) int64 { return r.number() })
		switch {
		case errors.Is(err, loyalty.ErrNotFound):
			continue
		case err != nil:
			return until, who, err
		}
		if free := fromMicros(at).Add(lookupWindow); free.After(until) {
			until, who = free, limit.who
		}
	}
	return until, who, nil
}
