package main

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"stempel/internal/jobs"
	"stempel/internal/mail/smtptest"
)

// mailed is a shop whose server writes letters, and a browser that follows no
// redirect by itself.
type mailed struct {
	shop
	t      *testing.T
	server *server
	box    *smtptest.Server
	client http.Client
}

func openMailed(t *testing.T) *mailed {
	t.Helper()
	box, err := smtptest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	on := anyPort()
	on.PublicURL = "https://cards.example.com/"
	on.SMTPURL, on.MailFrom, on.mailRoots = box.URL(), smtptest.From, box.Roots()
	s := bootAt(t, in(t.TempDir()), on)
	t.Cleanup(func() { closeServer(t, s) })
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &mailed{openShop(t, s), t, s, box, http.Client{CheckRedirect: stay, Timeout: time.Minute}}
}

// post sends a form; nil opens the page.
func (m *mailed) post(path string, form url.Values) (status int, text string) {
	m.t.Helper()
	answer, err := m.client.Get(m.url + path)
	if form != nil {
		answer, err = m.client.PostForm(m.url+path, form)
	}
	if err != nil {
		m.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

func (m *mailed) door() string { return "/join/" + m.notes.Programs["ice-cream"].String() }

func (m *mailed) join(email string) {
	m.t.Helper()
	_, page := m.post(m.door()+"?lang=pl", nil)
	once := regexp.MustCompile(`name="once" value="(\w+)"`).FindStringSubmatch(page)
	if once == nil || !strings.Contains(page, m.door()+"/recover?lang=pl") {
		m.t.Fatalf("the page is %s", page)
	}
	if status, text := m.post(m.door()+"?lang=pl", url.Values{"once": {once[1]}, "email": {email}}); status != http.StatusSeeOther {
		m.t.Fatalf("join: %d %s", status, text)
	}
}

// letters waits until so many have come.
func (m *mailed) letters(want int) []smtptest.Letter {
	m.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if got := m.box.Letters(); len(got) >= want {
			return got
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("%d letters came, not %d; refused: %q", len(m.box.Letters()), want, m.box.Refused())
		}
	}
}

func (m *mailed) dead() []jobs.Dead {
	m.t.Helper()
	list, err := m.server.jobs.Dead(m.t.Context(), 0, 10)
	if err != nil {
		m.t.Fatal(err)
	}
	return list
}

var letterLink = regexp.MustCompile(`https://cards\.example\.com(/recover/\S+)`)

// Whoever joins with an address gets a letter, though the mail server was busy at
// first, whose link opens the card once.
func TestLetterAfterJoining(t *testing.T) {
	t.Parallel()
	m := openMailed(t)
	m.box.BeBusy(1)
	m.join("zofia@example.com")
	letter := m.letters(1)[0]
	link := letterLink.FindStringSubmatch(letter.Text)
	if letter.To != "zofia@example.com" || link == nil || !strings.Contains(letter.Subject, "Twoja karta") || letter.FromName == "" {
		t.Fatalf("the letter is %+v", letter)
	}
	status, page := m.post(link[1], nil)
	once := regexp.MustCompile(`name="once" value="(\w+)"`).FindStringSubmatch(page)
	if status != http.StatusOK || once == nil {
		t.Fatalf("the link opens with %d %s", status, page)
	}
	if status, _ := m.post(link[1], url.Values{"once": {once[1]}}); status != http.StatusSeeOther {
		t.Errorf("the card opens with %d", status)
	}
	if status, _ := m.post(link[1], nil); status != http.StatusNotFound {
		t.Errorf("a second time with %d", status)
	}
}

// A letter that nobody takes is a dead letter, which tells no address and opens
// nothing, and can be sent again.
func TestLetterThatCannotBeDelivered(t *testing.T) {
	t.Parallel()
	m := openMailed(t)
	m.box.Forget("zofia@example.com")
	m.join("zofia@example.com")
	for deadline := time.Now().Add(time.Minute); len(m.dead()) == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("there is no dead letter")
		}
	}
	dead := m.dead()[0]
	if told := string(dead.Args) + dead.Problem; dead.Kind != letterJob || strings.Contains(told, "zofia") || strings.Contains(told, "recover/") ||
		!strings.Contains(dead.Problem, "550") {
		t.Errorf("it is %s: %s %s", dead.Kind, dead.Args, dead.Problem)
	}
	m.box.Forget("")
	if err := m.server.jobs.Replay(t.Context(), dead.ID); err != nil {
		t.Fatal(err)
	}
	m.letters(1)
}

// The page for lost cards says the same to everybody, and to each what they have typed.
func TestLostCard(t *testing.T) {
	t.Parallel()
	m := openMailed(t)
	m.join("zofia@example.com")
	m.letters(1)
	_, known := m.post(m.door()+"/recover", url.Values{"email": {" Zofia@Example.com "}})
	status, unknown := m.post(m.door()+"/recover", url.Values{"email": {"nobody@example.com"}})
	if !strings.Contains(known, "Zofia@Example.com") || !strings.Contains(unknown, "nobody@example.com") {
		t.Errorf("nobody sees what they have typed: %s", known)
	}
	unknown = strings.ReplaceAll(unknown, "nobody@example.com", "Zofia@Example.com")
	if status != http.StatusOK || known != unknown || !strings.Contains(known, "If we know this address") {
		t.Errorf("%d, to who is known: %s\nto who is not: %s", status, known, unknown)
	}
	if status, text := m.post(m.door()+"/recover", url.Values{"email": {"nobody"}}); status != http.StatusUnprocessableEntity || !strings.Contains(text, "This is no e-mail address") {
		t.Errorf("no address: %d %s", status, text)
	}
	if status, text := m.post(m.door()+"/recover", nil); status != http.StatusOK || !strings.Contains(text, `name="email"`) {
		t.Errorf("the page: %d %s", status, text)
	}
}

// Settings that cannot send are told at the start.
func TestMailSettings(t *testing.T) {
	t.Parallel()
	for want, set := range map[string]mailbox{
		"STEMPEL_SMTP_URL: must look like smtp://":   {MailFrom: "cards@aurora.example"},
		"STEMPEL_MAIL_FROM: must look like":          {SMTPURL: "smtp://mail.example.com"},
		"STEMPEL_PUBLIC_URL: is needed":              {SMTPURL: "smtp://mail.example.com", MailFrom: "cards@aurora.example"},
		"STEMPEL_SMTP_URL: must look like smtp://us": {SMTPURL: "smtp://u:secret/x@mail.example.com", MailFrom: "cards@aurora.example"},
	} {
		var wrong problems
		set.check(&wrong, "")
		if err := wrong.err(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v, want %s", err, want)
		}
	}
	var wrong problems
	new(mailbox).check(&wrong, "")
	if err := wrong.err(); err != nil {
		t.Errorf("without mail: %v", err)
	}
}
