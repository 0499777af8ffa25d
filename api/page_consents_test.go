package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

var consentForm = regexp.MustCompile(`name="purpose" value="(\w+)"><input type="hidden" name="read" value="(\w+)"><button type="submit" name="given" value="(yes|no)"`)

// choice is the form that a card's page has for a purpose.
func (v *visitor) choice(t *testing.T, at, purpose string) url.Values {
	t.Helper()
	for _, found := range consentForm.FindAllStringSubmatch(v.read(t, at), -1) {
		if found[1] == purpose {
			return url.Values{"purpose": {purpose}, "read": {found[2]}, "given": {found[3]}}
		}
	}
	return nil
}

func (v *visitor) consents(t *testing.T, at string) []gen.Consent {
	t.Helper()
	var told struct{ Consents []gen.Consent }
	if err := json.Unmarshal([]byte(v.read(t, at+"/export.json")), &told); err != nil {
		t.Fatal(err)
	}
	return told.Consents
}

// Whoever is asked for personal data can read what becomes of them, there and on the
// card's page.
func TestPagesLeadToThePrivacyNotice(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	at := v.send(t, v.form(t))
	brand := func(body apitest.Map) apitest.Call { return office(v.Shop, http.MethodPut, "/v1/merchant/brand", body) }
	for _, page := range []string{v.door(), at} {
		if text := v.read(t, page+"?lang=en"); strings.Contains(text, "handles your data") {
			t.Errorf("%s leads to a notice that nobody has", page)
		}
	}
	const notice = "https://aurora.example/privacy?a=1"
	set := apitest.Read[gen.Brand](t, v.Do(t, brand(apitest.Map{"name": "Aurora", "privacy_url": notice})))
	if set.PrivacyURL != notice {
		t.Errorf("kept %q", set.PrivacyURL)
	}
	for _, page := range []string{v.door(), at} {
		if text := v.read(t, page+"?lang=en"); !strings.Contains(text, `<a href="`+notice+`" target="_blank" rel="noopener noreferrer">How Aurora handles your data</a>`) {
			t.Errorf("%s does not lead to the notice", page)
		}
	}
	for _, bad := range []string{
		"http://aurora.example", "javascript:alert(1)", "https://", "https:///privacy", "https://:443/", "https://user:word@aurora.example/", "https://aurora.example/a b",
		"https://aurora.example/prywatność", "//aurora.example", "https://aurora.example/%zz", "https://aurora.example/" + strings.Repeat("a", 500),
	} {
		if problem := v.Refused(t, brand(apitest.Map{"privacy_url": bad}), gen.ProblemCodeInvalidField); problem.Field != "privacy_url" {
			t.Errorf("%s: %+v", bad, problem)
		}
	}
}

// What was allowed at joining is seen on the card's page, taken back and given
// again: each time a line of its own, with the words of that time.
func TestConsentsOnThePage(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	form := v.form(t)
	form.Set("email", "zofia@mail.example")
	form.Add("consent", "marketing_email")
	at := v.send(t, form)
	text := v.read(t, at)
	if !strings.Contains(text, "may send me news and offers by e-mail") || !strings.Contains(text, "Given on") {
		t.Errorf("the page does not show what was allowed: %s", text)
	}
	if v.choice(t, at, "marketing_sms") != nil {
		t.Error("asked for text messages without a phone")
	}
	v.Clock.Advance(time.Hour)
	for i, want := range []string{"no", "yes", "no"} {
		choice := v.choice(t, at, "marketing_email")
		if choice.Get("given") != want {
			t.Fatalf("the %d. form says %v", i+1, choice)
		}
		for range 2 { // the second changes nothing
			answer, text := v.ask(t, at+"/consents?lang=en", choice)
			if answer.StatusCode != http.StatusSeeOther || !strings.HasPrefix(answer.Header.Get("Location"), at+"?lang=en&told=consents.done") {
				t.Fatalf("%d %s %.300s", answer.StatusCode, answer.Header.Get("Location"), text)
			}
			choice = v.choice(t, at, "marketing_email")
			choice.Set("given", want)
		}
		v.Clock.Advance(time.Hour)
	}
	var lines []string
	for _, c := range v.consents(t, at) {
		lines = append(lines, string(c.State)+" "+c.Source+" "+c.Language)
		if !strings.Contains(c.Wording, "by e-mail") || c.At.IsZero() {
			t.Errorf("kept %+v", c)
		}
	}
	if got := strings.Join(lines, ", "); got != "withdrawn card page en, given card page en, withdrawn card page en, given join page en" {
		t.Errorf("kept %s", got)
	}
	if text := v.read(t, at+"?told=consents.done"); !strings.Contains(text, "Taken back on") || !strings.Contains(text, "Your choice is kept.") {
		t.Error("the page does not say that it was taken back")
	}
}

// What the shop noted is shown in its words, and can be taken back too.
func TestConsentsOfTheShop(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	form := v.form(t)
	form.Set("phone", "+48501234567")
	at := v.send(t, form)
	var told struct{ Member gen.Member }
	if err := json.Unmarshal([]byte(v.read(t, at+"/export.json")), &told); err != nil {
		t.Fatal(err)
	}
	v.Do(t, apitest.Call{
		Path: "/v1/members/" + told.Member.ID.String() + "/consents", Token: v.Shop.Admin,
		Body: apitest.Map{"purpose": "profiling", "state": "given", "wording": "You may look at what I buy.", "wording_version": "7", "language": "ro"},
	})
	choice := v.choice(t, at, "profiling")
	if choice.Get("given") != "no" || !strings.Contains(v.read(t, at), "You may look at what I buy.") {
		t.Fatalf("the page offers %v", choice)
	}
	if answer, text := v.ask(t, at+"/consents", choice); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("%d %s", answer.StatusCode, text)
	}
	if last := v.consents(t, at)[0]; last.State != "withdrawn" || last.WordingVersion != "7" || last.Language != "ro" || last.Wording == "" {
		t.Errorf("kept %+v", last)
	}
	if again := v.choice(t, at, "profiling"); again.Get("given") != "yes" {
		t.Errorf("then the page offers %v", again)
	}
}

func TestConsentsRefused(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	form := v.form(t)
	form.Set("email", "zofia@mail.example")
	at, nobody := v.send(t, form), v.send(t, v.form(t))
	good := v.choice(t, at, "marketing_email")
	with := func(name, value string) url.Values {
		form := url.Values{"purpose": good["purpose"], "read": good["read"], "given": good["given"]}
		form.Set(name, value)
		return form
	}
	for name, c := range map[string]struct {
		at     string
		form   url.Values
		header []string
	}{
		"another site":       {at, good, []string{"Sec-Fetch-Site", "cross-site"}},
		"another origin":     {at, good, []string{"Origin", "https://evil.example"}},
		"other words":        {at, with("read", "0011223344556677"), nil},
		"no such purpose":    {at, with("purpose", "sell_my_soul"), nil},
		"no phone for it":    {at, with("purpose", "marketing_sms"), nil},
		"nobody's card":      {nobody, good, nil},
		"nothing":            {at, url.Values{}, nil},
		"another language's": {at + "/consents?lang=ro", good, nil},
	} {
		path := c.at + "/consents"
		if strings.Contains(c.at, "?") {
			path = c.at
		}
		if answer, text := v.ask(t, path, c.form, c.header...); answer.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d %.200s", name, answer.StatusCode, text)
		}
	}
	if kept := v.consents(t, at); len(kept) != 0 {
		t.Errorf("kept %+v", kept)
	}
	if answer, _ := v.ask(t, "/card/"+loyalty.DeviceID(loyalty.NewID()).String()+"/consents", good); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a guessed address: %d", answer.StatusCode)
	}
}
