package api

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

// principal is who asks: an API key, a till or a phone, of one merchant.
type principal struct {
	loyalty.Access
	id [16]byte // of the key, till or phone, for request ids and limits
}

// meant is the card that the asker means by one of its ids: a phone has but one,
// and may know it by the id of a card that was merged into it, see Server.owns.
func (p *principal) meant(card loyalty.CardID) loyalty.CardID {
	if p.Device.IsZero() {
		return card
	}
	return p.Card
}

// accessLife is how long a till is not read again. Revocation does not wait for
// it: posting and scanning read it in the trip that they make anyway.
const accessLife = 30 * time.Second

// maxAccesses bounds the memory; beyond it all are forgotten and read again.
const maxAccesses = 10_000

// authenticator turns bearer tokens into principals.
type authenticator struct {
	store     Store
	now       func() time.Time
	strangers strangers
	proxies   proxies

	mu     sync.RWMutex
	known  map[identity]acquaintance // tills and keys
	phones map[identity]acquaintance // apart, so that many of them make no till be read again
}

// identity is whom a token claims to be: exactly one of the three.
type identity struct {
	till   loyalty.TillID
	key    loyalty.APIKeyID
	device loyalty.DeviceID
}

func identityOf(b credential.Bearer) identity { return identity{b.Till, b.Key, b.Device} }

// acquaintance is a till, key or phone as it was last read.
type acquaintance struct {
	access loyalty.Access
	until  time.Time // a till's is as good as a fresh one
}

func newAuthenticator(c Config) authenticator {
	return authenticator{
		store: c.Store, now: c.Now, proxies: c.TrustedProxies, known: map[identity]acquaintance{}, phones: map[identity]acquaintance{},
		strangers: newStrangers(c, "stranger", failuresPerSecond, failuresAtOnce),
	}
}

var errUnauthorized = refuse(unauthorized, "Send a valid token as Authorization: Bearer …")

// principal authenticates the request. A revoked till is one, so that it can be
// told what it is. Where tillIsRead says that the operation will read the till
// anyway, it is not read here again within accessLife. Errors: unauthorized for anything but a valid token, whatever
// is wrong with it; rate_limited for an address from which too many came.
func (a *authenticator) principal(c *fiber.Ctx, tillIsRead bool) (principal, error) {
	scheme, token, ok := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return principal{}, errUnauthorized
	}
	return a.holder(c, strings.TrimSpace(token), tillIsRead)
}

// holder is who holds a token, wherever in the request it stood. Errors: as of
// principal.
func (a *authenticator) holder(c *fiber.Ctx, token string, tillIsRead bool) (principal, error) {
	p, err := a.bearer(c, token, tillIsRead)
	if err == nil && p.DeviceKind == loyalty.Recovery {
		return principal{}, errUnauthorized
	}
	return p, err
}

// recovery is a recovery link by its token. One that was used is a revoked one, so
// that it can be answered again. Errors: as of principal.
func (a *authenticator) recovery(c *fiber.Ctx, token string) (principal, error) {
	p, err := a.bearer(c, token, false)
	if err == nil && p.DeviceKind != loyalty.Recovery {
		return principal{}, errUnauthorized
	}
	return p, err
}

func (a *authenticator) bearer(c *fiber.Ctx, token string, tillIsRead bool) (principal, error) {
	bearer, err := credential.ParseBearer(token)
	if err != nil {
		return principal{}, errUnauthorized
	}
	known, fresh := a.recall(identityOf(bearer))
	switch proven := known.Proves(bearer.Hash, a.now()); {
	case proven && fresh && tillIsRead && !bearer.Till.IsZero():
		return newPrincipal(known), nil
	case proven && !known.Revoked:
		known, err = a.meet(c.UserContext(), bearer)
	default:
		known, err = a.meetStranger(c, bearer)
	}
	return newPrincipal(known), err
}

func newPrincipal(access loyalty.Access) principal {
	switch {
	case !access.Till.ID.IsZero():
		return principal{access, access.Till.ID}
	case !access.Device.IsZero():
		return principal{access, access.Device}
	}
	return principal{access, access.Key}
}

// meetStranger is meet for who has not proven anything here yet: when too many
// from the same address could not, nobody is asked about the next.
func (a *authenticator) meetStranger(c *fiber.Ctx, bearer credential.Bearer) (loyalty.Access, error) {
	from := a.proxies.from(c)
	if until := a.strangers.shutUntil(from); !until.IsZero() {
		return loyalty.Access{}, tooMany(until)
	}
	access, err := a.meet(c.UserContext(), bearer)
	if errors.Is(err, errUnauthorized) {
		a.strangers.failed(from)
	}
	return access, err
}

// meet reads a till, key or phone and holds the token against it.
func (a *authenticator) meet(ctx context.Context, bearer credential.Bearer) (access loyalty.Access, err error) {
	switch {
	case !bearer.Till.IsZero():
		access, err = a.store.TillAccess(ctx, bearer.Till)
	case !bearer.Device.IsZero():
		access, err = a.store.DeviceAccess(ctx, bearer.Device)
	default:
		access, err = a.store.KeyAccess(ctx, bearer.Key)
	}
	if errors.Is(err, loyalty.ErrNotFound) {
		return loyalty.Access{}, errUnauthorized
	}
	if err != nil {
		return loyalty.Access{}, err
	}
	a.remember(identityOf(bearer), access)
	toldOf := !bearer.Till.IsZero() || access.DeviceKind == loyalty.Recovery // that it is revoked
	if !access.Proves(bearer.Hash, a.now()) || access.Revoked && !toldOf {
		return loyalty.Access{}, errUnauthorized
	}
	return access, nil
}

// recall reports who an id was, and whether that was a moment ago.
func (a *authenticator) recall(id identity) (access loyalty.Access, fresh bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	known := a.memory(id)[id]
	return known.access, a.now().Before(known.until)
}

// forgetTills lets a merchant's tills be read anew.
func (a *authenticator) forgetTills(m loyalty.MerchantID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	maps.DeleteFunc(a.known, func(id identity, is acquaintance) bool { return !id.till.IsZero() && is.access.Merchant == m })
}

func (a *authenticator) memory(id identity) map[identity]acquaintance {
	if id.device.IsZero() {
		return a.known
	}
	return a.phones
}

func (a *authenticator) remember(id identity, access loyalty.Access) {
	a.mu.Lock()
	defer a.mu.Unlock()
	memory := a.memory(id)
	if len(memory) >= maxAccesses {
		clear(memory)
	}
	memory[id] = acquaintance{access: access, until: a.now().Add(accessLife)}
}
