package api

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

// principal is who asks: an API key or a till, of one merchant.
type principal struct {
	loyalty.Access
	id [16]byte // of the key or till, for request ids and limits
}

// accessLife is how long a till's hash is remembered. Revocation does not wait
// for it: posting and scanning read it in the trip that they make anyway.
const accessLife = 30 * time.Second

// maxAccesses bounds the memory; beyond it all are forgotten and read again.
const maxAccesses = 10_000

// authenticator turns bearer tokens into principals.
type authenticator struct {
	store Store
	now   func() time.Time

	mu    sync.RWMutex
	tills map[loyalty.TillID]cachedAccess
}

type cachedAccess struct {
	access loyalty.Access
	until  time.Time
}

var errUnauthorized = refuse(unauthorized, "Send a valid token as Authorization: Bearer …")

// principal authenticates the request. Errors: unauthorized for anything but a
// valid token, whatever is wrong with it.
func (a *authenticator) principal(c *fiber.Ctx) (principal, error) {
	scheme, token, ok := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return principal{}, errUnauthorized
	}
	bearer, err := credential.ParseBearer(strings.TrimSpace(token))
	if err != nil {
		return principal{}, errUnauthorized
	}
	access, err := a.access(c.UserContext(), bearer)
	if errors.Is(err, loyalty.ErrNotFound) {
		return principal{}, errUnauthorized
	}
	if err != nil {
		return principal{}, err
	}
	if access.Revoked || subtle.ConstantTimeCompare(access.Hash[:], bearer.Hash[:]) != 1 {
		return principal{}, errUnauthorized
	}
	p := principal{Access: access, id: access.Key}
	if !access.Till.ID.IsZero() {
		p.id = access.Till.ID
	}
	return p, nil
}

// access reads keys every time, so that a revoked one stops at once, and tills
// from memory.
func (a *authenticator) access(ctx context.Context, bearer credential.Bearer) (loyalty.Access, error) {
	if bearer.Till.IsZero() {
		return a.store.KeyAccess(ctx, bearer.Key)
	}
	now := a.now()
	a.mu.RLock()
	cached, ok := a.tills[bearer.Till]
	a.mu.RUnlock()
	if ok && now.Before(cached.until) {
		return cached.access, nil
	}
	access, err := a.store.TillAccess(ctx, bearer.Till)
	if err != nil {
		return access, err
	}
	a.remember(bearer.Till, cachedAccess{access: access, until: now.Add(accessLife)})
	return access, nil
}

func (a *authenticator) remember(till loyalty.TillID, access cachedAccess) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.tills) >= maxAccesses {
		clear(a.tills)
	}
	a.tills[till] = access
}
