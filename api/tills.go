package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

// ListTills shows the merchant's tills.
func (s *Server) ListTills(c *fiber.Ctx, params gen.ListTillsParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.TillID], params.After)
	if err != nil {
		return err
	}
	all, err := wantsAll(params.State)
	if err != nil {
		return err
	}
	list, err := s.Store.Tills(c.UserContext(), principalOf(c).Merchant, all, after, limit+1)
	if err != nil {
		return err
	}
	list, next := cut(list, limit, func(t *loyalty.TillListing) string { return t.ID.String() })
	return s.json(c, http.StatusOK, gen.TillPage{Tills: views(list, tillView), Next: next})
}

// CreateTill adds a till, which a device is then paired with.
func (s *Server) CreateTill(c *fiber.Ctx, params gen.CreateTillParams) error {
	var body gen.NewTill
	if err := decode(c, &body); err != nil {
		return err
	}
	if err := checkName(body.Name); err != nil {
		return err
	}
	if body.Location.IsZero() {
		return missing("location")
	}
	readers, err := readersOf(body.Readers)
	if err != nil {
		return err
	}
	now := s.moment()
	t := loyalty.TillListing{Created: now, Lease: loyalty.DefaultLease, Till: loyalty.Till{
		ID: loyalty.NewID(), Merchant: principalOf(c).Merchant, Location: body.Location, Name: body.Name, Readers: readers,
	}}
	open, shown := s.newPairing(t.ID)
	view := tillView(&t)
	view.Pairing = &shown
	answer, err := s.created(c, params.IdempotencyKey, view)
	if err != nil {
		return err
	}
	answer.Secret = true
	answer, err = s.Store.AddTill(c.UserContext(), answer, t.Till, open, now)
	return finish(c, answer, err)
}

// GetTill shows a till.
func (s *Server) GetTill(c *fiber.Ctx, id gen.TillInPath) error {
	t, err := s.Store.Till(c.UserContext(), principalOf(c).Merchant, id)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, tillView(&t))
}

// UpdateTill renames a till, moves it to another shop, sets its readers or leases, or
// blocks it for a while.
func (s *Server) UpdateTill(c *fiber.Ctx, id gen.TillInPath, params gen.UpdateTillParams) error {
	var body gen.TillChange
	if err := decode(c, &body); err != nil {
		return err
	}
	var readers loyalty.Readers
	if body.Readers != nil {
		var err error
		if readers, err = readersOf(*body.Readers); err != nil {
			return err
		}
	}
	if body.Name != "" || body.Location.IsZero() && body.Readers == nil && body.Blocked == nil && body.OfflineRedemptions == nil && body.OfflineHours == nil {
		if err := checkName(body.Name); err != nil {
			return err
		}
	}
	if err := checkLease(&body); err != nil {
		return err
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	now := s.moment()
	answer, err := s.Store.ChangeTill(c.UserContext(), request, principalOf(c).Merchant, id, func(t *loyalty.TillListing) (loyalty.Answer, error) {
		if body.Name != "" {
			t.Name = body.Name
		}
		if !body.Location.IsZero() {
			t.Location = body.Location
		}
		if body.Readers != nil {
			t.Readers = readers
		}
		if body.Blocked != nil {
			t.Block(*body.Blocked, now)
		}
		if body.OfflineRedemptions != nil {
			t.Lease.Redemptions = *body.OfflineRedemptions
		}
		if body.OfflineHours != nil {
			t.Lease.Hours = *body.OfflineHours
		}
		return renderTill(t)
	})
	return finish(c, answer, err)
}

// RevokeTill ends a till's token at once, and what it gave out and nobody claimed.
func (s *Server) RevokeTill(c *fiber.Ctx, id gen.TillInPath, params gen.RevokeTillParams) error {
	var body gen.TillLoss
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.KeepClaims && !body.ClaimsSince.IsZero() {
		return invalid("keep_claims", "cannot be given together with claims_since")
	}
	lost := loyalty.LostClaims{Since: body.ClaimsSince, Keep: body.KeepClaims}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.RevokeTill(c.UserContext(), request, principalOf(c).Merchant, id, s.moment(), lost, renderTill)
	return finish(c, answer, err)
}

// CreatePairing makes a code for a till that is there.
func (s *Server) CreatePairing(c *fiber.Ctx, id gen.TillInPath, params gen.CreatePairingParams) error {
	open, shown := s.newPairing(id)
	answer, err := s.created(c, params.IdempotencyKey, shown)
	if err != nil {
		return err
	}
	answer.Secret = true
	answer, err = s.Store.OpenPairing(c.UserContext(), answer, principalOf(c).Merchant, open)
	return finish(c, answer, err)
}

// newPairing makes a code: as it is kept, and as it is shown this once.
func (s *Server) newPairing(till loyalty.TillID) (loyalty.Pairing, gen.Pairing) {
	code, expires := credential.NewPairingCode(), s.moment().Add(loyalty.PairingLife)
	return loyalty.Pairing{Till: till, Code: s.PINs.PairingHash(code), Expires: expires},
		gen.Pairing{Code: code, ExpiresAt: expires}
}

func renderTill(t *loyalty.TillListing) (loyalty.Answer, error) {
	return render(http.StatusOK, tillView(t))
}

func tillView(t *loyalty.TillListing) gen.Till {
	view := gen.Till{
		ID: t.ID, Name: t.Name, Location: t.Location, State: gen.TillStatePaired,
		OfflineRedemptions: t.Lease.Redemptions, OfflineHours: t.Lease.Hours,
		CreatedAt: t.Created, PairedAt: t.Paired, RevokedAt: t.RevokedAt, BlockedAt: t.BlockedAt,
	}
	for _, reader := range t.Readers.List() {
		view.Readers = append(view.Readers, gen.Reader(reader.String()))
	}
	switch {
	case !t.RevokedAt.IsZero():
		view.State = gen.TillStateRevoked
	case !t.HasToken:
		view.State = gen.TillStateUnpaired
	case !t.BlockedAt.IsZero():
		view.State = gen.TillStateBlocked
	}
	return view
}

// checkLease holds what a till may be allowed without a network. Errors:
// invalid_field.
func checkLease(body *gen.TillChange) error {
	if n := body.OfflineRedemptions; n != nil && (*n < 0 || *n > 100) {
		return invalid("offline_redemptions", "must lie between 0 and 100")
	}
	if n := body.OfflineHours; n != nil && (*n < 1 || *n > 72) {
		return invalid("offline_hours", "must lie between 1 and 72")
	}
	return nil
}

// maxReaders of a till that a body may name; there are fewer.
const maxReaders = 8

// readersOf is the set that a body names.
func readersOf(names gen.Readers) (loyalty.Readers, error) {
	if len(names) > maxReaders {
		return 0, invalid("readers", "has more than 8 entries")
	}
	var readers loyalty.Readers
	for _, name := range names {
		reader, err := loyalty.ParseReader(string(name))
		if err != nil {
			return 0, invalid("readers", "has a reader that does not exist: there is smart_tap")
		}
		readers |= loyalty.ReadersOf(reader)
	}
	return readers, nil
}
