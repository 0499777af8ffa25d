package credential

import (
	"slices"

	"stempel/internal/loyalty"
)

// PINs hashes the PINs of staff. A PIN has few digits, so that a plain hash
// would fall to a list; without the key it does not. One key serves for ever.
type PINs struct{ key []byte }

// NewPINs takes the one key for PINs, which must serve nothing else.
func NewPINs(key []byte) *PINs { return &PINs{slices.Clone(key)} }

// MAC is what is kept of a PIN: 32 bytes, the same for the same PIN of the same
// merchant, so that the staff member who typed it can be looked up by it.
func (p *PINs) MAC(merchant loyalty.MerchantID, pin string) []byte {
	return mac(p.key, []byte("stempel pin 1"), merchant[:], []byte(pin))
}

// CheckPIN holds that a PIN is 4 to 12 digits. Errors: a loyalty.FieldError.
func CheckPIN(text string) error {
	ok := len(text) >= 4 && len(text) <= 12
	for _, c := range []byte(text) {
		ok = ok && c >= '0' && c <= '9'
	}
	if !ok {
		return &loyalty.FieldError{Field: "pin", Problem: "must be 4 to 12 digits"}
	}
	return nil
}

// BodyHash is a keyed hash of a request's body, by which a retry is known. It is
// keyed since a body may carry a PIN, which a plain hash would give away.
func (p *PINs) BodyHash(body []byte) loyalty.Hash {
	return loyalty.Hash(mac(p.key, []byte("stempel body 1"), body))
}
