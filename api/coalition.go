package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// partnerStore keeps who honours whose cards. A change takes what Server.change
// returns and renders its answer itself, perhaps more than once.
type partnerStore interface {
	InvitePartner(ctx context.Context, r loyalty.Answer, operator loyalty.MerchantID, p loyalty.Partner, render renderPartner) (loyalty.Answer, error)
	AcceptPartnership(ctx context.Context, r loyalty.Answer, name loyalty.Partnership, now time.Time, render renderPartner) (loyalty.Answer, error)
	EndPartnership(ctx context.Context, r loyalty.Answer, operator loyalty.MerchantID, name loyalty.Partnership, now time.Time, render renderPartner) (loyalty.Answer, error)
	LeavePartnership(ctx context.Context, r loyalty.Answer, name loyalty.Partnership, now time.Time, render renderPartner) (loyalty.Answer, error)
	PartnersOf(ctx context.Context, operator loyalty.MerchantID, program loyalty.ProgramID, after loyalty.MerchantID, limit int) ([]loyalty.PartnerListing, error)
	Partnerships(ctx context.Context, m loyalty.MerchantID, after loyalty.ProgramID, limit int) ([]loyalty.PartnerListing, error)
	HonouredPrograms(ctx context.Context, m loyalty.MerchantID) ([]*loyalty.Program, error)
	HonouredAt(ctx context.Context, program loyalty.ProgramID) ([]string, error)
	HonouredVoucher(ctx context.Context, m loyalty.MerchantID, id loyalty.VoucherID) (loyalty.Voucher, error)
}

type renderPartner = func(*loyalty.PartnerListing) (loyalty.Answer, error)

// InvitePartner asks another merchant to honour a program's cards.
func (s *Server) InvitePartner(c *fiber.Ctx, id gen.ProgramInPath, params gen.InvitePartnerParams) error {
	var body gen.PartnerInvitation
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Merchant.IsZero() {
		return missing("merchant")
	}
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	partner := loyalty.Partner{Program: id, Merchant: body.Merchant, Invited: s.moment()}
	answer, err := s.Store.InvitePartner(c.UserContext(), change, principalOf(c).Merchant, partner, renderedPartner(http.StatusCreated))
	if err != nil {
		return err
	}
	return send(c, answer)
}

// EndPartner ends a partnership for the operator.
func (s *Server) EndPartner(c *fiber.Ctx, id gen.ProgramInPath, merchant gen.MerchantInPath, params gen.EndPartnerParams) error {
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	name := loyalty.Partnership{Program: id, Merchant: merchant}
	answer, err := s.Store.EndPartnership(c.UserContext(), change, principalOf(c).Merchant, name, s.moment(), renderedPartner(http.StatusOK))
	if err != nil {
		return err
	}
	return send(c, answer)
}

// LeavePartnership ends one for the partner.
func (s *Server) LeavePartnership(c *fiber.Ctx, id gen.ProgramInPath, params gen.LeavePartnershipParams) error {
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	name := loyalty.Partnership{Program: id, Merchant: principalOf(c).Merchant}
	answer, err := s.Store.LeavePartnership(c.UserContext(), change, name, s.moment(), renderedPartner(http.StatusOK))
	if err != nil {
		return err
	}
	return send(c, answer)
}

// AcceptPartnership begins one.
func (s *Server) AcceptPartnership(c *fiber.Ctx, id gen.ProgramInPath, params gen.AcceptPartnershipParams) error {
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	name := loyalty.Partnership{Program: id, Merchant: principalOf(c).Merchant}
	answer, err := s.Store.AcceptPartnership(c.UserContext(), change, name, s.moment(), renderedPartner(http.StatusOK))
	if err != nil {
		return err
	}
	return send(c, answer)
}

// ListPartners shows who honours a program's cards.
func (s *Server) ListPartners(c *fiber.Ctx, id gen.ProgramInPath, params gen.ListPartnersParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.MerchantID], params.After)
	if err != nil {
		return err
	}
	rows, err := s.Store.PartnersOf(c.UserContext(), principalOf(c).Merchant, id, after, limit+1)
	if err != nil {
		return noProgram(err)
	}
	page := gen.PartnerPage{}
	rows, page.Next = cut(rows, limit, func(p *loyalty.PartnerListing) string { return p.Merchant.String() })
	page.Partners = partnersView(rows)
	return s.json(c, http.StatusOK, page)
}

// ListPartnerships shows whose cards the merchant honours.
func (s *Server) ListPartnerships(c *fiber.Ctx, params gen.ListPartnershipsParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.ProgramID], params.After)
	if err != nil {
		return err
	}
	rows, err := s.Store.Partnerships(c.UserContext(), principalOf(c).Merchant, after, limit+1)
	if err != nil {
		return err
	}
	page := gen.PartnershipPage{}
	rows, page.Next = cut(rows, limit, func(p *loyalty.PartnerListing) string { return p.Program.String() })
	page.Partnerships = partnersView(rows)
	return s.json(c, http.StatusOK, page)
}

func renderedPartner(status int) renderPartner {
	return func(p *loyalty.PartnerListing) (loyalty.Answer, error) { return render(status, partnerView(p)) }
}

func partnersView(partners []loyalty.PartnerListing) []gen.Partner {
	list := make([]gen.Partner, len(partners))
	for i := range partners {
		list[i] = partnerView(&partners[i])
	}
	return list
}

func partnerView(p *loyalty.PartnerListing) gen.Partner {
	return gen.Partner{
		Program: p.Program, ProgramName: p.ProgramName, Operator: p.Operator, OperatorName: p.OperatorName,
		Merchant: p.Merchant, Name: p.Name, State: gen.PartnerState(p.State()),
		InvitedAt: p.Invited, Since: p.Since, Until: p.Until,
	}
}

func coalitionOf(body *gen.CoalitionRules) *loyalty.CoalitionRule {
	if body == nil {
		return nil
	}
	return &loyalty.CoalitionRule{Units: body.Units, Value: body.Value, Currency: body.Currency, Zone: body.Zone}
}

func coalitionView(r *loyalty.CoalitionRule) *gen.CoalitionRules {
	if r == nil {
		return nil
	}
	return &gen.CoalitionRules{Units: r.Units, Value: r.Value, Currency: r.Currency, Zone: r.Zone}
}
