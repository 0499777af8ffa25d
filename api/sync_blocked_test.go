package api_test

import (
	"context"
	"testing"

	"stempel/api"
	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// meanwhile is a store in which something happens after a till's items were read.
type meanwhile struct {
	api.Store
	happens func()
}

func (m meanwhile) Settled(ctx context.Context, items []loyalty.QueueItem) (map[loyalty.QueueItem]loyalty.Settled, error) {
	m.happens()
	return m.Store.Settled(ctx, items)
}

// A till that is blocked while its items are on their way keeps them.
func TestATillThatIsBlockedDuringItsSync(t *testing.T) {
	t.Parallel()
	happens := func() {}
	a := apitest.Boot(t, func(s *apitest.Setup) {
		s.Wrap = func(store api.Store) api.Store { return meanwhile{store, func() { happens() }} }
	})
	shop := a.Shop
	tablet := a.NewTablet(t, shop.Front)
	item := tablet.Earn(t, a.Token(t, shop, a.NewCard(t, shop, shop.Stamps).ID), a.Clock.Now())
	block := func(blocked bool) {
		a.Do(t, office(shop, "PATCH", "/v1/tills/"+shop.Front.ID.String(), apitest.Map{"blocked": blocked}))
	}
	happens = func() { block(true) }
	wantState(t, a.Sync(t, tablet, item)[0], gen.SyncStateLater, "")
	happens = func() {}
	block(false)
	wantState(t, a.Sync(t, tablet, item)[0], gen.SyncStatePosted, "")
}
