package api_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/keys"
)

// presented holds that a text is refused with a code by a scan that looks and one
// that earns, read by whatever channel.
func presented(t *testing.T, s *site, text string, code gen.ProblemCode) {
	t.Helper()
	for _, channel := range []string{"camera", "nfc"} {
		s.Refused(t, apitest.Scan(s.Shop.Front, text, apitest.Map{"channel": channel}), code)
		s.Refused(t, apitest.Scan(s.Shop.Front, text, apitest.Map{"channel": channel, "earn": apitest.Map{"units": 1}}), code)
	}
}

func b64(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// jws signs with one of the deployment's keys what it would not sign itself.
func jws(s *site, purpose keys.Purpose, header, payload string) string {
	_, key := s.Ring.Signing(purpose).Current(s.Clock.Now())
	signed := b64(header) + "." + b64(payload)
	return signed + "." + b64(string(ed25519.Sign(key, []byte(signed))))
}

const liveHeader = `{"alg":"EdDSA","kid":"l01"}`

// claims are those of the site's card, ending after d.
func claims(s *site, d time.Duration) string {
	return fmt.Sprintf(`{"sub":"%s","jti":"3q2-7wABAgM","exp":%d}`, base64.RawURLEncoding.EncodeToString(s.card[:]), s.Clock.Now().Add(d).Unix())
}

func TestForgedLiveTokens(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	parts := strings.Split(s.credential, ".")
	good := claims(s, time.Minute)
	public, _ := s.Ring.Signing(keys.Live).Find("l01")
	hs256 := func(header string) string {
		signed := b64(header) + "." + b64(good)
		h := hmac.New(sha256.New, public)
		h.Write([]byte(signed))
		return signed + "." + b64(string(h.Sum(nil)))
	}
	_, stranger, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signed := b64(liveHeader) + "." + b64(good)
	malformed, invalid, unknown := gen.ProblemCodeCredentialMalformed, gen.ProblemCodeCredentialInvalid, gen.ProblemCodeCredentialUnknown
	for name, tt := range map[string]struct {
		text string
		code gen.ProblemCode
	}{
		"alg none":              {b64(`{"alg":"none"}`) + "." + b64(good) + ".", malformed},
		"alg none, signed":      {jws(s, keys.Live, `{"alg":"none","kid":"l01"}`, good), invalid},
		"alg None":              {jws(s, keys.Live, `{"alg":"None","kid":"l01"}`, good), invalid},
		"HS256":                 {hs256(`{"alg":"HS256","kid":"l01"}`), malformed},
		"HS256 as EdDSA":        {hs256(liveHeader), malformed},
		"ES256":                 {jws(s, keys.Live, `{"alg":"ES256","kid":"l01"}`, good), invalid},
		"header with typ":       {jws(s, keys.Live, `{"alg":"EdDSA","kid":"l01","typ":"JWT"}`, good), malformed}, // too long
		"header in other order": {jws(s, keys.Live, `{"kid":"l01","alg":"EdDSA"}`, good), invalid},
		"header with key":       {jws(s, keys.Live, `{"alg":"EdDSA","kid":"l01","jwk":{}}`, good), invalid},
		"unknown kid":           {jws(s, keys.Live, `{"alg":"EdDSA","kid":"l02"}`, good), invalid},
		"receipt's kid":         {jws(s, keys.Receipt, `{"alg":"EdDSA","kid":"r01"}`, good), invalid},
		"receipt's key":         {jws(s, keys.Receipt, liveHeader, good), invalid},
		"empty kid":             {jws(s, keys.Live, `{"alg":"EdDSA","kid":""}`, good), invalid},
		"path as kid":           {jws(s, keys.Live, `{"alg":"EdDSA","kid":"../../l01"}`, good), invalid},
		"other deployment":      {signed + "." + b64(string(ed25519.Sign(stranger, []byte(signed)))), invalid},
		"zero signature":        {signed + "." + b64(string(make([]byte, 64))), invalid},
		"no signature":          {signed + ".", malformed},
		"two segments":          {signed, malformed},
		"four segments":         {s.credential + ".e30", malformed},
		"claims in other order": {jws(s, keys.Live, liveHeader, `{"exp":1,"sub":"","jti":""}`), malformed},
		"more claims":           {jws(s, keys.Live, liveHeader, strings.TrimSuffix(good, "}")+`,"a":1}`), malformed},
		"no claims":             {jws(s, keys.Live, liveHeader, "{}"), malformed},
		"exp as text":           {jws(s, keys.Live, liveHeader, strings.Replace(good, `"exp":`, `"exp":"`, 1)), malformed},
		"exp 1e400":             {jws(s, keys.Live, liveHeader, good[:strings.Index(good, `"exp":`)+6]+"1e400}"), malformed},
		"exp negative":          {jws(s, keys.Live, liveHeader, strings.Replace(good, `"exp":`, `"exp":-`, 1)), malformed},
		"padded":                {parts[0] + "=." + parts[1] + "." + parts[2], malformed},
		"padded signature":      {s.credential + "==", malformed},
		"spare bits":            {otherSpelling(s.credential), malformed},
		"line end":              {s.credential + "\n", malformed},
		"line end inside":       {s.credential[:40] + "\n" + s.credential[40:], malformed},
		"space":                 {" " + s.credential, unknown},
		"long":                  {s.credential + strings.Repeat("A", 300), malformed},
		"another card":          {parts[0] + "." + b64(strings.Replace(good, `"sub":"A`, `"sub":"B`, 1)) + "." + parts[2], invalid},
		"longer life":           {parts[0] + "." + b64(claims(s, 65*time.Second)) + "." + parts[2], invalid},
	} {
		t.Run(name, func(t *testing.T) { presented(t, s, tt.text, tt.code) })
	}
	standard := strings.NewReplacer("-", "+", "_", "/").Replace(s.credential)
	if standard != s.credential {
		presented(t, s, standard, malformed)
	}
}

// A live token with any one character changed is refused; the good one still works.
func TestTamperedLiveTokens(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	codes := map[gen.ProblemCode]bool{
		gen.ProblemCodeCredentialInvalid: true, gen.ProblemCodeCredentialMalformed: true, gen.ProblemCodeCredentialUnknown: true,
	}
	before := s.Book(t)
	for i := range s.credential {
		other := flip(s.credential[i])
		if i%8 == 0 { // now and then with what is no base64
			other = []string{"\x00", "ö", "="}[i/8%3]
		}
		answer := s.Do(t, apitest.Scan(s.Shop.Front, s.credential[:i]+other+s.credential[i+1:], apitest.Units(1)))
		if !codes[answer.Problem().Code] {
			t.Errorf("character %d as %q: %d %s", i, other, answer.Status, answer.Body)
		}
	}
	if s.Book(t) != before {
		t.Error("the ledger has changed")
	}
	if answer := s.Do(t, apitest.Scan(s.Shop.Front, s.credential, apitest.Units(1))); answer.Status != 200 {
		t.Errorf("the good one: %d %s", answer.Status, answer.Body)
	}
}

func TestTimesOfLiveTokens(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, tt := range []struct {
		ends time.Duration
		code gen.ProblemCode
	}{
		{-6 * time.Second, gen.ProblemCodeCredentialExpired},
		{-24 * time.Hour, gen.ProblemCodeCredentialExpired},
		{66 * time.Second, gen.ProblemCodeCredentialFromFuture},
		{100 * 365 * 24 * time.Hour, gen.ProblemCodeCredentialFromFuture},
	} {
		presented(t, s, jws(s, keys.Live, liveHeader, claims(s, tt.ends)), tt.code)
	}
	for i, ends := range []time.Duration{-5 * time.Second, 0, 65 * time.Second} {
		text := jws(s, keys.Live, liveHeader, strings.Replace(claims(s, ends), "7wABAgM", fmt.Sprintf("7wABAg%c", "AEI"[i]), 1))
		if answer := s.Do(t, apitest.Scan(s.Shop.Front, text, apitest.Units(1))); answer.Status != 200 {
			t.Errorf("ends in %s: %d %s", ends, answer.Status, answer.Body)
		}
	}
}

// Whatever else people hold in front of a camera.
func TestOtherTexts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	binary := make([]byte, 3000)
	if _, err := rand.Read(binary); err != nil {
		t.Fatal(err)
	}
	latin := make([]rune, 3000)
	for i := range latin {
		latin[i] = rune(binary[i])
	}
	print := s.Static(t, s.Shop, s.card, gen.SurfacePrint)
	malformed, invalid, unknown := gen.ProblemCodeCredentialMalformed, gen.ProblemCodeCredentialInvalid, gen.ProblemCodeCredentialUnknown
	for name, tt := range map[string]struct {
		text string
		code gen.ProblemCode
	}{
		"Wi-Fi":               {"WIFI:T:WPA;S:guest;P:secret;;", unknown},
		"address":             {"https://example.com/?q=1", unknown},
		"script":              {"javascript:alert(1)", unknown},
		"contact":             {"BEGIN:VCARD\nFN:Ada\nEND:VCARD", unknown},
		"EAN":                 {"4006381333931", unknown},
		"payment":             {"BCD\n002\n1\nSCT\n\nRed Cross\nBE72000000001616\nEUR1\n", unknown},
		"SQL":                 {"'; DROP TABLE cards; --", unknown},
		"template":            {"{{7*7}}${7*7}<%= 7*7 %>", unknown},
		"format":              {"%s%n%x", unknown},
		"Japanese":            {"スタンプカード", unknown},
		"emoji":               {"🍦🍦🍦", unknown},
		"right to left":       {"\u202eeyJ", unknown},
		"zero width":          {"\u200beyJ", unknown},
		"full width":          {"ｅｙＪ", unknown},
		"NUL":                 {"\x00", unknown},
		"NUL before":          {"\x00" + s.credential, unknown},
		"space":               {" ", unknown},
		"3 kB of binary":      {string(latin), unknown},
		"3 kB like ours":      {"eyJ" + strings.Repeat("A", 3000), unknown},
		"200 kB":              {strings.Repeat("A", 200_000), unknown},
		"card id":             {s.card.String(), unknown},
		"card id as UUID":     {"01987654-3210-7000-8000-000000000000", unknown},
		"scan handle":         {s.scan, unknown},
		"till token":          {s.Shop.Back.Token, unknown},
		"prefix":              {"eyJ", malformed},
		"static prefix":       {"STS.", malformed},
		"static in lower":     {strings.ToLower(print), unknown},
		"static cut":          {print[:len(print)-1], malformed},
		"static longer":       {print + "A", malformed},
		"static padded":       {print + "=", malformed},
		"static, line end":    {print[:30] + "\n" + print[31:], malformed},
		"static with 0 for O": {print[:4] + "0" + print[5:], malformed},
		"static changed":      {print[:10] + flip(print[10]) + print[11:], invalid},
		"static of zeros":     {"STS." + strings.Repeat("A", 56), invalid},
	} {
		t.Run(name, func(t *testing.T) { presented(t, s, tt.text, tt.code) })
	}
	for _, body := range []string{"{\"credential\":\"\xff\xfe\"}", "{\"credential\":\"\xc0\x80\"}", `{"credential":"\ud800"}`} { // not UTF-8
		c := apitest.Scan(s.Shop.Front, "", nil)
		c.Body = []byte(body)
		s.Refused(t, c, gen.ProblemCodeMalformedJSON)
	}
}

// A barcode gun adds a line end, a hand a space: from these channels both are
// dropped, and nothing else is.
func TestWhatAWedgeAdds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, channel := range []string{"wedge", "typed"} {
		for _, text := range []string{"\t%s\r\n", " %s "} {
			scan := apitest.Scan(s.Shop.Front, fmt.Sprintf(text, s.Token(t, s.Shop, s.card)), apitest.Map{"channel": channel, "earn": apitest.Map{"units": 1}})
			if answer := s.Do(t, scan); answer.Status != 200 {
				t.Errorf("%s: %d %s", channel, answer.Status, answer.Body)
			}
		}
		s.Refused(t, apitest.Scan(s.Shop.Front, "\u00a0"+s.credential, apitest.Map{"channel": channel}), gen.ProblemCodeCredentialUnknown)
	}
}

// A card of the rival is not ours, however genuine its code is.
func TestRivalsCards(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	card := s.NewCard(t, s.Rival, s.Rival.Stamps).ID
	for _, text := range []string{s.Token(t, s.Rival, card), s.Static(t, s.Rival, card, gen.SurfacePrint)} {
		presented(t, s, text, gen.ProblemCodeCardNotFound)
	}
}

// Nor is where it was used, although the guard would know.
func TestUsedCodesOfRivals(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	beside := s.Beside(t) // has never met the rival's till
	used := s.Token(t, s.Rival, s.NewCard(t, s.Rival, s.Rival.Stamps).ID)
	if answer := s.Do(t, apitest.Scan(s.Rival.Front, used, apitest.Units(1))); answer.Status != 200 {
		t.Fatalf("%d %s", answer.Status, answer.Body)
	}
	presented(t, s, used, gen.ProblemCodeCardNotFound)
	beside.Refused(t, apitest.Scan(s.Shop.Front, used, apitest.Units(1)), gen.ProblemCodeCardNotFound)
}
