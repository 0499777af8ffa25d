package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/scanner/ntag/ntagtest"
)

// counter is a shop with a tag on its counter, and a customer whose browser has a card.
type counter struct {
	*visitor
	program gen.Program
	tag     gen.Tag
	chip    *ntagtest.Chip
	token   string // of the card, in the browser
	card    loyalty.CardID
}

// newCounter is one whose program says so of the counter.
func newCounter(t *testing.T, rule apitest.Map, changes ...func(*apitest.Setup)) *counter {
	t.Helper()
	return counterOn(t, apitest.Boot(t, changes...), rule)
}

func counterOn(t *testing.T, a *apitest.API, rule apitest.Map) *counter {
	t.Helper()
	k := &counter{visitor: newVisitor(a)}
	rules := counterRules()
	rules["counter"] = rule
	k.program = apitest.Read[gen.Program](t, k.Do(t, apitest.Call{Path: "/v1/programs", Token: k.Shop.Admin, Body: apitest.Map{"rules": rules}}))
	k.tag = apitest.Read[gen.Tag](t, k.Do(t, apitest.Call{Path: "/v1/tags", Token: k.Shop.Admin, Body: apitest.Map{
		"kind": "counter", "location": k.Shop.At, "program": k.program.ID, "uid": apitest.UID(), "label": "front",
	}}))
	k.chip = apitest.SetUp(t, &k.tag)
	k.card, k.token = k.newCard(t, k.program.ID)
	return k
}

// newCard is a card of a program and the token of a browser that has it.
func (k *counter) newCard(t *testing.T, program loyalty.ProgramID) (loyalty.CardID, string) {
	t.Helper()
	card := apitest.Read[gen.Card](t, k.Do(t, apitest.Call{Path: "/v1/cards", Token: k.Shop.Admin, Body: apitest.Map{"program": program}}))
	return card.ID, k.Phone(t, k.Shop, card.ID).Token
}

// below is where a tap leads, with what the chip has mirrored.
func below(url string) string { return url[strings.Index(url, "/t/"):] }

type tapAnswer struct {
	State, Approval, Code, Heading, Text string
	Left                                 int64
	Status                               int
}

// post sends what the page behind a tag sends.
func (v *visitor) post(t *testing.T, path string, body any, header ...string) (int, []byte) {
	t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.URL+path, bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := v.client.Do(r)
	if err != nil {
		t.Error(err)
		return 0, nil
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Error(err)
	}
	return answer.StatusCode, text
}

// give is one tap for a card, from a page of its own.
func (k *counter) give(t *testing.T, token, url string) tapAnswer {
	t.Helper()
	_, message, _ := strings.Cut(url, "?")
	return k.giveAgain(t, token, message, fmt.Sprintf("%.26s", apitest.Key()+apitest.Key()))
}

func (k *counter) giveAgain(t *testing.T, token, message, once string) (told tapAnswer) {
	t.Helper()
	status, body := k.post(t, "/t/"+k.tag.ID.String(), apitest.Map{"token": token, "message": message, "once": once})
	if err := json.Unmarshal(body, &told); err != nil {
		t.Errorf("%d %.300s", status, body)
	}
	told.Status = status
	return told
}

// wait taps, and returns the id of what a till is asked.
func (k *counter) wait(t *testing.T) string {
	t.Helper()
	told := k.give(t, k.token, k.chip.Tap())
	if told.Approval == "" {
		t.Fatalf("nothing waits: %+v", told)
	}
	return told.Approval
}

// A tap at the counter is a page, which uses nothing, and then a stamp.
func TestTapAtTheCounter(t *testing.T) {
	t.Parallel()
	k := newCounter(t, apitest.Map{"enabled": true, "approval": "none"})
	url := k.chip.Tap()
	for range 3 {
		answer, text := k.ask(t, below(url), nil)
		if answer.StatusCode != http.StatusOK || !strings.Contains(text, "tap.js") {
			t.Fatalf("%d %.500s", answer.StatusCode, text)
		}
		if h := answer.Header; h.Get("Referrer-Policy") != "no-referrer" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%v", h)
		}
	}
	if tag := getTag(t, k.API, k.tag.ID); tag.Counter != 0 || tag.Kind != gen.TagKindCounter {
		t.Errorf("reading the page has used it: %+v", tag)
	}
	status, body := k.post(t, "/t/"+k.tag.ID.String()+"/cards", apitest.Map{"tokens": []string{"nonsense", k.token}})
	if status != http.StatusOK || !strings.Contains(string(body), `"index":1`) || !strings.Contains(string(body), `"gone":[0]`) {
		t.Errorf("%d %s", status, body)
	}
	if told := k.give(t, k.token, url); told.State != "approved" || told.Heading == "" {
		t.Fatalf("%+v", told)
	}
	entry := k.lastEntry(t)
	if entry.Method != gen.MethodCounter || entry.Units != 1 || entry.Location != k.Shop.At || !entry.Till.IsZero() {
		t.Errorf("%+v", entry)
	}
	if told := k.give(t, k.token, url); told.Code != "credential_already_used" || told.Status != http.StatusConflict {
		t.Errorf("used twice: %+v", told)
	}
}

func (k *counter) lastEntry(t *testing.T) gen.Entry {
	t.Helper()
	at := "/v1/cards/" + k.card.String() + "/entries"
	return apitest.Read[gen.EntryPage](t, k.Do(t, apitest.Call{Method: http.MethodGet, Path: at, Token: k.Shop.Admin})).Entries[0]
}

// A page that was loaded again, or whose answer got lost, is told the same.
func TestTapIsAskedAgain(t *testing.T) {
	t.Parallel()
	k := newCounter(t, apitest.Map{"enabled": true, "approval": "none"})
	_, message, _ := strings.Cut(k.chip.Tap(), "?")
	const once = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for range 3 {
		if told := k.giveAgain(t, k.token, message, once); told.State != "approved" {
			t.Errorf("%+v", told)
		}
	}
	if card := k.GetCard(t, k.Shop, k.card); card.Balance != 1 {
		t.Errorf("%d stamps", card.Balance)
	}
}

func TestTapsThatCountForNothing(t *testing.T) {
	t.Parallel()
	k := newCounter(t, apitest.Map{"enabled": true, "approval": "none"})
	_, message, _ := strings.Cut(k.chip.Tap(), "?")
	other, otherToken := k.newCard(t, k.Shop.Stamps.ID)
	_, fob := k.NewTag(t, k.Shop, other)
	blocked, blockedToken := k.newCard(t, k.program.ID)
	k.Do(t, apitest.Call{Path: "/v1/cards/" + blocked.String() + "/block", Token: k.Shop.Admin, Body: apitest.Map{"note": "why"}})
	rival := k.Phone(t, k.Rival, k.NewCard(t, k.Rival, k.Rival.Stamps).ID).Token
	for name, test := range map[string]struct{ token, message, code string }{
		"torn":                    {k.token, message[:len(message)-1], "credential_malformed"},
		"a bit flipped":           {k.token, message[:len(message)-1] + "X", "credential_malformed"},
		"another MAC":             {k.token, message[:len(message)-16] + "0123456789ABCDEF", "credential_invalid"},
		"a customer's tag":        {k.token, strings.SplitN(fob.Tap(), "?", 2)[1], "credential_invalid"},
		"a card of another card":  {otherToken, message, "counter_other_program"},
		"another merchant's card": {rival, message, "counter_other_program"},
		"a blocked card":          {blockedToken, message, "card_blocked"},
		"a token of nobody":       {"device_x.y", message, "unauthorized"},
		"the till's token":        {k.Shop.Front.Token, message, "unauthorized"},
		"the key of the shop":     {k.Shop.Admin, message, "unauthorized"},
	} {
		if told := k.giveAgain(t, test.token, test.message, "ABCDEFGHIJKLMNOPQRSTUVWXY1"); told.Code != test.code || told.State != "no" || told.Heading == "" {
			t.Errorf("%s: %+v, want %s", name, told, test.code)
		}
	}
	if status, _ := k.post(t, "/t/"+k.tag.ID.String(), apitest.Map{"token": k.token}, "Origin", "https://elsewhere.example"); status != http.StatusForbidden {
		t.Errorf("a form of another site: %d", status)
	}
	if tag := getTag(t, k.API, k.tag.ID); tag.Counter != 0 {
		t.Errorf("what was refused has used it: %+v", tag)
	}
	if told := k.give(t, k.token, "?"+message); told.State != "approved" {
		t.Errorf("%+v", told)
	}
}

// Every address that a phone may open by a tag is a page that says something.
func TestPagesOfTags(t *testing.T) {
	t.Parallel()
	k := newCounter(t, apitest.Map{"enabled": true})
	_, fob := k.NewTag(t, k.Shop, k.card)
	url := k.chip.Tap()
	fobURL := fob.Tap()
	for at, want := range map[string]struct {
		status int
		says   string
	}{
		"/t" + fobURL[strings.Index(fobURL, "?"):]: {http.StatusOK, "This is somebody"},
		"/t":                           {http.StatusNotFound, "Tap again"},
		"/t?x=1":                       {http.StatusNotFound, "Tap again"},
		below(url):                     {http.StatusOK, "One moment"},
		below(url) + "&lang=pl":        {http.StatusOK, "Chwileczk"},
		below(url)[:len(below(url))-1]: {http.StatusUnprocessableEntity, "Tap again"},
		"/t/" + k.tag.ID.String():      {http.StatusUnprocessableEntity, "Tap again"},
		"/t/tag_nonsense" + url[strings.Index(url, "?"):]: {http.StatusNotFound, "This tag is not known"},
	} {
		answer, text := k.ask(t, at, nil)
		if answer.StatusCode != want.status || !strings.Contains(text, want.says) {
			t.Errorf("%s: %d, want %d %q: %.900s", at, answer.StatusCode, want.status, want.says, text)
		}
	}
	k.Do(t, apitest.Call{Path: "/v1/tags/" + k.tag.ID.String() + "/revoke", Token: k.Shop.Admin})
	if answer, text := k.ask(t, below(url), nil); answer.StatusCode != http.StatusConflict || !strings.Contains(text, "out of use") {
		t.Errorf("revoked: %d", answer.StatusCode)
	}
	if told := k.give(t, k.token, url); told.Code != "credential_revoked" {
		t.Errorf("revoked: %+v", told)
	}
	// At a till it is no card.
	url = k.chip.Tap()
	k.Refused(t, apitest.Tapped(k.Shop.Front, url, apitest.Units(1)), gen.ProblemCodeCredentialNotAccepted)
}

func TestShopThatIsClosed(t *testing.T) {
	t.Parallel()
	k := newCounter(t, apitest.Map{"enabled": true, "approval": "none"})
	days := []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
	tomorrow := days[k.Clock.Now().Add(48*time.Hour).Weekday()]
	at := "/v1/locations/" + k.Shop.At.String()
	hours := []apitest.Map{{"day": tomorrow, "opens": "08:30", "closes": "18:00"}}
	l := apitest.Read[gen.Location](t, k.Do(t, apitest.Call{Method: http.MethodPatch, Path: at, Token: k.Shop.Admin, Body: apitest.Map{"hours": hours}}))
	if len(l.Hours) != 1 || l.Hours[0].Opens != "08:30" || l.Name == "" {
		t.Fatalf("%+v", l)
	}
	url := k.chip.Tap()
	if told := k.give(t, k.token, url); told.Code != "shop_closed" || !strings.Contains(told.Text, "08:30") {
		t.Errorf("%+v", told)
	}
	for field, bad := range map[string]apitest.Map{
		"hours[0].day":    {"day": "caturday", "opens": "08:30", "closes": "18:00"},
		"hours[0].opens":  {"day": "monday", "opens": "8:30", "closes": "18:00"},
		"hours[0].closes": {"day": "monday", "opens": "08:30", "closes": "08:30"},
	} {
		p := k.Refused(t, apitest.Call{Method: http.MethodPatch, Path: at, Token: k.Shop.Admin, Body: apitest.Map{"hours": []apitest.Map{bad}}}, gen.ProblemCodeInvalidField)
		if p.Field != field {
			t.Errorf("%+v", p)
		}
	}
	k.Do(t, apitest.Call{Method: http.MethodPatch, Path: at, Token: k.Shop.Admin, Body: apitest.Map{"hours": []apitest.Map{}}})
	if told := k.give(t, k.token, url); told.State != "approved" {
		t.Errorf("%+v", told)
	}
}

// waiting are who a till is told to wait.
func (k *counter) waiting(t *testing.T, till apitest.Till) []gen.Approval {
	t.Helper()
	return apitest.Read[gen.ApprovalPage](t, k.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/till/approvals", Token: till.Token})).Approvals
}

func (k *counter) decide(till apitest.Till, id, what string) apitest.Call {
	return apitest.Call{Path: "/v1/till/approvals/" + id + "/" + what, Token: till.Token, Key: apitest.Key()}
}

// The till approves, and both sides follow each other.
func TestApprovalAtTheTill(t *testing.T) {
	t.Parallel()
	k := newCounter(t, apitest.Map{"enabled": true, "units": 2})
	till := k.follow(t, k.Shop.Back)
	if first := <-till; first != `{"approvals":[]}` {
		t.Errorf("at first: %s", first)
	}
	asked := k.give(t, k.token, k.chip.Tap())
	if asked.State != "waiting" || asked.Left != 30_000 || asked.Approval == "" {
		t.Fatalf("%+v", asked)
	}
	if told := <-till; !strings.Contains(told, asked.Approval) || !strings.Contains(told, k.card.String()) {
		t.Errorf("the till was told %s", told)
	}
	page := k.listen(t, "/card/"+k.token+"/taps/"+asked.Approval)
	if first := <-page; !strings.Contains(first, `"waiting"`) {
		t.Errorf("the page: %s", first)
	}
	if list := k.waiting(t, k.Shop.Front); len(list) != 1 || list[0].Units != 2 || list[0].State != gen.ApprovalStateWaiting {
		t.Fatalf("%+v", list)
	}
	posted := apitest.Read[gen.Posting](t, k.Do(t, k.decide(k.Shop.Front, asked.Approval, "approve")))
	if e := posted.Entries[0]; e.Method != gen.MethodCounter || e.Till != k.Shop.Front.ID || posted.Card.Balance != 2 {
		t.Errorf("%+v", posted)
	}
	if then := <-page; !strings.Contains(then, `"approved"`) {
		t.Errorf("the page: %s", then)
	}
	if told := <-till; told != `{"approvals":[]}` {
		t.Errorf("then the till was told %s", told)
	}
	p := k.Refused(t, k.decide(k.Shop.Back, asked.Approval, "approve"), gen.ProblemCodeApprovalDecided)
	if p.Entry != posted.Entries[0].ID {
		t.Errorf("%+v", p)
	}
	k.Refused(t, k.decide(k.Shop.Back, asked.Approval, "refuse"), gen.ProblemCodeApprovalDecided)
}

// follow opens a till's stream.
func (k *counter) follow(t *testing.T, till apitest.Till) <-chan string {
	t.Helper()
	return k.stream(t, "/v1/till/approvals", "Accept", "text/event-stream", "Authorization", "Bearer "+till.Token)
}

func TestRefusedAtTheTill(t *testing.T) {
	t.Parallel()
	k := newCounter(t, apitest.Map{"enabled": true})
	asked := k.give(t, k.token, k.chip.Tap())
	page := k.listen(t, "/card/"+k.token+"/taps/"+asked.Approval)
	<-page
	call := k.decide(k.Shop.Front, asked.Approval, "refuse")
	if a := apitest.Read[gen.Approval](t, k.Do(t, call)); a.State != gen.ApprovalStateRefused {
		t.Errorf("%+v", a)
	}
	if again := k.Do(t, call); again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%+v", again)
	}
	if then := <-page; !strings.Contains(then, `"refused"`) {
		t.Errorf("the page: %s", then)
	}
	k.Refused(t, k.decide(k.Shop.Front, asked.Approval, "approve"), gen.ProblemCodeApprovalDecided)
	if card := k.GetCard(t, k.Shop, k.card); card.Balance != 0 {
		t.Errorf("%d stamps", card.Balance)
	}
	// Half a minute later nobody has decided.
	late := k.give(t, k.token, k.chip.Tap())
	k.Clock.Advance(30 * time.Second)
	k.Refused(t, k.decide(k.Shop.Front, late.Approval, "approve"), gen.ProblemCodeApprovalExpired)
	k.Refused(t, k.decide(k.Shop.Front, late.Approval, "refuse"), gen.ProblemCodeApprovalExpired)
	if text := k.read(t, "/card/"+k.token+"/taps/"+late.Approval); !strings.Contains(text, `"expired"`) {
		t.Errorf("the page: %s", text)
	}
	// What is another's is not there.
	last := k.give(t, k.token, k.chip.Tap())
	k.Refused(t, k.decide(k.Rival.Front, last.Approval, "approve"), gen.ProblemCodeApprovalNotFound)
	_, stranger := k.newCard(t, k.program.ID)
	if answer, _ := k.ask(t, "/card/"+stranger+"/taps/"+last.Approval, nil); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a stranger's page: %d", answer.StatusCode)
	}
	k.Do(t, apitest.Call{Path: "/v1/tills/" + k.Shop.Front.ID.String() + "/revoke", Token: k.Shop.Admin, Body: apitest.Map{}})
	k.Refused(t, k.decide(k.Shop.Front, last.Approval, "approve"), gen.ProblemCodeTillRevoked)
	k.Refused(t, k.decide(k.Shop.Front, last.Approval, "refuse"), gen.ProblemCodeTillRevoked)
}

func TestSkippedTapsAreListed(t *testing.T) {
	t.Parallel()
	k := newCounter(t, apitest.Map{"enabled": true, "approval": "none"})
	k.give(t, k.token, k.chip.At(1))
	k.give(t, k.token, k.chip.At(12))
	k.give(t, k.token, k.chip.At(5))
	at := "/v1/tags/" + k.tag.ID.String() + "/gaps"
	gaps := apitest.Read[gen.TagGapPage](t, k.Do(t, apitest.Call{Method: http.MethodGet, Path: at, Token: k.Shop.Admin})).Gaps
	if len(gaps) != 1 || gaps[0].First != 2 || gaps[0].Last != 11 || gaps[0].Missing != 9 {
		t.Errorf("%+v", gaps)
	}
	k.Clock.Advance(loyalty.CounterLate + time.Second)
	if told := k.give(t, k.token, k.chip.At(6)); told.Code != "credential_already_used" {
		t.Errorf("a harvested tap: %+v", told)
	}
	metrics := string(k.Do(t, apitest.Call{Method: http.MethodGet, Path: "/metrics"}).Body)
	for _, line := range []string{
		"stempel_counter_taps_skipped_total 10", "stempel_counter_taps_late_total 1", `stempel_counter_taps_total{result="posted"} 3`,
	} {
		if !strings.Contains(metrics, line) {
			t.Errorf("no %s", line)
		}
	}
}

func TestTagsOfKinds(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	for field, body := range map[string]apitest.Map{
		"card":     {"uid": apitest.UID()},
		"location": {"uid": apitest.UID(), "kind": "counter", "program": a.Shop.Stamps.ID},
		"program":  {"uid": apitest.UID(), "kind": "counter", "location": a.Shop.At},
	} {
		if p := a.Refused(t, apitest.Call{Path: "/v1/tags", Token: a.Shop.Admin, Body: body}, gen.ProblemCodeMissingField); p.Field != field {
			t.Errorf("%+v", p)
		}
	}
	body := apitest.Map{"uid": apitest.UID(), "kind": "counter", "location": a.Shop.At, "program": a.Rival.Stamps.ID}
	a.Refused(t, apitest.Call{Path: "/v1/tags", Token: a.Shop.Admin, Body: body}, gen.ProblemCodeProgramNotFound)
	body["program"], body["location"] = a.Shop.Stamps.ID, a.Rival.At
	a.Refused(t, apitest.Call{Path: "/v1/tags", Token: a.Shop.Admin, Body: body}, gen.ProblemCodeLocationNotFound)
	body["location"], body["card"] = a.Shop.At, a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	a.Refused(t, apitest.Call{Path: "/v1/tags", Token: a.Shop.Admin, Body: body}, gen.ProblemCodeInvalidField)
}

// One tap of the counter, a hundred times at once, for two cards and over two processes
// on PostgreSQL, with nothing but the database to say no; then one approval likewise.
func TestOneCounterTapAtOnce(t *testing.T) {
	t.Parallel()
	k := newCounter(t, apitest.Map{"enabled": true, "approval": "none"}, apitest.Postgres(t), apitest.Unguarded)
	beside := *k
	beside.visitor = newVisitor(k.Beside(t, apitest.Unguarded))
	other, otherToken := k.newCard(t, k.program.ID)
	url := k.chip.Tap()
	var tapping sync.WaitGroup
	var mu sync.Mutex
	codes := map[string]int{}
	for i := range 100 {
		at, token := []*counter{k, &beside}[i%2], []string{k.token, otherToken}[i/2%2]
		tapping.Go(func() {
			told := at.give(t, token, url)
			mu.Lock()
			defer mu.Unlock()
			codes[told.State+told.Code]++
		})
	}
	tapping.Wait()
	if codes["approved"] != 1 || codes["nocredential_already_used"] != 99 {
		t.Errorf("%v", codes)
	}
	if all := k.GetCard(t, k.Shop, k.card).Lifetime + k.GetCard(t, k.Shop, other).Lifetime; all != 1 {
		t.Errorf("%d stamps", all)
	}
}

// Without anything between the processes that tells of changes, tills and pages ask by
// themselves.
func TestApprovalOverTwoProcesses(t *testing.T) {
	t.Parallel()
	k := newCounter(t, apitest.Map{"enabled": true}, apitest.Postgres(t), apitest.Alone)
	beside := *k
	beside.visitor = newVisitor(k.Beside(t, apitest.Alone))
	till := beside.follow(t, k.Shop.Front)
	<-till
	asked := k.give(t, k.token, k.chip.Tap())
	if told := <-till; !strings.Contains(told, asked.Approval) {
		t.Errorf("the till was told %s", told)
	}
	page := k.listen(t, "/card/"+k.token+"/taps/"+asked.Approval)
	<-page
	if answer := beside.Do(t, k.decide(k.Shop.Front, asked.Approval, "approve")); answer.Status != http.StatusOK {
		t.Errorf("%+v", answer)
	}
	if then := <-page; !strings.Contains(then, `"approved"`) {
		t.Errorf("the page: %s", then)
	}
}

// What a limit holds back a manager lets through, before the wait is over.
func TestApprovalBeyondALimit(t *testing.T) {
	t.Parallel()
	k := newCounter(t, apitest.Map{"enabled": true})
	limit(t, k.API, apitest.Map{"card_earns_per_hour": 1})
	if first := k.Do(t, k.decide(k.Shop.Front, k.wait(t), "approve")); first.Status != http.StatusOK {
		t.Fatalf("%+v", first)
	}
	asked := k.wait(t)
	with := func(pin string) apitest.Call {
		call := k.decide(k.Shop.Front, asked, "approve")
		call.Body = apitest.Map{"pin": pin}
		return call
	}
	if p := k.Refused(t, k.decide(k.Shop.Front, asked, "approve"), gen.ProblemCodeLimitReached); p.Needs != gen.RoleManager {
		t.Errorf("%+v", p)
	}
	k.Refused(t, with("000000000000"), gen.ProblemCodePINWrong)
	k.Refused(t, with(k.Shop.PINs.Cashier), gen.ProblemCodeLimitReached)
	posted := apitest.Read[gen.Posting](t, k.Do(t, with(k.Shop.PINs.Manager)))
	if e := posted.Entries[0]; e.Staff != k.Shop.Staff.Manager || len(e.Lifted) != 1 || e.Lifted[0] != gen.LiftedLimitCardEarnsPerHour {
		t.Errorf("%+v", e)
	}
}

// Of a card that is merged while it waits, the survivor earns.
func TestApprovalOfAMergedCard(t *testing.T) {
	t.Parallel()
	k := newCounter(t, apitest.Map{"enabled": true})
	asked := k.wait(t)
	survivor, _ := k.newCard(t, k.program.ID)
	if merged := k.Do(t, office(k.Shop, "POST", "/v1/cards/"+k.card.String()+"/merge", apitest.Map{"into": survivor})); merged.Status != http.StatusCreated {
		t.Fatalf("%+v", merged)
	}
	posted := apitest.Read[gen.Posting](t, k.Do(t, k.decide(k.Shop.Front, asked, "approve")))
	if posted.Card.ID != survivor || posted.Card.Balance != 1 {
		t.Errorf("%+v", posted.Card)
	}
	k.Refused(t, k.decide(k.Shop.Front, asked, "approve"), gen.ProblemCodeApprovalDecided)
}

// The stream of a till that is moved ends: the next one is of the new shop.
func TestStreamOfATillThatIsMoved(t *testing.T) {
	t.Parallel()
	k := newCounter(t, apitest.Map{"enabled": true})
	till := k.follow(t, k.Shop.Front)
	<-till
	elsewhere := apitest.Read[gen.Location](t, k.Do(t, office(k.Shop, "POST", "/v1/locations", apitest.Map{"name": "Harbour", "zone": "Europe/Warsaw"})))
	if moved := k.Do(t, office(k.Shop, "PATCH", "/v1/tills/"+k.Shop.Front.ID.String(), apitest.Map{"location": elsewhere.ID})); moved.Status != http.StatusOK {
		t.Fatalf("%+v", moved)
	}
	k.wait(t)
	if told, open := <-till; open {
		t.Errorf("it is told of the old shop: %s", told)
	}
}

// Whoever waits and taps again waits once, at the place in the row that it has, and the
// page is told of the same.
func TestTapOfACardThatWaits(t *testing.T) {
	t.Parallel()
	k := newCounter(t, apitest.Map{"enabled": true})
	first := k.wait(t)
	_, other := k.newCard(t, k.program.ID)
	second := k.give(t, other, k.chip.Tap())
	k.Clock.Advance(10 * time.Second)
	for range 25 {
		if told := k.give(t, k.token, k.chip.Tap()); told.Approval != first || told.State != "waiting" || told.Left != 20_000 {
			t.Fatalf("%+v", told)
		}
	}
	if list := k.waiting(t, k.Shop.Front); len(list) != 2 || list[0].ID.String() != first || list[1].ID.String() != second.Approval {
		t.Errorf("%+v", list)
	}
	k.Do(t, k.decide(k.Shop.Front, first, "refuse"))
	if again := k.wait(t); again == first {
		t.Error("what was refused still waits")
	}
}
