package google

import (
	"context"
	"slices"
	"time"

	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/google/resource"
)

// lastForRewards is how many notifications are kept back for a reward that becomes
// ready: that is the one nobody wants to miss.
const lastForRewards = 1

// notice is how phones are told of what a face shows: not at all, by the change of
// the object, or, of a reward, by a message.
type notice struct {
	at     time.Time // which of the notifications it takes; zero: none
	reward bool      // tell of a reward that has become ready
	asked  bool      // Google was asked to notify, and may have done so
}

// notice takes a notification for what a face has to tell; one stands for all
// postings since the last. It is taken before Google is asked, so that a crash in
// between costs one and never sends a fourth.
func (w *Wallet) notice(ctx context.Context, known *loyalty.GoogleObject, f *passes.Face) (n notice, err error) {
	if known.Saved.IsZero() || !f.Changed.After(known.Told) {
		return notice{}, nil
	}
	n.reward = f.Rewarded.After(known.Told)
	spare := lastForRewards
	if n.reward {
		spare = 0
	}
	now := w.now().UTC().Truncate(time.Microsecond)
	err = w.store.ChangeGoogleObject(ctx, known.Pass, func(o *loyalty.GoogleObject) {
		n.at = time.Time{}
		if o.Notify(now, spare) {
			n.at = now
		}
	})
	return n, err
}

// byChange says to notify by the object's change, and byMessage by a message.
func (n *notice) byChange() bool  { return !n.at.IsZero() && !n.reward }
func (n *notice) byMessage() bool { return !n.at.IsZero() && n.reward }

// isSpent reports whether the notification may have reached somebody although sending
// ended with an error.
func (n *notice) isSpent(err error) bool { return n.asked && !untouched(err) }

// The messages of an object, by id. There are never more than these, far from the ten
// that Google shows.
const (
	changeMessage = "change" // what happened last
	readyMessage  = "ready"  // rewards to be had
)

// messages are what an object says, each in the place of the one before.
func messages(f *passes.Face) (list []*resource.Message) {
	if !f.Changed.IsZero() {
		list = append(list, message(changeMessage, f,
			func(t *passes.Texts) string { return t.ChangeLabel }, func(t *passes.Texts) string { return t.Change }))
	}
	if ready(f) > 0 {
		list = append(list, message(readyMessage, f,
			func(t *passes.Texts) string { return t.ReadyLabel }, func(t *passes.Texts) string { return t.Ready }))
	}
	return list
}

func message(id string, f *passes.Face, head, body func(*passes.Texts) string) *resource.Message {
	own := f.In(f.Language)
	return &resource.Message{
		ID: id, MessageType: "TEXT", Header: head(own), Body: body(own), LocalizedHeader: localized(f, head), LocalizedBody: localized(f, body),
	}
}

// announce adds the message about rewards to an object whose change has just left it
// out: Google adds a message of the same id a second time.
func (w *Wallet) announce(ctx context.Context, o *resource.LoyaltyObject, n *notice) error {
	for _, m := range o.Messages {
		if m.ID != readyMessage {
			continue
		}
		if err := w.wait(ctx); err != nil {
			return err
		}
		told := *m
		told.MessageType, n.asked = "TEXT_AND_NOTIFY", true
		err := w.rest.announce(ctx, o.ID, &told)
		if err != nil && !untouched(err) && w.says(ctx, o.ID, readyMessage) {
			return nil // only the answer was lost
		}
		return err
	}
	return nil
}

// says reports whether it is certain that an object has a message.
func (w *Wallet) says(ctx context.Context, object, id string) bool {
	if w.wait(ctx) != nil {
		return false
	}
	var o resource.LoyaltyObject
	err := w.rest.read(ctx, loyaltyObject, object, &o)
	return err == nil && slices.ContainsFunc(o.Messages, func(m *resource.Message) bool { return m.ID == id })
}
