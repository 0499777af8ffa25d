package credential

import (
	"crypto/hmac"
	"encoding/binary"
	"strings"
	"time"

	"stempel/internal/loyalty"
)

// ShiftEnded refuses a shift that names nobody at this till now.
const ShiftEnded loyalty.Code = "shift_ended"

// ShiftLife is how long after a PIN was typed a shift names its owner.
const ShiftLife = 12 * time.Hour

const (
	shiftPrefix = "sh."
	shiftBody   = 16 + 8
	shiftTag    = 16
)

// SealShift makes the text by which a till says who is at it: the staff and the
// end, under a MAC that holds for this till as it is paired now. Only this server
// reads it, so its form is no contract.
func (p *PINs) SealShift(till loyalty.Till, staff loyalty.StaffID, ends time.Time) string {
	body := binary.BigEndian.AppendUint64(staff[:], uint64(ends.UnixMicro()))
	return shiftPrefix + encoding.EncodeToString(append(body, p.shiftTag(till, body)...))
}

// OpenShift reads who is at a till. Errors: shift_ended, whatever is wrong with it:
// there is but one thing to do about it.
func (p *PINs) OpenShift(text string, till loyalty.Till, now time.Time) (loyalty.StaffID, error) {
	encoded, ok := strings.CutPrefix(text, shiftPrefix)
	sealed, decoded := decode(encoded)
	if !ok || !decoded || len(sealed) != shiftBody+shiftTag {
		return loyalty.StaffID{}, errShift()
	}
	body, made := sealed[:shiftBody], sealed[shiftBody:]
	ends := time.UnixMicro(int64(binary.BigEndian.Uint64(body[16:])))
	if !hmac.Equal(made, p.shiftTag(till, body)) || !now.Before(ends) {
		return loyalty.StaffID{}, errShift()
	}
	return loyalty.StaffID(body[:16]), nil
}

func (p *PINs) shiftTag(till loyalty.Till, body []byte) []byte {
	paired := binary.BigEndian.AppendUint64(till.ID[:], uint64(till.Pairing))
	return mac(p.key, []byte("stempel shift 1"), paired, body)[:shiftTag]
}

func errShift() error {
	return refuse(ShiftEnded, "Nobody is signed in at this till any more. Type your PIN again.")
}
