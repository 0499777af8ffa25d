package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/personal"
)

// MergeMembers makes one person of two.
func (s *Server) MergeMembers(c *fiber.Ctx, id gen.MemberInPath, params gen.MergeMembersParams) error {
	var body gen.MemberMerge
	if err := decode(c, &body); err != nil {
		return err
	}
	switch body.Into {
	case loyalty.MemberID{}:
		return missing("into")
	case id:
		return invalid("into", "is the member itself: nobody can be merged with themselves")
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	merchant := principalOf(c).Merchant
	answer, err := s.Store.MergeMembers(c.UserContext(), request, merchant, id, body.Into, func(into, from *loyalty.Member, consents []loyalty.Consent) (loyalty.Answer, error) {
		profile, err := s.mergedProfile(into, from)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if from != nil {
			into.Changed = s.moment()
			s.Personal.SealMember(into, &profile, into.Changed)
		}
		return s.sealed(&request, merchant, http.StatusOK, s.memberView(into, &profile, consents))
	})
	if err != nil {
		return orNoMember(err)
	}
	return s.sendSealed(c, &request, merchant, answer)
}

// mergedProfile is that of into where the two are one already.
func (s *Server) mergedProfile(into, from *loyalty.Member) (personal.Profile, error) {
	profile, err := s.Personal.OpenMember(into)
	if err != nil || from == nil {
		return profile, err
	}
	old, err := s.Personal.OpenMember(from)
	return personal.Merge(profile, old), err
}

// EraseMember deletes all that is kept of a person.
func (s *Server) EraseMember(c *fiber.Ctx, id gen.MemberInPath, params gen.EraseMemberParams) error {
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.EraseMember(c.UserContext(), request, principalOf(c).Merchant, id, s.moment(), func(erased loyalty.MemberID, cards int) (loyalty.Answer, error) {
		return render(http.StatusOK, gen.Erasure{Member: erased, ErasedAt: s.moment(), Cards: int64(cards)})
	})
	if err != nil {
		return orNoMember(err)
	}
	return send(c, answer)
}
