package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/personal"
)

// agreementStore keeps agreements and their rosters.
type agreementStore interface {
	AddAgreement(ctx context.Context, r loyalty.Answer, a loyalty.Agreement) (loyalty.Answer, error)
	Agreement(ctx context.Context, m loyalty.MerchantID, id loyalty.AgreementID) (loyalty.Agreement, error)
	Agreements(ctx context.Context, m loyalty.MerchantID, after loyalty.AgreementID, limit int) ([]loyalty.Agreement, error)
	ChangeAgreement(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.AgreementID, change func(*loyalty.Agreement) error, render func(*loyalty.Agreement) (loyalty.Answer, error)) (loyalty.Answer, error)
	PutRoster(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.AgreementID, who []loyalty.Hash, add bool, now time.Time, render func(a *loyalty.Agreement, gone int) (loyalty.Answer, error)) (loyalty.Answer, error)
}

// CreateAgreement adds an agreement.
func (s *Server) CreateAgreement(c *fiber.Ctx, params gen.CreateAgreementParams) error {
	var body gen.NewAgreement
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Name == "" {
		return missing("name")
	}
	now := s.moment()
	a := loyalty.Agreement{
		ID: loyalty.NewID(), Merchant: principalOf(c).Merchant, Kind: loyalty.WithCompany, Name: body.Name, Created: now, Changed: now,
	}
	if body.Kind != "" {
		a.Kind = loyalty.AgreementKind(body.Kind)
	}
	if err := setTerms(&a, body.StartsAt, body.EndsAt, body.Domains); err != nil {
		return err
	}
	if err := a.Check(); err != nil {
		return err
	}
	s.Personal.NewRosterKey(&a, now)
	answer, err := s.created(c, params.IdempotencyKey, agreementView(&a, now))
	if err != nil {
		return err
	}
	answer, err = s.Store.AddAgreement(c.UserContext(), answer, a)
	return finish(c, answer, err)
}

// setTerms reads what is given. Errors: invalid_field.
func setTerms(a *loyalty.Agreement, starts, ends string, domains []string) (err error) {
	if starts != "" {
		if a.Starts, err = timeIn("starts_at", starts); err != nil {
			return err
		}
	}
	if ends != "" {
		if a.Ends, err = timeIn("ends_at", ends); err != nil {
			return err
		}
	}
	switch {
	case domains == nil:
		return nil
	case len(domains) > loyalty.MaxDomains:
		return invalid("domains", fmt.Sprintf("are more than %d", loyalty.MaxDomains))
	}
	a.Domains = nil
	for _, text := range domains {
		domain, err := personal.ParseDomain(text)
		if err != nil {
			return err
		}
		if !slices.Contains(a.Domains, domain) {
			a.Domains = append(a.Domains, domain)
		}
	}
	return nil
}

// GetAgreement shows an agreement.
func (s *Server) GetAgreement(c *fiber.Ctx, id gen.AgreementInPath) error {
	a, err := s.Store.Agreement(c.UserContext(), principalOf(c).Merchant, id)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, agreementView(&a, s.now()))
}

// ListAgreements shows a page of agreements.
func (s *Server) ListAgreements(c *fiber.Ctx, params gen.ListAgreementsParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.AgreementID], params.After)
	if err != nil {
		return err
	}
	list, err := s.Store.Agreements(c.UserContext(), principalOf(c).Merchant, after, limit+1)
	if err != nil {
		return err
	}
	list, next := cut(list, limit, func(a *loyalty.Agreement) string { return a.ID.String() })
	now := s.now()
	return s.json(c, http.StatusOK, gen.AgreementPage{
		Agreements: views(list, func(a *loyalty.Agreement) gen.Agreement { return agreementView(a, now) }), Next: next,
	})
}

// UpdateAgreement changes an agreement, for all its people at once.
func (s *Server) UpdateAgreement(c *fiber.Ctx, id gen.AgreementInPath, params gen.UpdateAgreementParams) error {
	var body gen.AgreementChange
	if err := decode(c, &body); err != nil {
		return err
	}
	switch {
	case body.Name == "" && body.StartsAt == "" && body.EndsAt == "" && body.Domains == nil && len(body.Clear) == 0:
		return missing("name")
	case len(body.Clear) > 3:
		return invalid("clear", "are more than 3")
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	now := s.moment()
	change := func(a *loyalty.Agreement) error {
		for _, field := range body.Clear {
			switch field {
			case gen.AgreementChangeClearStartsAt:
				a.Starts = time.Time{}
			case gen.AgreementChangeClearEndsAt:
				a.Ends = time.Time{}
			case gen.AgreementChangeClearDomains:
				a.Domains = nil
			default:
				return invalid("clear", "must name starts_at, ends_at or domains")
			}
		}
		if body.Name != "" {
			a.Name = body.Name
		}
		a.Changed = now
		if err := setTerms(a, body.StartsAt, body.EndsAt, body.Domains); err != nil {
			return err
		}
		return a.Check()
	}
	answer, err := s.Store.ChangeAgreement(c.UserContext(), request, principalOf(c).Merchant, id, change, func(a *loyalty.Agreement) (loyalty.Answer, error) {
		return render(http.StatusOK, agreementView(a, now))
	})
	return finish(c, answer, err)
}

func agreementView(a *loyalty.Agreement, now time.Time) gen.Agreement {
	return gen.Agreement{
		ID: a.ID, Kind: gen.AgreementKind(a.Kind), Name: a.Name, InForce: a.Holds(now), StartsAt: a.Starts, EndsAt: a.Ends, Domains: a.Domains,
		RosterLines: a.Listed, RosterAt: a.ListedAt, People: a.People, CreatedAt: a.Created, ChangedAt: a.Changed,
	}
}
