package google

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/go-json-experiment/json"

	"stempel/internal/loyalty"
)

// Refusals of a callback.
const (
	CallbackInvalid loyalty.Code = "callback_invalid"
	CallbackExpired loyalty.Code = "callback_expired"
)

const maxNonce = 128 // characters

// callback is the message of an envelope.
type callback struct {
	Class   string `json:"classId"`
	Object  string `json:"objectId"`
	Type    string `json:"eventType"`
	Expires int64  `json:"expTimeMillis"`
	Nonce   string `json:"nonce"`
}

// Callbacks reads what Google calls back with, for one issuer.
type Callbacks struct {
	Issuer Issuer
	Keys   *RootKeys
	Now    func() time.Time
}

// Read verifies a body and says what it tells. Whether it tells it for the first
// time is for who remembers nonces. Errors: callback_invalid, callback_expired;
// wrapping ErrNoRootKeys.
func (c *Callbacks) Read(ctx context.Context, body []byte) (loyalty.GoogleEvent, error) {
	envelope, err := readEnvelope(body)
	if err != nil {
		return loyalty.GoogleEvent{}, refuseCallback(err)
	}
	roots, err := c.Keys.current(ctx)
	if err != nil {
		return loyalty.GoogleEvent{}, err
	}
	now := c.Now()
	message, err := envelope.open(roots, c.Issuer, now)
	if err != nil {
		return loyalty.GoogleEvent{}, refuseCallback(err)
	}
	return c.event(message, now)
}

// event reads a message whose signature holds.
func (c *Callbacks) event(message []byte, now time.Time) (loyalty.GoogleEvent, error) {
	var told callback
	if json.Unmarshal(message, &told) != nil || told.Nonce == "" || len(told.Nonce) > maxNonce ||
		told.Expires <= 0 || told.Expires > maxMillis || told.Type != "save" && told.Type != "del" {
		return loyalty.GoogleEvent{}, refuseCallback(errMalformed)
	}
	program, ours := c.Issuer.program(told.Class)
	pass, also := c.Issuer.pass(told.Object)
	if !ours || !also {
		return loyalty.GoogleEvent{}, &loyalty.Refusal{Code: CallbackInvalid, Message: "The callback is about a class or an object that is not ours."}
	}
	expires := time.UnixMilli(told.Expires)
	if !now.Before(expires) {
		return loyalty.GoogleEvent{}, &loyalty.Refusal{Code: CallbackExpired, Message: "The callback has expired."}
	}
	return loyalty.GoogleEvent{
		Pass: pass, Program: program, Saved: told.Type == "save", Nonce: sha256.Sum256([]byte(told.Nonce)), Expires: expires,
	}, nil
}

func refuseCallback(why error) error {
	if errors.Is(why, errKeyEnded) {
		return &loyalty.Refusal{Code: CallbackExpired, Message: "The callback is refused: " + why.Error() + "."}
	}
	return &loyalty.Refusal{Code: CallbackInvalid, Message: "The callback is refused: " + why.Error() + "."}
}
