package api

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// officeStore is what the office reads and changes. Who is not there is refused
// by the store, which knows what was looked for. Callbacks edit or get what is
// stored and render the answer; they may be called again after a rollback.
type officeStore interface {
	Merchant(ctx context.Context, id loyalty.MerchantID) (loyalty.Merchant, error)
	ChangeMerchant(ctx context.Context, r loyalty.Answer, id loyalty.MerchantID, now time.Time, change editing[loyalty.Merchant]) (loyalty.Answer, error)

	Location(ctx context.Context, m loyalty.MerchantID, id loyalty.LocationID) (loyalty.Location, error)
	Locations(ctx context.Context, m loyalty.MerchantID, after loyalty.LocationID, limit int) ([]loyalty.Location, error)
	AddLocation(ctx context.Context, answer loyalty.Answer, l loyalty.Location, now time.Time) (loyalty.Answer, error)
	ChangeLocation(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.LocationID, now time.Time, change editing[loyalty.Location]) (loyalty.Answer, error)

	Till(ctx context.Context, m loyalty.MerchantID, id loyalty.TillID) (loyalty.TillListing, error)
	Tills(ctx context.Context, m loyalty.MerchantID, all bool, after loyalty.TillID, limit int) ([]loyalty.TillListing, error)
	AddTill(ctx context.Context, answer loyalty.Answer, t loyalty.Till, p loyalty.Pairing, now time.Time) (loyalty.Answer, error)
	ChangeTill(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.TillID, change editing[loyalty.TillListing]) (loyalty.Answer, error)
	RevokeTill(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.TillID, now time.Time, lost loyalty.LostClaims, render editing[loyalty.TillListing]) (loyalty.Answer, error)
	OpenPairing(ctx context.Context, answer loyalty.Answer, m loyalty.MerchantID, p loyalty.Pairing) (loyalty.Answer, error)
	Pair(ctx context.Context, r loyalty.Answer, code loyalty.Hash, now time.Time, pair minting[loyalty.PairedTill]) (loyalty.Answer, error)

	StaffMember(ctx context.Context, m loyalty.MerchantID, id loyalty.StaffID) (loyalty.StaffListing, error)
	Staff(ctx context.Context, m loyalty.MerchantID, all bool, after loyalty.StaffID, limit int) ([]loyalty.StaffListing, error)
	AddStaff(ctx context.Context, answer loyalty.Answer, who loyalty.Staff, pinMAC []byte, now time.Time) (loyalty.Answer, error)
	ChangeStaff(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.StaffID, change editing[loyalty.StaffListing]) (loyalty.Answer, error)
	SetPIN(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.StaffID, pinMAC []byte, now time.Time, render editing[loyalty.StaffListing]) (loyalty.Answer, error)
	DismissStaff(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.StaffID, now time.Time, render editing[loyalty.StaffListing]) (loyalty.Answer, error)

	APIKey(ctx context.Context, m loyalty.MerchantID, id loyalty.APIKeyID) (loyalty.KeyListing, error)
	APIKeys(ctx context.Context, m loyalty.MerchantID, all bool, after loyalty.APIKeyID, limit int) ([]loyalty.KeyListing, error)
	AddAPIKey(ctx context.Context, answer loyalty.Answer, key loyalty.KeyListing, secret loyalty.Hash) (loyalty.Answer, error)
	RotateAPIKey(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.APIKeyID, formerUntil time.Time, rotate minting[loyalty.KeyListing]) (loyalty.Answer, error)
	RevokeAPIKey(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.APIKeyID, now time.Time, render editing[loyalty.KeyListing]) (loyalty.Answer, error)
}

type (
	editing[T any] = func(*T) (loyalty.Answer, error)
	minting[T any] = func(*T) (loyalty.Hash, loyalty.Answer, error) // of a secret with that hash
)

// created begins a change whose answer is known before it is made.
func (s *Server) created(c *fiber.Ctx, key string, view any) (loyalty.Answer, error) {
	answer, err := s.change(c, key)
	if err != nil {
		return answer, err
	}
	rendered, err := render(fiber.StatusCreated, view)
	answer.Status, answer.Body = rendered.Status, rendered.Body
	return answer, err
}

// finish sends the answer of a change.
func finish(c *fiber.Ctx, answer loyalty.Answer, err error) error {
	if err != nil {
		return err
	}
	return send(c, answer)
}

// moment is now as it is stored.
func (s *Server) moment() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// checkName requires a name. Errors: missing_field, invalid_field.
func checkName(name string) error {
	if name == "" {
		return missing("name")
	}
	return loyalty.CheckName("name", name)
}

// wantsAll reads the parameter state. Errors: invalid_field.
func wantsAll(state gen.Listed) (bool, error) {
	switch state {
	case "", gen.ListedActive:
		return false, nil
	case gen.ListedAll:
		return true, nil
	}
	return false, invalid("state", "must be active or all")
}

// views shows each of a page.
func views[T, V any](rows []T, view func(*T) V) []V {
	list := make([]V, len(rows))
	for i := range rows {
		list[i] = view(&rows[i])
	}
	return list
}
