package credential

import (
	"strconv"
	"strings"
	"time"

	"stempel/internal/loyalty"
)

// StatementLife is how long a voucher's statement can be scanned.
const StatementLife = 10 * time.Minute

// MaxStatementLength keeps a statement readable by a till's camera from a phone.
const MaxStatementLength = 320

// Statements makes and reads statements of vouchers: a JWT (RFC 7519) that says that
// a voucher can be used, for a till that cannot ask.
type Statements struct{ jws jws }

// VoucherText is what a statement says.
type VoucherText struct {
	Card    loyalty.CardID
	Voucher loyalty.VoucherID
	Reward  loyalty.RewardID
	Expires time.Time // whole seconds, UTC
}

// NewStatements takes the keys for statements, which must serve nothing else.
func NewStatements(keys SigningKeys) *Statements {
	return &Statements{jws{keys, `","typ":"voucher+jwt"}`}}
}

// Mint states that a voucher can be used now. It is good no longer than the voucher.
func (s *Statements) Mint(v *loyalty.Voucher, now time.Time) (text string, expires time.Time, err error) {
	t := VoucherText{v.Card, v.ID, v.Reward, now.UTC().Add(StatementLife).Truncate(time.Second)}
	if !v.Expires.IsZero() && v.Expires.Before(t.Expires) {
		t.Expires = v.Expires.UTC().Truncate(time.Second)
	}
	text, err = s.jws.sign(t.appendJSON(nil), now)
	return text, t.Expires, err
}

// Parse reads a statement as of the time when it was shown. Errors:
// statement_invalid, statement_expired.
func (s *Statements) Parse(text string, shown time.Time) (VoucherText, error) {
	invalid := refuse(StatementInvalid, "The statement of the voucher was not made by this system.")
	if len(text) > MaxStatementLength {
		return VoucherText{}, invalid
	}
	u, flaw := s.jws.split(text)
	if flaw != sound {
		return VoucherText{}, invalid
	}
	t, ok := readVoucher(u.payload)
	if !ok || !s.jws.verify(u) {
		return VoucherText{}, invalid
	}
	if shown.After(t.Expires.Add(loyalty.Leeway)) {
		return VoucherText{}, refuse(StatementExpired, "The statement of the voucher was too old when the reward was handed out.")
	}
	return t, nil
}

func (t *VoucherText) appendJSON(b []byte) []byte {
	b = append(b, `{"sub":"`...)
	b = encoding.AppendEncode(b, t.Card[:])
	b = append(b, `","vch":"`...)
	b = encoding.AppendEncode(b, t.Voucher[:])
	b = append(b, `","rwd":"`...)
	b = encoding.AppendEncode(b, t.Reward[:])
	b = append(b, `","exp":`...)
	b = strconv.AppendInt(b, t.Expires.Unix(), 10)
	return append(b, '}')
}

// readVoucher reads exactly what appendJSON writes.
func readVoucher(payload string) (VoucherText, bool) {
	rest, start := strings.CutPrefix(payload, `{"sub":"`)
	card, rest, first := strings.Cut(rest, `","vch":"`)
	voucher, rest, second := strings.Cut(rest, `","rwd":"`)
	reward, rest, third := strings.Cut(rest, `","exp":`)
	seconds, end := strings.CutSuffix(rest, "}")
	if !start || !first || !second || !third || !end {
		return VoucherText{}, false
	}
	c, cardOK := plainID[loyalty.CardID](card)
	v, voucherOK := plainID[loyalty.VoucherID](voucher)
	r, rewardOK := plainID[loyalty.RewardID](reward)
	expires, ok := plainNumber(seconds, 40)
	return VoucherText{c, v, r, time.Unix(int64(expires), 0).UTC()}, cardOK && voucherOK && rewardOK && ok
}
