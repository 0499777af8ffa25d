package google

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/google/resource"
)

// Update makes a pass's object show a face, and its class what the face says of
// the program. What Google shows already is not sent. A posting that the object has
// not told of yet notifies the customer, as long as there are notifications left in
// the window: one stands for all postings since the last; of a reward that became ready
// a message tells. When somebody else updated the same pass meanwhile with another face,
// nobody knows which of them Google has: the result is Later, with ErrOverlap.
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
	saved, sent := w.send(ctx, p, !known.Inserted.IsZero(), &notice)
	result := resultOf(sent)
	w.answers[result.Outcome].Add(1)
	now, overlap := w.now(), false
	err = w.store.ChangeGoogleObject(ctx, pass.ID, func(o *loyalty.GoogleObject) {
		overlap = o.Sent != known.Sent && o.Sent != p.version
		switch {
		case sent == nil && overlap:
			o.Accept([16]byte{}, o.Told, saved, now) // so that it is sent again, whatever it shows then
		case sent == nil:
			o.Accept(p.version, f.Changed, saved, now)
		case result.Outcome != Later:
			o.Waiting = time.Time{} // for what would never come
		case o.Waiting.IsZero():
			o.Waiting = now
		}
		if sent != nil && !notice.isSpent(sent) {
			o.TakeBack(notice.at)
		}
	})
	if sent == nil && overlap {
		result = Result{Later, afterLimit, ErrOverlap}
	}
	return result, err
}

// ErrOverlap is that two updates of one pass were under way at the same time.
var ErrOverlap = errors.New("google: somebody else updated the pass meanwhile")

// parcel is what is sent of a pass.
type parcel struct {
	class   *resource.LoyaltyClass
	object  *resource.LoyaltyObject
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

// send inserts or patches an object behind its class, and reports whether a
// customer has saved it.
func (w *Wallet) send(ctx context.Context, p parcel, there bool, n *notice) (saved bool, err error) {
	if err := w.sendClass(ctx, p.class); err != nil {
		return false, err
	}
	if there {
		saved, err = w.patch(ctx, p.object, n)
		if !hasStatus(err, http.StatusNotFound) {
			return saved, err
		}
		// Google has lost it, or this is another issuer's account: begin anew.
		w.forgetClass(p.class.ID)
		if err := w.sendClass(ctx, p.class); err != nil {
			return false, err
		}
	}
	saved, err = w.insert(ctx, p.object)
	if hasStatus(err, http.StatusConflict) {
		saved, err = w.patch(ctx, p.object, n)
	}
	return saved, err
}

func (w *Wallet) insert(ctx context.Context, object *resource.LoyaltyObject) (saved bool, err error) {
	if err := w.wait(ctx); err != nil {
		return false, err
	}
	fresh := *object
	fresh.Nulls = nil // there is nothing to take away
	var stored resource.LoyaltyObject
	err = w.rest.insert(ctx, loyaltyObject, &fresh, &stored)
	return err == nil && stored.HasUsers, err
}

// patch changes an object. Only a patch that says so notifies; Google forgets the
// preference with the request. Of a reward a message tells, behind the patch: should
// it fail, both are sent again.
func (w *Wallet) patch(ctx context.Context, object *resource.LoyaltyObject, n *notice) (saved bool, err error) {
	if err := w.wait(ctx); err != nil {
		return false, err
	}
	change := *object
	switch {
	case n.byChange():
		change.NotifyPreference, n.asked = "NOTIFY_ON_UPDATE", true
	case n.byMessage():
		change.Messages = slices.DeleteFunc(slices.Clone(change.Messages), func(m *resource.Message) bool { return m.ID == readyMessage })
	}
	var stored resource.LoyaltyObject
	err = w.rest.patch(ctx, loyaltyObject, object.ID, &change, &stored)
	if err != nil {
		return false, err
	}
	if n.byMessage() {
		err = w.announce(ctx, object, n)
	}
	return stored.HasUsers, err
}

// Link sends what a card shows and returns the link by which a phone adds it. The card
// may have changed since, or the pass be updated by somebody else meanwhile: whoever calls
// it has it updated once more.
// Errors: wrapping what Google answered, and loyalty.ErrUnavailable when it may work
// later.
func (w *Wallet) Link(ctx context.Context, pass *loyalty.Pass, f *passes.Face) (string, error) {
	result, err := w.Update(ctx, pass, f)
	if err != nil {
		return "", err
	}
	switch {
	case result.Outcome == Done, errors.Is(result.Err, ErrOverlap): // Google has the object
		return w.SaveLink(pass, w.now())
	case result.Outcome == Later:
		return "", fmt.Errorf("google: %w for %s: %w", loyalty.ErrUnavailable, result.After, result.Err)
	}
	return "", fmt.Errorf("google refuses the pass: %w", result.Err)
}
