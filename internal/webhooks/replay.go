package webhooks

import (
	"context"
	"errors"
	"slices"
)

// pagesPerRound is how many pages of the ledger are read for replays before they
// rest, for all webhooks together: so whoever asks for many makes them slower for
// no one but those who have asked too.
const pagesPerRound = 20

// replay goes on with replays for one round, besides the collecting of what is
// fresh, which a long replay must not keep waiting. Pages go round: the next one
// to the merchant who waits longest, and of its webhooks to the one that does.
// What others are at is left to them, and one that fails holds up no other.
func (d *Dispatcher) replay(ctx context.Context) error {
	waiting, err := d.Store.ReplayingWebhooks(ctx)
	if err != nil {
		return err
	}
	d.replays.keep(waiting)
	for range pagesPerRound {
		if len(waiting) == 0 || ctx.Err() != nil {
			break
		}
		next := d.replays.one(waiting)
		cards, more, failed := d.Store.ReplayPage(ctx, waiting[next].ID, d.Now())
		if cards > 0 {
			d.wake()
		}
		if !more {
			waiting = slices.Delete(waiting, next, next+1)
		}
		err = errors.Join(err, failed)
	}
	return err
}
