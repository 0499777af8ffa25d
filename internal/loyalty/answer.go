package loyalty

import "time"

// Answer is what the asker of a request was told, kept so that a retry is told
// the same, byte for byte.
type Answer struct {
	Request  RequestID
	BodyHash Hash
	Card     CardID // zero where no card is concerned
	Status   int
	Body     []byte
	Expires  time.Time
	Replayed bool // read back, not made now
	Secret   bool // it holds a new secret: only that it was given is kept, and it is not repeated
}

// CheckBody holds that a request which was answered comes again as it was. Errors:
// idempotency_key_reused.
func (a *Answer) CheckBody(again Hash) error {
	if a.BodyHash != again {
		return refuse(KeyReused, "This Idempotency-Key was used for another request. Use a new key for each new request.")
	}
	return nil
}

// StatusErased is the status of an answer that was erased with what was kept of
// somebody: 410, Gone (RFC 9110 §15.5.11).
const StatusErased = 410

// CheckKept holds that what was answered is still known. Errors:
// answer_not_repeatable, answer_erased.
func (a *Answer) CheckKept() error {
	switch {
	case a.Status == StatusErased:
		return refuse(AnswerErased, "This was done before. Its answer was erased with what was kept of the member. Read the card to see what holds.")
	case len(a.Body) == 0:
		return refuse(NotRepeatable, "This was done, and its answer held a secret that is shown once. If it got lost, ask for a new one.")
	}
	return nil
}

// AnswerLife is how long an answer is kept for retries.
const AnswerLife = 24 * time.Hour
