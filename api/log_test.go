package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"stempel/api"
	"stempel/api/apitest"
	"stempel/internal/loyalty"
)

// hesitant is a store that takes as long as is worth a line in the log.
type hesitant struct{ api.Store }

func (h hesitant) Card(ctx context.Context, m loyalty.MerchantID, id loyalty.CardID) (*loyalty.State, error) {
	time.Sleep(api.Slow)
	return h.Store.Card(ctx, m, id)
}

// Unless it is told otherwise, a server logs of its requests only the slow ones,
// with who asked.
func TestSlowRequestsAreLogged(t *testing.T) {
	t.Parallel()
	s := newSite(t, apitest.Terse)
	slow := s.Beside(t, func(setup *apitest.Setup) {
		setup.Wrap = func(store api.Store) api.Store { return hesitant{store} }
	})
	slow.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + s.card.String(), Token: s.Shop.App})
	log := s.Log()
	for _, want := range []string{
		`"level":"INFO"`, `"msg":"slow request"`, `"method":"GET"`, `"route":"/v1/cards/:card"`, `"status":200`,
		`"merchant":"` + s.Shop.ID.String() + `"`, `"app":"key_`,
	} {
		if !strings.Contains(log, want) {
			t.Errorf("no %s in %s", want, log)
		}
	}
	if strings.Contains(log, `"msg":"request"`) {
		t.Errorf("quick requests are logged: %s", log)
	}
}
