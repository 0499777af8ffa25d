package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/credential"
	"stempel/internal/ledger"
	"stempel/internal/loyalty"
)

// maxKeyLength of an Idempotency-Key, in bytes.
const maxKeyLength = 255

// command begins a command by who asks. The request's id is
// SHA-256(merchant ‖ principal ‖ method ‖ path ‖ Idempotency-Key), each behind a
// zero byte; without a key it is random, so that nothing repeats it.
// Errors: idempotency_key_required, idempotency_key_invalid.
func (s *Server) command(c *fiber.Ctx, key string, required bool) (loyalty.Command, error) {
	p := principalOf(c)
	command := loyalty.Command{
		Merchant: p.Merchant, Till: p.Till.ID, Location: p.Till.Location,
		Captured: s.now().UTC().Truncate(time.Microsecond),
		BodyHash: s.PINs.BodyHash(c.Body()),
	}
	rand.Read(command.Salt[:])
	switch {
	case key == "" && required:
		return command, refuse(idempotencyRequired, "Send an Idempotency-Key header: new for each action, the same when you retry it.")
	case key == "":
		rand.Read(command.Request[:])
		return command, nil
	case len(key) > maxKeyLength || strings.ContainsFunc(key, func(r rune) bool { return r < '!' || r > '~' }):
		return command, refuse(idempotencyKeyInvalid, "An Idempotency-Key has 1 to 255 visible ASCII characters.")
	}
	h := sha256.New()
	for _, part := range [][]byte{p.Merchant[:], p.id[:], []byte(c.Method()), []byte(c.Path()), []byte(key)} {
		h.Write(part)
		h.Write([]byte{0})
	}
	command.Request = loyalty.RequestID(h.Sum(nil))
	return command, nil
}

// approve checks the PIN that came with a request, if any, and notes who
// approved. Errors: pin_wrong, pin_locked, invalid_field.
func (s *Server) approve(ctx context.Context, c *loyalty.Command, pin string) error {
	if pin == "" {
		return nil
	}
	if err := credential.CheckPIN(pin); err != nil {
		return err
	}
	staff, err := s.Store.CheckPIN(ctx, c.Merchant, c.Till, s.PINs.MAC(c.Merchant, pin), s.now())
	if err != nil {
		return err
	}
	c.Staff, c.Role = staff.ID, staff.Role
	return nil
}

// post posts a prepared command, or tells why it could not be prepared, and
// answers. A retry is answered as the first time even when what it carries has
// grown too old since.
func (s *Server) post(c *fiber.Ctx, command loyalty.Command, prepared error, render ledger.Render) error {
	if prepared != nil {
		return s.repeatOr(c, command, prepared)
	}
	answer, err := s.Ledger.Post(c.UserContext(), command, render)
	if err != nil {
		return err
	}
	return send(c, answer)
}

// perishable are the refusals that a request which once succeeded may meet when
// it is retried later.
var perishable = []loyalty.Code{credential.Expired, loyalty.ScanExpired, pinWrong, pinLocked}

func (s *Server) repeatOr(c *fiber.Ctx, command loyalty.Command, reason error) error {
	var refusal *loyalty.Refusal
	if !errors.As(reason, &refusal) || !slices.Contains(perishable, refusal.Code) {
		return reason
	}
	before, err := s.Store.Answer(c.UserContext(), command.Request)
	if err != nil || before.BodyHash != command.BodyHash {
		return reason
	}
	before.Replayed = true
	return send(c, before)
}
