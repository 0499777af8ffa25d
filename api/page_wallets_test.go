package api_test

import (
	"net/http"
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/passes/apple"
)

func TestAddingTheCardToAWallet(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	at := v.send(t, v.form(t))
	page := v.read(t, at)
	for _, wallet := range []string{"apple", "google"} {
		if !strings.Contains(page, `href="`+at+"/"+wallet+`"`) {
			t.Errorf("no button for %s", wallet)
		}
	}
	answer, file := v.ask(t, at+"/apple", nil)
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != apple.MediaType || !strings.HasPrefix(file, "PK") {
		t.Errorf("for Apple: %d %s", answer.StatusCode, answer.Header.Get("Content-Type"))
	}
	answer, _ = v.ask(t, at+"/google", nil)
	if to := answer.Header.Get("Location"); answer.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "https://pay.google.com/gp/v/save/") {
		t.Errorf("for Google: %d to %q", answer.StatusCode, to)
	}
	for _, wallet := range []string{"apple", "google"} {
		if answer, _ := v.ask(t, at[:len(at)-1]+"x/"+wallet, nil); answer.StatusCode == http.StatusOK || answer.Header.Get("Location") != "" {
			t.Errorf("a guessed address leads to %s: %d", wallet, answer.StatusCode)
		}
	}
}
