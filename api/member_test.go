package api_test

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
)

// search finds members by contact.
func search(t *testing.T, a *apitest.API, by apitest.Map) []gen.Member {
	t.Helper()
	return apitest.Read[gen.MemberList](t, a.Do(t, apitest.Call{Path: "/v1/member-search", Token: a.Shop.App, Body: by})).Members
}

func onlyOne(t *testing.T, found []gen.Member, want loyalty.MemberID) {
	t.Helper()
	if len(found) != 1 || found[0].ID != want {
		t.Errorf("found %+v, want %s alone", found, want)
	}
}

// on is a request about a member or card, by an admin key unless it says otherwise.
func on(a *apitest.API, method, path string, body apitest.Map) apitest.Call {
	c := apitest.Call{Method: method, Path: path, Token: a.Shop.Admin}
	if body != nil {
		c.Body = body
	}
	if method != http.MethodGet {
		c.Key = apitest.Key()
	}
	return c
}

func pathOf(id loyalty.MemberID) string { return "/v1/members/" + id.String() }

// A contact is one, however it is written, and one member's.
func TestFindMember(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	anna := a.NewMember(t, a.Shop, apitest.Map{"phone": "0151 12345678", "email": " Anna@Bücher.example ", "external_id": "crm-1"})
	if anna.Phone != "+4915112345678" || anna.Email != "anna@xn--bcher-kva.example" || len(anna.Consents) != 0 {
		t.Errorf("got %+v", anna)
	}
	for _, by := range []apitest.Map{
		{"phone": "+49 151 12345678"},
		{"phone": "(0151) 123456-78", "region": "DE"},
		{"email": "ANNA@bücher.example"},
		{"external_id": "crm-1"},
		{"external_id": "nobody's", "email": "anna@bücher.example"},
	} {
		onlyOne(t, search(t, a, by), anna.ID)
	}
	for _, by := range []apitest.Map{{"phone": "+48512345678"}, {"external_id": "CRM-1"}, {"external_id": "+4915112345678"}} {
		if found := search(t, a, by); len(found) != 0 {
			t.Errorf("%v: %+v", by, found)
		}
	}
	rival := apitest.Call{Path: "/v1/member-search", Token: a.Rival.App, Body: apitest.Map{"external_id": "crm-1"}}
	if found := apitest.Read[gen.MemberList](t, a.Do(t, rival)); len(found.Members) != 0 {
		t.Errorf("another merchant finds %+v", found)
	}
	a.NewMember(t, a.Rival, apitest.Map{"external_id": "crm-1"}) // one per merchant

	for field, value := range map[string]string{"phone": "+4915112345678", "email": "anna@bücher.example", "external_id": "crm-1"} {
		taken := on(a, "POST", "/v1/members", apitest.Map{field: value})
		if p := a.Refused(t, taken, gen.ProblemCodeMemberExists); p.Field != field || p.Member != anna.ID {
			t.Errorf("%s: %+v", field, p)
		}
		taken.Token = a.Shop.App
		if p := a.Refused(t, taken, gen.ProblemCodeMemberExists); p.Field != field || !p.Member.IsZero() {
			t.Errorf("%s, as the app is told: %+v", field, p)
		}
		berta := a.NewMember(t, a.Shop)
		if p := a.Refused(t, on(a, "PATCH", pathOf(berta.ID), apitest.Map{field: value}), gen.ProblemCodeMemberExists); p.Field != field {
			t.Errorf("changed into a taken %s: %+v", field, p)
		}
	}
}

func TestUpdateMember(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	anna := a.NewMember(t, a.Shop, apitest.Map{"phone": "+4915112345678"})
	a.Clock.Advance(time.Minute)
	change := on(a, "PATCH", pathOf(anna.ID), apitest.Map{"phone": "512 345 678", "region": "PL", "clear": []string{"name", "external_id"}})
	answer := a.Do(t, change)
	got := apitest.Read[gen.Member](t, answer)
	if got.Phone != "+48512345678" || got.Name != "" || got.ExternalID != "" || got.Email != anna.Email || got.Language != "pl" ||
		!got.ChangedAt.After(got.CreatedAt) {
		t.Errorf("got %+v", got)
	}
	repeated(t, a, change, answer)
	onlyOne(t, search(t, a, apitest.Map{"phone": "+48512345678"}), anna.ID)
	for _, gone := range []apitest.Map{{"phone": "+4915112345678"}, {"external_id": anna.ExternalID}} {
		if found := search(t, a, gone); len(found) != 0 {
			t.Errorf("%v: %+v", gone, found)
		}
	}
	for _, tt := range []struct {
		body  apitest.Map
		code  gen.ProblemCode
		field string
	}{
		{apitest.Map{"clear": []string{"phone", "email"}}, gen.ProblemCodeInvalidField, "clear"},
		{apitest.Map{"clear": []string{"name"}, "name": "Anna"}, gen.ProblemCodeInvalidField, "clear"},
		{apitest.Map{"region": "DE"}, gen.ProblemCodeInvalidField, "region"},
		{apitest.Map{"phone": "1234567890123456789012345678901234567890"}, gen.ProblemCodeInvalidField, "phone"},
		{apitest.Map{"email": "anna"}, gen.ProblemCodeInvalidField, "email"},
	} {
		if p := a.Refused(t, on(a, "PATCH", pathOf(anna.ID), tt.body), tt.code); p.Field != tt.field {
			t.Errorf("%v: %+v", tt.body, p)
		}
	}
}

func TestConsents(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	anna := a.NewMember(t, a.Shop)
	say := func(purpose, state string) {
		t.Helper()
		a.Clock.Advance(time.Minute)
		body := apitest.Map{"purpose": purpose, "state": state, "wording": "Yes, " + purpose, "language": "en", "source": "app"}
		apitest.Read[gen.Consent](t, a.Do(t, on(a, "POST", pathOf(anna.ID)+"/consents", body)))
	}
	say("marketing_email", "given")
	say("profiling", "given")
	say("marketing_email", "withdrawn")
	now := a.GetMember(t, a.Shop, anna.ID).Consents
	if len(now) != 2 || now[0].State != gen.GivenOrWithdrawnWithdrawn || now[1].State != gen.GivenOrWithdrawnGiven {
		t.Errorf("got %+v", now)
	}
	first := apitest.Read[gen.ConsentPage](t, a.Do(t, on(a, "GET", pathOf(anna.ID)+"/consents?limit=2", nil)))
	rest := apitest.Read[gen.ConsentPage](t, a.Do(t, on(a, "GET", pathOf(anna.ID)+"/consents?after="+first.Next, nil)))
	if len(first.Consents) != 2 || len(rest.Consents) != 1 || rest.Next != "" || rest.Consents[0].Wording != "Yes, marketing_email" {
		t.Errorf("got %+v, then %+v", first, rest)
	}
}

// Who was noted twice becomes one, whom everything of both leads to.
func TestMergeMembers(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	anna, ania, zoe := a.NewMember(t, a.Shop), a.NewMember(t, a.Shop), a.NewMember(t, a.Shop)
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	a.Attach(t, a.Shop, card, ania.ID)
	a.Do(t, on(a, "POST", pathOf(ania.ID)+"/consents", apitest.Map{"purpose": "profiling", "state": "given"}))

	merge := on(a, "POST", pathOf(ania.ID)+"/merge", apitest.Map{"into": anna.ID})
	answer := a.Do(t, merge)
	merged := apitest.Read[gen.Member](t, answer)
	if merged.ID != anna.ID || merged.Phone != anna.Phone || len(merged.OtherContacts) != 3 || len(merged.Consents) != 1 {
		t.Errorf("got %+v", merged)
	}
	repeated(t, a, merge, answer)
	for _, id := range []loyalty.MemberID{anna.ID, ania.ID} {
		if got := a.GetMember(t, a.Shop, id); got.ID != anna.ID {
			t.Errorf("%s is %+v", id, got)
		}
	}
	for _, by := range []apitest.Map{{"phone": ania.Phone}, {"email": ania.Email}, {"phone": anna.Phone}} {
		onlyOne(t, search(t, a, by), anna.ID)
	}
	cards := apitest.Read[gen.MemberCardPage](t, a.Do(t, on(a, "GET", pathOf(ania.ID)+"/cards", nil)))
	if len(cards.Cards) != 1 || cards.Cards[0].ID != card {
		t.Errorf("cards %+v", cards)
	}
	again := apitest.Read[gen.Member](t, a.Do(t, on(a, "POST", pathOf(ania.ID)+"/merge", apitest.Map{"into": anna.ID})))
	if again.ID != anna.ID || len(again.OtherContacts) != 3 {
		t.Errorf("merged again: %+v", again)
	}
	a.Do(t, on(a, "POST", pathOf(anna.ID)+"/merge", apitest.Map{"into": zoe.ID}))
	if got := a.GetMember(t, a.Shop, ania.ID); got.ID != zoe.ID {
		t.Errorf("two merges away: %+v", got)
	}
	list := apitest.Read[gen.MemberPage](t, a.Do(t, on(a, "GET", "/v1/members", nil)))
	if len(list.Members) != 1 {
		t.Errorf("%d members are listed, want the one that is left", len(list.Members))
	}

	rivals := a.NewMember(t, a.Rival).ID
	if p := a.Refused(t, on(a, "POST", pathOf(zoe.ID)+"/merge", apitest.Map{"into": zoe.ID}), gen.ProblemCodeInvalidField); p.Field != "into" {
		t.Errorf("with itself: %+v", p)
	}
	a.Refused(t, on(a, "POST", pathOf(zoe.ID)+"/merge", apitest.Map{"into": rivals}), gen.ProblemCodeMemberNotFound)
	a.Refused(t, on(a, "POST", pathOf(rivals)+"/merge", apitest.Map{"into": zoe.ID}), gen.ProblemCodeMemberNotFound)
	if got := a.GetMember(t, a.Rival, rivals); got.ID != rivals {
		t.Errorf("the rival's member is %+v", got)
	}
}

func TestCardsOfMembers(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	anna, berta := a.NewMember(t, a.Shop), a.NewMember(t, a.Shop)
	card := apitest.Read[gen.Card](t, a.Do(t, on(a, "POST", "/v1/cards", apitest.Map{"program": a.Shop.Stamps.ID, "member": anna.ID})))
	at := "/v1/cards/" + card.ID.String() + "/member"
	if got := apitest.Read[gen.Member](t, a.Do(t, on(a, "GET", at, nil))); got.ID != anna.ID {
		t.Errorf("it is %+v's", got)
	}
	a.Refused(t, on(a, "PUT", at, apitest.Map{"member": berta.ID}), gen.ProblemCodeCardHasMember)
	a.Refused(t, on(a, "PUT", at, apitest.Map{"member": a.NewMember(t, a.Rival).ID}), gen.ProblemCodeMemberNotFound)
	cards := a.Book(t).Cards
	a.Refused(t, on(a, "POST", "/v1/cards", apitest.Map{"program": a.Shop.Stamps.ID, "member": loyalty.MemberID(loyalty.NewID())}), gen.ProblemCodeMemberNotFound)
	if a.Book(t).Cards != cards {
		t.Error("a card for nobody was made")
	}
	if was := apitest.Read[gen.Attachment](t, a.Do(t, on(a, "DELETE", at, nil))); was.Member != anna.ID {
		t.Errorf("it was %+v's", was)
	}
	a.Refused(t, on(a, "DELETE", at, nil), gen.ProblemCodeMemberNotFound)
	a.Attach(t, a.Shop, card.ID, berta.ID)
}

// All that is kept is in the export, page after page of it.
func TestExportMember(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	she, cards, _ := live(t, a)
	for range 3 {
		a.Stamp(t, a.Shop, a.Shop.Front, cards[0], 1)
	}
	answer := a.Do(t, on(a, "GET", pathOf(she)+"/export", nil))
	got := apitest.Read[gen.MemberExport](t, answer)
	if got.Member.ID != she || len(got.Consents) != 1 || len(got.Cards) != 4 { // the one that was merged, too
		t.Fatalf("got %s", answer.Body)
	}
	var details []string
	entries := 0
	for _, card := range got.Cards {
		for i, e := range card.Entries {
			entries++
			if e.Entry.Seq != int64(i+1) {
				t.Errorf("entry %d of %s is %d", i, card.Card.ID, e.Entry.Seq)
			}
			if e.Detail != nil {
				details = append(details, string(e.Detail))
			}
		}
	}
	if entries != 9 || len(details) != 3 || !slices.ContainsFunc(details, func(d string) bool { return d == `{"note":"`+sheDid[2]+`"}` }) {
		t.Errorf("%d entries, details %q", entries, details)
	}
}

// Of two who are noted with the same contact at the same moment, in two
// processes, one is; the other is told.
func TestSameContactAtOnce(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t))
	processes := []*apitest.API{a, a.Beside(t)}
	for range 10 {
		person := a.NewPerson()
		statuses := make([]int, 6)
		var all sync.WaitGroup
		for i := range statuses {
			body := apitest.Map{"phone": person["phone"], "region": "DE", "email": person["email"]}
			if i%3 == 0 {
				delete(body, "email")
			}
			all.Go(func() {
				answer, err := processes[i%2].Try(t, on(a, "POST", "/v1/members", body))
				if err != nil {
					t.Error(err)
					return
				}
				statuses[i] = answer.Status
				if p := answer.Problem(); answer.Status != 201 && p.Code != gen.ProblemCodeMemberExists {
					t.Errorf("%d %s", answer.Status, answer.Body)
				}
			})
		}
		all.Wait()
		slices.Sort(statuses)
		if !slices.Equal(statuses, []int{201, 409, 409, 409, 409, 409}) {
			t.Errorf("answers %v", statuses)
		}
	}
}

// A stored answer whose key was retired is not repeated, and the request neither.
func TestRetryAfterThePersonalKeyWasRetired(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	create := on(a, "POST", "/v1/members", a.NewPerson())
	repeated(t, a, create, a.Do(t, create))
	if _, err := a.Ring.Rotate(t.Context(), keys.Personal, a.Clock.Now(), 0); err != nil {
		t.Fatal(err)
	}
	if err := a.Ring.Retire(t.Context(), "m01", a.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	a.Refused(t, create, gen.ProblemCodeAnswerNotRepeatable)
}
