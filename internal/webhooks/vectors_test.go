package webhooks

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

var update = flag.Bool("update", false, "write the vectors of mobile-contracts anew")

const vectors = "../../mobile-contracts/vectors/webhook.json"

// delivery is a request as a merchant's server gets it, and whether it should
// believe it.
type delivery struct {
	Name      string    `json:"name"`
	Secret    string    `json:"secret"` // that the receiver knows
	ID        *string   `json:"webhook-id,omitempty"`
	Timestamp *string   `json:"webhook-timestamp,omitempty"`
	Signature *string   `json:"webhook-signature,omitempty"`
	Body      string    `json:"body"`
	Now       time.Time `json:"now"`    // when it arrives
	Result    string    `json:"result"` // ok or refused
}

func (d *delivery) header() http.Header {
	header := http.Header{}
	for name, value := range map[string]*string{"webhook-id": d.ID, "webhook-timestamp": d.Timestamp, "webhook-signature": d.Signature} {
		if value != nil {
			header.Set(name, *value)
		}
	}
	return header
}

// The vectors are what the sender signs, and the library of the specification
// believes the good ones and none of the bad.
func TestVectors(t *testing.T) {
	file := struct {
		About string     `json:"about"`
		Cases []delivery `json:"cases"`
	}{
		"Deliveries to webhooks, by Standard Webhooks: see sdk.md. A time is refused when it is more than 5 minutes from now. The secrets are known to the world.",
		deliveries(),
	}
	var made bytes.Buffer
	encoder := json.NewEncoder(&made)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(file); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(vectors, made.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(vectors)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, made.Bytes()) {
		t.Errorf("%s is not what the code makes: look why, then run go test -update here", vectors)
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Cases {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(time.Until(d.Now)) // the library reads the clock, which here is the bubble's
			library, err := standardwebhooks.NewWebhook(d.Secret)
			if err != nil {
				t.Fatal(err)
			}
			if err := library.Verify([]byte(d.Body), d.header()); (err == nil) != (d.Result == "ok") {
				t.Errorf("%s: the library says %v, want %s", d.Name, err, d.Result)
			}
		})
	}
}

func deliveries() []delivery {
	secret := func(first byte) Secret {
		s := make(Secret, secretLength)
		for i := range s {
			s[i] = first + byte(i)
		}
		return s
	}
	ours, before, stranger := secret(0), secret(100), secret(200)
	const (
		id   = "entry_01m0bt5wswfke9wwq7m61grwe2"
		body = `{"type":"entry.earn","timestamp":"2026-11-06T09:41:07.963352Z","data":{"card":{"id":"card_01m10g1wayfpq8r9ttvtb5xphj","program":"program_01m0arw1tyfyetj0v8x6d2mzqb","balance":8}}}`
	)
	sent := time.Date(2026, 11, 6, 9, 41, 8, 0, time.UTC)
	good := signature(id, sent, []byte(body), []Secret{ours})
	of := func(name, result string, changes ...func(*delivery)) delivery {
		d := delivery{
			Name: name, Secret: ours.Text(), ID: new(id), Timestamp: new(timestamp(sent)), Signature: new(good),
			Body: body, Now: sent, Result: result,
		}
		for _, change := range changes {
			change(&d)
		}
		return d
	}
	ok := func(name string, changes ...func(*delivery)) delivery { return of(name, "ok", changes...) }
	no := func(name string, changes ...func(*delivery)) delivery { return of(name, "refused", changes...) }
	signed := func(text string) func(*delivery) { return func(d *delivery) { d.Signature = &text } }
	says := func(text string) func(*delivery) { return func(d *delivery) { d.Body = text } }
	at := func(now time.Duration) func(*delivery) { return func(d *delivery) { d.Now = sent.Add(now) } }
	stamped := func(text string) func(*delivery) { return func(d *delivery) { d.Timestamp = &text } }
	mac := strings.TrimPrefix(good, "v1,")
	raw, err := base64.StdEncoding.DecodeString(mac)
	if err != nil {
		panic(err)
	}
	empty := signature(id, sent, nil, []Secret{ours})
	umlauts := `{"type":"test","timestamp":"2026-11-06T09:41:07Z","data":{"note":"Żółw <&> 🐢"}}`
	return []delivery{
		ok("good"),
		ok("two signatures while the secret is rotated, the second one ours", signed(signature(id, sent, []byte(body), []Secret{before, ours}))),
		ok("two signatures while the secret is rotated, the first one ours", signed(signature(id, sent, []byte(body), []Secret{ours, before}))),
		ok("beside a signature of a version that is not known", signed("v1a,"+mac+" v2,abc "+good)),
		ok("characters of several bytes", says(umlauts), signed(signature(id, sent, []byte(umlauts), []Secret{ours}))),
		ok("an empty body", says(""), signed(empty)),
		ok("almost 5 minutes old", at(5*time.Minute-time.Second)),
		ok("from almost 5 minutes ahead", at(-5*time.Minute+time.Second)),

		no("another secret", func(d *delivery) { d.Secret = stranger.Text() }),
		no("another event", func(d *delivery) { d.ID = new("entry_01m0bt5wswfke9wwq7m61grwe3") }),
		no("another time", stamped(timestamp(sent.Add(time.Second)))),
		no("another body", says(strings.Replace(body, `"balance":8`, `"balance":9`, 1))),
		no("a body that was written anew", says(strings.ReplaceAll(body, ",", ", "))),
		no("a line break behind the body", says(body+"\n")),
		no("no body", says("")),
		no("signed with the secret's text", signed(signature(id, sent, []byte(body), []Secret{Secret(ours.Text())}))),
		no("more than 5 minutes old", at(5*time.Minute+time.Second)),
		no("from more than 5 minutes ahead", at(-5*time.Minute-time.Second)),
		no("a time that is none", stamped("soon"), signed(signature(id, sent, []byte(body), []Secret{ours}))),
		no("a time with a fraction", stamped(timestamp(sent)+".5")),
		no("an empty time", stamped("")),
		no("no time", func(d *delivery) { d.Timestamp = nil }),
		no("no id", func(d *delivery) { d.ID = nil }),
		no("no signature", func(d *delivery) { d.Signature = nil }),
		no("an empty signature", signed("")),
		no("a signature without its version", signed(mac)),
		no("a version without its signature", signed("v1,")),
		no("another version", signed("v1a,"+mac)),
		no("a signature that was cut short", signed(good[:len(good)-4])),
		no("a signature without padding", signed(strings.TrimRight(good, "="))),
		no("a signature in hex", signed("v1,"+hex.EncodeToString(raw))),
		no("a signature in lower case", signed("v1,"+strings.ToLower(mac))),
		no("commas between signatures", signed("v1,0,"+good)),
	}
}
