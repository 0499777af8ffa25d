package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"stempel/internal/loyalty"
)

var errNoLocation = &loyalty.Refusal{Code: loyalty.LocationNotFound, Message: "There is no such location."}

func (r *locationRow) location() (loyalty.Location, error) {
	at, err := zone(r.Zone)
	if err != nil {
		return loyalty.Location{}, err
	}
	hours, err := parseHours(r.Hours)
	return loyalty.Location{
		ID: loyalty.LocationID(r.ID), Merchant: loyalty.MerchantID(r.MerchantID), Name: r.Name, Zone: at,
		Place: loyalty.Place{Latitude: r.Latitude, Longitude: r.Longitude}, Hours: hours,
	}, err
}

// hoursText is how opening hours are stored.
func hoursText(h loyalty.Hours) string {
	if len(h) == 0 {
		return ""
	}
	text, err := json.Marshal(h)
	if err != nil {
		panic("store: plain numbers cannot be written as JSON: " + err.Error())
	}
	return string(text)
}

func parseHours(text string) (h loyalty.Hours, err error) {
	if text == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		return nil, fmt.Errorf("store: hours of a location: %w", err)
	}
	return h, nil
}

// Location is one of a merchant's locations. Errors: a *loyalty.Refusal with
// loyalty.LocationNotFound.
func (s *Store) Location(ctx context.Context, m loyalty.MerchantID, id loyalty.LocationID) (loyalty.Location, error) {
	var row locationRow
	err := s.engine.reader().WithContext(ctx).Where("merchant_id = ? AND id = ?", uid(m), uid(id)).Take(&row).Error
	if err != nil {
		return loyalty.Location{}, refused(err, errNoLocation)
	}
	return row.location()
}

// Locations are a merchant's locations, newest first, older than after unless
// that is zero.
func (s *Store) Locations(ctx context.Context, m loyalty.MerchantID, after loyalty.LocationID, limit int) ([]loyalty.Location, error) {
	rows, err := officePage[locationRow](s.engine.reader().WithContext(ctx), m, after, limit)
	list := make([]loyalty.Location, len(rows))
	for i := range rows {
		if err == nil {
			list[i], err = rows[i].location()
		}
	}
	return list, err
}

// AddLocation stores a new location, which the merchant's cards show. Errors: as of Once.
func (s *Store) AddLocation(ctx context.Context, answer loyalty.Answer, l loyalty.Location, now time.Time) (loyalty.Answer, error) {
	return s.Once(ctx, answer, func(tx *Tx) (loyalty.Answer, error) {
		if err := tx.InsertLocation(l); err != nil {
			return loyalty.Answer{}, err
		}
		return answer, tx.touchMerchant(l.Merchant, now)
	})
}

// ChangeLocation changes name, zone, place and hours, on the merchant's cards as well; change is as of ChangeMerchant. Errors: a
// *loyalty.Refusal with loyalty.LocationNotFound; what change returns; as of Once.
func (s *Store) ChangeLocation(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.LocationID, now time.Time, change func(*loyalty.Location) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		l, err := tx.location(m, id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		before := l
		answer, err := change(&l)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if l.Name == before.Name && l.Place == before.Place && l.Zone.String() == before.Zone.String() && slices.Equal(l.Hours, before.Hours) {
			return answer, nil
		}
		err = affected(tx.db.Model(&locationRow{}).Where("id = ?", uid(id)).
			Updates(map[string]any{
				"name": l.Name, "zone": l.Zone.String(), "latitude": l.Place.Latitude, "longitude": l.Place.Longitude, "hours": hoursText(l.Hours),
			}))
		if err != nil {
			return loyalty.Answer{}, err
		}
		return answer, tx.touchMerchant(m, now)
	})
}

func (tx *Tx) location(m loyalty.MerchantID, id loyalty.LocationID) (loyalty.Location, error) {
	row, err := take[locationRow](tx, "merchant_id = ? AND id = ?", uid(m), uid(id))
	if err != nil {
		return loyalty.Location{}, refused(err, errNoLocation)
	}
	return row.location()
}

// refused says what was not found.
func refused(err error, missing *loyalty.Refusal) error {
	if err = translate(err, false); errors.Is(err, loyalty.ErrNotFound) {
		return missing
	}
	return err
}
