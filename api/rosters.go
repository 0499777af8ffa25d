package api

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/roster"
)

// PutRoster takes a list of an agreement's people.
func (s *Server) PutRoster(c *fiber.Ctx, id gen.AgreementInPath, params gen.PutRosterParams) error {
	body, err := csvFile(c)
	if err != nil {
		return err
	}
	people, err := roster.Read(body)
	var bad *roster.Bad
	if errors.As(err, &bad) {
		return refuse(loyalty.Code(gen.ProblemCodeRosterInvalid), "Nothing was changed. In this file "+bad.Error()+".")
	}
	if err != nil {
		return err
	}
	merchant := principalOf(c).Merchant
	agreement, err := s.Store.Agreement(c.UserContext(), merchant, id)
	if err != nil {
		return err
	}
	lists, err := s.Personal.Lists(&agreement)
	if err != nil {
		return err
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	var who []loyalty.Hash
	seen := make(map[loyalty.Hash]bool, len(people))
	for _, person := range people {
		if h := lists.Hash(person); !seen[h] {
			seen[h] = true
			who = append(who, h)
		}
	}
	now := s.moment()
	answer, err := s.Store.PutRoster(c.UserContext(), request, merchant, id, who, params.Add, now, func(a *loyalty.Agreement, gone int) (loyalty.Answer, error) {
		return render(http.StatusOK, gen.RosterReport{
			Lines: int64(len(people)), Repeated: int64(len(people) - len(who)), Gone: int64(gone), Agreement: agreementView(a, now),
		})
	})
	return finish(c, answer, err)
}
