package webhooks

import "time"

// waits are how long after each failed attempt at an event the next one comes:
// eleven attempts in not quite three days. Then it is a dead letter.
var waits = [...]time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute,
	time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 24 * time.Hour,
}

// dueAfter is when to try again after so many attempts, the last one at now; zero
// for never.
func dueAfter(attempts int64, now time.Time) time.Time {
	if attempts > int64(len(waits)) {
		return time.Time{}
	}
	return now.Add(waits[attempts-1])
}

// A webhook of which several deliveries in a row fail, whatever the card, is down
// rather than displeased with one event. All its cards wait then, so that it is
// not met by a thousand attempts when it comes back.
const (
	restAfter = 5 // failures in a row
	firstRest = 5 * time.Second
	longRest  = 5 * time.Minute
)

// restAfterFailure is until when a webhook rests that failed so many times in a
// row, the last time at now; zero: it does not.
func restAfterFailure(failures int64, now time.Time) time.Time {
	if failures < restAfter {
		return time.Time{}
	}
	rest := longRest
	if doubled := failures - restAfter; doubled < 6 {
		rest = min(rest, firstRest<<doubled)
	}
	return now.Add(rest)
}

// giveUpAfter is for how long a webhook may fail without one success before it is
// disabled. Its merchant can enable it again and loses nothing that waits.
const giveUpAfter = 72 * time.Hour
