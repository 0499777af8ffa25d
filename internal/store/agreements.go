package store

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// agreementRow is an agreement as GORM sees it.
type agreementRow struct {
	ID         uid
	MerchantID uid
	Kind       string
	Name       string
	StartsAt   int64
	EndsAt     int64
	Domains    string
	RosterKey  []byte
	Listed     int64
	ListedAt   int64
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
	ChangedAt  int64
}

func (agreementRow) TableName() string { return "agreements" }

const agreementColumns = "g.id, g.merchant_id, g.kind, g.name, g.starts_at, g.ends_at, g.domains, g.roster_key, g.listed, g.listed_at, " +
	"g.created_at, g.changed_at, (SELECT count(*) FROM affiliations f WHERE f.agreement_id = g.id)"

func getAgreement(r source) loyalty.Agreement {
	return loyalty.Agreement{
		ID: r.id(), Merchant: r.id(), Kind: loyalty.AgreementKind(r.text()), Name: r.text(), Starts: fromMicros(r.number()), Ends: fromMicros(r.number()),
		Domains: strings.Fields(r.text()), RosterKey: r.bytes(), Listed: r.number(), ListedAt: fromMicros(r.number()),
		Created: fromMicros(r.number()), Changed: fromMicros(r.number()), People: r.number(),
	}
}

func agreementsOf(db *gorm.DB, m loyalty.MerchantID) *gorm.DB {
	return db.Table("agreements AS g").Select(agreementColumns).Where("g.merchant_id = ?", uid(m))
}

var errNoAgreement = &loyalty.Refusal{Code: loyalty.AgreementNotFound, Message: "There is no such agreement."}

// RenderAgreement makes the answer of a change; it may be called again after a
// rollback.
type RenderAgreement = func(*loyalty.Agreement) (loyalty.Answer, error)

// AddAgreement stores a new agreement, without a roster. Errors: as of Once.
func (s *Store) AddAgreement(ctx context.Context, r loyalty.Answer, a loyalty.Agreement) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		return r, tx.create(&agreementRow{
			ID: uid(a.ID), MerchantID: uid(a.Merchant), Kind: string(a.Kind), Name: a.Name, StartsAt: micros(a.Starts), EndsAt: micros(a.Ends),
			Domains: strings.Join(a.Domains, " "), RosterKey: a.RosterKey, CreatedAt: micros(a.Created), ChangedAt: micros(a.Changed),
		})
	})
}

// Agreement is one of a merchant's agreements. Errors: a *loyalty.Refusal with
// loyalty.AgreementNotFound.
func (s *Store) Agreement(ctx context.Context, m loyalty.MerchantID, id loyalty.AgreementID) (loyalty.Agreement, error) {
	a, err := first(agreementsOf(s.engine.reader().WithContext(ctx), m).Where("g.id = ?", uid(id)), getAgreement)
	return a, orRefuse(err, errNoAgreement)
}

// Agreements are a merchant's agreements after one of them, the newest first.
func (s *Store) Agreements(ctx context.Context, m loyalty.MerchantID, after loyalty.AgreementID, limit int) ([]loyalty.Agreement, error) {
	return page(agreementsOf(s.engine.reader().WithContext(ctx), m), "g.id", after, limit, getAgreement)
}

// lockAgreement comes after cards and members. Errors: a *loyalty.Refusal with
// loyalty.AgreementNotFound.
func (tx *Tx) lockAgreement(m loyalty.MerchantID, id loyalty.AgreementID) (loyalty.Agreement, error) {
	a, err := first(agreementsOf(tx.db.Clauses(locked), m).Where("g.id = ?", uid(id)), getAgreement)
	return a, orRefuse(err, errNoAgreement)
}

// ChangeAgreement replaces an agreement by what change makes of it, which may be called
// again after a rollback, as may render. When it begins and ends holds for all its people at once, at
// tills too; and whoever belongs to it by a domain that it has no more does so no longer.
//
// Errors: a *loyalty.Refusal with loyalty.AgreementNotFound; what change and render
// return; as of Once.
func (s *Store) ChangeAgreement(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.AgreementID, change func(*loyalty.Agreement) error, render RenderAgreement) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		seen, err := first(agreementsOf(tx.db, m).Where("g.id = ?", uid(id)), getAgreement)
		if err != nil {
			return loyalty.Answer{}, orRefuse(err, errNoAgreement)
		}
		next := seen
		if err := change(&next); err != nil {
			return loyalty.Answer{}, err
		}
		if !next.Starts.Equal(seen.Starts) || !next.Ends.Equal(seen.Ends) {
			if err := tx.touchAsking(m, next.Changed); err != nil { // before marks of cards, as MarkTouched does
				return loyalty.Answer{}, err
			}
		}
		onRoster, err := tx.listed(id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if _, err := tx.dismiss(&seen, &next, onRoster); err != nil {
			return loyalty.Answer{}, err
		}
		err = affected(tx.db.Model(&agreementRow{}).Where("id = ?", uid(id)).Updates(map[string]any{
			"name": next.Name, "starts_at": micros(next.Starts), "ends_at": micros(next.Ends),
			"domains": strings.Join(next.Domains, " "), "changed_at": micros(next.Changed),
		}))
		if err != nil {
			return loyalty.Answer{}, err
		}
		return render(&next)
	})
}

// listed tells who of those that belong to an agreement is on its roster.
func (tx *Tx) listed(a loyalty.AgreementID) (func(loyalty.Hash) bool, error) {
	people, err := tx.proven(a)
	if err != nil {
		return nil, err
	}
	who := make([]loyalty.Hash, len(people))
	for i := range people {
		who[i] = people[i].Who
	}
	listed, err := listedOf(tx.db, a, who)
	return onList(listed), err
}
