package store

import (
	"context"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// Tenures are all partnerships that there are or were, in no order: a hundred at most
// of each program.
func (s *Store) Tenures(ctx context.Context) (tenures []loyalty.Tenure, err error) {
	err = s.snapshot(ctx, func(db *gorm.DB) error {
		over, err := terms(db)
		if err != nil {
			return err
		}
		tenures, err = all(db.Table("partners AS p").
			Select(selected("p", partnerColumns)+", g.merchant_id, (SELECT count(*) FROM program_versions v "+
				"WHERE v.program_id = p.program_id AND (v.rules -> 'coalition') IS NOT NULL)").
			Joins("LEFT JOIN programs g ON g.id = p.program_id"), func(r source) loyalty.Tenure {
			t := loyalty.Tenure{Partner: getPartner(r), Operator: r.id(), Coalition: r.number() > 0}
			t.Over = over[t.Name()]
			return t
		})
		return err
	})
	return tenures, err
}

// terms are the times of partnerships that have begun anew since.
func terms(db *gorm.DB) (map[loyalty.Partnership][]loyalty.Term, error) {
	over := map[loyalty.Partnership][]loyalty.Term{}
	rows, err := db.Table("partner_terms AS t").Select("t.program_id, t.merchant_id, t.since, t.until").Rows()
	if err != nil {
		return nil, translate(err, false)
	}
	err = each(rows, func(r source) {
		name := loyalty.Partnership{Program: r.id(), Merchant: r.id()}
		over[name] = append(over[name], loyalty.Term{Since: fromMicros(r.number()), Until: fromMicros(r.number())})
	})
	return over, translate(err, false)
}
