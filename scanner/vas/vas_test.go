package vas_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/scanner/vas"
	"stempel/scanner/vas/vastest"
)

// known is the published answer, see testdata.
type known struct {
	PassType   string    `json:"pass_type_id"`
	Key        string    `json:"private_key_sec1_der_hex"`
	KeyID      string    `json:"key_id"`
	Cryptogram string    `json:"cryptogram"`
	Time       time.Time `json:"time_utc"`
	Message    string    `json:"message"`
}

func demo(t testing.TB) (known, vas.Keys) {
	t.Helper()
	var k known
	text, err := os.ReadFile("testdata/apple-demo.json")
	if err == nil {
		err = json.Unmarshal(text, &k)
	}
	if err != nil {
		t.Fatal(err)
	}
	return k, parseKeys(t, sec1(t, &k))
}

func sec1(t testing.TB, k *known) string {
	t.Helper()
	return string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: unhex(t, k.Key)}))
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parseKeys(t testing.TB, text string) vas.Keys {
	t.Helper()
	keys, err := vas.ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func open(t testing.TB, keys vas.Keys, text, passType string) (vas.Pass, error) {
	t.Helper()
	c, ok := vas.Parse(text)
	if !ok {
		t.Fatalf("%q is none", text)
	}
	return keys.Open(&c, passType)
}

func TestKnownAnswer(t *testing.T) {
	t.Parallel()
	k, keys := demo(t)
	want := vas.Pass{Time: k.Time, Message: k.Message}
	raw := unhex(t, k.Cryptogram)
	for _, text := range []string{k.Cryptogram, strings.ToUpper(k.Cryptogram), base64.StdEncoding.EncodeToString(raw)} {
		got, err := open(t, keys, text, k.PassType)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
		c, _ := vas.Parse(text)
		if c.Reader.String() != k.KeyID || !bytes.Equal(c.Bytes(), raw) {
			t.Errorf("%q: of %s, %x", text, c.Reader, c.Bytes())
		}
	}
}

// One bit changed, anywhere, and it is refused: in the key's id as that of another
// reader, elsewhere as changed.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	k, keys := demo(t)
	raw := unhex(t, k.Cryptogram)
	for i := range len(raw) * 8 {
		want := vas.ErrChanged
		if i < 4*8 {
			want = vas.ErrNoKey
		}
		bad := bytes.Clone(raw)
		bad[i/8] ^= 1 << (i % 8)
		if got, err := open(t, keys, hex.EncodeToString(bad), k.PassType); !errors.Is(err, want) || got != (vas.Pass{}) {
			t.Fatalf("bit %d: %+v, %v", i, got, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	k, keys := demo(t)
	if _, err := open(t, keys, k.Cryptogram, "pass.com.example.other"); !errors.Is(err, vas.ErrChanged) {
		t.Errorf("of another pass type: %v", err)
	}
	if _, err := open(t, parseKeys(t, vastest.PEM(vastest.NewReader())), k.Cryptogram, k.PassType); !errors.Is(err, vas.ErrNoKey) {
		t.Errorf("of another reader: %v", err)
	}
	if _, err := open(t, nil, k.Cryptogram, k.PassType); !errors.Is(err, vas.ErrNoKey) {
		t.Errorf("without keys: %v", err)
	}
	raw := unhex(t, k.Cryptogram)
	for what, change := range map[string]func([]byte) []byte{
		"cut":      func(b []byte) []byte { return b[:len(b)-1] },
		"extended": func(b []byte) []byte { return append(b, 0) },
		"without a point on the curve": func(b []byte) []byte {
			copy(b[4:], bytes.Repeat([]byte{0}, 31))
			b[4+31] = 1 // x = 1 is none of P-256
			return b
		},
		"X above the field": func(b []byte) []byte {
			copy(b[4:], bytes.Repeat([]byte{0xff}, 32))
			return b
		},
	} {
		bad := hex.EncodeToString(change(bytes.Clone(raw)))
		if _, err := open(t, keys, bad, k.PassType); !errors.Is(err, vas.ErrChanged) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	k, _ := demo(t)
	raw := unhex(t, k.Cryptogram)
	padded := base64.StdEncoding.EncodeToString(raw[:len(raw)-1]) // ends with =
	if !strings.HasSuffix(padded, "=") {
		t.Fatal("not padded")
	}
	shortest, longest := make([]byte, 57), make([]byte, 56+vas.MaxMessage)
	for what, text := range map[string]string{
		"nothing":              "",
		"odd hex":              k.Cryptogram[1:],
		"hex behind 0x":        "0x" + k.Cryptogram,
		"spaced hex":           k.Cryptogram[:8] + " " + k.Cryptogram[8:],
		"a line break in hex":  k.Cryptogram + "\n",
		"a line break":         padded + "\n",
		"a line break within":  padded[:20] + "\r\n" + padded[20:],
		"no padding":           strings.TrimRight(padded, "="),
		"the URL's alphabet":   base64.URLEncoding.EncodeToString(append(bytes.Repeat([]byte{0xff}, 60), raw...)),
		"a byte too few":       hex.EncodeToString(shortest[1:]),
		"a byte too many":      hex.EncodeToString(append(longest, 0)),
		"bits to spare":        padded[:len(padded)-2] + string(padded[len(padded)-2]+1) + "=",
		"a chip's number":      "04A1B2C3D4E5F6",
		"no text at all":       "\xff\xfe\x00",
		"a static text":        "STS." + strings.Repeat("A", 56),
		"the pass's own words": k.Message,
	} {
		if c, ok := vas.Parse(text); ok {
			t.Errorf("%s: %q is %+v", what, text, c)
		}
	}
	for _, b := range [][]byte{shortest, longest} {
		if _, ok := vas.Parse(hex.EncodeToString(b)); !ok {
			t.Errorf("%d bytes are none", len(b))
		}
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	first, second := vastest.NewReader(), vastest.NewReader()
	keys := parseKeys(t, vastest.PEM(first)+vastest.PEM(second))
	rapid.Check(t, func(t *rapid.T) {
		reader := rapid.SampledFrom([]int{0, 1}).Draw(t, "reader")
		phone := vastest.Phone{
			Reader:   first.PublicKey(),
			PassType: rapid.String().Draw(t, "pass type"),
			Message:  string(rapid.SliceOfN(rapid.Byte(), 1, vas.MaxMessage).Draw(t, "message")),
		}
		if reader == 1 {
			phone.Reader = second.PublicKey()
		}
		at := time.Unix(978307200+rapid.Int64Range(0, 1<<32-1).Draw(t, "seconds"), 0).UTC()
		c, ok := vas.Parse(phone.Tap(at))
		if !ok {
			t.Fatal("is none")
		}
		if got, err := keys.Open(&c, phone.PassType); err != nil || got != (vas.Pass{Time: at, Message: phone.Message}) {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	k, _ := demo(t)
	one, other := vastest.NewReader(), vastest.PEM(vastest.NewReader())
	public := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte{1}}))
	parameters := "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
	keys := parseKeys(t, "\n"+vastest.PEM(one)+parameters+sec1(t, &k)+"\n"+other+"\n\n")
	if len(keys) != 3 || !keys.Opens(vastest.SPKI(one)) || keys.Opens(vastest.SPKI(vastest.NewReader())) || keys.Opens(nil) {
		t.Errorf("%d keys", len(keys))
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	damaged := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: unhex(t, k.Key)[:50]})
	for what, text := range map[string]string{
		"nothing":       " \n",
		"no PEM":        "hello",
		"words behind":  other + "hello",
		"a public key":  other + public,
		"no key":        parameters,
		"a damaged key": string(damaged),
		"one twice":     other + other,
		"Ed25519":       pkcs8(t, ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))),
		"P-384":         pkcs8(t, p384),
	} {
		if keys, err := vas.ParseKeys(text); err == nil || keys != nil {
			t.Errorf("%s: %v, %v", what, keys, err)
		}
	}
}

func pkcs8(t testing.TB, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// What was not made with the reader's key is never opened, and one cryptogram has one
// decoded form.
func FuzzCryptogram(f *testing.F) {
	k, keys := demo(f)
	raw := unhex(f, k.Cryptogram)
	f.Add(k.Cryptogram)
	f.Add(base64.StdEncoding.EncodeToString(raw))
	f.Add(strings.Repeat("0", 120))
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := vas.Parse(text)
		if !ok {
			return
		}
		if again, ok := vas.Parse(hex.EncodeToString(c.Bytes())); !ok || !bytes.Equal(again.Bytes(), c.Bytes()) {
			t.Fatalf("%q is another one in hex", text)
		}
		if _, err := keys.Open(&c, k.PassType); (err == nil) != bytes.Equal(c.Bytes(), raw) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
