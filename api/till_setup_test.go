package api_test

import (
	"net/http"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

func TestTillSetup(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	setup := apitest.Read[gen.TillSetup](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/till", Token: a.Shop.Front.Token}))
	if setup.MerchantName != a.Shop.Name || setup.Till.ID != a.Shop.Front.ID || setup.Location.ID != a.Shop.At {
		t.Errorf("it is %+v", setup)
	}
	if len(setup.Staff) != 2 || len(setup.Programs) != 3 || !setup.Now.Equal(a.Clock.Now().UTC().Truncate(time.Microsecond)) {
		t.Errorf("it shows %d people, %d programs, and the time %v", len(setup.Staff), len(setup.Programs), setup.Now)
	}
	if setup.Test {
		t.Error("it is said to be for trying out")
	}
	trial := apitest.Boot(t, func(setup *apitest.Setup) { setup.Test = true })
	if !apitest.Read[gen.TillSetup](t, trial.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/till", Token: trial.Shop.Front.Token})).Test {
		t.Error("a server for trying out does not say so")
	}
	for _, p := range setup.Programs {
		if p.ID == a.Shop.Stamps.ID && p.Earn.PerScan != 20 {
			t.Errorf("above %d in one scan a PIN is needed", p.Earn.PerScan)
		}
	}
}

// An entry names who is signed in, and who approved it where a PIN was given. A
// shift approves nothing.
func TestShiftNamesWhoIsThere(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	begin := func(who loyalty.StaffID, pin string) apitest.Call {
		return apitest.Call{Path: "/v1/till/shifts", Token: a.Shop.Front.Token, Body: apitest.Map{"staff": who, "pin": pin}}
	}
	a.Refused(t, begin(a.Shop.Staff.Cashier, a.Shop.PINs.Manager), gen.ProblemCodePINWrong)
	a.Refused(t, begin(loyalty.NewID(), a.Shop.PINs.Manager), gen.ProblemCodeStaffNotFound)
	shift := apitest.Read[gen.Shift](t, a.Do(t, begin(a.Shop.Staff.Cashier, a.Shop.PINs.Cashier)))
	if shift.Staff.ID != a.Shop.Staff.Cashier {
		t.Fatalf("%v is there", shift.Staff)
	}
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	earn := func(till apitest.Till, units int, pin string) apitest.Call {
		body := apitest.Map{"credential": a.Mint(t, a.Shop, card).Token, "earn": apitest.Map{"units": units}}
		if pin != "" {
			body["pin"] = pin
		}
		return apitest.Call{
			Path: "/v1/scans", Token: till.Token, Key: apitest.Key(), Header: map[string]string{"Stempel-Shift": shift.Shift}, Body: body,
		}
	}
	if e := apitest.Read[gen.Scan](t, a.Do(t, earn(a.Shop.Front, 1, ""))).Entries[0]; e.Staff != a.Shop.Staff.Cashier {
		t.Errorf("the entry names %v", e.Staff)
	}
	a.Refused(t, earn(a.Shop.Front, 21, ""), gen.ProblemCodePINRequired)
	if e := apitest.Read[gen.Scan](t, a.Do(t, earn(a.Shop.Front, 21, a.Shop.PINs.Manager))).Entries[0]; e.Staff != a.Shop.Staff.Manager {
		t.Errorf("what a manager approved names %v", e.Staff)
	}
	a.Refused(t, earn(a.Shop.Back, 1, ""), gen.ProblemCodeShiftEnded)
	a.Clock.Advance(credential.ShiftLife)
	a.Refused(t, earn(a.Shop.Front, 1, ""), gen.ProblemCodeShiftEnded)
}
