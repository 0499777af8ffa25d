package loyalty

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// ID is a UUID that knows what it names, so that a till's id cannot be passed
// where a card's is wanted. As text it is a TypeID: a prefix, an underscore and
// 26 lower-case Crockford base32 characters (card_01h455vb4pex5vsknk084sn02q).
// The zero ID means "none".
type ID[N noun] [16]byte

// A noun is a thing that has ids; its prefix stands in front of them.
type noun interface{ prefix() string }

type (
	merchantNoun  struct{}
	locationNoun  struct{}
	tillNoun      struct{}
	staffNoun     struct{}
	programNoun   struct{}
	rewardNoun    struct{}
	memberNoun    struct{}
	cardNoun      struct{}
	entryNoun     struct{}
	voucherNoun   struct{}
	keyNoun       struct{}
	scanNoun      struct{}
	changeNoun    struct{}
	consentNoun   struct{}
	claimNoun     struct{}
	deviceNoun    struct{}
	webhookNoun   struct{}
	passNoun      struct{}
	tagNoun       struct{}
	lookupNoun    struct{}
	approvalNoun  struct{}
	gapNoun       struct{}
	queueNoun     struct{}
	leaseNoun     struct{}
	contestedNoun struct{}
	giftCodeNoun  struct{}
	importNoun    struct{}
	agreementNoun struct{}
)

func (merchantNoun) prefix() string  { return "merchant" }
func (locationNoun) prefix() string  { return "location" }
func (tillNoun) prefix() string      { return "till" }
func (staffNoun) prefix() string     { return "staff" }
func (programNoun) prefix() string   { return "program" }
func (rewardNoun) prefix() string    { return "reward" }
func (memberNoun) prefix() string    { return "member" }
func (cardNoun) prefix() string      { return "card" }
func (entryNoun) prefix() string     { return "entry" }
func (voucherNoun) prefix() string   { return "voucher" }
func (keyNoun) prefix() string       { return "key" }
func (scanNoun) prefix() string      { return "scan" }
func (changeNoun) prefix() string    { return "change" }
func (consentNoun) prefix() string   { return "consent" }
func (claimNoun) prefix() string     { return "claim" }
func (deviceNoun) prefix() string    { return "device" }
func (webhookNoun) prefix() string   { return "webhook" }
func (passNoun) prefix() string      { return "pass" }
func (tagNoun) prefix() string       { return "tag" }
func (lookupNoun) prefix() string    { return "lookup" }
func (approvalNoun) prefix() string  { return "approval" }
func (gapNoun) prefix() string       { return "gap" }
func (queueNoun) prefix() string     { return "queue" }
func (leaseNoun) prefix() string     { return "lease" }
func (contestedNoun) prefix() string { return "contested" }
func (giftCodeNoun) prefix() string  { return "code" }
func (importNoun) prefix() string    { return "import" }
func (agreementNoun) prefix() string { return "agreement" }

// The ids of the house.
type (
	MerchantID  = ID[merchantNoun]
	LocationID  = ID[locationNoun]
	TillID      = ID[tillNoun]
	StaffID     = ID[staffNoun]
	ProgramID   = ID[programNoun]
	RewardID    = ID[rewardNoun]
	MemberID    = ID[memberNoun]
	CardID      = ID[cardNoun]
	EntryID     = ID[entryNoun]
	VoucherID   = ID[voucherNoun]
	APIKeyID    = ID[keyNoun]
	ChangeID    = ID[changeNoun]
	ConsentID   = ID[consentNoun]
	ClaimID     = ID[claimNoun]
	DeviceID    = ID[deviceNoun]
	WebhookID   = ID[webhookNoun]
	PassID      = ID[passNoun]
	TagID       = ID[tagNoun]
	LookupID    = ID[lookupNoun]
	ApprovalID  = ID[approvalNoun]
	GapID       = ID[gapNoun]
	ScanID      = ID[scanNoun] // not a UUID: MAC(nonce, till), cut to 16 bytes
	QueueID     = ID[queueNoun]
	LeaseID     = ID[leaseNoun]
	ContestedID = ID[contestedNoun]
	GiftCodeID  = ID[giftCodeNoun]
	ImportID    = ID[importNoun]
	AgreementID = ID[agreementNoun]
)

// NewID returns a fresh UUIDv7 (RFC 9562 §5.7): ids made later sort later.
func NewID() [16]byte { return uuid.Must(uuid.NewV7()) }

// ErrNotAnID is what ParseID and UnmarshalText answer to any text that is not
// exactly the one spelling of an id of the wanted kind.
var ErrNotAnID = errors.New("not an id of this kind")

const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// crockfordValue maps a character to its five bits, or 0xff.
var crockfordValue = func() (values [256]byte) {
	for i := range values {
		values[i] = 0xff
	}
	for value, character := range []byte(crockford) {
		values[character] = byte(value)
	}
	return values
}()

const idLength = 26 // 130 bits of base32 for 128 bits of id; the first two are zero

// IsZero reports whether the id names nothing.
func (id ID[N]) IsZero() bool { return id == ID[N]{} }

// Compare orders ids by their bytes, which for UUIDv7 is by age.
func (id ID[N]) Compare(other ID[N]) int { return bytes.Compare(id[:], other[:]) }

// String is the id's one text form.
func (id ID[N]) String() string { return string(id.appendText(nil)) }

// MarshalText gives the id's text form; the zero id becomes the empty text.
func (id ID[N]) MarshalText() ([]byte, error) {
	if id.IsZero() {
		return nil, nil
	}
	return id.appendText(make([]byte, 0, 40)), nil
}

func (id ID[N]) appendText(text []byte) []byte {
	var kind N
	text = append(text, kind.prefix()...)
	text = append(text, '_')
	// 128 bits from the right, five at a time: the first character carries three.
	var digits [idLength]byte
	var window uint32
	bits, next := 0, idLength-1
	for i := len(id) - 1; i >= 0; i-- {
		window |= uint32(id[i]) << bits
		for bits += 8; bits >= 5; bits -= 5 {
			digits[next] = crockford[window&31]
			next--
			window >>= 5
		}
	}
	digits[next] = crockford[window&31]
	return append(text, digits[:]...)
}

// UnmarshalText reads exactly what MarshalText writes, and nothing else: no
// upper case, no other kind's prefix. The empty text is the zero id.
func (id *ID[N]) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*id = ID[N]{}
		return nil
	}
	parsed, err := ParseID[ID[N]](string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// ParseID reads an id of one kind, as in ParseID[CardID](text). Errors wrap
// ErrNotAnID.
func ParseID[I interface{ ID[N] }, N noun](text string) (ID[N], error) {
	var kind N
	var id ID[N]
	digits, ok := strings.CutPrefix(text, kind.prefix()+"_")
	if !ok || len(digits) != idLength || digits[0] > '7' {
		return id, fmt.Errorf("%w: want %s_ and %d characters", ErrNotAnID, kind.prefix(), idLength)
	}
	var window uint32
	bits, next := 0, len(id)-1
	for i := idLength - 1; i >= 0; i-- {
		value := crockfordValue[digits[i]]
		if value == 0xff {
			return ID[N]{}, fmt.Errorf("%w: %q is not a base32 character", ErrNotAnID, digits[i])
		}
		window |= uint32(value) << bits
		if bits += 5; bits >= 8 {
			id[next] = byte(window)
			next--
			window >>= 8
			bits -= 8
		}
	}
	if id.IsZero() {
		return id, fmt.Errorf("%w: the zero id names nothing", ErrNotAnID)
	}
	return id, nil
}
