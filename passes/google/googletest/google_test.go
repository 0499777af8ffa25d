package googletest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2/google"

	wallet "stempel/passes/google"
	"stempel/passes/google/googletest"
)

const (
	class  = `{"id":"` + googletest.Issuer + `.c","issuerName":"A","programName":"B","reviewStatus":"UNDER_REVIEW","programLogo":{"sourceUri":{"uri":"https://a.example/l.png"}}}`
	object = `{"id":"` + googletest.Issuer + `.o","classId":"` + googletest.Issuer + `.c","state":"ACTIVE","loyaltyPoints":{"balance":{"int":5}}}`
)

// phone is a client with a token for a scope.
func client(t *testing.T, g *googletest.Google, scope string) *http.Client {
	t.Helper()
	config, err := google.JWTConfigFromJSON(g.AccountFile(), scope)
	if err != nil {
		t.Fatal(err)
	}
	return config.Client(t.Context())
}

func send(t *testing.T, c *http.Client, method, address, body string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// The stand-in takes what Google takes, and nothing else.
func TestStandInIsStrict(t *testing.T) {
	t.Parallel()
	g := googletest.Start(time.Now)
	t.Cleanup(g.Close)
	c := client(t, g, wallet.Scope)
	classes, objects := g.Endpoint()+"/walletobjects/v1/loyaltyClass", g.Endpoint()+"/walletobjects/v1/loyaltyObject"
	edit := func(text, old, changed string) string {
		t.Helper()
		if !strings.Contains(text, old) {
			t.Fatalf("%s has no %s", text, old)
		}
		return strings.Replace(text, old, changed, 1)
	}
	for _, step := range []struct {
		what, method, to, body string
		want                   int
	}{
		{"an object before its class", "POST", objects, object, 404},
		{"a class of another issuer", "POST", classes, edit(class, googletest.Issuer, "1"), 400},
		{"a class with an unknown name", "POST", classes, edit(class, "issuerName", "issuer_name"), 400},
		{"an unknown name inside", "POST", classes, edit(class, `"uri"`, `"url"`), 400},
		{"a picture without https", "POST", classes, edit(class, "https", "http"), 400},
		{"a class that reviews itself", "POST", classes, edit(class, "UNDER_REVIEW", "APPROVED"), 400},
		{"a class", "POST", classes, class, 200},
		{"the class again", "POST", classes, class, 409},
		{"a number as text", "POST", objects, edit(object, "5", `"5"`), 400},
		{"an unknown name in the balance", "POST", objects, edit(object, `"int"`, `"integer"`), 400},
		{"an unknown state", "POST", objects, edit(object, "ACTIVE", "GREAT"), 400},
		{"an id with a slash", "POST", objects, edit(object, ".o", "./o"), 400},
		{"null at birth", "POST", objects, edit(object, `"ACTIVE"`, `"ACTIVE","accountName":null`), 400},
		{"an object", "POST", objects, object, 200},
		{"the object again", "POST", objects, object, 409},
		{"Smart Tap for nobody", "PATCH", classes + "/" + googletest.Issuer + ".c", `{"enableSmartTap":true}`, 400},
		{"readers as numbers", "PATCH", classes + "/" + googletest.Issuer + ".c", `{"enableSmartTap":true,"redemptionIssuers":[1]}`, 400},
		{"Smart Tap", "PATCH", classes + "/" + googletest.Issuer + ".c", `{"enableSmartTap":true,"redemptionIssuers":["1"]}`, 200},
		{"a message without a body", "POST", objects + "/" + googletest.Issuer + ".o/addMessage", `{"message":{"messageType":"TEXT"}}`, 400},
		{"a message of an unknown type", "POST", objects + "/" + googletest.Issuer + ".o/addMessage", `{"message":{"messageType":"SHOUT","body":"a"}}`, 400},
		{"no message", "POST", objects + "/" + googletest.Issuer + ".o/addMessage", `{}`, 400},
		{"a message of nothing", "POST", objects + "/" + googletest.Issuer + ".x/addMessage", `{"message":{"body":"a"}}`, 404},
		{"a message", "POST", objects + "/" + googletest.Issuer + ".o/addMessage", `{"message":{"messageType":"TEXT_AND_NOTIFY","body":"a"}}`, 200},
		{"a patch", "PATCH", objects + "/" + googletest.Issuer + ".o", `{"state":"INACTIVE","loyaltyPoints":{"balance":{"int":0}}}`, 200},
		{"a patch of nothing", "PATCH", objects + "/" + googletest.Issuer + ".x", `{}`, 404},
		{"a patch of the id", "PATCH", objects + "/" + googletest.Issuer + ".o", `{"id":"` + googletest.Issuer + `.p"}`, 400},
	} {
		if got := send(t, c, step.method, step.to, step.body); got != step.want {
			t.Errorf("%s: %d, want %d", step.what, got, step.want)
		}
	}
	if o := g.Object(googletest.Issuer + ".o"); o.State != "INACTIVE" || o.LoyaltyPoints.Balance.Int != 0 {
		t.Errorf("after the patch it is %+v", o)
	}
	if got := send(t, http.DefaultClient, "POST", classes, class); got != 401 {
		t.Errorf("without a token: %d", got)
	}
	if got := send(t, client(t, g, "https://www.googleapis.com/auth/drive"), "POST", classes, class); got != 401 {
		t.Errorf("with another scope: %d", got)
	}
}
