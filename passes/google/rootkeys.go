package google

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"stempel/internal/loyalty"
)

// RootKeysURL is where Google publishes the keys that callbacks lead back to.
const RootKeysURL = "https://pay.google.com/gp/m/issuer/keys"

// How long fetched keys are used: as Google says, within these.
const (
	leastKeyLife = time.Minute
	mostKeyLife  = 7 * 24 * time.Hour
	keyLife      = time.Hour        // when Google says nothing
	keysRest     = 15 * time.Second // after they could not be fetched
	keysPatience = 5 * time.Second
)

const maxKeysBody = 64 << 10 // bytes

// ErrNoRootKeys says that Google's keys cannot be had now: nothing can be said
// about a callback, which Google sends again. It wraps loyalty.ErrUnavailable.
var ErrNoRootKeys = fmt.Errorf("google: the keys that callbacks are verified with cannot be fetched now: %w", loyalty.ErrUnavailable)

// rootKey is one key of the list.
type rootKey struct {
	key     *ecdsa.PublicKey
	expires time.Time
}

// RootKeys are Google's keys, fetched when the last ones have become too old, and
// for no other reason: a forged callback costs Google nothing.
type RootKeys struct {
	URL  string
	HTTP *http.Client
	Now  func() time.Time

	mu    sync.Mutex
	keys  []rootKey
	until time.Time // they are used
	rest  time.Time // nobody asks before
	last  error     // of the last attempt to fetch them
}

// current are the keys to verify with. While they are fetched others wait: they
// could not go on without. Errors wrap ErrNoRootKeys.
func (r *RootKeys) current(ctx context.Context) ([]rootKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.Now()
	if now.Before(r.until) {
		return r.keys, nil
	}
	if now.Before(r.rest) {
		return nil, r.last
	}
	// Whoever asked first may leave: the others wait for the same keys.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keysPatience)
	defer cancel()
	keys, life, err := r.fetch(ctx)
	if err != nil {
		r.rest, r.last = now.Add(keysRest), fmt.Errorf("%w: %w", ErrNoRootKeys, err)
		return nil, r.last
	}
	r.keys, r.until = keys, now.Add(life)
	return keys, nil
}

func (r *RootKeys) fetch(ctx context.Context) ([]rootKey, time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		return nil, 0, err
	}
	answer, err := r.HTTP.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, 0, fmt.Errorf("the answer is %s", answer.Status)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxKeysBody))
	if err != nil {
		return nil, 0, err
	}
	keys, err := readRootKeys(body)
	return keys, keyLifeIn(answer.Header), err
}

// readRootKeys reads {"keys":[{"keyValue", "protocolVersion", "keyExpiration"}]}.
// Keys of other versions are not ours to use; a list without any of ours is an
// error. A key without an end is good while it is listed.
func readRootKeys(body []byte) ([]rootKey, error) {
	var list struct {
		Keys []struct {
			signingKey
			Protocol string `json:"protocolVersion"`
		} `json:"keys"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, errors.New("the list of keys is not JSON")
	}
	var keys []rootKey
	for _, listed := range list.Keys {
		if listed.Protocol != protocol || len(keys) == maxRootKeys {
			continue
		}
		key, err := readPublicKey(listed.Value)
		if err != nil {
			return nil, errors.New("the list has a key that is none")
		}
		expires := time.UnixMilli(maxMillis)
		if listed.Expires != "" {
			if expires, err = readMillis(listed.Expires); err != nil {
				return nil, errors.New("the list has a key whose end is no time")
			}
		}
		keys = append(keys, rootKey{key, expires})
	}
	if len(keys) == 0 {
		return nil, errors.New("the list has no key of " + protocol)
	}
	return keys, nil
}

// keyLifeIn is what Cache-Control allows (RFC 9111 §5.2.2).
func keyLifeIn(header http.Header) time.Duration {
	for directive := range strings.SplitSeq(header.Get("Cache-Control"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch seconds, err := strconv.ParseUint(value, 10, 31); {
		case strings.EqualFold(name, "no-store"), strings.EqualFold(name, "no-cache"):
			return leastKeyLife
		case strings.EqualFold(name, "max-age") && err == nil:
			return min(max(time.Duration(seconds)*time.Second, leastKeyLife), mostKeyLife)
		}
	}
	return keyLife
}
