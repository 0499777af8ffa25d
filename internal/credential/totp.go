package credential

import (
	"crypto/hmac"
	"crypto/sha1" // as the wallet does; RFC 6238 §1.2
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"time"
)

const periodSeconds = int64(RotatingPeriod / time.Second)

// stepAt counts periods since 1970 (T of RFC 6238 §4.2).
func stepAt(at time.Time) int64 { return at.Unix() / periodSeconds }

// totp is the code of a step: its HOTP (RFC 4226 §5.3).
func totp(key [rotatingKey]byte, step int64) string {
	h := hmac.New(sha1.New, key[:])
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := h.Sum(nil)
	cut := sum[sum[sha1.Size-1]&0xf:]
	return fmt.Sprintf("%0*d", RotatingDigits, binary.BigEndian.Uint32(cut)&0x7fffffff%100_000_000)
}

// stepOf is the step that a code belongs to: the current one, or one before or
// after it. Errors: credential_expired, credential_from_future where it belongs to
// another one not far away; else credential_invalid.
func stepOf(key [rotatingKey]byte, code string, now time.Time) (int64, error) {
	current := stepAt(now)
	is := func(step int64) bool {
		return subtle.ConstantTimeCompare([]byte(totp(key, step)), []byte(code)) == 1
	}
	for _, step := range [...]int64{current, current - 1, current + 1} {
		if is(step) {
			return step, nil
		}
	}
	for off := int64(2); off <= rotatingPast; off++ {
		if is(current - off) {
			return 0, refuse(Expired, "This code is too old: it changes every 30 seconds. Ask the customer to show the card itself, not a picture of it; if it is the card, the clock of the phone is slow.")
		}
		if off <= rotatingFuture && is(current+off) {
			return 0, refuse(FromFuture, "This code is from the future: the clock of the customer's phone is fast. Going online corrects it.")
		}
	}
	return 0, refuse(Invalid, "This code is an old one, or the clock of the customer's phone is far off. Ask the customer to go online and open the card anew.")
}
