package loyalty

// Place is a point on the ground, in millionths of a degree (WGS 84). Both zero:
// not known.
type Place struct {
	Latitude  int64 // −90,000,000 to 90,000,000, north is positive
	Longitude int64 // −180,000,000 to 180,000,000, east is positive
}

// IsZero reports whether the place is not known.
func (p Place) IsZero() bool { return p == Place{} }

// Check holds that the place is on this planet. Errors: a *FieldError.
func (p Place) Check() error {
	const latitude, longitude = 90_000_000, 180_000_000
	switch {
	case p.Latitude < -latitude || p.Latitude > latitude:
		return &FieldError{Field: "place.latitude", Problem: "must lie between -90000000 and 90000000 millionths of a degree"}
	case p.Longitude < -longitude || p.Longitude > longitude:
		return &FieldError{Field: "place.longitude", Problem: "must lie between -180000000 and 180000000 millionths of a degree"}
	}
	return nil
}
