package loyalty

import "time"

// Merchant is the tenant: a brand. Everything else belongs to exactly one.
type Merchant struct {
	ID      MerchantID
	Name    string
	Created time.Time
	Limits  Limits
}

// Location is a shop. Its zone decides when a day begins there, and what its Hours
// mean.
type Location struct {
	ID       LocationID
	Merchant MerchantID
	Name     string
	Zone     *time.Location // IANA time zone
	Place    Place          // zero: not known
	Hours    Hours
}

// Till is a scanning device paired to a shop.
type Till struct {
	ID       TillID
	Merchant MerchantID
	Location LocationID
	Name     string
	Zone     *time.Location // of its location
	Readers  Readers
	Revoked  bool
	Blocked  bool  // for a while: it keeps its pairing
	Pairing  int64 // the number of the pairing that holds: tokens of earlier ones are void
}

// CheckPaired holds that the till, as it is now, takes the token of a pairing:
// whoever authenticated it may have read it a while ago. Errors: till_revoked,
// till_blocked.
func (t *Till) CheckPaired(pairing int64) error {
	if t.Revoked || t.Pairing != pairing {
		return RefuseRevoked()
	}
	if t.Blocked {
		return refuse(TillBlocked, "This till is blocked for now. Whoever runs the shop can unblock it in the office.")
	}
	return nil
}

// RefuseRevoked is what a till is told whose token no longer counts.
func RefuseRevoked() *Refusal {
	return refuse(TillRevoked, "This till is no longer paired. Ask a manager to pair it again.")
}

// Staff is a person behind the counter. Of the PIN only a keyed hash is kept,
// and not here.
type Staff struct {
	ID       StaffID
	Merchant MerchantID
	Name     string
	Role     Role
}

// Role is what a member of staff may approve; a higher role may do all that a
// lower one may.
type Role uint8

// Roles in rising order. NoRole is an action without any PIN.
const (
	NoRole Role = iota
	Cashier
	Manager
	Owner
)

var roleNames = [...]string{NoRole: "none", Cashier: "cashier", Manager: "manager", Owner: "owner"}

func (r Role) String() string { return nameOf(roleNames[:], r) }

// ParseRole reads what Role.String writes.
func ParseRole(text string) (Role, error) { return parseName[Role](roleNames[:], text, "role") }
