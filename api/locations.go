package api

import (
	"math"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// GetMerchant shows the merchant whose key asks.
func (s *Server) GetMerchant(c *fiber.Ctx) error {
	m, err := s.Store.Merchant(c.UserContext(), principalOf(c).Merchant)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, merchantView(&m))
}

// UpdateMerchant renames the merchant, or sets its limits.
func (s *Server) UpdateMerchant(c *fiber.Ctx, params gen.UpdateMerchantParams) error {
	var body gen.MerchantChange
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Name != "" || body.Limits == nil {
		if err := checkName(body.Name); err != nil {
			return err
		}
	}
	limits, err := limitsOf(body.Limits)
	if err != nil {
		return err
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	merchant := principalOf(c).Merchant
	answer, err := s.Store.ChangeMerchant(c.UserContext(), request, merchant, s.moment(), func(m *loyalty.Merchant) (loyalty.Answer, error) {
		if body.Name != "" {
			m.Name = body.Name
		}
		if body.Limits != nil {
			m.Limits = limits
		}
		return render(http.StatusOK, merchantView(m))
	})
	if body.Limits != nil {
		s.auth.forgetTills(merchant)
	}
	s.tellAll(err, merchant)
	return finish(c, answer, err)
}

// ListLocations shows the merchant's shops.
func (s *Server) ListLocations(c *fiber.Ctx, params gen.ListLocationsParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.LocationID], params.After)
	if err != nil {
		return err
	}
	list, err := s.Store.Locations(c.UserContext(), principalOf(c).Merchant, after, limit+1)
	if err != nil {
		return err
	}
	list, next := cut(list, limit, func(l *loyalty.Location) string { return l.ID.String() })
	return s.json(c, http.StatusOK, gen.LocationPage{Locations: views(list, locationView), Next: next})
}

// CreateLocation adds a shop.
func (s *Server) CreateLocation(c *fiber.Ctx, params gen.CreateLocationParams) error {
	var body gen.NewLocation
	if err := decode(c, &body); err != nil {
		return err
	}
	if err := checkName(body.Name); err != nil {
		return err
	}
	if body.Zone == "" {
		return missing("zone")
	}
	zone, err := readZone(body.Zone)
	if err != nil {
		return err
	}
	place, err := readPlace(body.Place)
	if err != nil {
		return err
	}
	hours, err := readHours(body.Hours)
	if err != nil {
		return err
	}
	l := loyalty.Location{ID: loyalty.NewID(), Merchant: principalOf(c).Merchant, Name: body.Name, Zone: zone, Place: place, Hours: hours}
	answer, err := s.created(c, params.IdempotencyKey, locationView(&l))
	if err != nil {
		return err
	}
	answer, err = s.Store.AddLocation(c.UserContext(), answer, l, s.moment())
	s.tellAll(err, l.Merchant)
	return finish(c, answer, err)
}

// GetLocation shows a shop.
func (s *Server) GetLocation(c *fiber.Ctx, id gen.LocationInPath) error {
	l, err := s.Store.Location(c.UserContext(), principalOf(c).Merchant, id)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, locationView(&l))
}

// UpdateLocation changes a shop's name, zone, place and hours.
func (s *Server) UpdateLocation(c *fiber.Ctx, id gen.LocationInPath, params gen.UpdateLocationParams) error {
	var body gen.LocationChange
	if err := decode(c, &body); err != nil {
		return err
	}
	var zone *time.Location
	var err error
	if body.Zone != "" {
		if zone, err = readZone(body.Zone); err != nil {
			return err
		}
	}
	place, err := readPlace(body.Place)
	if err != nil {
		return err
	}
	hours, err := readHours(body.Hours)
	if err != nil {
		return err
	}
	if body.Name != "" || zone == nil && body.Place == nil && body.Hours == nil {
		if err := checkName(body.Name); err != nil {
			return err
		}
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.ChangeLocation(c.UserContext(), request, principalOf(c).Merchant, id, s.moment(), func(l *loyalty.Location) (loyalty.Answer, error) {
		if body.Name != "" {
			l.Name = body.Name
		}
		if zone != nil {
			l.Zone = zone
		}
		if body.Place != nil {
			l.Place = place
		}
		if body.Hours != nil {
			l.Hours = hours
		}
		return render(http.StatusOK, locationView(l))
	})
	s.tellAll(err, principalOf(c).Merchant)
	return finish(c, answer, err)
}

// readZone loads an IANA time zone; that of the machine is none. Errors:
// invalid_field.
func readZone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || zone == time.Local {
		return nil, invalid("zone", "must be an IANA time zone, such as Europe/Warsaw")
	}
	return zone, nil
}

// readPlace reads where a shop is; not given, it is not known. Errors:
// invalid_field.
func readPlace(given *gen.Place) (loyalty.Place, error) {
	if given == nil {
		return loyalty.Place{}, nil
	}
	place := loyalty.Place{Latitude: int64(given.Latitude), Longitude: int64(given.Longitude)}
	return place, place.Check()
}

// decodePlace holds that a place has both its numbers: one alone is no 0.
func decodePlace(from *jsontext.Decoder, into *gen.Place) error {
	type plain gen.Place
	const absent = math.MinInt32
	p := plain{Latitude: absent, Longitude: absent}
	if err := json.UnmarshalDecode(from, &p); err != nil {
		return err
	}
	switch {
	case p.Latitude == absent:
		return missingIn(from, "latitude")
	case p.Longitude == absent:
		return missingIn(from, "longitude")
	}
	*into = gen.Place(p)
	return nil
}

func merchantView(m *loyalty.Merchant) gen.Merchant {
	return gen.Merchant{ID: m.ID, Name: m.Name, CreatedAt: m.Created, Limits: limitsView(&m.Limits)}
}

func locationView(l *loyalty.Location) gen.Location {
	view := gen.Location{ID: l.ID, Name: l.Name, Zone: l.Zone.String(), Hours: hoursView(l.Hours)}
	if !l.Place.IsZero() {
		view.Place = &gen.Place{Latitude: int32(l.Place.Latitude), Longitude: int32(l.Place.Longitude)}
	}
	return view
}
