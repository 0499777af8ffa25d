package api

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// TestWebhook sends one test event and tells what came of it.
func (s *Server) TestWebhook(c *fiber.Ctx, id gen.WebhookInPath) error {
	m := principalOf(c).Merchant
	w, err := s.Store.Webhook(c.UserContext(), m, id)
	if err != nil {
		return noWebhook(err)
	}
	if err := s.limitTests(c, m); err != nil {
		return err
	}
	now := s.moment()
	body, err := render(http.StatusOK, gen.Event{Type: gen.EventTypeTest, Timestamp: now})
	if err != nil {
		return err
	}
	name := "test_" + strings.TrimPrefix(loyalty.EntryID(loyalty.NewID()).String(), "entry_") // nobody looks for an entry of it
	outcome := s.Webhooks.Sender.Send(c.UserContext(), &w, name, now, body.Body)
	return s.json(c, http.StatusOK, gen.WebhookTest{
		Delivered: outcome.Taken(), Status: int32(outcome.Status), Problem: outcome.Problem,
	})
}

// longestReplay bounds what one request makes the database read.
const longestReplay = 31 * 24 * time.Hour

// ReplayWebhook delivers events again.
func (s *Server) ReplayWebhook(c *fiber.Ctx, id gen.WebhookInPath, params gen.ReplayWebhookParams) error {
	var body gen.Replay
	if err := decode(c, &body); err != nil {
		return err
	}
	now := s.now()
	switch {
	case body.From.IsZero():
		return missing("from")
	case body.From.After(now):
		return invalid("from", "must not lie in the future")
	case body.From.Before(now.Add(-longestReplay)):
		return invalid("from", "must not be more than 31 days ago")
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.ReplayWebhook(c.UserContext(), request, principalOf(c).Merchant, id, body.From, func(from time.Time) (loyalty.Answer, error) {
		return render(http.StatusOK, gen.Replayed{From: from})
	})
	if err != nil {
		return noWebhook(err)
	}
	return send(c, answer)
}

// ListDeliveries shows what a webhook was not told yet, or never.
func (s *Server) ListDeliveries(c *fiber.Ctx, id gen.WebhookInPath, params gen.ListDeliveriesParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.EntryID], params.After)
	if err != nil {
		return err
	}
	if c.Query("state") != "" && !params.State.Valid() {
		return invalid("state", "must be waiting or dead")
	}
	if _, err := s.Store.Webhook(c.UserContext(), principalOf(c).Merchant, id); err != nil {
		return noWebhook(err)
	}
	list, err := s.Store.Deliveries(c.UserContext(), id, params.State == gen.DeliveryStateDead, after, limit+1)
	if err != nil {
		return err
	}
	list, next := cut(list, limit, func(d *loyalty.Delivery) string { return d.Entry.String() })
	page := gen.DeliveryPage{Deliveries: make([]gen.Delivery, len(list)), Next: next}
	for i := range list {
		page.Deliveries[i] = deliveryView(&list[i])
	}
	return s.json(c, http.StatusOK, page)
}

// RetryDelivery makes one due now.
func (s *Server) RetryDelivery(c *fiber.Ctx, id gen.WebhookInPath, event gen.EventInPath, params gen.RetryDeliveryParams) error {
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	m := principalOf(c).Merchant
	if _, err := s.Store.Webhook(c.UserContext(), m, id); err != nil {
		return noWebhook(err)
	}
	now := s.moment()
	answer, err := s.Store.RetryDelivery(c.UserContext(), request, m, id, event, now, func(d *loyalty.Delivery) (loyalty.Answer, error) {
		return render(http.StatusOK, deliveryView(d))
	})
	if errors.Is(err, loyalty.ErrNotFound) {
		return errNoDelivery
	}
	if err != nil {
		return err
	}
	return send(c, answer)
}
