package api_test

import (
	"bytes"
	"image/png"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/engines/enginetest"
)

// What a camera would read from the picture earns, once.
func TestQRCodeIsScanned(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps)
	for _, query := range []string{"", "?size=128", "?size=1024&method=live", "?method=static", "?method=static&surface=wallet"} {
		answer := a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + card.ID.String() + "/qr.png" + query, Token: shop.App})
		credential := enginetest.ReadQR(t, answer.Body)
		scanned := apitest.Read[gen.Scan](t, a.Do(t, apitest.Scan(shop.Front, credential, apitest.Units(1))))
		if scanned.Card.ID != card.ID {
			t.Errorf("%s: scanned %s", query, scanned.Card.ID)
		}
		again := a.Do(t, apitest.Scan(shop.Front, credential, apitest.Units(1)))
		if live := !strings.Contains(query, "static"); live != (again.Problem().Code == gen.ProblemCodeCredentialAlreadyUsed) {
			t.Errorf("%s: the second time: %d %s", query, again.Status, again.Body)
		}
	}
}

func TestSizeOfQRCodes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for query, want := range map[string]int{"": 512, "?size=128": 128, "?size=777": 777, "?size=1024": 1024} {
		answer := s.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + s.card.String() + "/qr.png" + query, Token: s.Shop.App})
		picture, err := png.DecodeConfig(bytes.NewReader(answer.Body))
		if err != nil || picture.Width != want || picture.Height != want {
			t.Errorf("%s: %+v, %v", query, picture, err)
		}
	}
}

// A signed link needs no key, may change its size and nothing else, and ends.
func TestSignedLinks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	get := func(link string) apitest.Call { return apitest.Call{Method: http.MethodGet, Path: link} }
	if answer := s.Do(t, get(s.link)); answer.Status != 200 || answer.Header.Get("Content-Type") != "image/png" {
		t.Fatalf("the link answered %d %s", answer.Status, answer.Body)
	}
	if answer := s.Do(t, get(s.link+"&size=200")); answer.Status != 200 {
		t.Errorf("another size answered %d", answer.Status)
	}
	other := s.NewCard(t, s.Shop, s.Shop.Stamps).ID.String()
	rival := s.NewCard(t, s.Rival, s.Rival.Stamps).ID.String()
	for name, link := range map[string]string{
		"other card":         strings.Replace(s.link, s.card.String(), other, 1),
		"rival's card":       strings.Replace(s.link, s.card.String(), rival, 1),
		"unknown card":       strings.Replace(s.link, s.card.String(), "card_01jd6rm400e008000000000001", 1),
		"longer":             changed(t, s.link, "expires", func(v string) string { n, _ := strconv.Atoi(v); return strconv.Itoa(n + 1) }),
		"for ever":           changed(t, s.link, "expires", func(string) string { return "9223372036854775807" }),
		"no end":             changed(t, s.link, "expires", func(string) string { return "0" }),
		"other method":       s.link + "&method=static",
		"method made plain":  s.link + "&method=live",
		"other surface":      s.link + "&surface=print",
		"other key":          changed(t, s.link, "signature", func(v string) string { return strings.Replace(v, "u01", "h01", 1) }),
		"unknown key":        changed(t, s.link, "signature", func(v string) string { return strings.Replace(v, "u01", "u02", 1) }),
		"no MAC":             changed(t, s.link, "signature", func(v string) string { return v[:4] }),
		"half a MAC":         changed(t, s.link, "signature", func(v string) string { return v[:len(v)-5] }),
		"padded":             changed(t, s.link, "signature", func(v string) string { return v + "==" }),
		"other spelling":     changed(t, s.link, "signature", otherSpelling),
		"long":               changed(t, s.link, "signature", func(string) string { return strings.Repeat("A", 2000) }),
		"a token":            changed(t, s.link, "signature", func(string) string { return s.credential }),
		"an API key":         changed(t, s.link, "signature", func(string) string { return s.Shop.App }),
		"NUL":                changed(t, s.link, "signature", func(v string) string { return v + "\x00" }),
		"invalid UTF-8":      changed(t, s.link, "signature", func(string) string { return "\xff\xfe" }),
		"signature of space": changed(t, s.link, "signature", func(string) string { return " " }),
	} {
		t.Run(name, func(t *testing.T) { s.Refused(t, get(link), gen.ProblemCodeLinkInvalid) })
	}
	signature := url.QueryEscape(query(t, s.link).Get("signature"))
	for i := range signature {
		c := get(strings.Replace(s.link, signature, signature[:i]+flip(signature[i])+signature[i+1:], 1))
		s.Refused(t, c, gen.ProblemCodeLinkInvalid)
	}
	s.Refused(t, get(changed(t, s.link, "signature", func(string) string { return "" })), gen.ProblemCodeUnauthorized)
	s.Refused(t, get(s.link+"&signature=x"), gen.ProblemCodeInvalidField)

	s.Clock.Advance(10 * time.Minute)
	if answer := s.Do(t, get(s.link)); answer.Status != 200 {
		t.Errorf("at its end the link answered %d", answer.Status)
	}
	s.Clock.Advance(time.Second)
	s.Refused(t, get(s.link), gen.ProblemCodeLinkExpired)
}

// A link that got around does not keep the server drawing.
func TestSignedLinksAreLimited(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	load := apitest.Call{Method: http.MethodGet, Path: s.link + "&size=128"}
	drawn := 0
	for s.Do(t, load).Status == 200 && drawn < 100 {
		drawn++
	}
	s.Refused(t, load, gen.ProblemCodeRateLimited)
	if drawn != 20 {
		t.Errorf("%d pictures were drawn at once", drawn)
	}
	s.Clock.Advance(time.Second)
	if answer := s.Do(t, load); answer.Status != 200 {
		t.Errorf("a second later: %d %s", answer.Status, answer.Body)
	}
}

func query(t *testing.T, link string) url.Values {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

// changed is a link with another value of a parameter.
func changed(t *testing.T, link, name string, change func(string) string) string {
	t.Helper()
	values := query(t, link)
	values.Set(name, change(values.Get(name)))
	path, _, _ := strings.Cut(link, "?")
	return path + "?" + values.Encode()
}

// flip is another character of base64url.
func flip(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}
