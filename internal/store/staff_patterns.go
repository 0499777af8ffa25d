package store

import (
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// favourites are cards that stand out in one person's work: by their part of what the
// person approved, or because the person also handed their rewards out. Percentages
// round down.
const favourites = `SELECT f.card_id, f.staff_id, f.earns, f.redemptions, f.earns * 100 / f.of_person, f.earns * 100 / f.of_card
FROM (
	SELECT g.card_id, g.staff_id, g.earns, g.redemptions, g.first_earn, g.last_redemption,
		CAST(SUM(g.earns) OVER (PARTITION BY g.staff_id) AS bigint) AS of_person,
		CAST(SUM(g.earns) OVER (PARTITION BY g.card_id) AS bigint) AS of_card
	FROM (
		SELECT e.card_id, e.staff_id,
			SUM(CASE WHEN e.kind = 1 THEN 1 ELSE 0 END) AS earns,
			SUM(CASE WHEN e.kind = 3 THEN 1 ELSE 0 END) AS redemptions,
			MIN(CASE WHEN e.kind = 1 THEN e.captured_at END) AS first_earn,
			MAX(CASE WHEN e.kind = 3 THEN e.captured_at END) AS last_redemption
		FROM (?) AS e WHERE e.kind IN (1, 3) GROUP BY e.card_id, e.staff_id
	) g
) f
WHERE f.staff_id IS NOT NULL AND f.earns >= ?
	AND (f.earns * 100 >= f.of_person * ? OR f.last_redemption > f.first_earn AND f.earns * 100 >= f.of_card * ?)
ORDER BY f.earns DESC, f.card_id, f.staff_id LIMIT ?`

// patterns adds what is found by looking at cards and hours. entries are those of the
// report. Hours are those in which people worked: what was done without a network was
// posted later, and belongs to no other hour for that.
func patterns(db *gorm.DB, m loyalty.MerchantID, report *loyalty.StaffReport, entries func() *gorm.DB) (err error) {
	report.Favourites, err = all(db.Raw(favourites, entries().Select("e.card_id, e.staff_id, e.kind, e.captured_at"),
		loyalty.ManyEarns, loyalty.LargeShare, loyalty.MostOfCard, mostRepeats), getFavourite)
	if err != nil {
		return err
	}
	hours, err := all(entries().Where("e.kind = 1").Group("e.location_id, e.staff_id, e.captured_at / 3600000000").
		Select("e.location_id, e.staff_id, e.captured_at / 3600000000, COUNT(*), SUM(CASE WHEN e.commitment IS NULL THEN 1 ELSE 0 END)"), getHour)
	if err != nil {
		return err
	}
	var shops []locationRow
	if err := db.Where("merchant_id = ?", uid(m)).Find(&shops).Error; err != nil {
		return translate(err, false)
	}
	zones := map[loyalty.LocationID]*time.Location{}
	for i := range shops {
		if zones[loyalty.LocationID(shops[i].ID)], err = zone(shops[i].Zone); err != nil {
			return err
		}
	}
	report.AddUnusualHours(hours, zones)
	return nil
}

func getFavourite(r source) loyalty.Favourite {
	return loyalty.Favourite{
		Card: r.id(), Staff: r.id(), Earns: r.number(), Redemptions: r.number(), OfPerson: r.number(), OfCard: r.number(),
	}
}

func getHour(r source) loyalty.HourOfWork {
	return loyalty.HourOfWork{
		Location: r.id(), Staff: r.id(), Begins: time.Unix(r.number()*3600, 0), Earns: r.number(), WithoutPurchase: r.number(),
	}
}
