package google

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/oauth2"
	"google.golang.org/api/googleapi"
)

// Outcome is how sending something to Google ended.
type Outcome uint8

// The outcomes.
const (
	Done    Outcome = iota // Google shows it now
	Later                  // it may work after a while; nothing is lost
	Gone                   // Google does not know the object (any longer)
	Refused                // Google will never take this; sending it again helps nobody
)

var outcomeNames = [...]string{"done", "later", "gone", "refused"}

func (o Outcome) String() string { return outcomeNames[o] }

// Outcomes lists them all, for metrics.
func Outcomes() []Outcome { return []Outcome{Done, Later, Gone, Refused} }

// Result is an outcome with what is to be known of it.
type Result struct {
	Outcome Outcome
	After   time.Duration // Later: how long to wait, at least
	Err     error         // what Google, or the way to it, answered; nil: Done
}

// How long to wait before asking again.
const (
	afterTrouble = 5 * time.Second  // Google or the network fails
	afterLimit   = time.Second      // we or Google say: not so fast
	afterDenial  = 10 * time.Minute // Google does not know us: somebody has to set that right
	mostAfter    = time.Hour
)

// resultOf says what an error of the Wallet API, or of asking for a token, means.
func resultOf(err error) Result {
	var answer *googleapi.Error
	var token *oauth2.RetrieveError
	var limited *limitedError
	switch {
	case err == nil:
		return Result{Outcome: Done}
	case errors.As(err, &limited):
		return Result{Later, limited.after, err}
	case errors.As(err, &answer):
		return Result{outcomeOf(answer.Code), waitFor(answer.Code, answer.Header), err}
	case errors.As(err, &token):
		code := token.Response.StatusCode
		if code < http.StatusInternalServerError && code != http.StatusTooManyRequests {
			code = http.StatusUnauthorized // the account is not known, or its key is not
		}
		return Result{Later, waitFor(code, token.Response.Header), err}
	}
	return Result{Later, afterTrouble, err} // no answer
}

func outcomeOf(status int) Outcome {
	switch status {
	case http.StatusNotFound, http.StatusGone:
		return Gone
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusPreconditionFailed:
		return Refused
	}
	return Later
}

// waitFor is what Retry-After says (RFC 9110 §10.2.3), or what suits the status.
func waitFor(status int, header http.Header) time.Duration {
	if seconds, err := strconv.ParseUint(header.Get("Retry-After"), 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, mostAfter)
	}
	switch status {
	case http.StatusTooManyRequests:
		return afterLimit
	case http.StatusUnauthorized, http.StatusForbidden:
		return afterDenial
	}
	return afterTrouble
}

// untouched reports whether it is certain that Google did nothing: it said no, or
// was not asked. After a silence it is not.
func untouched(err error) bool {
	var answer *googleapi.Error
	var token *oauth2.RetrieveError
	var limited *limitedError
	return errors.As(err, &limited) || errors.As(err, &token) ||
		errors.As(err, &answer) && answer.Code < http.StatusInternalServerError
}

func hasStatus(err error, status int) bool {
	var answer *googleapi.Error
	return errors.As(err, &answer) && answer.Code == status
}

// limitedError says that our own limit was reached, and the caller's patience too.
type limitedError struct{ after time.Duration }

func (e *limitedError) Error() string {
	return "google: the limit of requests is reached; the next may be sent in " + e.after.String()
}

// wait takes its turn at the limit that all processes share. Errors: a
// *limitedError when ctx ends before that.
func (w *Wallet) wait(ctx context.Context) error {
	for {
		ok, after := w.limits.Allow(ctx, "google "+string(w.issuer), w.rate, limitBurst)
		if ok {
			return nil
		}
		if end, bounded := ctx.Deadline(); bounded && time.Until(end) < after {
			return &limitedError{max(after, afterLimit)}
		}
		select {
		case <-ctx.Done():
			return &limitedError{max(after, afterLimit)}
		case <-time.After(after):
		}
	}
}
