package api

import (
	"net/http"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// eventPrefix stands before the kind of an entry in the type of its event.
const eventPrefix = "entry."

// RenderEvent is the body of an entry's event: the same bytes each time, as it
// follows from the entry alone.
func RenderEvent(e *loyalty.Entry) ([]byte, error) {
	answer, err := render(http.StatusOK, gen.Event{
		Type: gen.EventType(eventPrefix + e.Kind.String()), Timestamp: e.Posted,
		Data: gen.EventData{
			Card:  &gen.EventCard{ID: e.Card, Program: e.Program, Balance: e.Balance},
			Entry: entryView(e),
		},
	})
	return answer.Body, err
}

// RenderReminder is the body of a reminder's event, likewise.
func RenderReminder(r *loyalty.Reminder) ([]byte, error) {
	answer, err := render(http.StatusOK, gen.Event{
		Type: gen.EventTypePointsExpiring, Timestamp: r.At,
		Data: gen.EventData{
			Card:     &gen.EventCard{ID: r.Card, Program: r.Program, Balance: r.Balance},
			Expiring: &gen.ExpiringUnits{Units: r.Units, ExpiresAt: r.Expires},
		},
	})
	return answer.Body, err
}

// RenderLowCodes is the body of the event of a pool that runs low, likewise.
func RenderLowCodes(p *loyalty.LowPool) ([]byte, error) {
	answer, err := render(http.StatusOK, gen.Event{
		Type: gen.EventTypeCodesLow, Timestamp: p.Since,
		Data: gen.EventData{Reward: &gen.EventReward{ID: p.Reward.ID, Name: p.Reward.Name}, Left: &p.Left},
	})
	return answer.Body, err
}

func webhookView(w *loyalty.Webhook) gen.Webhook {
	return gen.Webhook{
		ID: w.ID, URL: w.URL, Events: eventsView(w.Kinds), Description: w.Description, Enabled: w.Enabled(),
		CreatedAt: w.Created, DisabledAt: w.Disabled, Failures: w.Failures, FailingSince: w.FailingSince,
		PreviousUntil: w.PreviousUntil,
	}
}

func eventsView(kinds loyalty.Kinds) gen.WebhookEvents {
	events := gen.WebhookEvents{}
	if kinds == loyalty.AllKinds {
		return events
	}
	for _, kind := range loyalty.EntryKinds() {
		if kinds.Has(kind) {
			events = append(events, gen.EntryEventType(eventPrefix+kind.String()))
		}
	}
	if kinds&loyalty.Reminders != 0 {
		events = append(events, gen.EntryEventTypePointsExpiring)
	}
	if kinds&loyalty.LowPools != 0 {
		events = append(events, gen.EntryEventTypeCodesLow)
	}
	return events
}

// renderSecret shows a webhook with its new secret, once.
func renderSecret(status int, w *loyalty.Webhook, secret string) (loyalty.Answer, error) {
	v := webhookView(w)
	answer, err := render(status, gen.WebhookWithSecret{
		ID: v.ID, URL: v.URL, Events: v.Events, Description: v.Description, Enabled: v.Enabled,
		CreatedAt: v.CreatedAt, DisabledAt: v.DisabledAt, Failures: v.Failures, FailingSince: v.FailingSince,
		PreviousUntil: v.PreviousUntil, Secret: secret,
	})
	answer.Secret = true
	return answer, err
}

func deliveryView(d *loyalty.Delivery) gen.Delivery {
	view := gen.Delivery{
		Event: d.Entry, Card: d.Card, State: gen.DeliveryStateWaiting, Attempts: d.Attempts,
		LastStatus: int32(d.Status), LastProblem: d.Problem, TriedAt: d.Tried, NextAt: d.Due,
	}
	if d.Dead {
		view.State = gen.DeliveryStateDead
	}
	return view
}
