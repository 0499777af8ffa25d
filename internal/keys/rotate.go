package keys

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stempel/internal/loyalty"
)

// Ahead is how long before its use a new key is published by default: a till
// that was without the server for a whole offline horizon knows it by then.
const Ahead = loyalty.OfflineHorizon

// Rotate makes a new key for a purpose. It is published and verifies at once and
// signs from now+ahead; until then the older key signs. Older keys verify until
// they are retired, those of static texts for years: printed cards carry them.
// It returns the new key's id. PIN hashes depend on their one key, which is why
// PIN does not rotate.
func (r *Ring) Rotate(ctx context.Context, p Purpose, now time.Time, ahead time.Duration) (string, error) {
	switch {
	case p == PIN:
		return "", errors.New("the pin key cannot be rotated: every staff PIN would have to be set anew")
	case ahead < 0:
		return "", errors.New("a key cannot sign from before it was made")
	}
	var kid string
	err := r.change(ctx, func(d *document) (changed bool, err error) {
		kid, err = d.add(p, now, now.Add(ahead))
		return true, err
	})
	return kid, err
}

// Retire ends a key for good: nothing made with it is accepted from now on, and
// its secret is destroyed. The key that signs now, and so the last one of a
// purpose, cannot be retired.
func (r *Ring) Retire(ctx context.Context, kid string, now time.Time) error {
	return r.change(ctx, func(d *document) (bool, error) {
		k := d.find(kid)
		switch {
		case k == nil:
			return false, fmt.Errorf("there is no key %q", kid)
		case !k.active():
			return false, fmt.Errorf("key %s was retired on %s", kid, k.Retired.Format(time.DateOnly))
		}
		family, ok := newSnapshot(0, *d).families[k.Purpose]
		switch {
		case !ok:
			return false, fmt.Errorf("key %s is of purpose %q, which this release does not know", kid, k.Purpose)
		case family.current(now).kid == kid:
			return false, fmt.Errorf("key %s is the one that %s keys sign with now: rotate, and retire it once the new key signs", kid, k.Purpose)
		}
		k.Secret, k.Retired = nil, stamp(now)
		return true, nil
	})
}
