package ntag

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func key(t testing.TB, text string) *Key {
	t.Helper()
	k := Key(unhex(t, text))
	return &k
}

// RFC 4493 §4.
func TestCMAC(t *testing.T) {
	t.Parallel()
	k := key(t, "2b7e151628aed2a6abf7158809cf4f3c")
	message := unhex(t, "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"+
		"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")
	for length, want := range map[int]string{
		0:  "bb1d6929e95937287fa37d129b756746",
		16: "070a16b46b4d4144f79bdd9dd04a287c",
		40: "dfa66747de9ae63030ca32611497c827",
		64: "51f0bebf7e3b9d92fc49741779363cfe",
	} {
		if got := cmac(k, message[:length]); hex.EncodeToString(got[:]) != want {
			t.Errorf("%d bytes: %x, want %s", length, got, want)
		}
	}
}

// known are the published answers, see testdata.
type known struct {
	Session struct {
		FileKey string `json:"file_key"`
		UID     string `json:"uid"`
		Counter uint32 `json:"counter"`
		MACKey  string `json:"mac_key"`
	} `json:"session"`
	Cases []knownCase `json:"cases"`
}

type knownCase struct {
	Name    string `json:"name"`
	MetaKey string `json:"meta_key"`
	FileKey string `json:"file_key"`
	UID     string `json:"uid"`
	Counter uint32 `json:"counter"`
	PICC    string `json:"picc_data"`
	Enc     string `json:"enc"`
	CMAC    string `json:"cmac"`
	EncKey  string `json:"enc_key"`
	MACKey  string `json:"mac_key"`
	File    string `json:"file"`
}

func (c *knownCase) url() string { return c.urlWith("picc_data=" + c.PICC) }

// plainURL is the same tap of a chip that mirrors in plain: the MAC is the same,
// as neither mirror is under it.
func (c *knownCase) plainURL() string {
	return c.urlWith(fmt.Sprintf("uid=%s&ctr=%06X", c.UID, c.Counter))
}

func (c *knownCase) urlWith(mirror string) string {
	url := "https://cards.example/t?" + mirror
	if c.Enc != "" {
		url += "&enc=" + c.Enc
	}
	return url + "&cmac=" + c.CMAC
}

func readKnown(t testing.TB) (k known) {
	t.Helper()
	text, err := os.ReadFile("testdata/an12196.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &k); err != nil {
		t.Fatal(err)
	}
	if len(k.Cases) < 3 {
		t.Fatal("known answers are missing")
	}
	return k
}

func (c *knownCase) tap(t testing.TB) Tap { return tapOf(t, c.UID, c.Counter) }

func tapOf(t testing.TB, uid string, counter uint32) Tap {
	return Tap{UID: [7]byte(unhex(t, uid)), Counter: counter}
}

func TestKnownSessionKeys(t *testing.T) {
	t.Parallel()
	k := readKnown(t)
	hold := func(name, file string, purpose [6]byte, tap Tap, want string) {
		t.Helper()
		if got := sessionKey(key(t, file), purpose, tap); want != "" && !strings.EqualFold(hex.EncodeToString(got[:]), want) {
			t.Errorf("%s: %X, want %s", name, got, want)
		}
	}
	hold("session", k.Session.FileKey, macVector, tapOf(t, k.Session.UID, k.Session.Counter), k.Session.MACKey)
	for _, c := range k.Cases {
		hold(c.Name, c.FileKey, fileVector, c.tap(t), c.EncKey)
		hold(c.Name, c.FileKey, macVector, c.tap(t), c.MACKey)
	}
}

func TestKnownAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range readKnown(t).Cases {
		urls := []string{c.plainURL()}
		if c.PICC != "" {
			urls = append(urls, c.url())
		}
		for _, url := range urls {
			m, err := Parse(url)
			if err != nil {
				t.Errorf("%s: %v", url, err)
				continue
			}
			tap, ok := m.Open(key(t, c.MetaKey))
			if !ok || tap != c.tap(t) {
				t.Errorf("%s: %+v, %v", url, tap, ok)
			}
			if !m.Genuine(tap, key(t, c.FileKey)) {
				t.Errorf("%s: refused", url)
			}
			if got := hex.EncodeToString(m.File(tap, key(t, c.FileKey))); got != c.File {
				t.Errorf("%s: file %s, want %s", url, got, c.File)
			}
		}
	}
}

// genuine is all that this package says of a URL.
func genuine(t testing.TB, url string, meta, file *Key) (tap Tap, ok bool) {
	m, err := Parse(url)
	if err != nil {
		return Tap{}, false
	}
	tap, ok = m.Open(meta)
	return tap, ok && m.Genuine(tap, file)
}

// Every bit behind the question mark counts, and every bit of both keys.
func TestOneBit(t *testing.T) {
	t.Parallel()
	for _, c := range readKnown(t).Cases {
		if c.PICC == "" {
			continue
		}
		for _, url := range []string{c.url(), c.plainURL()} {
			meta, file := *key(t, c.MetaKey), *key(t, c.FileKey)
			if _, ok := genuine(t, url, &meta, &file); !ok {
				t.Fatalf("%s: refused", url)
			}
			for bit := 8 * (strings.Index(url, "?") + 1); bit < 8*len(url); bit++ {
				changed := []byte(url)
				changed[bit/8] ^= 1 << (bit % 8)
				if _, ok := genuine(t, string(changed), &meta, &file); ok {
					t.Errorf("accepted: %q", changed)
				}
			}
			for bit := range 8 * len(file) {
				other := file
				other[bit/8] ^= 1 << (bit % 8)
				if _, ok := genuine(t, url, &meta, &other); ok {
					t.Errorf("%s: bit %d of the file key does not count", url, bit)
				}
				if _, ok := genuine(t, url, &other, &file); ok && strings.Contains(url, "picc_data") {
					t.Errorf("%s: bit %d of the meta key does not count", url, bit)
				}
			}
		}
	}
}

func TestCounterIsSwappedInPlain(t *testing.T) {
	t.Parallel()
	m, err := Parse("https://cards.example/t?uid=04DE5F1EACC040&ctr=01003D&cmac=94EED9EE65337086")
	tap, ok := m.Open(nil)
	if err != nil || !ok || tap.Counter != 0x01003d {
		t.Errorf("%+v, %v, %v", tap, ok, err)
	}
	if got := fmt.Sprintf("%x", tap.appendCounter(nil)); got != "3d0001" {
		t.Errorf("calculated with %s", got)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const picc, mac, enc = "EF963FF7828658A599F3041510671E88", "94EED9EE65337086", "CEE9A53E3E463EF1F459635736738962"
	const host = "https://cards.example/t"
	const good = host + "?picc_data=" + picc + "&enc=" + enc + "&cmac=" + mac
	for _, url := range []string{good, strings.Replace(good, "?", "?k=n01&", 1), strings.Replace(good, enc, strings.Repeat(enc, 8), 1)} {
		if _, err := Parse(url); err != nil {
			t.Errorf("refused: %s", url)
		}
	}
	for name, url := range map[string]string{
		"no MAC":                host + "?picc_data=" + picc,
		"lower case":            host + "?picc_data=" + strings.ToLower(picc) + "&cmac=" + mac,
		"a digit less":          host + "?picc_data=" + picc[1:] + "&cmac=" + mac,
		"a digit more":          good + "0",
		"no hex":                host + "?picc_data=" + picc[:31] + "G&cmac=" + mac,
		"escaped":               host + "?picc_data=%45" + picc[1:] + "&cmac=" + mac,
		"both mirrors":          host + "?picc_data=" + picc + "&uid=04DE5F1EACC040&ctr=00003D&cmac=" + mac,
		"UID without counter":   host + "?uid=04DE5F1EACC040&cmac=" + mac,
		"twice":                 host + "?picc_data=" + picc + "&picc_data=" + picc + "&cmac=" + mac,
		"two MACs":              good + "&cmac=" + mac,
		"something behind":      good + "&x=1",
		"an ampersand behind":   good + "&",
		"a fragment":            good + "#x",
		"a line break":          good + "\n",
		"no file data":          strings.Replace(good, enc, "", 1),
		"half a block":          strings.Replace(good, enc, enc[:16], 1),
		"a nibble of file data": strings.Replace(good, enc, enc+"0", 1),
		"too much file data":    strings.Replace(good, enc, strings.Repeat(enc, 9), 1),
		"an empty key id":       strings.Replace(good, "?", "?k=&", 1),
		"a long key id":         strings.Replace(good, "?", "?k=n0001&", 1),
		"a key id in capitals":  strings.Replace(good, "?", "?k=N01&", 1),
	} {
		if m, err := Parse(url); err != ErrMalformed || m != (Message{}) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

func TestParseForeign(t *testing.T) {
	t.Parallel()
	const picc, mac = "EF963FF7828658A599F3041510671E88", "94EED9EE65337086"
	const host = "https://cards.example/t"
	for name, url := range map[string]string{
		"nothing":             "",
		"no query":            host,
		"an empty query":      host + "?",
		"only a MAC":          host + "?cmac=" + mac,
		"counter without UID": host + "?ctr=00003D&cmac=" + mac,
		"another order":       host + "?cmac=" + mac + "&picc_data=" + picc,
		"counter first":       host + "?ctr=00003D&uid=04DE5F1EACC040&cmac=" + mac,
	} {
		if m, err := Parse(url); err != ErrForeign || m != (Message{}) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

// A chip that mirrors more, or otherwise, than its template says is no chip of ours.
func TestOpenRefusesOtherMirrors(t *testing.T) {
	t.Parallel()
	for _, tag := range []byte{0x00, 0x47, 0x87, 0xc6, 0xcf, 0xff} {
		var meta Key
		m := Message{encrypted: true}
		plain := [16]byte{tag, 4}
		meta.cipher().Encrypt(m.picc[:], plain[:])
		if tap, ok := m.Open(&meta); ok {
			t.Errorf("%#x: %+v", tag, tap)
		}
	}
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	text := Template("https://cards.example/t", "n01")
	m, err := Parse(text)
	if err != nil || m.KeyID != "n01" || !m.Encrypted() || m.file != "" {
		t.Errorf("%s: %+v, %v", text, m, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range readKnown(f).Cases {
		f.Add(c.plainURL())
		f.Add(c.url())
	}
	f.Add(Template("https://cards.example/t", "n01"))
	f.Add("https://example.com/?a=b&&=&enc=")
	var meta, file Key
	f.Fuzz(func(t *testing.T, url string) {
		m, err := Parse(url)
		if err != nil {
			if m != (Message{}) {
				t.Errorf("refused, but %+v", m)
			}
			return
		}
		tap, ok := m.Open(&meta)
		if ok && tap.Counter >= 1<<24 {
			t.Errorf("counter %d", tap.Counter)
		}
		m.File(tap, &file)
		m.Genuine(tap, &file)
	})
}
