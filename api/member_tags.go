package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/personal"
)

// belongingStore keeps what members are to the merchant.
type belongingStore interface {
	SetLabels(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.MemberID, labels loyalty.Labels, now time.Time, answer func(*loyalty.Member, []loyalty.Consent) (loyalty.Answer, error)) (loyalty.Answer, error)
	OnRoster(ctx context.Context, a loyalty.AgreementID, who loyalty.Hash) (bool, error)
	JoinByWork(ctx context.Context, r loyalty.Answer, f loyalty.Affiliation, fresh loyalty.Member, c loyalty.Command, program loyalty.ProgramID, open func(*loyalty.Program) (*loyalty.Decision, loyalty.Answer, error)) (loyalty.Answer, error)
	ConfirmWork(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.CardID, f loyalty.Affiliation, fresh loyalty.Member) (loyalty.Answer, error)
	Affiliate(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, f loyalty.Affiliation, answer func(*loyalty.Member, []loyalty.Consent) (loyalty.Answer, error)) (loyalty.Answer, error)
}

// SetMemberTags gives a member these tags and no others.
func (s *Server) SetMemberTags(c *fiber.Ctx, id gen.MemberInPath, params gen.SetMemberTagsParams) error {
	var body gen.MemberTags
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Tags == nil {
		return missing("tags")
	}
	labels, err := loyalty.NewLabels(body.Tags)
	if err != nil {
		return err
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	merchant := principalOf(c).Merchant
	answer, err := s.Store.SetLabels(c.UserContext(), request, merchant, id, labels, s.moment(), s.showChanged(&request, merchant))
	if err != nil {
		return orNoMember(err)
	}
	return s.sendSealed(c, &request, merchant, answer)
}

// SetMemberAudience says what a member is.
func (s *Server) SetMemberAudience(c *fiber.Ctx, id gen.MemberInPath, params gen.SetMemberAudienceParams) error {
	var body gen.MemberAudience
	if err := decode(c, &body); err != nil {
		return err
	}
	affiliation, err := s.affiliation(c.UserContext(), principalOf(c).Merchant, id, &body)
	if err != nil {
		return err
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	merchant := principalOf(c).Merchant
	answer, err := s.Store.Affiliate(c.UserContext(), request, merchant, affiliation, s.showChanged(&request, merchant))
	if err != nil {
		return orNoMember(err)
	}
	return s.sendSealed(c, &request, merchant, answer)
}

// affiliation is what a body says of a member. Errors: missing_field, invalid_field,
// member_not_found, agreement_not_found.
func (s *Server) affiliation(ctx context.Context, m loyalty.MerchantID, id loyalty.MemberID, body *gen.MemberAudience) (loyalty.Affiliation, error) {
	f := loyalty.Affiliation{Member: id, Audience: loyalty.Audience(body.Audience), Agreement: body.Agreement, Since: s.moment()}
	switch {
	case body.Audience == "":
		return f, missing("audience")
	case !f.Audience.Known():
		return f, invalid("audience", "must be customer, employee or partner")
	case f.Audience == loyalty.PartnerStaff && f.Agreement.IsZero():
		return f, missing("agreement")
	case f.Audience == loyalty.Customer && !f.Agreement.IsZero():
		return f, invalid("agreement", "is not for a customer")
	case f.Agreement.IsZero() && body.WorkID != "":
		return f, invalid("work_id", "is of a roster: name its agreement")
	case f.Agreement.IsZero():
		return f, nil
	}
	if _, err := s.Store.Member(ctx, m, id); err != nil {
		return f, orNoMember(err)
	}
	a, err := s.Store.Agreement(ctx, m, f.Agreement)
	if err != nil {
		return f, err
	}
	if a.Kind.Audience() != f.Audience {
		return f, invalid("agreement", "is of another kind: people of a company are partners, and of the merchant's own staff employees")
	}
	if body.WorkID == "" {
		return f, nil
	}
	work, err := personal.ParseWorkID(body.WorkID)
	if err != nil {
		return f, invalid("work_id", "must be an e-mail address or a staff number")
	}
	lists, err := s.Personal.Lists(&a)
	f.Who = lists.Hash(work)
	return f, err
}

// showChanged answers with a member as it is after a change.
func (s *Server) showChanged(request *loyalty.Answer, m loyalty.MerchantID) func(*loyalty.Member, []loyalty.Consent) (loyalty.Answer, error) {
	return func(member *loyalty.Member, consents []loyalty.Consent) (loyalty.Answer, error) {
		profile, err := s.Personal.OpenMember(member)
		if err != nil {
			return loyalty.Answer{}, err
		}
		return s.sealed(request, m, http.StatusOK, s.memberView(member, &profile, consents))
	}
}
