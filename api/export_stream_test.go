package api_test

import (
	"net"
	"net/http"
	"testing"
	"time"

	"stempel/api"
	"stempel/api/apitest"
	"stempel/api/gen"
)

// deadlines counts how often a connection is given more time.
type deadlines struct {
	net.Conn
	set int
}

func (d *deadlines) SetWriteDeadline(at time.Time) error {
	if time.Until(at) > 0 {
		d.set++
	}
	return nil
}

func (d *deadlines) Write(b []byte) (int, error) { return len(b), nil }

// Each piece of a long answer has its own time to be taken; of another answer the
// whole has.
func TestLastingAnswer(t *testing.T) {
	t.Parallel()
	for lasting, want := range map[bool]int{true: 3, false: 0} {
		conn := new(deadlines)
		caller := api.Caller(conn, lasting)
		for range 3 {
			if _, err := caller.Write([]byte("a piece")); err != nil {
				t.Fatal(err)
			}
		}
		if conn.set != want {
			t.Errorf("lasting %t: time was given %d times, want %d", lasting, conn.set, want)
		}
	}
}

// Phones with their names, vouchers, the shop's notes, and what came from cards that
// are nobody's, are all in the export.
func TestExportHasEverything(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	she := a.NewMember(t, shop).ID
	nobodys, hers := a.NewCard(t, shop, shop.Stamps).ID, a.NewCard(t, shop, shop.Stamps).ID
	a.Attach(t, shop, hers, she)
	a.Stamp(t, shop, shop.Front, nobodys, 10)
	a.Do(t, apitest.Call{Path: "/v1/cards/" + nobodys.String() + "/devices", Token: shop.App, Body: apitest.Map{"name": "Annas Händi"}})
	for _, change := range []string{"block", "unblock"} {
		a.Do(t, apitest.Call{Path: "/v1/cards/" + nobodys.String() + "/" + change, Token: shop.Admin, Body: apitest.Map{"note": "Anna called: " + change}})
	}
	a.Post(t, mergeInto(a, nobodys, hers))
	answer := a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/members/" + she.String() + "/export", Token: shop.Admin})
	got := apitest.Read[gen.MemberExport](t, answer)
	if len(got.Cards) != 2 || got.Cards[0].Card.ID != hers || got.Cards[1].Card.ID != nobodys {
		t.Fatalf("got %s", answer.Body)
	}
	if own := got.Cards[0]; own.AttachedAt.IsZero() || len(own.Phones) != 1 || own.Phones[0].Name != "Annas Händi" || len(own.Vouchers) != 1 || len(own.Entries) != 1 {
		t.Errorf("her card: %+v", own)
	}
	other := got.Cards[1]
	if !other.AttachedAt.IsZero() || len(other.Phones) != 0 || len(other.Vouchers) != 1 || other.Vouchers[0].State != gen.VoucherStateWithdrawn || len(other.Entries) != 3 {
		t.Errorf("the card that was merged into it: %+v", other)
	}
	if len(other.Changes) != 2 || other.Changes[0].Note != "Anna called: unblock" {
		t.Errorf("what was done to it: %+v", other.Changes)
	}
}
