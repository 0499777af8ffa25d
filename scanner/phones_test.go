package scanner

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/scanner/smarttap"
	"stempel/scanner/smarttap/smarttaptest"
	"stempel/scanner/vas"
	"stempel/scanner/vas/vastest"
)

const passType = "pass.com.example.loyalty"

// The readers of all houses.
var (
	vasReader = vastest.NewReader()
	tapReader = smarttaptest.NewReader(20180608)
)

func phones(t testing.TB) Phones {
	t.Helper()
	former := vastest.NewReader()
	keys, err := vas.ParseKeys(vastest.PEM(former) + vastest.PEM(vasReader))
	if err != nil {
		t.Fatal(err)
	}
	public, err := smarttap.ParseKeys(tapReader.PEM())
	if err != nil {
		t.Fatal(err)
	}
	return Phones{VAS: keys, PassType: passType, SmartTap: &smarttap.Reader{Collector: tapReader.Collector, Keys: public}}
}

// iPhone holds a pass of the card.
func (h *house) iPhone(t testing.TB) *vastest.Phone {
	t.Helper()
	return &vastest.Phone{Reader: vasReader.PublicKey(), PassType: passType, Message: h.staticText(t, loyalty.WalletNFC)}
}

func byNFC(text string) Reading { return Reading{Till: tillA, Channel: NFC, Text: text, At: now} }

func TestVerifyVAS(t *testing.T) {
	t.Parallel()
	h := setup(t)
	phone := h.iPhone(t)
	raw := phone.Answer(now)
	first := h.verify(t, byNFC(hex.EncodeToString(raw)))
	made := now.Truncate(time.Second)
	if first.Card != card || !first.Captured.Equal(now) || first.Scan.Method != loyalty.VAS || first.Scan.Surface != loyalty.WalletNFC ||
		first.Scan.Generation != 7 || !first.Scan.Expires.Equal(made.Add(VASWindow)) || first.Scan.Nonce == (loyalty.Nonce{}) {
		t.Errorf("%+v", first)
	}
	for _, spelling := range []string{strings.ToUpper(hex.EncodeToString(raw)), base64.StdEncoding.EncodeToString(raw)} {
		again := byNFC(spelling)
		again.Request = loyalty.RequestID{9}
		if got := h.verify(t, again); got != first {
			t.Errorf("another spelling is another scan: %+v, %+v", got, first)
		}
	}
	elsewhere := byNFC(hex.EncodeToString(raw))
	elsewhere.Till = tillB
	if got := h.verify(t, elsewhere); got.Scan.Nonce != first.Scan.Nonce || got.Scan.ID == first.Scan.ID {
		t.Errorf("at another till: %+v", got)
	}
	if next := h.verify(t, byNFC(phone.Tap(now))); next.Scan.Nonce == first.Scan.Nonce {
		t.Errorf("the next tap, within the same second: %+v", next)
	}
	opened, err := h.handles.Open(h.handles.Seal(first, tillA, now), tillA, now)
	opened.Scan.ByHandle = false
	if err != nil || opened != first {
		t.Errorf("by its handle: %+v, %v; want %+v", opened, err, first)
	}
}

// Five minutes, and the leeway that every credential has, and not a second more.
func TestVASWindow(t *testing.T) {
	t.Parallel()
	h := setup(t)
	made := now.Truncate(time.Second)
	text := h.iPhone(t).Tap(made)
	for after, want := range map[time.Duration]loyalty.Code{
		-loyalty.Leeway - time.Microsecond: credential.FromFuture,
		-loyalty.Leeway:                    "ok",
		0:                                  "ok",
		VASWindow + loyalty.Leeway:         "ok",
		VASWindow + loyalty.Leeway + time.Microsecond: credential.Expired,
		-24 * time.Hour:      credential.FromFuture,
		365 * 24 * time.Hour: credential.Expired,
	} {
		r := byNFC(text)
		r.At = made.Add(after)
		if got, err := h.verifier.Verify(t.Context(), r); codeOf(t, err) != want || err != nil && got != (Presentation{}) {
			t.Errorf("%s later: %v, want %s", after, err, want)
		}
	}
}

// One bit changed, anywhere, and it is refused.
func TestVASFlippedBits(t *testing.T) {
	t.Parallel()
	h := setup(t)
	raw := h.iPhone(t).Answer(now)
	for i := range len(raw) * 8 {
		want := credential.Invalid
		if i < 4*8 {
			want = credential.Unknown // another reader's key
		}
		bad := bytes.Clone(raw)
		bad[i/8] ^= 1 << (i % 8)
		if _, err := h.verifier.Verify(t.Context(), byNFC(hex.EncodeToString(bad))); codeOf(t, err) != want {
			t.Fatalf("bit %d: %v, want %s", i, err, want)
		}
	}
}

func TestVASRefuses(t *testing.T) {
	t.Parallel()
	h := setup(t)
	good := h.iPhone(t).Tap(now)
	with := func(change func(*vastest.Phone)) Reading {
		phone := *h.iPhone(t)
		change(&phone)
		return byNFC(phone.Tap(now))
	}
	by := func(channel Channel) Reading {
		r := byNFC(good)
		r.Channel = channel
		return r
	}
	stranger := setup(t)
	tests := []struct {
		name string
		r    Reading
		want loyalty.Code
	}{
		{"by camera", by(Camera), credential.Unknown},
		{"by a wedge", by(Wedge), credential.Unknown},
		{"typed", by(Typed), credential.Unknown},
		{"for another reader", with(func(p *vastest.Phone) { p.Reader = vastest.NewReader().PublicKey() }), credential.Unknown},
		{"another pass type", with(func(p *vastest.Phone) { p.PassType = "pass.com.example.other" }), credential.Invalid},
		{"another shop's words", with(func(p *vastest.Phone) { p.Message = "499g3sYcKCp7WVI9qVogyT" }), credential.Unknown},
		{"a live token", with(func(p *vastest.Phone) { p.Message = h.liveText(t)[:64] }), credential.Unknown},
		{"another deployment's pass", with(func(p *vastest.Phone) { p.Message = stranger.staticText(t, loyalty.WalletNFC) }), credential.Invalid},
		{"a photo of the barcode", with(func(p *vastest.Phone) { p.Message = h.staticText(t, loyalty.Wallet) }), credential.Invalid},
		{"a printed card's text", with(func(p *vastest.Phone) { p.Message = h.staticText(t, loyalty.Print) }), credential.Invalid},
		{"a torn text", with(func(p *vastest.Phone) { p.Message = p.Message[:50] }), credential.Malformed},
		{"torn", byNFC(good[:len(good)-2]), credential.Invalid},
		{"torn within a byte", byNFC(good[:len(good)-1]), credential.Unknown},
		{"a line break", byNFC(good + "\n"), credential.Unknown},
	}
	for _, tt := range tests {
		if got, err := h.verifier.Verify(t.Context(), tt.r); codeOf(t, err) != tt.want || got != (Presentation{}) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
	unset := NewVerifier(h.live, h.rotating, h.static, h.tagKeys, &h.tags, Phones{})
	for _, text := range []string{good, tapReader.Tap(h.staticText(t, loyalty.WalletNFC))} {
		if _, err := unset.Verify(t.Context(), byNFC(text)); codeOf(t, err) != credential.Unknown {
			t.Errorf("without readers: %v", err)
		}
	}
}

// The same value is worth more from a till with a Smart Tap reader, by NFC, and from
// nowhere else.
func TestVerifySmartTapValue(t *testing.T) {
	t.Parallel()
	h := setup(t)
	registered := loyalty.ReadersOf(loyalty.SmartTapReader)
	for _, tt := range []struct {
		channel Channel
		readers loyalty.Readers
		surface loyalty.Surface
		want    loyalty.Method
	}{
		{NFC, registered, loyalty.WalletNFC, loyalty.SmartTap},
		{NFC, 0, loyalty.WalletNFC, loyalty.Static},
		{NFC, registered, loyalty.Wallet, loyalty.Static}, // a photo of a barcode, on a plain tag
		{NFC, registered, loyalty.Print, loyalty.Static},  // a plain tag
		{Camera, registered, loyalty.Wallet, loyalty.Static},
		{Wedge, registered, loyalty.Wallet, loyalty.Static},
		{Typed, registered, loyalty.Wallet, loyalty.Static},
		{"", registered, loyalty.Wallet, loyalty.Static},
	} {
		r := byNFC(h.staticText(t, tt.surface))
		r.Channel, r.Readers, r.Request = tt.channel, tt.readers, loyalty.RequestID{1}
		first := h.verify(t, r)
		if first.Card != card || first.Scan.Method != tt.want || first.Scan.Surface != tt.surface || first.Scan.Generation != 7 || !first.Scan.Expires.IsZero() {
			t.Errorf("%q with %v: %+v", tt.channel, tt.readers, first)
		}
		if again := h.verify(t, r); again != first {
			t.Errorf("a retry is another scan: %+v, %+v", again, first)
		}
		r.Request = loyalty.RequestID{2}
		if next := h.verify(t, r); next.Scan.Nonce == first.Scan.Nonce {
			t.Errorf("another request is the same scan: %+v", next)
		}
	}
}

// A raw session is worth what its value is, and used once.
func TestVerifySmartTapSession(t *testing.T) {
	t.Parallel()
	h := setup(t)
	text := tapReader.Tap(h.staticText(t, loyalty.WalletNFC))
	nonces := map[loyalty.Nonce]bool{}
	for readers, want := range map[loyalty.Readers]loyalty.Method{
		loyalty.ReadersOf(loyalty.SmartTapReader): loyalty.SmartTap,
		0: loyalty.Static,
	} {
		r := byNFC(text)
		r.Readers, r.Request = readers, loyalty.RequestID{1}
		first := h.verify(t, r)
		if first.Card != card || first.Scan.Method != want || first.Scan.Surface != loyalty.WalletNFC || first.Scan.Generation != 7 {
			t.Errorf("%v: %+v", readers, first)
		}
		nonces[first.Scan.Nonce] = true
		r.Request = loyalty.RequestID{2}
		if again := h.verify(t, r); again != first {
			t.Errorf("the same session is another scan: %+v, %+v", again, first)
		}
		r.Text = tapReader.Tap(h.staticText(t, loyalty.WalletNFC))
		if next := h.verify(t, r); next.Scan.Nonce == first.Scan.Nonce {
			t.Errorf("another session is the same scan: %+v", next)
		}
	}
	if len(nonces) != 1 {
		t.Errorf("the same session is %d presentations", len(nonces))
	}
}

func TestSmartTapRefuses(t *testing.T) {
	t.Parallel()
	h := setup(t)
	static := h.staticText(t, loyalty.WalletNFC)
	good := tapReader.Tap(static)
	torn := tapReader.Session(smarttaptest.Pass(static), true).Bytes()
	elsewhere := smarttaptest.NewReader(tapReader.Collector + 1)
	for name, tt := range map[string]struct {
		r    Reading
		want loyalty.Code
	}{
		"by camera":             {Reading{Till: tillA, Text: good, At: now}, credential.Unknown},
		"torn":                  {byNFC(smarttaptest.Text(torn[:len(torn)-1])), credential.Invalid},
		"the prefix":            {byNFC(smarttap.Prefix), credential.Malformed},
		"another collector":     {byNFC(elsewhere.Tap(static)), credential.Invalid},
		"another reader":        {byNFC(smarttaptest.NewReader(tapReader.Collector).Tap(static)), credential.Invalid},
		"another shop's value":  {byNFC(tapReader.Tap("12345678")), credential.Unknown},
		"a photo of a barcode":  {byNFC(tapReader.Tap(h.staticText(t, loyalty.Wallet))), credential.Invalid},
		"a printed card's text": {byNFC(tapReader.Tap(h.staticText(t, loyalty.Print))), credential.Invalid},
		"no pass":               {byNFC(smarttaptest.Text(tapReader.Session(smarttaptest.Message(smarttaptest.Record("cus", nil)), true).Bytes())), credential.Unknown},
	} {
		tt.r.Readers = loyalty.ReadersOf(loyalty.SmartTapReader)
		if got, err := h.verifier.Verify(t.Context(), tt.r); codeOf(t, err) != tt.want || got != (Presentation{}) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

// What passes hold for readers is for readers: shown, gunned or typed it is nothing.
func TestTextForReadersIsShownToNobody(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for _, channel := range []Channel{Camera, Wedge, Typed, ""} {
		r := byNFC(h.staticText(t, loyalty.WalletNFC))
		r.Channel, r.Readers = channel, loyalty.ReadersOf(loyalty.SmartTapReader)
		if got, err := h.verifier.Verify(t.Context(), r); codeOf(t, err) != credential.Invalid || got != (Presentation{}) {
			t.Errorf("by %q: %+v, %v", channel, got, err)
		}
	}
}
