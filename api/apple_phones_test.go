package api_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/passes/apple"
)

const pushToken = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0"

// document is what a test reads of pass.json.
type document struct {
	Serial   string `json:"serialNumber"`
	Token    string `json:"authenticationToken"`
	Service  string `json:"webServiceURL"`
	Voided   bool   `json:"voided"`
	Barcodes []struct{ Message string }
	Card     struct {
		Header    []struct{ Value string }      `json:"headerFields"`
		Auxiliary []struct{ Key, Value string } `json:"auxiliaryFields"`
	} `json:"storeCard"`
}

func readPass(t *testing.T, answer *apitest.Answer) (d document) {
	t.Helper()
	if answer.Status != http.StatusOK || answer.Header.Get("Content-Type") != apple.MediaType {
		t.Fatalf("%d %v %.300s", answer.Status, answer.Header, answer.Body)
	}
	readPackage(t, answer.Body, &d)
	return d
}

func readPackage(t *testing.T, file []byte, d *document) {
	t.Helper()
	if err := json.Unmarshal([]byte(passText(t, file)), d); err != nil {
		t.Fatal(err)
	}
}

// passText is a package's pass.json.
func passText(t *testing.T, file []byte) string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	from, err := archive.Open("pass.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// iPhone is a phone that holds a pass.
type iPhone struct {
	*apitest.API
	id    string
	holds document
}

// adds lets an iPhone add a card's pass, as from an app.
func adds(t *testing.T, a *apitest.API, id string, card loyalty.CardID) *iPhone {
	t.Helper()
	get := apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + card.String() + "/pass.pkpass", Token: a.Shop.App}
	p := &iPhone{API: a, id: id, holds: readPass(t, a.Do(t, get))}
	a.Shop.Trust(p.holds.Token)
	return p
}

// call is one of the phone's own accord.
func (p *iPhone) call(method, path string) apitest.Call {
	return apitest.Call{
		Method: method, Path: "/passes/apple/v1/" + path, For: p.Shop, Header: map[string]string{"Authorization": "ApplePass " + p.holds.Token},
	}
}

func (p *iPhone) registration(method string) apitest.Call {
	c := p.call(method, "devices/"+p.id+"/registrations/"+apple.TestType+"/"+p.holds.Serial)
	if method == http.MethodPost {
		c.Body = apitest.Map{"pushToken": pushToken}
	}
	return c
}

func (p *iPhone) changed(t *testing.T, since string) (list gen.ChangedPasses) {
	t.Helper()
	c := p.call(http.MethodGet, "devices/"+p.id+"/registrations/"+apple.TestType)
	c.Header = nil
	if since != "" {
		c.Path += "?passesUpdatedSince=" + since
	}
	answer := p.Do(t, c)
	if answer.Status == http.StatusNoContent {
		return list
	}
	return apitest.Read[gen.ChangedPasses](t, answer)
}

func (p *iPhone) update(since string) apitest.Call {
	c := p.call(http.MethodGet, "passes/"+apple.TestType+"/"+p.holds.Serial)
	if since != "" {
		c.Header["If-Modified-Since"] = since
	}
	return c
}

// The life of a pass: added, registered, told of a stamp, updated, removed.
func TestApplePassStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	p := adds(t, a, "5bcee0a8f6f2f7ab8a5c9b1c1f0f2d3e", card)
	if p.holds.Service != "https://cards.example/passes/apple" || p.holds.Voided || p.holds.Card.Header[0].Value != "0 of 10" {
		t.Errorf("the pass says %+v", p.holds)
	}
	if again := adds(t, a, p.id, card); again.holds.Serial != p.holds.Serial || again.holds.Token != p.holds.Token {
		t.Errorf("a card has two passes: %+v, %+v", p.holds, again.holds)
	}
	for _, want := range []int{201, 200} {
		if got := p.Do(t, p.registration(http.MethodPost)); got.Status != want {
			t.Errorf("registering: %d, want %d", got.Status, want)
		}
	}
	first := p.changed(t, "")
	if len(first.SerialNumbers) != 1 || first.SerialNumbers[0] != p.holds.Serial || len(p.changed(t, first.LastUpdated).SerialNumbers) != 0 {
		t.Errorf("listed %+v", first)
	}
	fresh := p.Do(t, p.update(""))
	since := fresh.Header.Get("Last-Modified")
	if got := p.Do(t, p.update(since)); got.Status != http.StatusNotModified || len(got.Body) > 0 {
		t.Errorf("nothing has changed: %d %.100s", got.Status, got.Body)
	}

	// The static text in the pass is read by the till; the phone is told.
	a.Clock.Advance(time.Minute)
	scan := apitest.Scan(a.Shop.Front, p.holds.Barcodes[0].Message, apitest.Map{"earn": apitest.Map{"units": 1}})
	if got := a.Do(t, scan); got.Status != http.StatusOK {
		t.Fatalf("scanning the pass: %d %s", got.Status, got.Body)
	}
	dirty, err := a.Store.Dirty(t.Context(), loyalty.Dirt{}, 10)
	if err != nil || len(dirty) != 1 || dirty[0].Card != card {
		t.Errorf("marked %+v, %v", dirty, err)
	}
	id, err := loyalty.ParseID[loyalty.PassID](p.holds.Serial)
	if err != nil {
		t.Fatal(err)
	}
	told, err := a.Store.Announce(t.Context(), id, a.Clock.Now())
	if err != nil || len(told) != 1 || told[0].PushToken != pushToken {
		t.Fatalf("told %+v, %v", told, err)
	}
	second := p.changed(t, first.LastUpdated)
	if len(second.SerialNumbers) != 1 || second.LastUpdated <= first.LastUpdated {
		t.Errorf("listed %+v after %+v", second, first)
	}
	if now := readPass(t, p.Do(t, p.update(since))); now.Card.Header[0].Value != "1 of 10" || now.Serial != p.holds.Serial || now.Token != p.holds.Token {
		t.Errorf("the pass says %+v", now)
	}

	for range 2 { // the second finds nothing, which is as good
		if got := p.Do(t, p.registration(http.MethodDelete)); got.Status != http.StatusOK {
			t.Errorf("unregistering: %d", got.Status)
		}
	}
	if list := p.changed(t, ""); len(list.SerialNumbers) != 0 {
		t.Errorf("listed %+v", list)
	}
}

// Whatever a phone gets wrong, it is told the same.
func TestGuessedPassTokens(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	p := adds(t, a, "phone", a.NewCard(t, a.Shop, a.Shop.Stamps).ID)
	other := adds(t, a, "phone", a.NewCard(t, a.Shop, a.Shop.Stamps).ID)
	unknown := loyalty.PassID(loyalty.NewID()).String()
	for _, right := range []apitest.Call{p.registration(http.MethodPost), p.registration(http.MethodDelete), p.update("")} {
		for what, wrong := range map[string]func(*apitest.Call){
			"no token":        func(c *apitest.Call) { c.Header = nil },
			"another's token": func(c *apitest.Call) { c.Header = map[string]string{"Authorization": "ApplePass " + other.holds.Token} },
			"bearer":          func(c *apitest.Call) { c.Header = map[string]string{"Authorization": "Bearer " + p.holds.Token} },
			"admin key":       func(c *apitest.Call) { c.Header = map[string]string{"Authorization": "ApplePass " + a.Shop.Admin} },
			"short":           func(c *apitest.Call) { c.Header["Authorization"] = c.Header["Authorization"][:30] },
			"another pass":    func(c *apitest.Call) { c.Path = strings.Replace(c.Path, p.holds.Serial, other.holds.Serial, 1) },
			"unknown pass":    func(c *apitest.Call) { c.Path = strings.Replace(c.Path, p.holds.Serial, unknown, 1) },
			"no pass":         func(c *apitest.Call) { c.Path = strings.Replace(c.Path, p.holds.Serial, "x", 1) },
			"another type":    func(c *apitest.Call) { c.Path = strings.Replace(c.Path, apple.TestType, "pass.com.example.other", 1) },
		} {
			c := right
			c.Header = map[string]string{"Authorization": right.Header["Authorization"]}
			wrong(&c)
			if got := a.Do(t, c).Problem(); got.Code != gen.ProblemCodeUnauthorized || got.Detail != "There is no such pass, or this is not its token." {
				t.Errorf("%s %s with %s: %+v", c.Method, c.Path, what, got)
			}
		}
	}
	stranger := &iPhone{API: a, id: "a-guess"}
	if list := stranger.changed(t, ""); len(list.SerialNumbers) != 0 {
		t.Errorf("a guessed phone has %+v", list)
	}
}

// A blocked card's pass is void, and shows no code; an erased member's is empty, for
// a month, and then unknown.
func TestEndedPasses(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card, member := a.NewCard(t, a.Shop, a.Shop.Stamps).ID, a.NewMember(t, a.Shop).ID
	a.Attach(t, a.Shop, card, member)
	p := adds(t, a, "phone", card)
	p.Do(t, p.registration(http.MethodPost))
	a.Do(t, apitest.Call{Path: "/v1/cards/" + card.String() + "/block", Token: a.Shop.Admin, Key: apitest.Key()})
	if now := readPass(t, p.Do(t, p.update(""))); !now.Voided || len(now.Barcodes) != 0 {
		t.Errorf("the pass of a blocked card: %+v", now)
	}
	erase := apitest.Call{Method: http.MethodDelete, Path: "/v1/members/" + member.String(), Token: a.Shop.Admin, Key: apitest.Key()}
	if got := a.Do(t, erase); got.Status >= 300 {
		t.Fatalf("erasing: %d %s", got.Status, got.Body)
	}
	if list := p.changed(t, ""); len(list.SerialNumbers) != 1 {
		t.Errorf("of the end is listed %+v", list)
	}
	blank := p.Do(t, p.update(""))
	if now := readPass(t, blank); !now.Voided || len(now.Barcodes) != 0 || now.Serial != p.holds.Serial || now.Card.Header[0].Value != "0 of 10" {
		t.Errorf("the pass of somebody who was erased: %+v", now)
	}
	if text := passText(t, blank.Body); strings.Contains(text, card.String()) || !strings.Contains(text, "This card has been removed.") {
		t.Errorf("it says %s", text)
	}
	a.Refused(t, p.registration(http.MethodPost), gen.ProblemCodeUnauthorized)
	if again := adds(t, a, "phone", card); again.holds.Serial == p.holds.Serial {
		t.Error("whoever adds the card anew has the pass of the one who was erased")
	}
	if _, err := a.Store.Prune(t.Context(), a.Clock.Now().Add(31*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []apitest.Call{p.update(""), p.registration(http.MethodPost), p.registration(http.MethodDelete)} {
		a.Refused(t, c, gen.ProblemCodeUnauthorized)
	}
	if list := p.changed(t, ""); len(list.SerialNumbers) != 0 {
		t.Errorf("listed %+v", list)
	}
}

// A flood of registrations is bounded, per pass and per second.
func TestRegistrationFlood(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	p := adds(t, a, "phone", a.NewCard(t, a.Shop, a.Shop.Stamps).ID)
	limited := false
	for i := range 200 {
		p.id = "phone" + strings.Repeat("x", i%100)
		limited = limited || p.Do(t, p.registration(http.MethodPost)).Status == http.StatusTooManyRequests
	}
	id, err := loyalty.ParseID[loyalty.PassID](p.holds.Serial)
	if err != nil {
		t.Fatal(err)
	}
	told, err := a.Store.Announce(t.Context(), id, a.Clock.Now())
	if err != nil || !limited || len(told) != loyalty.MaxRegistrations {
		t.Errorf("limited: %v; %d are told, %v", limited, len(told), err)
	}
}

// Whoever guesses tokens, or registers phone upon phone for passes that it holds, is
// told to wait, from one address; another pass's own phone is let in again soon.
func TestFloodFromOneAddress(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	p := adds(t, a, "phone", a.NewCard(t, a.Shop, a.Shop.Stamps).ID)
	until := func(c apitest.Call, most int) {
		t.Helper()
		for range most {
			if got := a.Do(t, c); got.Status == http.StatusTooManyRequests {
				if got.Header.Get("Retry-After") == "" || got.Problem().Code != gen.ProblemCodeRateLimited {
					t.Errorf("%v %s", got.Header, got.Body)
				}
				return
			}
		}
		t.Errorf("%s %s: not limited after %d", c.Method, c.Path, most)
	}
	guess := p.update("")
	guess.Header["Authorization"] = "ApplePass a01." + strings.Repeat("A", 22)
	until(guess, 1100)
	if got := p.Do(t, p.update("")); got.Status != http.StatusOK {
		t.Errorf("who guesses nothing is answered %d", got.Status)
	}
	for range 8 { // of each pass a few
		q := adds(t, a, "phone", a.NewCard(t, a.Shop, a.Shop.Stamps).ID)
		for range 50 {
			q.Do(t, q.registration(http.MethodPost))
		}
	}
	until(p.registration(http.MethodPost), 1)
	a.Clock.Advance(time.Second)
	if got := p.Do(t, p.registration(http.MethodPost)); got.Status != http.StatusCreated {
		t.Errorf("a second later: %d %s", got.Status, got.Body)
	}
}

// A signed link opens one card's pass, for ten minutes.
func TestPassLink(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card, other := a.NewCard(t, a.Shop, a.Shop.Stamps).ID, a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	link := apitest.Read[gen.PassLink](t, a.Do(t, apitest.Call{Path: "/v1/cards/" + card.String() + "/pass-links", Token: a.Shop.App}))
	open := apitest.Call{Method: http.MethodGet, Path: link.AppleURL, For: a.Shop, Header: map[string]string{"Accept-Language": "pl-PL,pl;q=0.9"}}
	opened := a.Do(t, open)
	pass := readPass(t, opened)
	a.Shop.Trust(pass.Token)
	if pass.Card.Header[0].Value != "0 z 10" || opened.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("opened %+v, %v", pass, opened.Header)
	}
	elsewhere := open
	elsewhere.Path = strings.Replace(open.Path, card.String(), other.String(), 1)
	a.Refused(t, elsewhere, gen.ProblemCodeLinkInvalid)
	a.Clock.Advance(11 * time.Minute)
	a.Refused(t, open, gen.ProblemCodeLinkExpired)
}

// A member's cards come as one file.
func TestMemberPasses(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	member := a.NewMember(t, a.Shop).ID
	want := map[string]bool{}
	for range 2 {
		card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
		a.Attach(t, a.Shop, card, member)
		want[adds(t, a, "phone", card).holds.Serial] = true
	}
	got := a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/members/" + member.String() + "/passes.pkpasses", Token: a.Shop.App})
	archive, err := zip.NewReader(bytes.NewReader(got.Body), int64(len(got.Body)))
	if err != nil || got.Header.Get("Content-Type") != apple.BundleMediaType || len(archive.File) != 2 {
		t.Fatalf("%d %v, %v", got.Status, got.Header, err)
	}
	for _, file := range archive.File {
		from, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		inner, err := io.ReadAll(from)
		if err != nil {
			t.Fatal(err)
		}
		var d document
		readPackage(t, inner, &d)
		delete(want, d.Serial)
	}
	if len(want) != 0 {
		t.Errorf("not in the bundle: %v", want)
	}
}

// What phones complain of is taken whatever it is, within bounds.
func TestPhonesComplain(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	p := adds(t, a, "5bcee0a8f6f2f7ab8a5c9b1c1f0f2d3e", a.NewCard(t, a.Shop, a.Shop.Stamps).ID)
	complaint := apitest.Call{Path: "/passes/apple/v1/log", For: a.Shop, Body: apitest.Map{"logs": []string{
		"Register task (for device " + p.id + ", token " + p.holds.Token + "): failed", strings.Repeat("x", 2000), "\x00\n",
	}}}
	for range 50 {
		if got := a.Do(t, complaint); got.Status != http.StatusOK {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
	}
	complaint.Body = apitest.Map{"logs": []string{strings.Repeat("x", 2001)}}
	a.Refused(t, complaint, gen.ProblemCodeInvalidField)
	complaint.Body = apitest.Map{}
	a.Refused(t, complaint, gen.ProblemCodeMissingField)
}

// FuzzPhone: whatever is sent as a phone's registration, tag or time is answered
// as the contract says.
func FuzzPhone(f *testing.F) {
	a := apitest.Boot(f)
	card := a.NewCard(f, a.Shop, a.Shop.Stamps).ID
	pass, err := a.Store.OpenPass(f.Context(), loyalty.Pass{
		ID: loyalty.NewID(), Merchant: a.Shop.ID, Card: card, Wallet: loyalty.AppleWallet, Language: "en", KeyID: "a01",
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"pushToken":"00ff"}`), "ApplePass a01.x", "1794045060123456", "Fri, 06 Nov 2026 09:42:00 GMT")
	f.Add([]byte(`{"logs":[null]}`), "ApplePass ", "-1", "")
	f.Fuzz(func(t *testing.T, body []byte, authorization, tag, modified string) {
		for _, value := range []string{authorization, modified} {
			if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
				return // no client sends such a header
			}
		}
		if strings.ContainsFunc(tag, func(r rune) bool { return r < '0' || r > 'z' }) {
			return
		}
		header := map[string]string{"Authorization": authorization, "If-Modified-Since": modified}
		path := "/passes/apple/v1/"
		one := apple.TestType + "/" + pass.ID.String()
		for _, c := range []apitest.Call{
			{Path: path + "devices/p/registrations/" + one, Body: body, Header: header},
			{Method: http.MethodDelete, Path: path + "devices/p/registrations/" + one, Header: header},
			{Method: http.MethodGet, Path: path + "passes/" + one, Header: header},
			{Method: http.MethodGet, Path: path + "devices/p/registrations/" + apple.TestType + "?passesUpdatedSince=" + tag},
			{Path: path + "log", Body: body},
		} {
			c.For = a.Shop
			if got := a.Do(t, c); got.Status >= 500 {
				t.Errorf("%s %s: %d %s", c.Method, c.Path, got.Status, got.Body)
			}
		}
	})
}

// A phone that asks after a loss gets the new code, although the card shows nothing
// else than before; and no longer has it sent once wallets were told.
func TestApplePassFollowsItsCode(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	p := adds(t, a, "5bcee0a8f6f2f7ab8a5c9b1c1f0f2d3e", card)
	a.Do(t, p.registration(http.MethodPost))
	has := a.Do(t, p.update("")).Header.Get("Last-Modified")
	if got := a.Do(t, p.update(has)); got.Status != http.StatusNotModified {
		t.Errorf("unchanged: %d", got.Status)
	}
	a.Do(t, apitest.Call{Path: "/v1/cards/" + card.String() + "/reissue", Token: a.Shop.Admin, Body: apitest.Map{"surface": "wallet"}})
	now := readPass(t, a.Do(t, p.update(has)))
	if now.Barcodes[0].Message == p.holds.Barcodes[0].Message {
		t.Error("it has the code that was lost")
	}
}
