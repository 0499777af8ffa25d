package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/scanner"
)

// maxKeyLength of an Idempotency-Key, in bytes.
const maxKeyLength = 255

// command begins a command by who asks. Without a key its request is random, so
// that nothing repeats it. Errors: as of requestName, idempotency_key_required, and
// shift_ended.
func (s *Server) command(c *fiber.Ctx, key string, required bool) (loyalty.Command, error) {
	p := principalOf(c)
	command := loyalty.Command{
		Merchant: p.Merchant, Till: p.Till.ID, Pairing: p.Till.Pairing, Location: p.Till.Location, Limits: p.Limits,
		Captured: s.moment(),
		BodyHash: s.PINs.BodyHash(c.Request().Body()),
	}
	rand.Read(command.Salt[:])
	if err := s.shift(c, &command, &p.Till); err != nil {
		return command, err
	}
	if key == "" && required {
		return command, refuse(idempotencyRequired, "Send an Idempotency-Key header: new for each action, the same when you retry it.")
	}
	if key == "" {
		rand.Read(command.Request[:])
		return command, nil
	}
	var err error
	command.Request, err = requestName(c, key)
	return command, err
}

// shift notes who is at the till, where it says so. It gives them no role: what
// takes a PIN still takes it. Errors: shift_ended.
func (s *Server) shift(c *fiber.Ctx, command *loyalty.Command, till *loyalty.Till) (err error) {
	if text := c.Get(shiftHeader); text != "" && !till.ID.IsZero() {
		command.Staff, err = s.PINs.OpenShift(text, *till, command.Captured)
	}
	return err
}

// shiftHeader says who is at a till.
const shiftHeader = "Stempel-Shift"

// change begins a change that is not the ledger's. What comes back names the
// request, by which its answer is kept for a retry.
// Errors: as of requestName.
func (s *Server) change(c *fiber.Ctx, key string) (loyalty.Answer, error) {
	id, err := requestName(c, key)
	return loyalty.Answer{
		Request: id, BodyHash: s.PINs.BodyHash(c.Request().Body()), Expires: s.now().Add(loyalty.AnswerLife),
	}, err
}

// requestName is what a retry is known by:
// SHA-256(merchant ‖ principal ‖ method ‖ path ‖ Idempotency-Key), each behind a
// zero byte. Without a key it is zero: nothing can repeat the request.
// Errors: idempotency_key_invalid.
func requestName(c *fiber.Ctx, key string) (id loyalty.RequestID, err error) {
	switch {
	case key == "":
		return id, nil
	case len(key) > maxKeyLength || strings.ContainsFunc(key, func(r rune) bool { return r < '!' || r > '~' }):
		return id, refuse(idempotencyKeyInvalid, "An Idempotency-Key has 1 to 255 visible ASCII characters.")
	}
	p := principalOf(c)
	h := sha256.New()
	for _, part := range [][]byte{p.Merchant[:], p.id[:], []byte(c.Method()), []byte(c.Path()), []byte(key)} {
		h.Write(part)
		h.Write([]byte{0})
	}
	return loyalty.RequestID(h.Sum(nil)), nil
}

// approve checks the PIN that came with a request, if any, and notes who
// approved. Of a retry it does not ask again: the PIN may have changed since, and
// would count as a wrong one. Errors: pin_wrong, pin_locked, invalid_field.
func (s *Server) approve(ctx context.Context, c *loyalty.Command, pin string) error {
	if pin == "" {
		return nil
	}
	if err := credential.CheckPIN(pin); err != nil {
		return err
	}
	if _, err := s.Store.Answer(ctx, c.Request); !errors.Is(err, loyalty.ErrNotFound) {
		return err
	}
	till := loyalty.Till{ID: c.Till, Pairing: c.Pairing}
	staff, err := s.Store.CheckPIN(ctx, c.Merchant, till, s.PINs.MAC(c.Merchant, pin), s.now())
	if err != nil {
		return err
	}
	c.Staff, c.Role = staff.ID, staff.Role
	return nil
}

// post posts a prepared command, or tells why it could not be prepared, and
// answers. A retry is answered as the first time even when what it carries has
// grown too old since: the ledger finds the answer before it looks at the rest.
// What met a merged card is posted once more, to the survivor.
func (s *Server) post(c *fiber.Ctx, command loyalty.Command, prepared error, render rendering) error {
	c.Locals(methodLocal, command.Scan.Method)
	if prepared != nil {
		if err := s.unlessRetry(c.UserContext(), command.Request, prepared); err != nil {
			return err
		}
	}
	answer, err := s.postTo(c.UserContext(), command, render)
	for follow(&command, err) || s.unlimited(c, &command, err) {
		answer, err = s.postTo(c.UserContext(), command, render)
	}
	if err != nil {
		return err
	}
	return send(c, answer)
}

// postTo posts a command to its card. Rendering sees the command as it is now.
func (s *Server) postTo(ctx context.Context, command loyalty.Command, render rendering) (loyalty.Answer, error) {
	return s.Ledger.Post(ctx, command, func(d *loyalty.Decision) (loyalty.Answer, error) { return render(&command, d) })
}

// perishable are the refusals that a request which once succeeded may meet when
// it is retried later: its code or scan ends, the key of it is retired, or the voucher
// is one that the merchant honours no more.
var perishable = []loyalty.Code{
	credential.Expired, credential.Invalid, loyalty.TagNotFound, loyalty.ScanExpired, scanner.ScanInvalid, loyalty.VoucherNotFound,
}

// unlessRetry is nil where a request that is refused now was answered before,
// else the reason.
func (s *Server) unlessRetry(ctx context.Context, id loyalty.RequestID, reason error) error {
	var refusal *loyalty.Refusal
	if !errors.As(reason, &refusal) || !slices.Contains(perishable, refusal.Code) {
		return reason
	}
	_, err := s.Store.Answer(ctx, id)
	if errors.Is(err, loyalty.ErrNotFound) {
		return reason
	}
	return err
}
