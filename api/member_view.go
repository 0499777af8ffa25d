package api

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/personal"
	"stempel/internal/seal"
)

// memberViews opens members and says what each has consented to.
func (s *Server) memberViews(ctx context.Context, members []loyalty.Member) ([]gen.Member, error) {
	ids := make([]loyalty.MemberID, len(members))
	for i := range members {
		ids[i] = members[i].ID
	}
	consents, err := s.Store.CurrentConsents(ctx, ids)
	if err != nil {
		return nil, err
	}
	views := make([]gen.Member, len(members))
	for i := range members {
		profile, err := s.Personal.OpenMember(&members[i])
		if err != nil {
			return nil, err
		}
		views[i] = s.memberView(&members[i], &profile, consents[members[i].ID])
	}
	return views, nil
}

func (s *Server) memberView(m *loyalty.Member, p *personal.Profile, consents []loyalty.Consent) gen.Member {
	view := gen.Member{
		ID: m.ID, Name: p.Name, Phone: p.Phone, Email: p.Email, ExternalID: p.ExternalID, Language: p.Language,
		Consents: []gen.ConsentState{}, CreatedAt: m.Created, ChangedAt: m.Changed,
		Tags: m.Belonging.Labels.List(), Audience: gen.Audience(m.Belonging.AudienceAt(s.now())), Agreement: m.Belonging.Agreement,
	}
	for _, c := range p.Others {
		view.OtherContacts = append(view.OtherContacts, gen.Contact{Kind: gen.ContactKind(c.Kind), Value: c.Value})
	}
	for _, c := range consents {
		view.Consents = append(view.Consents, gen.ConsentState{Purpose: c.Purpose, State: consentState(c.Given), At: c.At})
	}
	return view
}

func consentState(given bool) gen.GivenOrWithdrawn {
	if given {
		return gen.GivenOrWithdrawnGiven
	}
	return gen.GivenOrWithdrawnWithdrawn
}

// sealed renders an answer that is kept for retries and tells of a person: kept
// answers lie about for a day, so this one is encrypted.
func (s *Server) sealed(request *loyalty.Answer, m loyalty.MerchantID, status int, value any) (loyalty.Answer, error) {
	answer, err := render(status, value)
	if err == nil {
		answer.Body = s.Personal.Seal(answerPlace(request, m), answer.Body, s.now())
	}
	return answer, err
}

// sendSealed opens what sealed has made, now or for an earlier request. Errors:
// answer_not_repeatable when the key was retired meanwhile.
func (s *Server) sendSealed(c *fiber.Ctx, request *loyalty.Answer, m loyalty.MerchantID, answer loyalty.Answer) error {
	plain, err := s.Personal.Open(answerPlace(request, m), answer.Body)
	if errors.Is(err, seal.ErrKeyGone) {
		return refuse(loyalty.NotRepeatable, "This was done, and its answer can no longer be read. Read the member instead.")
	}
	if err != nil {
		return err
	}
	answer.Body = plain
	return send(c, answer)
}

func answerPlace(request *loyalty.Answer, m loyalty.MerchantID) personal.Place {
	return personal.Place{Merchant: m, Row: [16]byte(request.Request[:16]), Column: personal.AnswerColumn}
}
