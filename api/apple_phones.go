package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/passes/apple"
)

// registrationStore keeps the phones that are told when a pass changes.
type registrationStore interface {
	Register(ctx context.Context, p loyalty.Pass, device loyalty.Hash, pushToken string, now time.Time) (created bool, err error)
	Unregister(ctx context.Context, p loyalty.Pass, device loyalty.Hash) error
	Registered(ctx context.Context, device loyalty.Hash, since time.Time, limit int) ([]loyalty.Registration, error)
}

// How often a phone may call by itself, and how often one address may without a
// token: behind a proxy, all phones share one.
const (
	phonesPerSecond   = 2
	phonesAtOnce      = 60
	unprovenPerSecond = 50
	unprovenAtOnce    = 1000
	addingPerSecond   = 20 // registrations
	addingAtOnce      = 400
)

// RegisterPass notes that a phone wants to be told of a pass.
func (s *Server) RegisterPass(c *fiber.Ctx, phone gen.PhoneInPath, passType gen.PassTypeInPath, serial gen.SerialInPath) error {
	if err := s.limitRegistrations(c); err != nil {
		return err
	}
	pass, device, err := s.phonesPass(c, phone, passType, serial)
	if err == nil && !pass.Removed.IsZero() {
		err = errNoPass
	}
	if err != nil {
		return err
	}
	var body gen.PassRegistration
	if err := decode(c, &body); err != nil {
		return err
	}
	switch {
	case body.PushToken == "":
		return missing("pushToken")
	case !apple.IsPushToken(body.PushToken):
		return invalid("pushToken", "is not a push token: want hexadecimal digits")
	}
	created, err := s.Store.Register(c.UserContext(), pass, device, body.PushToken, s.moment())
	if errors.Is(err, loyalty.ErrNotFound) {
		return errNoPass
	}
	if err != nil {
		return err
	}
	if created {
		c.Status(http.StatusCreated)
	}
	return nil
}

// UnregisterPass notes that a phone no longer wants to be told of a pass.
func (s *Server) UnregisterPass(c *fiber.Ctx, phone gen.PhoneInPath, passType gen.PassTypeInPath, serial gen.SerialInPath) error {
	pass, device, err := s.phonesPass(c, phone, passType, serial)
	if err != nil {
		return err
	}
	err = s.Store.Unregister(c.UserContext(), pass, device)
	if errors.Is(err, loyalty.ErrNotFound) {
		return errNoPass
	}
	return err
}

// maxListed is how many passes a phone is told of at once; it asks again.
const maxListed = 100

// ListChangedPasses tells a phone which of its passes have changed. An unknown
// phone has none; a tag that we have not given is as none.
func (s *Server) ListChangedPasses(c *fiber.Ctx, phone gen.PhoneInPath, passType gen.PassTypeInPath, params gen.ListChangedPassesParams) error {
	if err := s.limitUnproven(c); err != nil {
		return err
	}
	var since time.Time
	if tag, err := strconv.ParseInt(params.PassesUpdatedSince, 10, 64); err == nil && tag > 0 {
		since = time.UnixMicro(tag)
	}
	if passType != s.Apple.Type {
		return c.Status(http.StatusNoContent).Send(nil)
	}
	changed, err := s.Store.Registered(c.UserContext(), deviceHash(phone), since, maxListed)
	if err != nil {
		return err
	}
	if len(changed) == 0 {
		return c.Status(http.StatusNoContent).Send(nil)
	}
	told := gen.ChangedPasses{LastUpdated: strconv.FormatInt(changed[len(changed)-1].Changed.UnixMicro(), 10)}
	for _, r := range changed {
		told.SerialNumbers = append(told.SerialNumbers, r.Pass.String())
	}
	return s.json(c, http.StatusOK, told)
}

// UpdatePass gives a phone its pass as it is now, or says that it has that.
func (s *Server) UpdatePass(c *fiber.Ctx, passType gen.PassTypeInPath, serial gen.SerialInPath, params gen.UpdatePassParams) error {
	pass, err := s.provenPass(c, passType, serial)
	if err != nil {
		return err
	}
	state, err := s.survivor(c, pass.Merchant, pass.Card) // also of a pass that has ended: for its program
	if errors.Is(err, errNoCard) {
		return errNoPass
	}
	if err != nil {
		return err
	}
	face, err := s.Apple.Faces.OfPass(c.UserContext(), &pass, state)
	if err != nil {
		return err
	}
	shown, err := s.passCodes().Shown(c.UserContext(), &pass, state, face)
	if err != nil {
		return err
	}
	// What differs from what wallets were told is newer than any time says.
	told := pass.Shown == shown || pass.Shown == loyalty.Ended
	if has, err := http.ParseTime(params.IfModifiedSince); err == nil && told && !pass.Changed.Truncate(time.Second).After(has) {
		return c.Status(http.StatusNotModified).Send(nil)
	}
	file, err := s.packApplePass(c.UserContext(), &pass, state, face)
	if err != nil {
		return err
	}
	return sendPass(c, &pass, file)
}

// errNoPass is all that anybody is told who cannot prove a pass.
var errNoPass = refuse(unauthorized, "There is no such pass, or this is not its token.")

// phonesPass is provenPass for a phone of its own.
func (s *Server) phonesPass(c *fiber.Ctx, phone, passType, serial string) (loyalty.Pass, loyalty.Hash, error) {
	pass, err := s.provenPass(c, passType, serial)
	return pass, deviceHash(phone), err
}

// provenPass is the pass whose token the phone has sent. A token that is none
// costs no look-up. Errors: unauthorized, rate_limited.
func (s *Server) provenPass(c *fiber.Ctx, passType, serial string) (loyalty.Pass, error) {
	id, err := loyalty.ParseID[loyalty.PassID](serial)
	scheme, token, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	if err != nil || passType != s.Apple.Type || scheme != "ApplePass" || !s.Apple.Tokens.Check(id, token) {
		if limited := s.limitUnproven(c); limited != nil { // who guesses
			return loyalty.Pass{}, limited
		}
		return loyalty.Pass{}, errNoPass
	}
	if ok, wait := s.TillLimits.Allow(c.UserContext(), "pass "+string(id[:]), phonesPerSecond, phonesAtOnce); !ok {
		return loyalty.Pass{}, tooMany(s.now().Add(wait))
	}
	pass, err := s.Store.Pass(c.UserContext(), id)
	if errors.Is(err, loyalty.ErrNotFound) || err == nil && pass.Wallet != loyalty.AppleWallet {
		return loyalty.Pass{}, errNoPass // it was erased
	}
	return pass, err
}

// deviceHash is what is kept of the id that Apple gave a phone.
func deviceHash(phone string) loyalty.Hash { return sha256.Sum256([]byte(phone)) }

func (s *Server) limitUnproven(c *fiber.Ctx) error {
	ok, wait := s.TillLimits.Allow(c.UserContext(), "wallets "+s.auth.proxies.from(c), unprovenPerSecond, unprovenAtOnce)
	if ok {
		return nil
	}
	return tooMany(s.now().Add(wait))
}

// limitRegistrations bounds what one address adds, whosever passes it holds.
func (s *Server) limitRegistrations(c *fiber.Ctx) error {
	ok, wait := s.TillLimits.Allow(c.UserContext(), "registrations "+s.auth.proxies.from(c), addingPerSecond, addingAtOnce)
	if ok {
		return nil
	}
	return tooMany(s.now().Add(wait))
}

// How much of what phones complain of is logged; the rest is taken and forgotten.
const (
	maxComplaints       = 100 // in one request
	maxComplaint        = 2000
	loggedComplaints    = 5 // of a request
	loggedComplaint     = 300
	complaintsPerSecond = 1
	complaintsAtOnce    = 20
)

// secretLike are runs as long as the ids and tokens that phones quote.
var secretLike = regexp.MustCompile(`[A-Za-z0-9_-]{30,}`)

// LogFromPhones takes what phones complain of. Nobody vouches for it.
func (s *Server) LogFromPhones(c *fiber.Ctx) error {
	if err := s.limitUnproven(c); err != nil {
		return err
	}
	var body gen.PhoneLog
	if err := decode(c, &body); err != nil {
		return err
	}
	switch {
	case body.Logs == nil:
		return missing("logs")
	case len(body.Logs) > maxComplaints:
		return invalid("logs", "has more than 100 lines")
	}
	for _, line := range body.Logs {
		if len(line) > maxComplaint {
			return invalid("logs", "has a line of more than 2000 bytes")
		}
	}
	if ok, _ := s.TillLimits.Allow(c.UserContext(), "complaints", complaintsPerSecond, complaintsAtOnce); !ok {
		return nil
	}
	for _, line := range body.Logs[:min(len(body.Logs), loggedComplaints)] {
		line = secretLike.ReplaceAllString(line, "…")
		s.log.Warn("a phone complains", slog.String("request_id", requestID(c)), slog.String("said", strings.ToValidUTF8(line[:min(len(line), loggedComplaint)], "")))
	}
	return nil
}
