package loyalty

import "time"

// MemberBook is all that is kept of a member, still sealed.
type MemberBook struct {
	Member
	Into     MemberID  // whom it was merged into; then there is nothing else
	Consents []Consent // the oldest first
}

// CardBook is all that is kept of a card but its entries.
type CardBook struct {
	Card
	Member   MemberID // zero: it is nobody's
	Attached time.Time
	Vouchers []Voucher // the oldest first
	Lots     []Lot     // likewise
	Changes  []CardChange
	Devices  []Device
	Tags     []Tag
	Passes   []Pass
}

// BrandBook is all that is kept of how a merchant's cards look.
type BrandBook struct {
	Brand
	Images []Image
}
