package apitest

import (
	"slices"
	"testing"

	"stempel/api/gen"
)

// OpenShop is one more merchant on the same server.
func (a *API) OpenShop(t testing.TB, name string) *Shop {
	t.Helper()
	shop := a.openShop(t, name)
	a.more = append(a.more, shop)
	return shop
}

// Partner makes a merchant a partner of a program: from then on each may be told id
// and name of the other, and nothing else; but the operator ids of shops, tills and
// staff, which its cards' entries name.
func (a *API) Partner(t testing.TB, operator *Shop, program Program, partner *Shop) gen.Partner {
	t.Helper()
	a.Invite(t, operator, program, partner)
	return Read[gen.Partner](t, a.Do(t, Call{Path: "/v1/partnerships/" + program.ID.String() + "/accept", Token: partner.Admin}))
}

// Invite is the first half of Partner.
func (a *API) Invite(t testing.TB, operator *Shop, program Program, partner *Shop) gen.Partner {
	t.Helper()
	partner.hears(operator.ID.String(), operator.Name)
	operator.hears(partner.ID.String(), partner.Name, partner.At.String(), partner.Front.ID.String(), partner.Back.ID.String(),
		partner.Staff.Cashier.String(), partner.Staff.Manager.String())
	return Read[gen.Partner](t, a.Do(t, Call{
		Path: "/v1/programs/" + program.ID.String() + "/partners", Token: operator.Admin, Body: Map{"merchant": partner.ID},
	}))
}

// hears lets the shop be told words of others.
func (s *Shop) hears(words ...string) { s.heard = append(s.heard, words...) }

// knows reports whether the shop, or nobody (nil), may be told a word of another one's.
func (s *Shop) knows(word string) bool { return s != nil && slices.Contains(s.heard, word) }

// shops are all that there are.
func (a *API) shops() []*Shop {
	return slices.DeleteFunc(append([]*Shop{a.Shop, a.Rival}, a.more...), func(shop *Shop) bool { return shop == nil })
}
