package keys

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// Store keeps the sealed ring: one row, which several processes share.
type Store interface {
	// LoadKeyring returns the sealed ring and its version: 0 and nil while
	// there is none.
	LoadKeyring(ctx context.Context) (version int64, sealed []byte, err error)

	// SaveKeyring replaces the ring if its version still is previous, making
	// the version previous+1. It reports false when somebody else was first.
	SaveKeyring(ctx context.Context, previous int64, sealed []byte) (bool, error)
}

// Ring is the keyring of this process. It is safe for concurrent use.
type Ring struct {
	store   Store
	seal    seal
	current atomic.Pointer[snapshot]
}

// Open loads the ring, first making a key for every purpose that has none. Of
// several processes that do so at once one wins and the others load its keys.
// Errors: ErrMaster, or the store's.
func Open(ctx context.Context, store Store, master [32]byte, now time.Time) (*Ring, error) {
	r := &Ring{store: store, seal: newSeal(master)}
	err := r.change(ctx, func(d *document) (bool, error) { return d.complete(now) })
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Refresh loads what other processes have changed. After an error the ring
// stays as it was. Errors: ErrMaster, or the store's.
func (r *Ring) Refresh(ctx context.Context) error {
	version, d, err := r.load(ctx)
	if err != nil {
		return err
	}
	if version == 0 {
		return errors.New("the keyring is gone from the store")
	}
	r.install(version, d)
	return nil
}

// Watch refreshes the ring in every such interval until ctx ends. A key must be
// made further ahead of its use than that. Errors go to onError; the ring works
// on with what it has.
func (r *Ring) Watch(ctx context.Context, every time.Duration, onError func(error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := r.Refresh(ctx); err != nil && ctx.Err() == nil {
				onError(err)
			}
		}
	}
}

// maxRaces bounds how often a change starts over because somebody was first.
// Whoever loses has seen another succeed, so a real race ends far sooner.
const maxRaces = 50

// change applies one change to the newest ring, and starts over when somebody
// else was first. The change reports whether it changed anything.
func (r *Ring) change(ctx context.Context, change func(*document) (bool, error)) error {
	for range maxRaces {
		version, d, err := r.load(ctx)
		if err != nil {
			return err
		}
		changed, err := change(&d)
		if err != nil {
			return err
		}
		if !changed {
			r.install(version, d)
			return nil
		}
		saved, err := r.store.SaveKeyring(ctx, version, r.seal.close(d.encode()))
		if err != nil {
			return fmt.Errorf("saving the keyring: %w", err)
		}
		if saved {
			r.install(version+1, d)
			return nil
		}
	}
	return errors.New("the keyring is being changed by others all the time")
}

func (r *Ring) load(ctx context.Context) (int64, document, error) {
	version, sealed, err := r.store.LoadKeyring(ctx)
	if err != nil {
		return 0, document{}, fmt.Errorf("loading the keyring: %w", err)
	}
	if version == 0 {
		return 0, document{}, nil
	}
	plain, err := r.seal.open(sealed)
	if err != nil {
		return 0, document{}, err
	}
	d, err := readDocument(plain)
	return version, d, err
}

// install makes a version of the ring the current one, unless a later one is.
func (r *Ring) install(version int64, d document) {
	next := newSnapshot(version, d)
	for {
		now := r.current.Load()
		if now != nil && now.version >= version {
			return
		}
		if r.current.CompareAndSwap(now, next) {
			return
		}
	}
}
