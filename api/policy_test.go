package api_test

import (
	"net/http"
	"slices"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// A shop that lends its cards to nobody: photographs redeem nothing, a manager
// lifts the wait between two stamps, and both are told before somebody tries.
func TestPoliciesOfAProgram(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop, card := a.Shop, full(t, a)
	a.Publish(t, shop, shop.Stamps.ID, func(r *loyalty.Rules) {
		r.Earn.Cooldown, r.Earn.Override = 600, true
		r.Policies = []loyalty.Policy{
			{Method: "static", Action: "redeem", Refused: true},
			{Method: "live", Action: "redeem", Needs: "cashier"},
		}
	})
	setup := apitest.Read[gen.TillSetup](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/till", Token: shop.Front.Token}))
	at := slices.IndexFunc(setup.Programs, func(p gen.Program) bool { return p.ID == shop.Stamps.ID })
	want := []gen.PolicyRule{{Method: "static", Action: "redeem", Refused: true}, {Method: "live", Action: "redeem", Needs: "cashier"}}
	if got := setup.Programs[at].Policies; !slices.Equal(got, want) {
		t.Errorf("a till that may lose its network knows %+v", got)
	}
	photo := apitest.Read[gen.Scan](t, a.Do(t, apitest.Scan(shop.Front, a.Static(t, shop, card.ID, gen.SurfacePrint), nil)))
	if !photo.Offers[0].Refused {
		t.Errorf("offered on a photograph: %+v", photo.Offers)
	}
	voucher := apitest.Map{"voucher": card.Vouchers[0].ID}
	a.Refused(t, apitest.Redeem(shop.Front, photo.Scan, with(voucher, "pin", shop.PINs.Manager)), gen.ProblemCodeCredentialNotAccepted)

	fresh := a.Look(t, shop, shop.Front, card.ID)
	if fresh.Offers[0].Refused || fresh.Offers[0].NeedsPIN != gen.RoleCashier {
		t.Errorf("offered on a fresh code: %+v", fresh.Offers)
	}
	stepUp(t, a, gen.RoleCashier, func(pin apitest.Map) apitest.Call {
		return apitest.Redeem(shop.Front, fresh.Scan, with(pin, "voucher", card.Vouchers[0].ID))
	})

	soon := a.Look(t, shop, shop.Front, card.ID)
	p := a.Refused(t, apitest.Earn(shop.Front, soon.Scan, apitest.Map{"units": 1, "pin": shop.PINs.Cashier}), gen.ProblemCodeCooldownActive)
	if p.Needs != gen.RoleManager || p.RetryAt.IsZero() {
		t.Errorf("too soon: %+v", p)
	}
	lifted := a.Post(t, apitest.Earn(shop.Front, soon.Scan, apitest.Map{"units": 1, "pin": shop.PINs.Manager}))
	if lifted.Entries[0].Staff.IsZero() {
		t.Error("the entry does not say who lifted the wait")
	}
}
