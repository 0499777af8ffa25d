package google

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The envelope and the keys are those of ../shared/vectors/google-callback.json:
// Tink's well-known test keys, and signatures over what Google's documentation says
// is signed (RFC 6979, so anybody can make them anew).
const (
	knownRoot = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAENXvYqxD5WayKYhuXQevdGdLA8ifV4LsRS2uKvFo8wwyiwgQHB9DiKzG6T/P1Fu9Bl7zWy/se5Dy4wk1mJoPuxg=="
	knownBody = `{
		"signature": "MEUCIQC8vqixMEZ502WYdD/hJBWS0CSeXv1PWldbyS9SUWxMxgIgdqHHihNpay67N9sZpgxmp1dkWrpoxBoMjYQtktRTAu8=",
		"intermediateSigningKey": {
			"signedKey": "{\"keyValue\":\"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8OaurwvbyYm8JWDgFPRTIDg0/kcQTFAQ4txi5IP0AyM1QiagwRhDUfjpqZkpw8xt/DXwyWYM0DdHqoeVTKqmYQ==\",\"keyExpiration\":\"4102444800000\"}",
			"signatures": ["MEUCIQDoQL6YmVCSSkwyu7Dr72m5oDGC2jw7O9zQE5BuY/r9pQIgBRGJws5KqcrCDsZ/ZI63Yv0LdcnARkBcKSFo9LfJJSE="]
		},
		"protocolVersion": "ECv2SigningOnly",
		"signedMessage": "{\"classId\":\"3388000000012345678.stampcard\",\"objectId\":\"3388000000012345678.member-0001\",\"eventType\":\"save\",\"expTimeMillis\":4102444800000,\"count\":1,\"nonce\":\"11111111-2222-3333-4444-555555555555\"}"
	}`
	knownIssuer = Issuer("3388000000012345678")
)

var knownNow = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// knownRoots are the root keys, which end when they are told to.
func knownRoots(t testing.TB, expires time.Time) []rootKey {
	t.Helper()
	key, err := readPublicKey(knownRoot)
	if err != nil {
		t.Fatal(err)
	}
	return []rootKey{{key, expires}}
}

func TestKnownEnvelopeOpens(t *testing.T) {
	t.Parallel()
	e, err := readEnvelope([]byte(knownBody))
	if err != nil {
		t.Fatal(err)
	}
	message, err := e.open(knownRoots(t, knownNow.AddDate(1, 0, 0)), knownIssuer, knownNow)
	if err != nil {
		t.Fatal(err)
	}
	var told callback
	if err := json.Unmarshal(message, &told); err != nil {
		t.Fatal(err)
	}
	want := callback{
		Class: "3388000000012345678.stampcard", Object: "3388000000012345678.member-0001", Type: "save",
		Expires: 4102444800000, Nonce: "11111111-2222-3333-4444-555555555555",
	}
	if told != want {
		t.Errorf("the message says %+v, want %+v", told, want)
	}
}

// Whatever is changed about a good envelope, it no longer opens.
func TestEnvelopeDoesNotOpen(t *testing.T) {
	t.Parallel()
	nextYear, lastYear := knownNow.AddDate(1, 0, 0), knownNow.AddDate(-1, 0, 0)
	tests := map[string]struct {
		old, changed string // of the body
		issuer       Issuer
		roots, now   time.Time
		want         error
	}{
		"another version":               {`"ECv2SigningOnly"`, `"ECv2"`, knownIssuer, nextYear, knownNow, errMalformed},
		"a message about somebody else": {"member-0001", "member-0002", knownIssuer, nextYear, knownNow, errForged},
		"for another issuer":            {"", "", "3388000000012345679", nextYear, knownNow, errForged},
		"a key that signs for longer":   {"4102444800000\\\"}", "4102444800001\\\"}", knownIssuer, nextYear, knownNow, errForged},
		"another intermediate key":      {"AE8OaurwvbyYm8", "AE8OaurwvbyYm9", knownIssuer, nextYear, knownNow, errForged},
		"no intermediate signature":     {`["MEUCIQDoQL6YmVCSSkwyu7Dr72m5oDGC2jw7O9zQE5BuY/r9pQIgBRGJws5KqcrCDsZ/ZI63Yv0LdcnARkBcKSFo9LfJJSE="]`, `[]`, knownIssuer, nextYear, knownNow, errForged},
		"another signature":             {"MEUCIQC8vqix", "MEUCIQC8vqiy", knownIssuer, nextYear, knownNow, errForged},
		"a signature that is no base64": {"MEUCIQC8vqix", "!!!!!!!!!!!!", knownIssuer, nextYear, knownNow, errForged},
		"the root key has ended":        {"", "", knownIssuer, lastYear, knownNow, errForged},
		"the intermediate key has":      {"", "", knownIssuer, time.UnixMilli(maxMillis), time.UnixMilli(4102444800000), errKeyEnded},
		"a name twice":                  {`"protocolVersion"`, `"protocolVersion": "ECv2SigningOnly", "protocolVersion"`, knownIssuer, nextYear, knownNow, errMalformed},
		"not JSON":                      {`"protocolVersion"`, `protocolVersion`, knownIssuer, nextYear, knownNow, errMalformed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(knownBody, test.old) {
				t.Fatal("the test changes nothing")
			}
			e, err := readEnvelope([]byte(strings.Replace(knownBody, test.old, test.changed, 1)))
			if err == nil {
				_, err = e.open(knownRoots(t, test.roots), test.issuer, test.now)
			}
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestEnvelopeIsBounded(t *testing.T) {
	t.Parallel()
	padded := strings.Replace(knownBody, "{", "{"+strings.Repeat(" ", maxCallback), 1)
	if _, err := readEnvelope([]byte(padded)); !errors.Is(err, errMalformed) {
		t.Errorf("a body of %d bytes: %v", len(padded), err)
	}
	many := strings.Replace(knownBody, `"signatures": [`, `"signatures": [`+strings.Repeat(`"",`, maxSignatures), 1)
	if _, err := readEnvelope([]byte(many)); !errors.Is(err, errMalformed) {
		t.Errorf("%d signatures: %v", maxSignatures+1, err)
	}
}

// Each part is told from its neighbours by its length, the lowest byte first.
func TestFramed(t *testing.T) {
	t.Parallel()
	if got, want := string(framed("ab", "", "c")), "\x02\x00\x00\x00ab\x00\x00\x00\x00\x01\x00\x00\x00c"; got != want {
		t.Errorf("framed is %q, want %q", got, want)
	}
}

func TestReadRootKeys(t *testing.T) {
	t.Parallel()
	good := `{"keyValue":"` + knownRoot + `","protocolVersion":"ECv2SigningOnly","keyExpiration":"4102444800000"}`
	p384 := "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE" + base64.StdEncoding.EncodeToString(make([]byte, 96))
	tests := map[string]struct {
		body string
		want int // keys; 0: refused
	}{
		"one":                    {`{"keys":[` + good + `]}`, 1},
		"another's beside it":    {`{"keys":[{"keyValue":"?","protocolVersion":"ECv1"},` + good + `]}`, 1},
		"one without an end":     {`{"keys":[{"keyValue":"` + knownRoot + `","protocolVersion":"ECv2SigningOnly"}]}`, 1},
		"more than are kept":     {`{"keys":[` + strings.Repeat(good+",", maxRootKeys) + good + `]}`, maxRootKeys},
		"none":                   {`{"keys":[]}`, 0},
		"only another's":         {`{"keys":[{"keyValue":"?","protocolVersion":"ECv1"}]}`, 0},
		"a page of HTML":         {`<html>`, 0},
		"another curve":          {strings.Replace(`{"keys":[`+good+`]}`, knownRoot, p384, 1), 0},
		"a key that is none":     {strings.Replace(`{"keys":[`+good+`]}`, knownRoot, "AAAA", 1), 0},
		"an end that is no time": {strings.Replace(`{"keys":[`+good+`]}`, "4102444800000", "soon", 1), 0},
	}
	for name, test := range tests {
		keys, err := readRootKeys([]byte(test.body))
		if len(keys) != test.want || (err == nil) != (test.want > 0) {
			t.Errorf("%s: %d keys, %v; want %d", name, len(keys), err, test.want)
		}
	}
}

func TestKeyLife(t *testing.T) {
	t.Parallel()
	tests := map[string]time.Duration{
		"":                          keyLife,
		"public, max-age=600":       10 * time.Minute,
		"Max-Age=600":               10 * time.Minute,
		"max-age=1":                 leastKeyLife,
		"max-age=99999999":          mostKeyLife,
		"max-age=-1":                keyLife,
		"no-store":                  leastKeyLife,
		"must-revalidate, no-cache": leastKeyLife,
	}
	for header, want := range tests {
		if got := keyLifeIn(http.Header{"Cache-Control": {header}}); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

// No body makes the reader stumble, and none opens but the one that was signed.
func FuzzEnvelope(f *testing.F) {
	f.Add([]byte(knownBody))
	f.Add([]byte(`{"protocolVersion":"ECv2SigningOnly","intermediateSigningKey":{"signedKey":"{}","signatures":["MAA="]}}`))
	f.Add([]byte(`[]`))
	roots := knownRoots(f, knownNow.AddDate(1, 0, 0))
	good, err := readEnvelope([]byte(knownBody))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := readEnvelope(body)
		if err != nil {
			return
		}
		message, err := e.open(roots, knownIssuer, knownNow)
		if err == nil && string(message) != good.SignedMessage {
			t.Fatalf("a message opened that nobody signed: %s", message)
		}
	})
}

// A message behind a good signature is still read carefully.
func FuzzMessage(f *testing.F) {
	f.Add([]byte(`{"classId":"1.program_01h455vb4pex5vsknk084sn02q","objectId":"1.pass_01h455vb4pex5vsknk084sn02q","eventType":"del","expTimeMillis":4102444800000,"nonce":"n"}`))
	f.Add([]byte(`{"expTimeMillis":1e400}`))
	c := Callbacks{Issuer: "1"}
	f.Fuzz(func(t *testing.T, message []byte) {
		event, err := c.event(message, knownNow)
		if err == nil && (event.Pass.IsZero() || event.Program.IsZero() || !event.Expires.After(knownNow)) {
			t.Fatalf("%s became %+v", message, event)
		}
	})
}
