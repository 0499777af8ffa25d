package google

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	api "google.golang.org/api/walletobjects/v1"

	"stempel/internal/loyalty"
	"stempel/passes"
)

// lastForRewards is how many notifications are kept back for a card on which a
// reward is ready: that is the one nobody wants to miss.
const lastForRewards = 1

// Update makes a pass's object show a face, and its class what the face says of
// the program. What Google shows already is not sent. A posting that the object has
// not told of yet notifies the customer, as long as there are notifications left in
// the window: one stands for all postings since the last. Whoever calls it sees to it
// that nobody updates the same pass meanwhile.
//
// Errors are those of the store and of Barcodes; what Google says is in the result.
func (w *Wallet) Update(ctx context.Context, pass *loyalty.Pass, f *passes.Face) (Result, error) {
	known, err := w.store.GoogleObject(ctx, pass.ID)
	if err != nil {
		return Result{}, err
	}
	p, err := w.parcel(ctx, pass, f)
	if err != nil {
		return Result{}, err
	}
	if known.Sent == p.version && known.Waiting.IsZero() {
		return Result{Outcome: Done}, nil
	}
	notice, err := w.notice(ctx, &known, f)
	if err != nil {
		return Result{}, err
	}
	saved, sent := w.send(ctx, p, !known.Inserted.IsZero(), !notice.IsZero())
	result := resultOf(sent)
	w.answers[result.Outcome].Add(1)
	now := w.now()
	return result, w.store.ChangeGoogleObject(ctx, pass.ID, func(o *loyalty.GoogleObject) {
		switch {
		case sent == nil:
			o.Accept(p.version, f.Changed, saved, now)
		case result.Outcome != Later:
			o.Waiting = time.Time{} // for what would never come
		case o.Waiting.IsZero():
			o.Waiting = now
		}
		if sent != nil && untouched(sent) {
			o.TakeBack(notice)
		}
	})
}

// parcel is what is sent of a pass.
type parcel struct {
	class   *api.LoyaltyClass
	object  *api.LoyaltyObject
	version [16]byte // of both, cut SHA-256
}

func (w *Wallet) parcel(ctx context.Context, pass *loyalty.Pass, f *passes.Face) (parcel, error) {
	object, err := w.object(ctx, pass, f)
	if err != nil {
		return parcel{}, err
	}
	p := parcel{class: w.class(f), object: object}
	text, err := json.Marshal([]any{p.class, p.object})
	if err != nil {
		return parcel{}, err
	}
	digest := sha256.Sum256(text)
	p.version = [16]byte(digest[:16])
	return p, nil
}

// notice takes a notification for what a face has to tell, and returns its
// moment; zero for none. It is taken before Google is asked, so that a crash in
// between costs one and never sends a fourth.
func (w *Wallet) notice(ctx context.Context, known *loyalty.GoogleObject, f *passes.Face) (at time.Time, err error) {
	if known.Saved.IsZero() || !f.Changed.After(known.Told) {
		return time.Time{}, nil
	}
	spare := lastForRewards
	if ready(f) > 0 {
		spare = 0
	}
	now := w.now().UTC().Truncate(time.Microsecond)
	err = w.store.ChangeGoogleObject(ctx, known.Pass, func(o *loyalty.GoogleObject) {
		at = time.Time{}
		if o.Notify(now, spare) {
			at = now
		}
	})
	return at, err
}

// send inserts or patches an object behind its class, and reports whether a
// customer has saved it.
func (w *Wallet) send(ctx context.Context, p parcel, there, notify bool) (saved bool, err error) {
	if err := w.sendClass(ctx, p.class); err != nil {
		return false, err
	}
	if there {
		saved, err = w.patch(ctx, p.object, notify)
		if !hasStatus(err, http.StatusNotFound) {
			return saved, err
		}
		// Google has lost it, or this is another issuer's account: begin anew.
		w.forgetClass(p.class.Id)
		if err := w.sendClass(ctx, p.class); err != nil {
			return false, err
		}
	}
	saved, err = w.insert(ctx, p.object)
	if hasStatus(err, http.StatusConflict) {
		saved, err = w.patch(ctx, p.object, notify)
	}
	return saved, err
}

func (w *Wallet) insert(ctx context.Context, object *api.LoyaltyObject) (saved bool, err error) {
	if err := w.wait(ctx); err != nil {
		return false, err
	}
	fresh := *object
	fresh.NullFields = nil // there is nothing to take away
	var stored api.LoyaltyObject
	err = w.rest.insert(ctx, loyaltyObject, &fresh, &stored)
	return err == nil && stored.HasUsers, err
}

// patch changes an object. Only a patch that says so notifies; Google forgets the
// preference with the request.
func (w *Wallet) patch(ctx context.Context, object *api.LoyaltyObject, notify bool) (saved bool, err error) {
	if err := w.wait(ctx); err != nil {
		return false, err
	}
	change := *object
	if notify {
		change.NotifyPreference = "NOTIFY_ON_UPDATE"
	}
	var stored api.LoyaltyObject
	err = w.rest.patch(ctx, loyaltyObject, object.Id, &change, &stored)
	return err == nil && stored.HasUsers, err
}

// Link sends what a card shows and returns the link by which a phone adds it.
// Errors: wrapping what Google answered, and loyalty.ErrUnavailable when it may work
// later.
func (w *Wallet) Link(ctx context.Context, pass *loyalty.Pass, f *passes.Face) (string, error) {
	result, err := w.Update(ctx, pass, f)
	if err != nil {
		return "", err
	}
	switch result.Outcome {
	case Done:
		return w.SaveLink(pass, w.now())
	case Later:
		return "", fmt.Errorf("google: %w for %s: %w", loyalty.ErrUnavailable, result.After, result.Err)
	}
	return "", fmt.Errorf("google refuses the pass: %w", result.Err)
}
