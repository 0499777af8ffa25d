package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/webhooks"
)

// webhookStore is what the API asks of webhooks.
type webhookStore interface {
	Webhooks(ctx context.Context, m loyalty.MerchantID, after loyalty.WebhookID, limit int) ([]loyalty.Webhook, error)
	Webhook(ctx context.Context, m loyalty.MerchantID, id loyalty.WebhookID) (loyalty.Webhook, error)
	AddWebhook(ctx context.Context, r loyalty.Answer, w loyalty.Webhook, answer loyalty.Answer) (loyalty.Answer, error)
	ChangeWebhook(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.WebhookID, now time.Time, change func(*loyalty.Webhook) (loyalty.Answer, error)) (loyalty.Answer, error)
	DeleteWebhook(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.WebhookID, render func(*loyalty.Webhook) (loyalty.Answer, error)) (loyalty.Answer, error)
	ReplayWebhook(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.WebhookID, from time.Time, render func(from time.Time) (loyalty.Answer, error)) (loyalty.Answer, error)
	Deliveries(ctx context.Context, w loyalty.WebhookID, dead bool, after loyalty.EntryID, limit int) ([]loyalty.Delivery, error)
	RetryDelivery(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, w loyalty.WebhookID, entry loyalty.EntryID, now time.Time, render func(*loyalty.Delivery) (loyalty.Answer, error)) (loyalty.Answer, error)
}

// Webhooks is what the API needs to make webhooks and to test them.
type Webhooks struct {
	Secrets *webhooks.Secrets
	Sender  *webhooks.Sender
	Private bool // as in webhooks.Network
}

var (
	errNoWebhook  = refuse(loyalty.Code(gen.ProblemCodeWebhookNotFound), "There is no such webhook.")
	errNoDelivery = refuse(loyalty.Code(gen.ProblemCodeDeliveryNotFound), "Nothing of this event waits for this webhook, and it is not dead: it was delivered, or never noted.")
)

// noWebhook says of what a store has not found that it was the webhook.
func noWebhook(err error) error {
	if errors.Is(err, loyalty.ErrNotFound) {
		return errNoWebhook
	}
	return err
}

// ListWebhooks shows the merchant's webhooks.
func (s *Server) ListWebhooks(c *fiber.Ctx, params gen.ListWebhooksParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.WebhookID], params.After)
	if err != nil {
		return err
	}
	list, err := s.Store.Webhooks(c.UserContext(), principalOf(c).Merchant, after, limit+1)
	if err != nil {
		return err
	}
	list, next := cut(list, limit, func(w *loyalty.Webhook) string { return w.ID.String() })
	page := gen.WebhookPage{Webhooks: make([]gen.Webhook, len(list)), Next: next}
	for i := range list {
		page.Webhooks[i] = webhookView(&list[i])
	}
	return s.json(c, http.StatusOK, page)
}

// GetWebhook shows one.
func (s *Server) GetWebhook(c *fiber.Ctx, id gen.WebhookInPath) error {
	w, err := s.Store.Webhook(c.UserContext(), principalOf(c).Merchant, id)
	if err != nil {
		return noWebhook(err)
	}
	return s.json(c, http.StatusOK, webhookView(&w))
}

// CreateWebhook makes one with a secret.
func (s *Server) CreateWebhook(c *fiber.Ctx, params gen.CreateWebhookParams) error {
	var body gen.NewWebhook
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.URL == "" {
		return missing("url")
	}
	kinds, err := s.checkWebhook(body.URL, body.Description, body.Events)
	if err != nil {
		return err
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	w := loyalty.Webhook{
		ID: loyalty.NewID(), Merchant: principalOf(c).Merchant, URL: body.URL, Description: body.Description,
		Kinds: kinds, Created: s.moment(),
	}
	text, sealed := s.Webhooks.Secrets.New(w.ID, s.now())
	w.Secret = sealed
	answer, err := renderSecret(http.StatusCreated, &w, text)
	if err != nil {
		return err
	}
	answer, err = s.Store.AddWebhook(c.UserContext(), request, w, answer)
	if err != nil {
		return err
	}
	return send(c, answer)
}

// ChangeWebhook changes what is given.
func (s *Server) ChangeWebhook(c *fiber.Ctx, id gen.WebhookInPath, params gen.ChangeWebhookParams) error {
	var body gen.WebhookChange
	if err := decode(c, &body); err != nil {
		return err
	}
	if body == (gen.WebhookChange{}) {
		return missing("body")
	}
	var events gen.WebhookEvents
	if body.Events != nil {
		events = *body.Events
	}
	kinds, err := s.checkWebhook(body.URL, body.Description, events)
	if err != nil {
		return err
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	return s.changeWebhook(c, request, id, func(w *loyalty.Webhook) (loyalty.Answer, error) {
		if body.URL != "" {
			w.URL = body.URL
		}
		if body.Description != "" {
			w.Description = body.Description
		}
		if body.Events != nil {
			w.Kinds = kinds
		}
		if body.Enabled != nil {
			enable(w, *body.Enabled, s.moment())
		}
		return render(http.StatusOK, webhookView(w))
	})
}

// enable begins anew with the failures, or stops deliveries.
func enable(w *loyalty.Webhook, enabled bool, now time.Time) {
	switch {
	case enabled:
		w.Disabled, w.Failures, w.FailingSince, w.RestUntil = time.Time{}, 0, time.Time{}, time.Time{}
	case w.Enabled():
		w.Disabled = now
	}
}

// changeWebhook changes one of the merchant's webhooks and answers.
func (s *Server) changeWebhook(c *fiber.Ctx, request loyalty.Answer, id loyalty.WebhookID, change func(*loyalty.Webhook) (loyalty.Answer, error)) error {
	answer, err := s.Store.ChangeWebhook(c.UserContext(), request, principalOf(c).Merchant, id, s.now(), change)
	if err != nil {
		return noWebhook(err)
	}
	return send(c, answer)
}

// DeleteWebhook forgets one.
func (s *Server) DeleteWebhook(c *fiber.Ctx, id gen.WebhookInPath, params gen.DeleteWebhookParams) error {
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.DeleteWebhook(c.UserContext(), request, principalOf(c).Merchant, id, func(w *loyalty.Webhook) (loyalty.Answer, error) {
		return render(http.StatusOK, webhookView(w))
	})
	if err != nil {
		return noWebhook(err)
	}
	return send(c, answer)
}

// How long the secret before signs too, in seconds.
const (
	usualOverlap   = 24 * 60 * 60
	longestOverlap = 7 * 24 * 60 * 60
)

// RotateWebhookSecret gives a webhook a new secret.
func (s *Server) RotateWebhookSecret(c *fiber.Ctx, id gen.WebhookInPath, params gen.RotateWebhookSecretParams) error {
	body := gen.SecretRotation{OverlapSeconds: usualOverlap}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.OverlapSeconds < 0 || body.OverlapSeconds > longestOverlap {
		return invalid("overlap_seconds", "must lie between 0 and 604800")
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	now := s.moment()
	text, sealed := s.Webhooks.Secrets.New(id, now)
	return s.changeWebhook(c, request, id, func(w *loyalty.Webhook) (loyalty.Answer, error) {
		w.Previous, w.PreviousUntil, w.Secret = w.Secret, now.Add(time.Duration(body.OverlapSeconds)*time.Second), sealed
		if body.OverlapSeconds == 0 {
			w.Previous, w.PreviousUntil = nil, time.Time{}
		}
		return renderSecret(http.StatusOK, w, text)
	})
}

const maxDescription = 200 // characters

// checkWebhook checks what is set up of a webhook; an empty url is not. Errors:
// invalid_field.
func (s *Server) checkWebhook(url, description string, events gen.WebhookEvents) (loyalty.Kinds, error) {
	if url != "" {
		if err := webhooks.CheckURL(url, s.Webhooks.Private); err != nil {
			return 0, err
		}
	}
	if utf8.RuneCountInString(description) > maxDescription {
		return 0, invalid("description", "is longer than 200 characters")
	}
	if len(events) > maxEvents {
		return 0, invalid("events", "has more than 32 entries")
	}
	if len(events) == 0 {
		return loyalty.AllKinds, nil
	}
	var kinds loyalty.Kinds
	for _, event := range events {
		switch event {
		case gen.EntryEventTypePointsExpiring:
			kinds |= loyalty.Reminders
			continue
		case gen.EntryEventTypeCodesLow:
			kinds |= loyalty.LowPools
			continue
		}
		name, ok := strings.CutPrefix(string(event), eventPrefix)
		kind, err := loyalty.ParseEntryKind(name)
		if !ok || err != nil {
			return 0, invalid("events", "has a type of event that does not exist")
		}
		kinds |= loyalty.KindsOf(kind)
	}
	return kinds, nil
}

const maxEvents = 32
