package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// A pass says whose it is where the shop wants that, and what the member is called now;
// otherwise a name is nowhere.
func TestPassesSayWhoseTheyAre(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	anna := apitest.Read[gen.Member](t, a.Do(t, office(a.Shop, "POST", "/v1/members", apitest.Map{"name": "Anna Nowak", "external_id": "crm-1"})))
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	phone := adds(t, a, "phone-of-anna", card)
	a.Do(t, phone.registration(http.MethodPost))
	names := func() []string {
		t.Helper()
		var all []string
		for _, f := range readPass(t, a.Do(t, phone.update(""))).Card.Auxiliary {
			if f.Key == "holder" {
				all = append(all, f.Value)
			}
		}
		return all
	}
	a.Attach(t, a.Shop, card, anna.ID)
	if got := names(); got != nil {
		t.Errorf("nobody wanted a name, and there is %q", got)
	}
	program := "/v1/programs/" + a.Shop.Stamps.ID.String()
	newest := apitest.Read[gen.VersionPage](t, a.Do(t, office(a.Shop, "GET", program+"/versions", nil))).Versions[0]
	newest.Rules.ShowsName = true
	a.Do(t, office(a.Shop, "PUT", program+"/draft", apitest.Map{"based_on": newest.Version, "rules": newest.Rules}))
	a.Do(t, office(a.Shop, "POST", program+"/publish", apitest.Map{}))
	a.Clock.Advance(time.Second)
	if got := names(); !slices.Equal(got, []string{"Anna Nowak"}) {
		t.Errorf("it is %q's", got)
	}
	a.Do(t, office(a.Shop, "PATCH", "/v1/members/"+anna.ID.String(), apitest.Map{"name": "Anna Kowalska"}))
	if got := names(); !slices.Equal(got, []string{"Anna Kowalska"}) {
		t.Errorf("after her wedding it is %q's", got)
	}
	a.Do(t, office(a.Shop, "DELETE", "/v1/cards/"+card.String()+"/member", nil))
	if got := names(); got != nil {
		t.Errorf("it is nobody's, and %q's", got)
	}
}
