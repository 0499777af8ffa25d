package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/personal"
)

// memberStore is what the API reads and changes of people. A member's id stands
// for whom it was merged into. Another merchant's rows are loyalty.ErrNotFound.
type memberStore interface {
	Member(ctx context.Context, m loyalty.MerchantID, id loyalty.MemberID) (loyalty.Member, error)
	Members(ctx context.Context, m loyalty.MerchantID, after loyalty.MemberID, limit int) ([]loyalty.Member, error)
	MembersByContact(ctx context.Context, indexes []loyalty.Hash) ([]loyalty.Member, error)
	AddMember(ctx context.Context, r loyalty.Answer, m loyalty.Member, answer loyalty.Answer) (loyalty.Answer, error)
	ChangeMember(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.MemberID, change func(*loyalty.Member, []loyalty.Consent) (loyalty.Answer, error)) (loyalty.Answer, error)
	MergeMembers(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, from, into loyalty.MemberID, merge func(into, from *loyalty.Member, consents []loyalty.Consent) (loyalty.Answer, error)) (loyalty.Answer, error)
	EraseMember(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.MemberID, now time.Time, answer func(loyalty.MemberID, int) (loyalty.Answer, error)) (loyalty.Answer, error)

	Consents(ctx context.Context, member loyalty.MemberID, after loyalty.ConsentID, limit int) ([]loyalty.Consent, error)
	CurrentConsents(ctx context.Context, members []loyalty.MemberID) (map[loyalty.MemberID][]loyalty.Consent, error)
	AddConsent(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, c loyalty.Consent, answer loyalty.Answer) (loyalty.Answer, error)

	MemberOfCard(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID) (loyalty.Member, error)
	MemberCards(ctx context.Context, m loyalty.MerchantID, member loyalty.MemberID, after loyalty.CardID, limit int) ([]*loyalty.State, error)
	ReachedCards(ctx context.Context, member loyalty.MemberID) ([]loyalty.Attachment, error)
	DetailedEntries(ctx context.Context, card loyalty.CardID, afterSeq int64, limit int) ([]loyalty.DetailedEntry, error)
	AttachCard(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, a loyalty.Attachment, answer func(loyalty.Attachment) (loyalty.Answer, error)) (loyalty.Answer, error)
	DetachCard(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, card loyalty.CardID, now time.Time, answer func(loyalty.Attachment) (loyalty.Answer, error)) (loyalty.Answer, error)
	OpenMemberCard(ctx context.Context, c loyalty.Command, program loyalty.ProgramID, member loyalty.MemberID, open OpenCard) (loyalty.Answer, error)
}

var errNoMember = refuse(loyalty.MemberNotFound, "There is no such member.")

// orNoMember says what it was that was not found.
func orNoMember(err error) error {
	if errors.Is(err, loyalty.ErrNotFound) {
		return errNoMember
	}
	return err
}

// CreateMember notes a new person.
func (s *Server) CreateMember(c *fiber.Ctx, params gen.CreateMemberParams) error {
	var body gen.NewMember
	if err := decode(c, &body); err != nil {
		return err
	}
	profile, err := newProfile(&body)
	if err != nil {
		return err
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	now := s.moment()
	member := loyalty.Member{ID: loyalty.NewID(), Merchant: principalOf(c).Merchant, Created: now, Changed: now}
	s.Personal.SealMember(&member, &profile, now)
	answer, err := s.sealed(&request, member.Merchant, http.StatusCreated, s.memberView(&member, &profile, nil))
	if err != nil {
		return err
	}
	answer, err = s.Store.AddMember(c.UserContext(), request, member, answer)
	if err != nil {
		return s.takenField(err, member.Merchant, &profile)
	}
	return s.sendSealed(c, &request, member.Merchant, answer)
}

// takenField says which of the contacts is another member's already.
func (s *Server) takenField(err error, m loyalty.MerchantID, p *personal.Profile) error {
	var taken *loyalty.TakenError
	if !errors.As(err, &taken) {
		return orNoMember(err)
	}
	field := s.Personal.Which(m, p, taken.Index)
	return &loyalty.Refusal{
		Code: loyalty.MemberExists, Field: string(field), Member: taken.By,
		Message: "Another member has this " + string(field) + " already. Use that member, or merge the two.",
	}
}

// UpdateMember replaces what is given of a person and clears what is named.
func (s *Server) UpdateMember(c *fiber.Ctx, id gen.MemberInPath, params gen.UpdateMemberParams) error {
	var body gen.MemberChange
	if err := decode(c, &body); err != nil {
		return err
	}
	apply, err := profileChange(&body)
	if err != nil {
		return err
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	merchant := principalOf(c).Merchant
	var profile personal.Profile
	answer, err := s.Store.ChangeMember(c.UserContext(), request, merchant, id, func(member *loyalty.Member, consents []loyalty.Consent) (_ loyalty.Answer, err error) {
		if profile, err = s.Personal.OpenMember(member); err != nil {
			return loyalty.Answer{}, err
		}
		if err := apply(&profile); err != nil {
			return loyalty.Answer{}, err
		}
		member.Changed = s.moment()
		s.Personal.SealMember(member, &profile, member.Changed)
		return s.sealed(&request, merchant, http.StatusOK, s.memberView(member, &profile, consents))
	})
	if err != nil {
		return s.takenField(err, merchant, &profile)
	}
	return s.sendSealed(c, &request, merchant, answer)
}

// GetMember shows a person.
func (s *Server) GetMember(c *fiber.Ctx, id gen.MemberInPath) error {
	member, err := s.Store.Member(c.UserContext(), principalOf(c).Merchant, id)
	if err != nil {
		return orNoMember(err)
	}
	return s.showMember(c, member)
}

func (s *Server) showMember(c *fiber.Ctx, member loyalty.Member) error {
	views, err := s.memberViews(c.UserContext(), []loyalty.Member{member})
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, views[0])
}

// ListMembers shows a page of people.
func (s *Server) ListMembers(c *fiber.Ctx, params gen.ListMembersParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.MemberID], params.After)
	if err != nil {
		return err
	}
	members, err := s.Store.Members(c.UserContext(), principalOf(c).Merchant, after, limit+1)
	if err != nil {
		return err
	}
	members, next := cut(members, limit, func(m *loyalty.Member) string { return m.ID.String() })
	views, err := s.memberViews(c.UserContext(), members)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, gen.MemberPage{Members: views, Next: next})
}

// SearchMembers finds people by what they can be found by.
func (s *Server) SearchMembers(c *fiber.Ctx) error {
	var body gen.MemberSearch
	if err := decode(c, &body); err != nil {
		return err
	}
	wanted, err := newProfile(&gen.NewMember{
		Phone: body.Phone, Region: body.Region, Email: body.Email, ExternalID: body.ExternalID,
	})
	if err != nil {
		return err
	}
	merchant := principalOf(c).Merchant
	members, err := s.Store.MembersByContact(c.UserContext(), s.Personal.AllIndexes(merchant, &wanted))
	if err != nil {
		return err
	}
	views, err := s.memberViews(c.UserContext(), members)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, gen.MemberList{Members: views})
}
