package api

import (
	"net/http"
	"regexp"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/personal"
)

// AddConsent notes what a person has allowed or taken back.
func (s *Server) AddConsent(c *fiber.Ctx, id gen.MemberInPath, params gen.AddConsentParams) error {
	var body gen.NewConsent
	if err := decode(c, &body); err != nil {
		return err
	}
	shown, err := readConsent(&body)
	if err != nil {
		return err
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	consent := loyalty.Consent{
		ID: loyalty.NewID(), Member: id, Purpose: body.Purpose, Given: body.State == gen.GivenOrWithdrawnGiven, At: s.moment(),
	}
	merchant := principalOf(c).Merchant
	s.Personal.SealConsent(merchant, &consent, &shown, consent.At)
	answer, err := s.sealed(&request, merchant, http.StatusCreated, consentView(&consent, &shown))
	if err != nil {
		return err
	}
	answer, err = s.Store.AddConsent(c.UserContext(), request, merchant, consent, answer)
	if err != nil {
		return orNoMember(err)
	}
	return s.sendSealed(c, &request, merchant, answer)
}

var purposeForm = regexp.MustCompile(`^[a-z][a-z0-9_]{2,39}$`)

// Limits of what was shown, in characters.
const (
	maxWording = 4000
	maxVersion = 40
	maxSource  = 100
)

// readConsent checks a consent and takes what was shown. Errors: missing_field,
// invalid_field.
func readConsent(body *gen.NewConsent) (personal.Shown, error) {
	shown := personal.Shown{Wording: body.Wording, Version: body.WordingVersion, Source: body.Source}
	switch {
	case body.Purpose == "":
		return shown, missing("purpose")
	case !purposeForm.MatchString(body.Purpose):
		return shown, invalid("purpose", "must be 3 to 40 lower-case letters, digits and _, a letter first")
	case body.State == "":
		return shown, missing("state")
	case !body.State.Valid():
		return shown, invalid("state", "must be given or withdrawn")
	case utf8.RuneCountInString(body.Wording) > maxWording:
		return shown, invalid("wording", "is longer than 4000 characters")
	case utf8.RuneCountInString(body.WordingVersion) > maxVersion:
		return shown, invalid("wording_version", "is longer than 40 characters")
	case utf8.RuneCountInString(body.Source) > maxSource:
		return shown, invalid("source", "is longer than 100 characters")
	case body.Language == "":
		return shown, nil
	}
	var err error
	shown.Language, err = personal.ParseLanguage(body.Language)
	return shown, err
}

// ListConsents shows a page of what a person has allowed and taken back.
func (s *Server) ListConsents(c *fiber.Ctx, id gen.MemberInPath, params gen.ListConsentsParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.ConsentID], params.After)
	if err != nil {
		return err
	}
	member, err := s.Store.Member(c.UserContext(), principalOf(c).Merchant, id)
	if err != nil {
		return orNoMember(err)
	}
	consents, err := s.Store.Consents(c.UserContext(), member.ID, after, limit+1)
	if err != nil {
		return err
	}
	consents, next := cut(consents, limit, func(c *loyalty.Consent) string { return c.ID.String() })
	views, err := s.consentViews(member.Merchant, consents)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, gen.ConsentPage{Consents: views, Next: next})
}

func (s *Server) consentViews(m loyalty.MerchantID, consents []loyalty.Consent) ([]gen.Consent, error) {
	views := make([]gen.Consent, len(consents))
	for i := range consents {
		shown, err := s.Personal.OpenConsent(m, &consents[i])
		if err != nil {
			return nil, err
		}
		views[i] = consentView(&consents[i], &shown)
	}
	return views, nil
}

func consentView(c *loyalty.Consent, shown *personal.Shown) gen.Consent {
	return gen.Consent{
		ID: c.ID, Purpose: c.Purpose, State: consentState(c.Given), At: c.At,
		Wording: shown.Wording, WordingVersion: shown.Version, Language: shown.Language, Source: shown.Source,
	}
}
