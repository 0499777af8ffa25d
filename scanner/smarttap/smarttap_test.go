package smarttap_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"stempel/scanner/smarttap"
	"stempel/scanner/smarttap/smarttaptest"
)

const collector = 20180608

// shop is a reader, and what the server knows of it.
func shop(t testing.TB) (*smarttaptest.Reader, *smarttap.Reader) {
	t.Helper()
	reader := smarttaptest.NewReader(collector)
	return reader, known(t, reader)
}

func known(t testing.TB, readers ...*smarttaptest.Reader) *smarttap.Reader {
	t.Helper()
	text := ""
	for _, reader := range readers {
		text += reader.PEM()
	}
	keys, err := smarttap.ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	return &smarttap.Reader{Collector: collector, Keys: keys}
}

func open(t testing.TB, r *smarttap.Reader, text string) (string, error) {
	t.Helper()
	s, ok := smarttap.Parse(text)
	if !ok {
		t.Fatalf("%q is none", text)
	}
	return r.Open(s)
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	former, reader := smarttaptest.NewReader(collector), smarttaptest.NewReader(collector)
	server := known(t, former, reader)
	rapid.Check(t, func(t *rapid.T) {
		by := rapid.SampledFrom([]*smarttaptest.Reader{former, reader}).Draw(t, "reader")
		want := string(rapid.SliceOfN(rapid.Byte(), 0, 64).Draw(t, "value"))
		parts := by.Session(smarttaptest.Pass(want), rapid.Bool().Draw(t, "packed"))
		s, ok := smarttap.Parse(smarttaptest.Text(parts.Bytes()))
		if !ok {
			t.Fatal("is none")
		}
		if got, err := server.Open(s); err != nil || got != want || !bytes.Equal(s.Bytes(), parts.Bytes()) {
			t.Fatalf("%q, %v; want %q", got, err, want)
		}
	})
}

// One bit changed, anywhere, and it is no session, or refused.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	reader, server := shop(t)
	for _, packed := range []bool{false, true} {
		raw := reader.Session(smarttaptest.Pass("STS.EXAMPLE"), packed).Bytes()
		for i := range len(raw) * 8 {
			bad := bytes.Clone(raw)
			bad[i/8] ^= 1 << (i % 8)
			s, ok := smarttap.Parse(smarttaptest.Text(bad))
			if !ok {
				continue
			}
			if got, err := server.Open(s); err == nil {
				t.Fatalf("packed %t, bit %d: %q", packed, i, got)
			}
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	reader, server := shop(t)
	good := reader.Session(smarttaptest.Pass("value"), false)
	with := func(change func(*smarttaptest.Parts)) string {
		p := *good
		change(&p)
		return smarttaptest.Text(p.Bytes())
	}
	elsewhere := smarttaptest.NewReader(collector + 1)
	elsewhere.Key = reader.Key
	other := reader.Session(smarttaptest.Pass("value"), false)
	bomb := make([]byte, 100_000)
	if packed := len(smarttaptest.Pack(bomb)); packed > 400 {
		t.Fatalf("the bomb has %d bytes", packed)
	}
	for what, tt := range map[string]struct {
		text string
		want error
	}{
		"another collector":        {elsewhere.Tap("value"), smarttap.ErrCollector},
		"another reader":           {smarttaptest.NewReader(collector).Tap("value"), smarttap.ErrChanged},
		"another session's record": {with(func(p *smarttaptest.Parts) { p.Record = other.Record }), smarttap.ErrChanged},
		"another terminal nonce":   {with(func(p *smarttaptest.Parts) { p.TerminalNonce = other.TerminalNonce }), smarttap.ErrChanged},
		"another phone":            {with(func(p *smarttaptest.Parts) { p.MobileKey = other.MobileKey }), smarttap.ErrChanged},
		"no key of a terminal":     {with(func(p *smarttaptest.Parts) { p.TerminalKey = make([]byte, 32) }), smarttap.ErrChanged},
		"no point of a phone": {with(func(p *smarttaptest.Parts) {
			p.MobileKey = append([]byte{2}, make([]byte, 31)...)
			p.MobileKey = append(p.MobileKey, 1)
		}), smarttap.ErrChanged},
		"its signature's twin":      {with(func(p *smarttaptest.Parts) { p.Signature = mirror(t, p.Signature) }), smarttap.ErrChanged},
		"not encrypted":             {with(func(p *smarttaptest.Parts) { p.Record = slices.Concat([]byte{0}, p.Record[1:]) }), smarttap.ErrChanged},
		"packed, by the flag alone": {with(func(p *smarttaptest.Parts) { p.Record = slices.Concat([]byte{3}, p.Record[1:]) }), smarttap.ErrChanged},
		"a bomb":                    {smarttaptest.Text(reader.Session(bomb, true).Bytes()), smarttap.ErrChanged},
		"no message":                {smarttaptest.Text(reader.Session([]byte("hello"), false).Bytes()), smarttap.ErrNoValue},
	} {
		if got, err := open(t, server, tt.text); !errors.Is(err, tt.want) || got != "" {
			t.Errorf("%s: %q, %v; want %v", what, got, err, tt.want)
		}
	}
}

// mirror is the other signature that a key's owner could have made: (r, n-s).
func mirror(t testing.TB, signature []byte) []byte {
	t.Helper()
	var pair struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(signature, &pair); err != nil {
		t.Fatal(err)
	}
	pair.S.Sub(elliptic.P256().Params().N, pair.S)
	twin, err := asn1.Marshal(pair)
	if err != nil {
		t.Fatal(err)
	}
	return twin
}

// Which messages have one value, and which none that may be chosen.
func TestValue(t *testing.T) {
	t.Parallel()
	reader, server := shop(t)
	message, record := smarttaptest.Message, smarttaptest.Record
	n := func(format byte, value string) []byte { return record("n", append([]byte{format}, value...)) }
	pass := func(n ...[]byte) []byte { return record("asv", message(record("ly", message(n...)))) }
	const none = "\x00none"
	good := message(pass(n(0, "A")))
	for what, tt := range map[string]struct {
		message []byte
		want    string
	}{
		"unspecified":                {good, "A"},
		"ASCII":                      {message(pass(n(1, "A"))), "A"},
		"UTF-8":                      {message(pass(n(2, "A"))), "A"},
		"binary":                     {message(pass(n(4, "A"))), "A"},
		"NDEF's text":                {message(pass(smarttaptest.TextRecord("n", "A"))), "A"},
		"a customer beside":          {message(record("cus", []byte{1}), pass(n(0, "A"))), "A"},
		"a long record":              {message(record("cus", make([]byte, 300)), pass(n(0, "A"))), "A"},
		"another service beside":     {message(record("asv", message(record("of", []byte{1}))), pass(n(0, "A"))), "A"},
		"UTF-16":                     {message(pass(n(3, "A"))), none},
		"digits":                     {message(pass(n(5, "A"))), none},
		"an unknown format":          {message(pass(n(9, "A"))), none},
		"an empty record":            {message(pass(record("n", nil))), none},
		"two values":                 {message(pass(n(0, "A"), n(0, "B"))), none},
		"two passes":                 {message(pass(n(0, "A")), pass(n(0, "A"))), none},
		"an offer":                   {message(record("asv", message(record("of", message(n(0, "A")))))), none},
		"no service":                 {message(n(0, "A")), none},
		"a text by another name":     {message(pass(smarttaptest.TextRecord("p", "A"))), none},
		"torn":                       {good[:len(good)-1], none},
		"more behind":                {append(bytes.Clone(good), 0), none},
		"not ended":                  {append([]byte{good[0] &^ 0x40}, good[1:]...), none},
		"not begun":                  {append([]byte{good[0] &^ 0x80}, good[1:]...), none},
		"begun twice":                {slices.Concat([]byte{good[0] &^ 0x40}, good[1:], good), none},
		"a chunk":                    {append([]byte{good[0] | 0x20}, good[1:]...), none},
		"of another kind":            {append([]byte{good[0]&^7 | 2}, good[1:]...), none},
		"a length of four gigabytes": {[]byte{0xc4, 1, 0xff, 0xff, 0xff, 0xff, 'n', 0}, none},
		"a text without language":    {message(pass([]byte{0x19, 1, 1, 1, 'T', 'n', 63})), none},
	} {
		got, err := open(t, server, smarttaptest.Text(reader.Session(tt.message, true).Bytes()))
		if errors.Is(err, smarttap.ErrNoValue) {
			got = none
		}
		if got != tt.want {
			t.Errorf("%s: %q, %v; want %q", what, got, err, tt.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	reader, _ := shop(t)
	raw := reader.Session(smarttaptest.Pass("A"), false).Bytes()
	good := smarttaptest.Text(raw)
	signature := 32 + 32 + 4 + 32 + 33
	long := bytes.Clone(raw)
	long[signature] = 73
	short := bytes.Clone(raw)
	short[signature] = 7
	for what, text := range map[string]string{
		"nothing":             "",
		"the prefix alone":    "gst1.",
		"another prefix":      "GST1." + good[5:],
		"no prefix":           good[5:],
		"padding":             good + "=",
		"a line break":        good + "\n",
		"a line break within": good[:20] + "\n" + good[20:],
		"standard Base64":     good[:20] + "+/+/" + good[24:],
		"the fields alone":    smarttaptest.Text(raw[:signature+1]),
		"no record":           smarttaptest.Text(raw[:signature+1+int(raw[signature])]),
		"a long signature":    smarttaptest.Text(long),
		"a short signature":   smarttaptest.Text(short),
		"a long record":       smarttaptest.Text(append(bytes.Clone(raw), make([]byte, 512)...)),
	} {
		if s, ok := smarttap.Parse(text); ok {
			t.Errorf("%s: %+v", what, s)
		}
	}
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	reader := smarttaptest.NewReader(1)
	if keys, err := smarttap.ParseKeys("\n" + reader.PEM() + smarttaptest.NewReader(1).PEM()); err != nil || len(keys) != 2 || !keys[0].Equal(&reader.Key.PublicKey) {
		t.Errorf("%v, %v", keys, err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(reader.Key)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := x509.MarshalPKIXPublicKey(&p384.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	for what, text := range map[string]string{
		"nothing":       "\n",
		"no PEM":        "hello",
		"words behind":  reader.PEM() + "hello",
		"a private key": block("PRIVATE KEY", private),
		"a certificate": block("CERTIFICATE", private),
		"a damaged key": block("PUBLIC KEY", other[:20]),
		"P-384":         block("PUBLIC KEY", other),
	} {
		if keys, err := smarttap.ParseKeys(text); err == nil || keys != nil || strings.Contains(err.Error(), "MIG") {
			t.Errorf("%s: %v, %v", what, keys, err)
		}
	}
}

// What no reader has signed is never opened.
func FuzzSession(f *testing.F) {
	reader, server := shop(f)
	good := reader.Session(smarttaptest.Pass("A"), false).Bytes()
	packed := reader.Session(smarttaptest.Pass("A"), true).Bytes()
	f.Add(good)
	f.Add(packed)
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, ok := smarttap.Parse(smarttaptest.Text(raw))
		if !ok {
			return
		}
		if value, err := server.Open(s); err == nil && !bytes.Equal(raw, good) && !bytes.Equal(raw, packed) {
			t.Fatalf("%x has the value %q", raw, value)
		}
	})
}
