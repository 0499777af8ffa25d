package store

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"stempel/internal/loyalty"
)

type (
	brandRow struct {
		MerchantID uid `gorm:"primaryKey"`
		Name       string
		Background string
		Foreground string
		Label      string
		Accent     string
		Logo       []byte
		Icon       []byte
		PrivacyURL string
		ChangedAt  int64
	}
	imageRow struct {
		MerchantID uid
		Hash       []byte
		Width      int64
		Height     int64
		AddedAt    int64
		PNG        []byte `gorm:"column:png"`
	}
)

func (brandRow) TableName() string { return "brands" }
func (imageRow) TableName() string { return "images" }

// Brand is how a merchant wants its cards to look; the zero Brand where nothing
// was chosen.
func (s *Store) Brand(ctx context.Context, m loyalty.MerchantID) (loyalty.Brand, error) {
	return readBrand(s.engine.reader().WithContext(ctx), m)
}

// BrandBook is a merchant's brand with its pictures, both of one moment.
func (s *Store) BrandBook(ctx context.Context, m loyalty.MerchantID) (book loyalty.BrandBook, err error) {
	err = s.snapshot(ctx, func(db *gorm.DB) error {
		if book.Brand, err = readBrand(db, m); err != nil {
			return err
		}
		var rows []imageRow
		err := db.Where("merchant_id = ?", uid(m)).Order("hash").Find(&rows).Error
		book.Images = listed(rows, (*imageRow).image)
		return translate(err, false)
	})
	return book, err
}

// Image is one of a merchant's pictures. Errors: loyalty.ErrNotFound.
func (s *Store) Image(ctx context.Context, m loyalty.MerchantID, hash loyalty.Hash) (loyalty.Image, error) {
	var row imageRow
	err := s.engine.reader().WithContext(ctx).Where("merchant_id = ? AND hash = ?", uid(m), hash[:]).Take(&row).Error
	return row.image(), translate(err, false)
}

func (r *imageRow) image() loyalty.Image {
	i := loyalty.Image{
		Merchant: loyalty.MerchantID(r.MerchantID), Width: int(r.Width), Height: int(r.Height), PNG: r.PNG, Added: fromMicros(r.AddedAt),
	}
	copy(i.Hash[:], r.Hash)
	return i
}

// ChangeBrand locks a merchant's brand and stores what change makes of it, with
// change's answer; it may be called again after a rollback. added is a picture
// that the brand shows from now on, or nil. Pictures that it shows no longer are
// forgotten. All cards of the merchant show what changed. Errors:
// loyalty.ErrNotFound without the merchant; what change returns; as of Once.
func (s *Store) ChangeBrand(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, added *loyalty.Image, change func(*loyalty.Brand) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		if _, err := take[merchantRow](tx, "id = ?", uid(m)); err != nil { // there may be no brand to lock yet
			return loyalty.Answer{}, err
		}
		brand, err := readBrand(tx.db, m)
		if err != nil {
			return loyalty.Answer{}, err
		}
		before := brand
		answer, err := change(&brand)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.putImage(m, added); err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.putBrand(m, &brand); err != nil {
			return loyalty.Answer{}, err
		}
		before.Changed, before.PrivacyURL = brand.Changed, brand.PrivacyURL // no card shows these
		if before == brand {
			return answer, nil
		}
		return answer, tx.touchMerchant(m, brand.Changed)
	})
}

func readBrand(db *gorm.DB, m loyalty.MerchantID) (loyalty.Brand, error) {
	var row brandRow
	err := translate(db.Where("merchant_id = ?", uid(m)).Take(&row).Error, false)
	if errors.Is(err, loyalty.ErrNotFound) {
		return loyalty.Brand{}, nil
	}
	if err != nil {
		return loyalty.Brand{}, err
	}
	return row.brand()
}

func (r *brandRow) brand() (loyalty.Brand, error) {
	b := loyalty.Brand{Name: r.Name, PrivacyURL: r.PrivacyURL, Changed: fromMicros(r.ChangedAt)}
	copy(b.Logo[:], r.Logo)
	copy(b.Icon[:], r.Icon)
	if r.Background == "" {
		return b, nil
	}
	var problems [4]error
	b.Colors.Background, problems[0] = loyalty.ParseColor(r.Background)
	b.Colors.Foreground, problems[1] = loyalty.ParseColor(r.Foreground)
	b.Colors.Label, problems[2] = loyalty.ParseColor(r.Label)
	b.Colors.Accent, problems[3] = loyalty.ParseColor(r.Accent)
	return b, errors.Join(problems[:]...)
}

func (tx *Tx) putImage(m loyalty.MerchantID, i *loyalty.Image) error {
	if i == nil {
		return nil
	}
	row := imageRow{
		MerchantID: uid(m), Hash: i.Hash[:], Width: int64(i.Width), Height: int64(i.Height), AddedAt: micros(i.Added), PNG: i.PNG,
	}
	return translate(tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error, false)
}

func (tx *Tx) putBrand(m loyalty.MerchantID, b *loyalty.Brand) error {
	row := brandRow{MerchantID: uid(m), Name: b.Name, PrivacyURL: b.PrivacyURL, ChangedAt: micros(b.Changed)}
	if !b.Colors.IsZero() {
		row.Background, row.Foreground = b.Colors.Background.String(), b.Colors.Foreground.String()
		row.Label, row.Accent = b.Colors.Label.String(), b.Colors.Accent.String()
	}
	if b.Logo != (loyalty.Hash{}) {
		row.Logo = b.Logo[:]
	}
	if b.Icon != (loyalty.Hash{}) {
		row.Icon = b.Icon[:]
	}
	if err := tx.db.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
		return translate(err, false)
	}
	unshown := tx.db.Where("merchant_id = ? AND hash <> ? AND hash <> ?", uid(m), b.Logo[:], b.Icon[:])
	return translate(unshown.Delete(&imageRow{}).Error, false)
}
