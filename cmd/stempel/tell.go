package main

import (
	"context"
	"errors"
	"time"

	"stempel/internal/loyalty"
)

// tellWorkers is how many events that are no entries are told at the same time, of each
// kind.
const tellWorkers = 4

// errNotTaken says why a webhook does not have an event.
type errNotTaken string

func (e errNotTaken) Error() string { return string(e) }

// tell makes one attempt to tell a webhook of an event that is no entry. One that was
// deleted or disabled meanwhile is told nothing.
func (s *server) tell(ctx context.Context, m loyalty.MerchantID, id loyalty.WebhookID, event string, body []byte) error {
	hook, err := s.store.Webhook(ctx, m, id)
	if errors.Is(err, loyalty.ErrNotFound) || err == nil && !hook.Enabled() {
		return nil
	}
	if err != nil {
		return err
	}
	if outcome := s.sender.Send(ctx, &hook, event, time.Now(), body); !outcome.Taken() {
		return errNotTaken(outcome.Problem)
	}
	return nil
}
