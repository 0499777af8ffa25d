package api_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"maps"
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

// visitor opens pages as a browser does, one that follows no redirect by itself.
type visitor struct {
	*apitest.API
	client http.Client
}

func newVisitor(a *apitest.API) *visitor {
	return &visitor{a, http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: time.Minute,
	}}
}

// ask sends a request for a page, a form if there is one.
func (v *visitor) ask(t *testing.T, path string, form url.Values, header ...string) (*http.Response, string) {
	t.Helper()
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	r, err := http.NewRequestWithContext(t.Context(), method, v.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := v.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

// read is ask for what must be there.
func (v *visitor) read(t *testing.T, path string, header ...string) string {
	t.Helper()
	answer, text := v.ask(t, path, nil, header...)
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %.300s", path, answer.StatusCode, text)
	}
	return text
}

var onceField = regexp.MustCompile(`name="once" value="(\w+)"`)

func (v *visitor) door() string { return "/join/" + v.Shop.Stamps.ID.String() }

// form is a join form as the page has it.
func (v *visitor) form(t *testing.T) url.Values {
	t.Helper()
	found := onceField.FindStringSubmatch(v.read(t, v.door()))
	if found == nil {
		t.Fatal("the page has no form")
	}
	return url.Values{"once": {found[1]}}
}

// send sends a join form and returns the path of the card's page.
func (v *visitor) send(t *testing.T, form url.Values) string {
	t.Helper()
	answer, text := v.ask(t, v.door(), form)
	if answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("join: %d %.500s", answer.StatusCode, text)
	}
	at, _, _ := strings.Cut(answer.Header.Get("Location"), "?")
	return at
}

var cardOnPage = regexp.MustCompile(`data-card="(card_\w+)"`)

// cardOf is the card that a page shows.
func (v *visitor) cardOf(t *testing.T, at string) loyalty.CardID {
	t.Helper()
	id, err := loyalty.ParseID[loyalty.CardID](cardOnPage.FindStringSubmatch(v.read(t, at))[1])
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestJoinTwiceIsOneCard(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	form := v.form(t)
	form.Set("email", "zofia@mail.example")
	form.Add("consent", "marketing_email")
	form.Add("consent", "marketing_sms") // there is no phone
	form.Add("consent", "sell_my_soul")
	first, again := v.send(t, form), v.send(t, form)
	if one, other := v.cardOf(t, first), v.cardOf(t, again); one != other {
		t.Errorf("the same form opened %s and %s", one, other)
	}
	if one, other := v.cardOf(t, first), v.cardOf(t, v.send(t, v.form(t))); one == other {
		t.Error("another form opened the same card")
	}
	var told struct {
		Member   gen.Member
		Consents []gen.Consent
	}
	if err := json.Unmarshal([]byte(v.read(t, first+"/export.json")), &told); err != nil {
		t.Fatal(err)
	}
	if told.Member.Email != "zofia@mail.example" || len(told.Consents) != 1 || told.Consents[0].Wording == "" {
		t.Errorf("kept %+v, %+v", told.Member, told.Consents)
	}
}

// Somebody else's address is nobody's proof: it attaches no card, and tells nothing.
func TestJoinWithAnotherMembersContact(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	form := v.form(t)
	form.Set("email", "taken@mail.example")
	v.send(t, form)
	form.Set("once", v.form(t).Get("once"))
	at := v.send(t, form)
	if text := v.read(t, at) + v.read(t, at+"/export.json"); strings.Contains(text, "taken@") {
		t.Error("the second card is the first one's holder's")
	}
}

func TestJoinRefuses(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	before := v.Book(t)
	good := v.form(t)
	with := func(name, value string) url.Values {
		form := url.Values{"once": good["once"]}
		form.Set(name, value)
		return form
	}
	for name, c := range map[string]struct {
		path   string
		form   url.Values
		header []string
		status int
	}{
		"another site":      {v.door(), good, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"a sister site":     {v.door(), good, []string{"Sec-Fetch-Site", "same-site"}, 403},
		"another origin":    {v.door(), good, []string{"Origin", "https://evil.example"}, 403},
		"no origin":         {v.door(), good, []string{"Origin", "null"}, 403},
		"no form":           {v.door(), url.Values{}, nil, 403},
		"a guessable form":  {v.door(), url.Values{"once": {"1"}}, nil, 403},
		"no phone":          {v.door(), with("phone", "12"), nil, 422},
		"no address":        {v.door(), with("email", "x"), nil, 422},
		"only a name":       {v.door(), with("name", "Zofia"), nil, 422},
		"no program":        {"/join/x", good, nil, 404},
		"an unknown one":    {"/join/" + loyalty.ProgramID(loyalty.NewID()).String(), good, nil, 404},
		"no card":           {"/card/x", nil, nil, 404},
		"a till's token":    {"/card/" + v.Shop.Front.Token, nil, nil, 404},
		"an API key":        {"/card/" + v.Shop.Admin, nil, nil, 404},
		"no such file":      {"/pages/none.js", nil, nil, 404},
		"outside of files":  {"/pages/..%2f..%2fdoc.go", nil, nil, 404},
		"erasing by a link": {"/card/x/erase", url.Values{"sure": {"yes"}}, nil, 404},
	} {
		answer, text := v.ask(t, c.path, c.form, c.header...)
		if answer.StatusCode != c.status || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s %.200s", name, answer.StatusCode, answer.Header.Get("Content-Type"), text)
		}
		if answer.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: no policy", name)
		}
	}
	if v.Book(t) != before {
		t.Error("the ledger has changed")
	}
}

func TestPagesSpeakTheReadersLanguage(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	for accept, want := range map[string]string{"pl-PL,pl;q=0.9,en;q=0.5": "pl", "ro": "ro", "de-DE": "en", "": "en"} {
		if text := v.read(t, v.door(), "Accept-Language", accept); !strings.Contains(text, `<html lang="`+want+`">`) {
			t.Errorf("%q is not answered in %s", accept, want)
		}
	}
	if text := v.read(t, v.door()+"?lang=ro", "Accept-Language", "pl"); !strings.Contains(text, `<html lang="ro">`) {
		t.Error("the choice does not stand above the header")
	}
}

// The door says what a full card brings, as its poster does; nobody has begun yet.
func TestDoorPromisesWhatThePosterDoes(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	for l, want := range map[string]string{"en": "<li>10 stamps: ", "pl": "<li>10 pieczątek: ", "ro": "<li>10 ștampile: "} {
		if text := v.read(t, v.door()+"?lang="+l); !strings.Contains(text, want) {
			t.Errorf("%s: no %q", l, want)
		}
	}
}

func TestFilesOfPages(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	at := v.send(t, v.form(t))
	for path, want := range map[string]string{
		v.door() + "/style.css": "text/css", v.door() + "/strip.png": "image/png", v.door() + "/poster.svg?lang=pl": "image/svg+xml",
		at + "/style.css": "text/css", at + "/strip.png": "image/png", at + "/icon.png": "image/png", at + "/qr.png": "image/png",
		at + "/manifest.webmanifest": "application/manifest+json", "/pages/card.js": "text/javascript", "/pages/worker.js": "text/javascript",
	} {
		answer, _ := v.ask(t, path, nil)
		if answer.StatusCode != http.StatusOK || !strings.HasPrefix(answer.Header.Get("Content-Type"), want) {
			t.Errorf("%s: %d %s", path, answer.StatusCode, answer.Header.Get("Content-Type"))
		}
	}
	found := regexp.MustCompile(`(/pages/\w+/)card\.js`).FindStringSubmatch(v.read(t, at))
	if found == nil {
		t.Fatal("the page loads no script of a version")
	}
	for path, want := range map[string]string{found[0]: "immutable", found[1] + "keep.js": "immutable", "/pages/older/keep.js": "no-store", "/pages/worker.js": "max-age=300"} {
		if answer, _ := v.ask(t, path, nil); answer.StatusCode != http.StatusOK || !strings.Contains(answer.Header.Get("Cache-Control"), want) {
			t.Errorf("%s: %d %s", path, answer.StatusCode, answer.Header.Get("Cache-Control"))
		}
	}
	if answer, _ := v.ask(t, at+"/logo.png", nil); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a logo that nobody uploaded: %d", answer.StatusCode)
	}
}

// Each colour alone makes another style sheet, at another address.
func TestStyleHasAnAddressForEachColour(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	at := v.send(t, v.form(t))
	style, seen := regexp.MustCompile(`/style\.css\?v=\w+`), map[string]string{}
	for _, colour := range []string{"", "foreground", "label", "accent"} {
		colors := apitest.Map{"background": "#ffffff"}
		if colour != "" {
			colors[colour] = "#123456"
		}
		v.Do(t, office(v.Shop, "PUT", "/v1/merchant/brand", apitest.Map{"colors": colors}))
		address := style.FindString(v.read(t, at))
		if other, twice := seen[address]; twice || address == "" {
			t.Errorf("%q and %q have the address %q", colour, other, address)
		}
		seen[address] = colour
	}
}

func TestReceiptsOnlyOfTheCard(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	one, other := v.send(t, v.form(t)), v.send(t, v.form(t))
	entry := v.Stamp(t, v.Shop, v.Shop.Front, v.cardOf(t, one), 1).Entries[0].ID.String()
	if receipt := v.read(t, one+"/receipts/"+entry); strings.Count(receipt, ".") != 2 {
		t.Errorf("no receipt: %s", receipt)
	}
	if answer, _ := v.ask(t, other+"/receipts/"+entry, nil); answer.StatusCode != http.StatusNotFound {
		t.Errorf("another card's receipt: %d", answer.StatusCode)
	}
}

// Each entry of a long history is on one page, which leads on to earlier ones.
func TestHistoryIsWhole(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	at := v.send(t, v.form(t))
	card := v.cardOf(t, at)
	want := map[string]bool{}
	for range 33 {
		for _, entry := range v.Stamp(t, v.Shop, v.Shop.Front, card, 1).Entries {
			want[entry.ID.String()] = true
		}
		v.Clock.Advance(time.Hour)
	}
	receipt, earlier := regexp.MustCompile(`receipts/(\w+)"`), regexp.MustCompile(`href="([^"]+)#history">Earlier<`)
	got, pages := map[string]bool{}, 0
	for next := at + "?lang=en"; next != ""; pages++ {
		text := v.read(t, next)
		for _, found := range receipt.FindAllStringSubmatch(text, -1) {
			if got[found[1]] {
				t.Errorf("%s is there twice", found[1])
			}
			got[found[1]] = true
		}
		if latest := strings.Contains(text, ">Latest<"); latest != (pages > 0) {
			t.Errorf("page %d: leads back %v", pages, latest)
		}
		next = ""
		if found := earlier.FindStringSubmatch(text); found != nil {
			next = strings.ReplaceAll(found[1], "&amp;", "&")
		}
	}
	if !maps.Equal(got, want) || pages != 2 {
		t.Errorf("%d of %d entries on %d pages", len(got), len(want), pages)
	}
	for _, odd := range []string{"x", "-1", "0", "1", "99999999999999999999"} {
		if text := v.read(t, at+"?lang=en&before="+odd); strings.Contains(text, ">Latest<") {
			t.Errorf("before %s is another page", odd)
		}
	}
}

// Also nobody's card can be erased: its page, its tokens and what was bought.
func TestEraseFromThePage(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	for name, email := range map[string]string{"nobody's": "", "a member's": "away@mail.example"} {
		form := v.form(t)
		form.Set("email", email)
		at := v.send(t, form)
		card := v.cardOf(t, at)
		v.Stamp(t, v.Shop, v.Shop.Front, card, 1)
		if text := v.read(t, at+"/export.json"); !strings.Contains(text, card.String()) || !strings.Contains(text, `"entries":[{`) {
			t.Errorf("%s: the export lacks the card: %s", name, text)
		}
		if answer, _ := v.ask(t, at+"/erase", url.Values{}); answer.StatusCode != http.StatusOK {
			t.Errorf("%s, unsure: %d", name, answer.StatusCode)
		}
		v.read(t, at)
		if answer, text := v.ask(t, at+"/erase", url.Values{"sure": {"yes"}}); answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s", name, answer.StatusCode, text)
		}
		if answer, _ := v.ask(t, at, nil); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: the page is still there: %d", name, answer.StatusCode)
		}
	}
}

var recoveryLink = regexp.MustCompile(`href="http://[^/]+(/recover/[^"]+)"`)

func TestRecoveryLinkWorksOnce(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	lost := v.send(t, v.form(t))
	renew := func() string {
		_, text := v.ask(t, lost+"/recovery", url.Values{})
		return recoveryLink.FindStringSubmatch(text)[1]
	}
	older, link := renew(), renew()
	if answer, _ := v.ask(t, older, nil); answer.StatusCode != http.StatusNotFound {
		t.Errorf("the link before still works: %d", answer.StatusCode)
	}
	v.read(t, link) // looking does nothing
	v.read(t, lost)
	answer, _ := v.ask(t, link, v.recovery(t, link))
	found, _, _ := strings.Cut(answer.Header.Get("Location"), "?")
	if v.cardOf(t, found) == (loyalty.CardID{}) {
		t.Error("no card")
	}
	for _, gone := range []string{lost, link} {
		if answer, _ := v.ask(t, gone, nil); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%.20s is still good: %d", gone, answer.StatusCode)
		}
	}
	if answer, _ := v.ask(t, link, url.Values{"once": {rand.Text()}}); answer.StatusCode != http.StatusNotFound {
		t.Errorf("another browser opens it once more: %d", answer.StatusCode)
	}
}

// A proxy may name another host to us than browsers see: forms of the public address
// are our own, and no other's are.
func TestFormsBehindAProxyThatRenamesTheHost(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t, func(s *apitest.Setup) { s.PublicURL = "https://Cards.example.com:443/loyalty" }))
	for origin, want := range map[string]int{
		"https://cards.example.com": http.StatusSeeOther, v.URL: http.StatusSeeOther, "http://cards.example.com": http.StatusForbidden,
		"https://cards.example.com.evil.example": http.StatusForbidden, "https://evil.example": http.StatusForbidden,
		"https://cards.example.com:8443": http.StatusForbidden, "null": http.StatusForbidden,
	} {
		answer, _ := v.ask(t, v.door(), v.form(t), "Origin", origin, "Sec-Fetch-Site", "same-origin")
		if answer.StatusCode != want {
			t.Errorf("%s: %d, want %d", origin, answer.StatusCode, want)
		}
	}
}

// Whoever has photographed the paper has nothing that works unseen: the link's token
// opens no page, is no phone's, and asks for no secret of codes.
func TestARecoveryLinkOpensNothingElse(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	at := v.send(t, v.form(t))
	card := v.cardOf(t, at).String()
	_, text := v.ask(t, at+"/recovery", url.Values{})
	link := recoveryLink.FindStringSubmatch(text)[1]
	token := strings.TrimPrefix(link, "/recover/")
	for _, path := range []string{"", "/events", "/qr.png", "/export.json", "/style.css"} {
		if answer, _ := v.ask(t, "/card/"+token+path, nil); answer.StatusCode != http.StatusNotFound {
			t.Errorf("/card/…%s: %d", path, answer.StatusCode)
		}
	}
	for _, path := range []string{"/rotating", "/tokens"} {
		if answer, _ := v.ask(t, "/v1/cards/"+card+path, url.Values{}, "Authorization", "Bearer "+token); answer.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %d", path, answer.StatusCode)
		}
	}
	if answer, _ := v.ask(t, "/v1/cards/"+card, nil, "Authorization", "Bearer "+token); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("the card: %d", answer.StatusCode)
	}
	if answer, _ := v.ask(t, strings.Replace(at, "/card/", "/recover/", 1), nil); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a page's token recovers: %d", answer.StatusCode)
	}
	page := v.read(t, link)
	v.read(t, link+"/style.css")
	if strings.Contains(page, "/card/"+token) {
		t.Error("the page leads to what the link does not open")
	}
	v.read(t, at) // nobody was signed out
}

// An answer that is lost on its way locks nobody out: the same form leads to the same
// page for five minutes, and no other form does.
func TestARecoveryWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	at := v.send(t, v.form(t))
	_, text := v.ask(t, at+"/recovery", url.Values{})
	link := recoveryLink.FindStringSubmatch(text)[1]
	mine, theirs := v.recovery(t, link), v.recovery(t, link)
	first, _ := v.ask(t, link, mine)
	to := first.Header.Get("Location")
	v.Clock.Advance(4 * time.Minute)
	again, _ := v.ask(t, link, mine)
	if first.StatusCode != http.StatusSeeOther || again.StatusCode != http.StatusSeeOther || again.Header.Get("Location") != to {
		t.Errorf("%d %s, then %d %s", first.StatusCode, to, again.StatusCode, again.Header.Get("Location"))
	}
	v.read(t, to)
	if answer, _ := v.ask(t, link, theirs); answer.StatusCode != http.StatusNotFound {
		t.Errorf("another form: %d", answer.StatusCode)
	}
	v.Clock.Advance(time.Minute)
	if answer, _ := v.ask(t, link, mine); answer.StatusCode != http.StatusNotFound {
		t.Errorf("after five minutes: %d", answer.StatusCode)
	}
	if answer, _ := v.ask(t, link, url.Values{}); answer.StatusCode != http.StatusForbidden {
		t.Errorf("an empty form: %d", answer.StatusCode)
	}
}

// recovery is the form behind a recovery link.
func (v *visitor) recovery(t *testing.T, link string) url.Values {
	t.Helper()
	found := onceField.FindStringSubmatch(v.read(t, link))
	if found == nil {
		t.Fatal("the page has no form")
	}
	return url.Values{"once": {found[1]}}
}

// listen opens the stream of a card's page, and returns its events.
func (v *visitor) listen(t *testing.T, at string) <-chan string {
	t.Helper()
	return v.stream(t, at+"/events")
}

// stream opens a stream, and returns its events.
func (v *visitor) stream(t *testing.T, at string, header ...string) <-chan string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.URL+at, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := v.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan string)
	done := make(chan struct{})
	t.Cleanup(func() { cancel(); answer.Body.Close(); <-done })
	go func() {
		defer close(done)
		defer close(events)
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				select {
				case events <- data:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("events: %d", answer.StatusCode)
	}
	return events
}

func TestAnOpenPageIsToldOfItsCardAlone(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	mine, other := v.send(t, v.form(t)), v.send(t, v.form(t))
	events, others := v.listen(t, mine), v.listen(t, other)
	before, _ := <-events, <-others
	v.Stamp(t, v.Shop, v.Shop.Front, v.cardOf(t, mine), 1)
	if after := <-events; after == before || after == "" {
		t.Errorf("told %q after %q", after, before)
	}
	select {
	case event := <-others:
		t.Errorf("the other page was told %q", event)
	default:
	}
}

// Pages show the shop, its brand and the rules as well: whatever the office changes is
// there at once, and what nobody can see is not told.
func TestOpenPagesAreToldOfTheOffice(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	program := "/v1/programs/" + v.Shop.Stamps.ID.String()
	publish := func(change func(*gen.Rules)) {
		t.Helper()
		newest := apitest.Read[gen.VersionPage](t, v.Do(t, office(v.Shop, "GET", program+"/versions", nil))).Versions[0]
		change(&newest.Rules)
		v.Do(t, office(v.Shop, "PUT", program+"/draft", apitest.Map{"based_on": newest.Version, "rules": newest.Rules}))
		v.Do(t, office(v.Shop, "POST", program+"/publish", apitest.Map{}))
	}
	events := v.listen(t, v.send(t, v.form(t)))
	told := <-events
	for _, step := range []struct {
		name   string
		change func()
	}{
		{"name", func() { v.Do(t, office(v.Shop, "PATCH", "/v1/merchant", apitest.Map{"name": "Luna"})) }},
		{"brand", func() { v.Do(t, office(v.Shop, "PUT", "/v1/merchant/brand", apitest.Map{"name": "Luna & Figli"})) }},
		{"shop", func() {
			v.Do(t, office(v.Shop, "POST", "/v1/locations", apitest.Map{"name": "Harbour", "zone": "Europe/Rome"}))
		}},
		{"rules", func() {
			publish(func(r *gen.Rules) { r.Earn.DailyCap = 77 }) // which no page shows
			publish(func(r *gen.Rules) { r.Name = "Cones" })
		}},
	} {
		step.change()
		now := <-events
		if now == told || now == "" {
			t.Errorf("%s: told %q after %q", step.name, now, told)
		}
		told = now
	}
	v.Do(t, office(v.Shop, "POST", program+"/archive", nil))
	if now := <-events; now == told {
		t.Error("an archived program looks as before")
	}
}

// A page that is signed out is told at once, by whatever signs it out: it may lie open on
// a phone that somebody has lost.
func TestSignedOutPagesAreTold(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	for name, signOut := range map[string]func(at string){
		"recovered elsewhere": func(at string) {
			_, text := v.ask(t, at+"/recovery", url.Values{})
			link := recoveryLink.FindStringSubmatch(text)[1]
			v.ask(t, link, v.recovery(t, link))
		},
		"revoked by the office": func(at string) {
			id, _, _ := strings.Cut(strings.TrimPrefix(at, "/card/"), ".")
			v.Do(t, office(v.Shop, "POST", "/v1/cards/"+v.cardOf(t, at).String()+"/devices/"+id+"/revoke", nil))
		},
	} {
		at := v.send(t, v.form(t))
		events := v.listen(t, at)
		<-events
		signOut(at)
		if event := <-events; event != "revoked" {
			t.Errorf("%s: told %q", name, event)
		}
	}

	// A phone that knows its card by the id of one that was merged into it signs itself out.
	at := v.send(t, v.form(t))
	former, token := v.cardOf(t, at), strings.TrimPrefix(at, "/card/")
	v.Post(t, mergeInto(v.API, former, v.NewCard(t, v.Shop, v.Shop.Stamps).ID))
	events := v.listen(t, at)
	<-events
	id, _, _ := strings.Cut(token, ".")
	v.Do(t, apitest.Call{Path: "/v1/cards/" + former.String() + "/devices/" + id + "/revoke", Token: token, Key: apitest.Key()})
	if event := <-events; event != "revoked" {
		t.Errorf("by a former id: told %q", event)
	}
}

// An open page does not keep the server from stopping.
func TestStoppingEndsStreams(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	v := newVisitor(a)
	events := v.listen(t, v.send(t, v.form(t)))
	<-events
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	if event, open := <-events; open {
		t.Errorf("told %q", event)
	}
}

func TestStreamsAreBounded(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	at := v.send(t, v.form(t))
	for range 8 {
		<-v.listen(t, at)
	}
	if answer, _ := v.ask(t, at+"/events", nil); answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") == "" {
		t.Errorf("one more: %d", answer.StatusCode)
	}
}
