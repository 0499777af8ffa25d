package store

import (
	"time"

	"stempel/internal/loyalty"
)

// The tables of the office, as GORM sees them.
type (
	merchantRow struct {
		ID             uid
		Name           string
		PinsForgivenAt int64
		CreatedAt      int64 `gorm:"autoCreateTime:false"`

		CardEarnsPerHour     int64
		TillActionsPerMinute int64
		TillActionsPerHour   int64
		StaffActionsPerHour  int64
	}
	locationRow struct {
		ID         uid
		MerchantID uid
		Name       string
		Zone       string
		Latitude   int64
		Longitude  int64
		Hours      string
	}
	tillRow struct {
		ID                 uid
		MerchantID         uid
		LocationID         uid
		Name               string
		Readers            int64
		TokenHash          []byte // nil: none yet
		Pairing            int64
		PairedAt           int64
		RevokedAt          int64
		BlockedAt          int64
		PinFailures        int64
		PinLockedUntil     int64
		OfflineRedemptions int64
		OfflineHours       int64
		CreatedAt          int64 `gorm:"autoCreateTime:false"`
	}
	staffRow struct {
		ID          uid
		MerchantID  uid
		Role        int64
		Name        string
		PinMac      []byte // nil: none
		DismissedAt int64
		CreatedAt   int64 `gorm:"autoCreateTime:false"`
	}
	keyRow struct {
		ID          uid
		MerchantID  uid
		Name        string
		Scope       string
		SecretHash  []byte
		FormerHash  []byte
		FormerUntil int64
		RevokedAt   int64
		CreatedAt   int64 `gorm:"autoCreateTime:false"`
	}
	programRow struct {
		ID             uid
		MerchantID     uid
		CurrentVersion int64
		CreatedAt      int64 `gorm:"autoCreateTime:false"`
	}
	versionRow struct {
		ProgramID uid
		Version   int64
		Rules     string // JSON
		CreatedAt int64  `gorm:"autoCreateTime:false"`
	}
)

func (merchantRow) TableName() string { return "merchants" }
func (locationRow) TableName() string { return "locations" }
func (tillRow) TableName() string     { return "tills" }
func (staffRow) TableName() string    { return "staff" }
func (keyRow) TableName() string      { return "api_keys" }
func (programRow) TableName() string  { return "programs" }
func (versionRow) TableName() string  { return "program_versions" }

// InsertMerchant stores a new tenant.
func (tx *Tx) InsertMerchant(m loyalty.Merchant) error {
	return tx.create(&merchantRow{ID: uid(m.ID), Name: m.Name, CreatedAt: micros(m.Created)})
}

// InsertLocation stores a new shop.
func (tx *Tx) InsertLocation(l loyalty.Location) error {
	return tx.create(&locationRow{
		ID: uid(l.ID), MerchantID: uid(l.Merchant), Name: l.Name, Zone: l.Zone.String(),
		Latitude: l.Place.Latitude, Longitude: l.Place.Longitude, Hours: hoursText(l.Hours),
	})
}

// InsertTill stores a paired till whose token has this hash. Its location must be its
// merchant's, else loyalty.ErrNotFound; its Zone is the location's.
func (tx *Tx) InsertTill(t loyalty.Till, token loyalty.Hash, now time.Time) error {
	return tx.create(&tillRow{
		ID: uid(t.ID), MerchantID: uid(t.Merchant), LocationID: uid(t.Location), Name: t.Name, TokenHash: token[:],
		Readers: int64(t.Readers), OfflineRedemptions: int64(loyalty.DefaultLease.Redemptions), OfflineHours: int64(loyalty.DefaultLease.Hours),
		Pairing: t.Pairing, PairedAt: micros(now), CreatedAt: micros(now),
	})
}

// InsertStaff stores a member of staff with the keyed hash of the PIN, which no
// one else of the merchant may have (loyalty.ErrConflict); nil is no PIN.
func (tx *Tx) InsertStaff(s loyalty.Staff, pinMAC []byte, now time.Time) error {
	return tx.create(&staffRow{
		ID: uid(s.ID), MerchantID: uid(s.Merchant), Role: int64(s.Role), Name: s.Name, PinMac: pinMAC,
		CreatedAt: micros(now),
	})
}

// InsertAPIKey stores a key: its Key, Merchant, Scope and Hash.
func (tx *Tx) InsertAPIKey(a loyalty.Access, name string, now time.Time) error {
	return tx.create(&keyRow{
		ID: uid(a.Key), MerchantID: uid(a.Merchant), Name: name, Scope: string(a.Scope), SecretHash: a.Hash[:],
		CreatedAt: micros(now),
	})
}
