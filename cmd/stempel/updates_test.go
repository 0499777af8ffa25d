package main

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"stempel/passes/apple"
	"stempel/passes/apple/apnstest"
	"stempel/passes/google/googletest"
)

// The real program tells iPhones of stamps: many at once of several, once of each;
// again where Apple was busy; no more where a phone has removed the pass; and after
// it was stopped with the job undone.
func TestUpdatesOfIPhones(t *testing.T) {
	kept, on := in(t.TempDir()), anyPort()
	on.PublicURL = "https://cards.example.com"
	push := pushesOf(t, kept, &on)

	s := bootAt(t, kept, on)
	h := openShop(t, s)
	card := h.card(t)
	pushToken := func(n string) string { return strings.Repeat(n, 64) }
	h.addPass(t, card, "phone-of-anna", pushToken("a"))
	h.addPass(t, card, "watch-of-anna", pushToken("b"))
	first := push.Total() // registering may have shown what was missed
	push.Answer(pushToken("b"), apnstest.TooMany)
	if got := h.stamp(t, h.token(t, card)); got.status != http.StatusOK {
		t.Fatalf("a stamp: %d %s", got.status, got.body)
	}
	eventually(t, "both are told of the stamp", func() bool {
		return push.Pushed(pushToken("a")) > 0 && push.Pushed(pushToken("b")) > 0
	})
	if n := push.Pushed(pushToken("a")); n > first+1 {
		t.Errorf("the phone was told %d times", n)
	}

	for outcome, least := range map[string]float64{"delivered": 2, "later": 1} {
		eventually(t, "pushes are counted as "+outcome, func() bool {
			return sum(scrape(t, s)["stempel_apple_pushes_total"], map[string]string{"outcome": outcome}) >= least
		})
	}
	push.Answer(pushToken("b"), apnstest.Unregistered)
	before := push.Pushed(pushToken("a"))
	if got := h.stamp(t, h.token(t, card)); got.status != http.StatusOK {
		t.Fatalf("a stamp: %d %s", got.status, got.body)
	}
	closeServer(t, s) // whatever is done about it by now
	s = bootAt(t, kept, on)
	t.Cleanup(func() { closeServer(t, s) })
	eventually(t, "the phone is told of the second stamp", func() bool { return push.Pushed(pushToken("a")) > before })
	quiet(t, s)
	h.url = s.URL()
	for phone, want := range map[string]int{"phone-of-anna": http.StatusOK, "watch-of-anna": http.StatusNoContent} {
		list := call(t, http.MethodGet, h.url+"/passes/apple/v1/devices/"+phone+"/registrations/"+apple.TestType, "", nil)
		if list.status != want {
			t.Errorf("%s is listed: %d %s, want %d", phone, list.status, list.body, want)
		}
	}
	if dead := sum(scrape(t, s)["stempel_jobs_dead"], nil); dead != 0 {
		t.Errorf("%v updates are dead", dead)
	}
	if wrong := push.Wrong(); len(wrong) > 0 {
		t.Errorf("Apple would not have taken: %v", wrong)
	}
}

// The office changes what all cards show: each phone is told once, also when the
// program was stopped meanwhile, and of what nobody can see not at all.
func TestUpdatesOfAllCards(t *testing.T) {
	kept, on := in(t.TempDir()), anyPort()
	on.PublicURL = "https://cards.example.com"
	push := pushesOf(t, kept, &on)
	s := bootAt(t, kept, on)
	t.Cleanup(func() { closeServer(t, s) })
	h := openShop(t, s)
	phones := []string{"a", "b", "c"}
	for _, n := range phones {
		h.addPass(t, h.card(t), "phone-"+n, strings.Repeat(n, 64))
	}
	told := func() (all []int) {
		for _, n := range phones {
			all = append(all, push.Pushed(strings.Repeat(n, 64)))
		}
		return all
	}
	office := func(method, path string, body any) answer {
		t.Helper()
		got := call(t, method, s.URL()+path, h.notes.APIKey, body)
		if got.status != http.StatusOK {
			t.Fatalf("%s %s: %d %s", method, path, got.status, got.body)
		}
		return got
	}
	quiet(t, s)
	before := told()

	program := "/v1/programs/" + h.notes.Programs["ice-cream"].String()
	var versions struct {
		Versions []struct{ Rules map[string]any }
	}
	if err := json.Unmarshal([]byte(office(http.MethodGet, program+"/versions", nil).body), &versions); err != nil {
		t.Fatal(err)
	}
	rules := versions.Versions[0].Rules
	rules["earn"].(map[string]any)["daily_cap"] = 77 // which no card shows
	office(http.MethodPut, program+"/draft", map[string]any{"based_on": 1, "rules": rules})
	office(http.MethodPost, program+"/publish", map[string]any{})
	quiet(t, s)
	if got := told(); !slices.Equal(got, before) {
		t.Errorf("of a version that looks the same the phones were told %v times, after %v", got, before)
	}

	office(http.MethodPatch, "/v1/merchant", map[string]any{"name": "Gelateria Luna"})
	closeServer(t, s) // whatever is done about it by now
	s = bootAt(t, kept, on)
	eventually(t, "all are told", func() bool { return !slices.ContainsFunc(told(), func(n int) bool { return n <= before[0] }) })
	quiet(t, s)
	for i, n := range told() {
		if n != before[i]+1 {
			t.Errorf("phone %s was told %d times of a new name", phones[i], n-before[i])
		}
	}
}

// While neither Apple nor Google can be reached, tills scan on, and what wallets are to
// be told waits. When Apple is back, the phone is told once of all that happened.
func TestScansWithoutWallets(t *testing.T) {
	g := googletest.Start(time.Now)
	kept, on := in(t.TempDir()), googleAt(g)
	push := pushesOf(t, kept, &on)
	s := bootAt(t, kept, on)
	t.Cleanup(func() { closeServer(t, s) })
	h := openShop(t, s)
	card := h.card(t)
	if got := call(t, http.MethodGet, s.URL()+"/v1/cards/"+card.String()+"/google-wallet", h.notes.APIKey, nil); got.status != http.StatusOK {
		t.Fatalf("the link: %d %s", got.status, got.body)
	}
	token := strings.Repeat("a", 64)
	h.addPass(t, card, "phone-of-anna", token)
	quiet(t, s)
	before := push.Pushed(token)

	g.Close()
	push.Away(true)
	last := time.Now()
	const stamps = 3
	for range stamps {
		if got := h.stamp(t, h.token(t, card)); got.status != http.StatusOK {
			t.Fatalf("a stamp while nobody can be reached: %d %s", got.status, got.body)
		}
		eventually(t, "the phone is to be told", func() bool {
			list, err := s.store.Registered(t.Context(), sha256.Sum256([]byte("phone-of-anna")), last, 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(list) > 0 {
				last = list[0].Changed
			}
			return len(list) > 0
		})
	}
	push.Away(false)
	eventually(t, "the phone is told", func() bool { return push.Pushed(token) > before })
	eventually(t, "all but Google's is done", func() bool { return waiting(t, s) <= stamps })
	if waiting(t, s) == 0 {
		t.Error("nothing waits for Google")
	}
	if got := push.Pushed(token) - before; got != 1 {
		t.Errorf("the phone was told %d times of %d stamps", got, stamps)
	}
	if dead := sum(scrape(t, s)["stempel_jobs_dead"], nil); dead != 0 {
		t.Errorf("%v updates are dead", dead)
	}
}
