package main

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"stempel/api"
	"stempel/internal/credential"
	"stempel/internal/keys"
	"stempel/internal/store"
)

// Passes show codes that are made with the keys static and rotating. When there is
// another key, each pass that is shown somewhere is looked at, and notes when that key
// comes into use: then, long before the older one is retired, wallets are told, as many
// at a time as of anything else whose time has come.

// passCodes are those that passes of either wallet show.
func (s *server) passCodes() api.PassCodes {
	static := credential.NewStatic(s.ring.MACs(keys.Static))
	rotating := credential.NewRotating(s.ring.MACs(keys.Rotating))
	return api.PassCodes{
		Static: static, Now: time.Now,
		Google: api.GoogleCodes{Store: s.store, Rotating: rotating, Static: static, Now: time.Now},
	}
}

// followKeys has passes looked at whenever this process has learned of other keys. Every
// process does so, not only whoever made them: one that does not know them yet, and
// looks meanwhile, sees nothing new.
func (u *updates) followKeys(ctx context.Context, log *slog.Logger) {
	known := u.keys()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := u.keys()
		if slices.Equal(now, known) {
			continue
		}
		if err := u.store.TouchPasses(ctx, time.Now()); err != nil {
			log.Warn("passes do not follow the new key yet", slog.Any("error", err))
			continue
		}
		known = now
	}
}

// keys are the ids of those that codes on passes are made with.
func (u *updates) keys() []string { return append(u.static.IDs(), u.secret.IDs()...) }

// touchPasses has passes looked at after their keys changed, by the next server to
// start if none runs.
func touchPasses(ctx context.Context, db *store.Store, purpose keys.Purpose) error {
	if purpose != keys.Static && purpose != keys.Rotating {
		return nil
	}
	return db.TouchPasses(ctx, time.Now())
}
