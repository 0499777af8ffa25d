package api_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

func get(token, path string) apitest.Call {
	return apitest.Call{Method: http.MethodGet, Path: path, Token: token}
}

func post(token, path string, body any) apitest.Call {
	return apitest.Call{Path: path, Token: token, Body: body}
}

func patch(token, path string, body any) apitest.Call {
	return apitest.Call{Method: http.MethodPatch, Path: path, Token: token, Body: body}
}

// The story of a chain that opens a shop: what is made is shown, changed and listed.
func TestOpenAShop(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	admin := s.Shop.Admin
	renamed := apitest.Read[gen.Merchant](t, s.Do(t, patch(admin, "/v1/merchant", apitest.Map{"name": "Aurora & Figli"})))
	if got := apitest.Read[gen.Merchant](t, s.Do(t, get(admin, "/v1/merchant"))); got != renamed || got.Name != "Aurora & Figli" || got.ID != s.Shop.ID {
		t.Errorf("merchant %+v", got)
	}
	shop := apitest.Read[gen.Location](t, s.Do(t, post(admin, "/v1/locations", apitest.Map{"name": "Al porto", "zone": "Europe/Rome"})))
	path := "/v1/locations/" + shop.ID.String()
	apitest.Read[gen.Location](t, s.Do(t, patch(admin, path, apitest.Map{"zone": "Atlantic/Azores"})))
	moved := apitest.Read[gen.Location](t, s.Do(t, patch(admin, path, apitest.Map{"name": "Al mare"})))
	if got := apitest.Read[gen.Location](t, s.Do(t, get(admin, path))); !reflect.DeepEqual(got, moved) || got.Name != "Al mare" || got.Zone != "Atlantic/Azores" {
		t.Errorf("location %+v", got)
	}
	first := apitest.Read[gen.LocationPage](t, s.Do(t, get(admin, "/v1/locations?limit=1")))
	if len(first.Locations) != 1 || !reflect.DeepEqual(first.Locations[0], moved) || first.Next == "" {
		t.Fatalf("the first page: %+v", first)
	}
	second := apitest.Read[gen.LocationPage](t, s.Do(t, get(admin, "/v1/locations?limit=1&after="+first.Next)))
	if len(second.Locations) != 1 || second.Locations[0].ID != s.Shop.At || second.Next != "" {
		t.Errorf("the second page: %+v", second)
	}
	till := "/v1/tills/" + s.Shop.Front.ID.String()
	apitest.Read[gen.Till](t, s.Do(t, patch(admin, till, apitest.Map{"location": shop.ID})))
	s.Clock.Advance(30 * time.Second) // or another process may not know it yet
	if at := apitest.Read[gen.Till](t, s.Do(t, get(admin, till))); at.Location != shop.ID || at.Name != "Front of Gelateria Aurora" || at.State != gen.TillStatePaired {
		t.Errorf("moved: %+v", at)
	}
	s.Stamp(t, s.Shop, s.Shop.Front, s.card, 1)
}

func TestBadZonesAndNames(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := "/v1/locations/" + s.Shop.At.String()
	for _, zone := range []string{"Local", "local", "CET+1", "Europe", "Europe/", "../etc/passwd", "/etc/localtime", "Mars/Olympus", "Europe/Warsaw ", "Europe\\Warsaw", "Europe/Warsaw\x00"} {
		for _, c := range []apitest.Call{
			post(s.Shop.Admin, "/v1/locations", apitest.Map{"name": "x", "zone": zone}), patch(s.Shop.Admin, at, apitest.Map{"zone": zone}),
		} {
			if p := s.Refused(t, c, gen.ProblemCodeInvalidField); p.Field != "zone" || !strings.Contains(p.Detail, "Europe/Warsaw") {
				t.Errorf("%q: %+v", zone, p)
			}
		}
	}
	for _, name := range []string{" ", " x", "x ", "two\nlines", "x\x00", strings.Repeat("ż", 101)} {
		s.Refused(t, patch(s.Shop.Admin, at, apitest.Map{"name": name}), gen.ProblemCodeInvalidField)
	}
	long := strings.Repeat("界", 100)
	if got := apitest.Read[gen.Location](t, s.Do(t, patch(s.Shop.Admin, at, apitest.Map{"name": long}))); got.Name != long {
		t.Errorf("got %q", got.Name)
	}
}

// A till is made, paired with a code that somebody types badly, scans, and is
// paired with another device.
func TestPairATill(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	made := apitest.Read[gen.Till](t, s.Do(t, post(s.Shop.Admin, "/v1/tills", apitest.Map{"name": "Window", "location": s.Shop.At})))
	if made.State != gen.TillStateUnpaired || made.Pairing == nil || !made.Pairing.ExpiresAt.Equal(s.Clock.Now().Add(15*time.Minute)) {
		t.Fatalf("made: %+v", made)
	}
	typed := strings.NewReplacer("0", "o", "1", "l", "-", " ").Replace(strings.ToLower(" " + made.Pairing.Code))
	pairing := apitest.Call{Path: "/v1/pairings", For: s.Shop, Body: apitest.Map{"code": typed}}
	answer := s.Do(t, pairing)
	paired := apitest.Read[gen.PairedTill](t, answer)
	s.Shop.Trust(paired.Token)
	if paired.Till.ID != made.ID || paired.Till.State != gen.TillStatePaired || paired.Location.ID != s.Shop.At ||
		paired.MerchantName != s.Shop.Name || answer.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("paired: %s", answer.Body)
	}
	window := apitest.Till{Till: loyalty.Till{ID: made.ID}, Token: paired.Token}
	s.Stamp(t, s.Shop, window, s.card, 1)
	pairing.For = nil // from now on it is a stranger's, and tells nothing
	s.Refused(t, pairing, gen.ProblemCodePairingNotFound)

	again := s.pair(t, made.ID)
	s.Refused(t, apitest.Scan(window, s.credential, nil), gen.ProblemCodeTillRevoked)
	window.Token = again.Token
	s.Stamp(t, s.Shop, window, s.card, 1)
	if shown := string(s.Do(t, get(s.Shop.Admin, "/v1/tills/"+made.ID.String())).Body); strings.Contains(shown, "pairing\"") {
		t.Errorf("the code is shown again: %s", shown)
	}
}

// To a stranger a code that is old, replaced, revoked, used or made up is the same.
func TestPairingCodesThatDoNotWork(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	try := func(code string) gen.Problem {
		t.Helper()
		p := s.Refused(t, apitest.Call{Path: "/v1/pairings", Body: apitest.Map{"code": code}}, gen.ProblemCodePairingNotFound)
		p.RequestID = ""
		return p
	}
	want := try("00000-00000")
	replaced := s.pairingCode(t, s.office.till)
	revoked := s.pairingCode(t, s.office.till)
	if !reflect.DeepEqual(try(replaced), want) {
		t.Error("a replaced code is told apart")
	}
	s.Do(t, post(s.Shop.Admin, "/v1/tills/"+s.office.till.String()+"/revoke", nil))
	if !reflect.DeepEqual(try(revoked), want) {
		t.Error("the code of a revoked till is told apart")
	}
	old := s.pairingCode(t, s.office.till)
	s.Clock.Advance(loyalty.PairingLife)
	if !reflect.DeepEqual(try(old), want) {
		t.Error("an old code is told apart")
	}
	for _, malformed := range []string{"x", "00000-0000", "00000-000000", "00000-0000U", "00000_00000", "OOOOO-OOOO\u041e"} {
		s.Refused(t, apitest.Call{Path: "/v1/pairings", Body: apitest.Map{"code": malformed}}, gen.ProblemCodeInvalidField)
	}
}

// One address may not go on guessing codes, in whatever process.
func TestPairingIsLimited(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	over := []*apitest.API{s.API, s.Beside(t)}
	guess := apitest.Call{Path: "/v1/pairings", Body: apitest.Map{"code": "00000-00000"}}
	for i := range 30 {
		over[i%2].Refused(t, guess, gen.ProblemCodePairingNotFound)
	}
	for _, a := range over {
		a.Refused(t, guess, gen.ProblemCodeRateLimited)
	}
	s.Clock.Advance(time.Second)
	s.Refused(t, guess, gen.ProblemCodePairingNotFound)
}

// Of many devices that use one code at once, in two processes, one is paired.
func TestOneCodeManyDevices(t *testing.T) {
	t.Parallel()
	s := siteOn(t, apitest.Boot(t, apitest.Postgres(t)))
	over := []*apitest.API{s.API, s.Beside(t)}
	calls := make([]apitest.Call, 20)
	c := apitest.Call{Path: "/v1/pairings", For: s.Shop, Body: apitest.Map{"code": s.pairingCode(t, s.office.till)}}
	for i := range calls {
		c.Key = apitest.Key() // one each, and all the same in the second round
		calls[i] = c
	}
	count := map[int]int{}
	for _, answer := range atOnce(t, over, calls) {
		count[answer.Status]++
	}
	if count[http.StatusCreated] != 1 || count[http.StatusNotFound] != len(calls)-1 {
		t.Errorf("answers by status: %v", count)
	}
}

// The keys of strangers never meet: the same Idempotency-Key with another code is
// another request.
func TestPairingsOfStrangersAreApart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	theirs := siteOn(t, s.Across())
	for _, site := range []*site{s, theirs} {
		c := apitest.Call{Path: "/v1/pairings", Key: "1", For: site.Shop, Body: apitest.Map{"code": site.pairingCode(t, site.office.till)}}
		if paired := apitest.Read[gen.PairedTill](t, site.Do(t, c)); paired.Till.ID != site.office.till {
			t.Errorf("paired %s", paired.Till.ID)
		}
		c.For = nil
		site.Refused(t, c, gen.ProblemCodeAnswerNotRepeatable)
	}
}

// A manager comes, gets a PIN, becomes a cashier, and goes.
func TestStaff(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	admin, pin := s.Shop.Admin, newPIN()
	mia := apitest.Read[gen.Staff](t, s.Do(t, post(admin, "/v1/staff", apitest.Map{"name": "Mia", "role": "manager", "pin": pin})))
	path := "/v1/staff/" + mia.ID.String()
	void := func(pin string) apitest.Call {
		entry := s.Stamp(t, s.Shop, s.Shop.Back, s.card, 1).Entries[0].ID
		return apitest.Void(s.Shop.Front, entry, apitest.Map{"pin": pin})
	}
	if voided := s.Post(t, void(pin)); voided.Entries[0].Staff != mia.ID {
		t.Errorf("approved by %s", voided.Entries[0].Staff)
	}
	former := pin
	pin = newPIN()
	s.Do(t, post(admin, path+"/pin", apitest.Map{"pin": pin}))
	s.Refused(t, void(former), gen.ProblemCodePINWrong)
	s.Post(t, void(pin))
	s.Do(t, patch(admin, path, apitest.Map{"role": "cashier"}))
	s.Refused(t, void(pin), gen.ProblemCodePINRequired)
	s.Do(t, patch(admin, path, apitest.Map{"role": "owner", "name": "Mia M."}))
	s.Post(t, void(pin))

	gone := apitest.Read[gen.Staff](t, s.Do(t, post(admin, path+"/dismiss", nil)))
	if gone.HasPIN || gone.DismissedAt.IsZero() || gone.Name != "Mia M." || gone.Role != gen.RoleOwner {
		t.Errorf("dismissed: %+v", gone)
	}
	s.Refused(t, void(pin), gen.ProblemCodePINWrong)
	s.Refused(t, post(admin, path+"/pin", apitest.Map{"pin": pin}), gen.ProblemCodeStaffDismissed)
	s.Refused(t, patch(admin, path, apitest.Map{"role": "owner"}), gen.ProblemCodeStaffDismissed)
	if again := apitest.Read[gen.Staff](t, s.Do(t, post(admin, path+"/dismiss", nil))); again != gone {
		t.Errorf("dismissed again: %+v", again)
	}
	for query, want := range map[string]int{"": 3, "?state=active": 3, "?state=all": 4} {
		if list := apitest.Read[gen.StaffPage](t, s.Do(t, get(admin, "/v1/staff"+query))); len(list.Staff) != want {
			t.Errorf("%q lists %d people", query, len(list.Staff))
		}
	}
}

// Setting PINs is no way to find those of colleagues: each that is taken counts as
// a wrong one, and then neither office nor tills take any for a while.
func TestPINsThatColleaguesHave(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	taken := apitest.Map{"pin": s.Shop.PINs.Manager}
	set := post(s.Shop.Admin, "/v1/staff/"+s.office.staff.String()+"/pin", taken)
	add := post(s.Shop.Admin, "/v1/staff", apitest.Map{"name": "Ben", "role": "cashier", "pin": s.Shop.PINs.Manager})
	for range 5 {
		s.Refused(t, set, gen.ProblemCodePINUnavailable)
		s.Refused(t, add, gen.ProblemCodePINUnavailable)
	}
	for _, c := range []apitest.Call{set, add, post(s.Shop.Admin, set.Path, apitest.Map{"pin": newPIN()})} {
		if p := s.Refused(t, c, gen.ProblemCodePINLocked); !p.RetryAt.Equal(s.Clock.Now().Add(time.Minute)) {
			t.Errorf("locked until %s", p.RetryAt)
		}
	}
	s.Refused(t, apitest.Void(s.Shop.Front, s.entry, taken), gen.ProblemCodePINLocked)
	s.Clock.Advance(time.Minute)
	s.Post(t, apitest.Void(s.Shop.Front, s.entry, taken))
	if list := apitest.Read[gen.StaffPage](t, s.Do(t, get(s.Shop.Admin, "/v1/staff"))); len(list.Staff) != 3 {
		t.Errorf("%d people", len(list.Staff))
	}
}

// A key is rotated with time to change over, also by itself, and the last admin key
// stays.
func TestKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	beside := s.Beside(t)
	own := "/v1/api-keys/" + apitest.KeyID(t, s.Shop.Admin).String()
	rotated := apitest.Read[gen.APIKey](t, s.Do(t, post(s.Shop.Admin, own+"/rotate", apitest.Map{"grace_seconds": 60})))
	s.Shop.Trust(rotated.Secret)
	works := func(token string, want bool) {
		t.Helper()
		for _, a := range []*apitest.API{s.API, beside} {
			if got := a.Do(t, get(token, "/v1/merchant")).Status == http.StatusOK; got != want {
				t.Errorf("the key works: %v", got)
			}
		}
	}
	works(s.Shop.Admin, true)
	works(rotated.Secret, true)
	s.Clock.Advance(time.Minute)
	works(s.Shop.Admin, false)
	works(rotated.Secret, true)
	next := apitest.Read[gen.APIKey](t, s.Do(t, post(rotated.Secret, own+"/rotate", nil)))
	s.Shop.Trust(next.Secret)
	works(rotated.Secret, false)
	if !next.FormerSecretUntil.IsZero() {
		t.Errorf("rotated at once: %+v", next)
	}

	spare := "/v1/api-keys/" + s.office.key.String()
	gone := apitest.Read[gen.APIKey](t, s.Do(t, post(next.Secret, spare+"/revoke", nil)))
	if again := apitest.Read[gen.APIKey](t, s.Do(t, post(next.Secret, spare+"/revoke", nil))); again != gone || gone.State != gen.APIKeyStateRevoked {
		t.Errorf("revoked: %+v, again %+v", gone, again)
	}
	s.Refused(t, post(next.Secret, spare+"/rotate", nil), gen.ProblemCodeKeyRevoked)
	s.Refused(t, post(next.Secret, own+"/revoke", nil), gen.ProblemCodeLastAdminKey)
	works(next.Secret, true)
	other := apitest.Read[gen.APIKey](t, s.Do(t, post(next.Secret, "/v1/api-keys", apitest.Map{"name": "Other", "scope": "admin"})))
	s.Shop.Trust(other.Secret)
	s.Do(t, post(next.Secret, own+"/revoke", nil)) // itself
	works(next.Secret, false)
	works(other.Secret, true)
	for query, want := range map[string]int{"": 2, "?state=all": 4} {
		if list := apitest.Read[gen.APIKeyPage](t, s.Do(t, get(other.Secret, "/v1/api-keys"+query))); len(list.APIKeys) != want {
			t.Errorf("%q lists %d keys", query, len(list.APIKeys))
		}
	}
}
