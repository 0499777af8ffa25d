package keys

import "fmt"

// Purpose is what a key is for. No key serves two, so that what was made for
// one can never pass for another.
type Purpose string

// The purposes. Live, Receipt, Lease and Statement are Ed25519 keys whose public
// halves are published; the others are 32 random bytes: Personal, Webhook and Code for AES-256-GCM,
// Rotating and Tag for HKDF-SHA256, the rest for HMAC-SHA256.
const (
	Live    Purpose = "live"    // tokens of one minute
	Receipt Purpose = "receipt" // statements of entries
	Scan    Purpose = "scan"    // scan handles
	Static  Purpose = "static"  // texts in wallets and on paper
	Link    Purpose = "link"    // signed URLs
	PIN     Purpose = "pin"     // hashes of staff PINs; never rotates

	Personal Purpose = "personal" // what is known of members
	Index    Purpose = "index"    // finding members by their contacts, and codes of partners
	Claim    Purpose = "claim"    // claim codes
	Webhook  Purpose = "webhook"  // seals the secrets of webhooks
	Pass     Purpose = "pass"     // tokens by which a wallet asks for its pass
	Rotating Purpose = "rotating" // secrets of rotating codes follow from it
	Tag      Purpose = "tag"      // keys of NFC chips follow from it

	Lease     Purpose = "lease"     // leases and contact statements of tills
	Statement Purpose = "statement" // statements of vouchers

	Code Purpose = "code" // seals codes of partners
)

// kind is what the house knows of a purpose. A key's id is the letter and a
// number in hex, at least two digits: l01. The numbers of static and rotating keys
// must fit the one byte that their texts have for them.
type kind struct {
	purpose Purpose
	letter  byte
	signs   bool // Ed25519
	last    int  // the highest number
}

var kinds = [...]kind{
	{Live, 'l', true, 0xfff},
	{Receipt, 'r', true, 0xfff},
	{Scan, 'h', false, 0xfff},
	{Static, 's', false, 0xff},
	{Link, 'u', false, 0xfff},
	{PIN, 'p', false, 0xfff},
	{Personal, 'm', false, 0xfff},
	{Index, 'i', false, 0xfff},
	{Claim, 'c', false, 0xfff},
	{Webhook, 'w', false, 0xfff},
	{Pass, 'a', false, 0xfff},
	{Rotating, 't', false, 0xff},
	{Tag, 'n', false, 0xfff},
	{Lease, 'o', true, 0xfff},
	{Statement, 'v', true, 0xfff},
	{Code, 'g', false, 0xfff},
}

func kindOf(p Purpose) (kind, bool) {
	for _, k := range kinds {
		if k.purpose == p {
			return k, true
		}
	}
	return kind{}, false
}

func (k kind) kid(number int) string { return fmt.Sprintf("%c%02x", k.letter, number) }

// ParsePurpose reads the name of a purpose.
func ParsePurpose(text string) (Purpose, error) {
	if _, ok := kindOf(Purpose(text)); !ok {
		return "", fmt.Errorf("%q is not a purpose of keys: want live, receipt, scan, static, link, pin, personal, index, claim, webhook, pass, rotating, tag, lease, statement or code", text)
	}
	return Purpose(text), nil
}
