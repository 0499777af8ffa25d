package api

import (
	"context"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/scanner"
	"stempel/scanner/ntag"
)

// tagStore keeps which NFC tags stand for cards.
type tagStore interface {
	scanner.Tags
	scanner.CounterTags
	AddTag(ctx context.Context, r loyalty.Answer, t loyalty.Tag, render editing[loyalty.Tag]) (loyalty.Answer, error)
	Gaps(ctx context.Context, tag loyalty.TagID, after loyalty.GapID, limit int) ([]loyalty.Gap, error)
	Tag(ctx context.Context, m loyalty.MerchantID, id loyalty.TagID) (loyalty.Tag, error)
	Tags(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, all bool, after loyalty.TagID, limit int) ([]loyalty.Tag, error)
	RenewTag(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.TagID, render editing[loyalty.Tag]) (loyalty.Answer, error)
	RevokeTag(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.TagID, now time.Time, render editing[loyalty.Tag]) (loyalty.Answer, error)
}

// CreateTag registers a chip and shows its keys this once.
func (s *Server) CreateTag(c *fiber.Ctx, params gen.CreateTagParams) error {
	var body gen.NewTag
	if err := decode(c, &body); err != nil {
		return err
	}
	tag, err := newTag(&body)
	if err != nil {
		return err
	}
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	now := s.moment()
	tag.ID, tag.Merchant, tag.KeyID, tag.Created = loyalty.NewID(), principalOf(c).Merchant, s.TagKeys.KeyID(now), now
	answer, err := s.Store.AddTag(c.UserContext(), change, tag, s.renderChip(http.StatusCreated, s.tagURL(c)))
	if tag.OnCounter() {
		return finish(c, answer, err)
	}
	return s.answerCard(c, answer, err)
}

// newTag is what a body asks for. Errors: missing_field, invalid_field.
func newTag(body *gen.NewTag) (tag loyalty.Tag, err error) {
	uid, ok := loyalty.ParseTagUID(body.UID)
	if err := checkTagKind(body); err != nil {
		return tag, err
	}
	switch {
	case body.UID == "":
		return tag, missing("uid")
	case !ok:
		return tag, invalid("uid", "must be 14 digits of upper-case hex")
	case body.Label != "":
		err = loyalty.CheckName("label", body.Label)
	}
	return loyalty.Tag{Card: body.Card, Location: body.Location, Program: body.Program, UID: uid, Label: body.Label}, err
}

// checkTagKind holds that a tag has what belongs to its kind and nothing else. Errors:
// missing_field, invalid_field.
func checkTagKind(body *gen.NewTag) error {
	switch body.Kind {
	case "", gen.TagKindCard:
		switch {
		case body.Card.IsZero():
			return missing("card")
		case !body.Location.IsZero():
			return invalid("location", "is only for tags of kind counter")
		case !body.Program.IsZero():
			return invalid("program", "is only for tags of kind counter")
		}
		return nil
	case gen.TagKindCounter:
		switch {
		case !body.Card.IsZero():
			return invalid("card", "is not for tags of kind counter")
		case body.Location.IsZero():
			return missing("location")
		case body.Program.IsZero():
			return missing("program")
		}
		return nil
	}
	return invalid("kind", "must be card or counter")
}

// ListTags shows the merchant's tags, newest first.
func (s *Server) ListTags(c *fiber.Ctx, params gen.ListTagsParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.TagID], params.After)
	if err != nil {
		return err
	}
	all, err := wantsAll(params.State)
	if err != nil {
		return err
	}
	tags, err := s.Store.Tags(c.UserContext(), principalOf(c).Merchant, params.Card, all, after, limit+1)
	if err != nil {
		return err
	}
	tags, next := cut(tags, limit, func(t *loyalty.Tag) string { return t.ID.String() })
	return s.json(c, http.StatusOK, gen.TagPage{Tags: views(tags, tagView), Next: next})
}

// GetTag shows a tag, without its keys.
func (s *Server) GetTag(c *fiber.Ctx, id gen.TagInPath) error {
	tag, err := s.Store.Tag(c.UserContext(), principalOf(c).Merchant, id)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, tagView(&tag))
}

// RenewTag gives a tag other keys and shows them this once.
func (s *Server) RenewTag(c *fiber.Ctx, id gen.TagInPath, params gen.RenewTagParams) error {
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.RenewTag(c.UserContext(), change, principalOf(c).Merchant, id, s.renderChip(http.StatusOK, s.tagURL(c)))
	return finish(c, answer, err)
}

// RevokeTag ends a tag.
func (s *Server) RevokeTag(c *fiber.Ctx, id gen.TagInPath, params gen.RevokeTagParams) error {
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.RevokeTag(c.UserContext(), change, principalOf(c).Merchant, id, s.moment(),
		func(t *loyalty.Tag) (loyalty.Answer, error) { return render(http.StatusOK, tagView(t)) })
	return finish(c, answer, err)
}

// tagURL is where the URLs of chips lead, up to the question mark: in a phone that
// reads one. Tills never go there.
func (s *Server) tagURL(c *fiber.Ctx) string {
	return s.publicURL(c) + "/t"
}

// renderChip answers with a tag and what to write to its chip.
func (s *Server) renderChip(status int, url string) editing[loyalty.Tag] {
	return func(t *loyalty.Tag) (loyalty.Answer, error) {
		chip, err := Chip(s.TagKeys, t, url)
		if err != nil {
			return loyalty.Answer{}, err
		}
		view := tagView(t)
		view.Chip = &chip
		answer, err := render(status, view)
		answer.Secret = true
		return answer, err
	}
}

// Chip is what to write to a tag's chip; url is where those of cards lead, up to the
// question mark. That of a counter tag names the tag, for the page that it opens.
func Chip(keys *credential.TagKeys, t *loyalty.Tag, url string) (gen.Chip, error) {
	meta, ok := keys.Meta(t.Merchant, t.KeyID)
	file, okFile := keys.File(t)
	change, okChange := keys.Change(t)
	if !ok || !okFile || !okChange {
		return gen.Chip{}, errKeyRetired
	}
	if t.OnCounter() {
		url += "/" + t.ID.String()
	}
	return gen.Chip{
		URL: ntag.Template(url, t.KeyID), MetaKey: upperHex(meta), FileKey: upperHex(file), ChangeKey: upperHex(change),
	}, nil
}

var errKeyRetired = refuse(loyalty.TagRevoked, "The key from which those of this tag follow was retired. Revoke the tag and register its chip again.")

func upperHex(key credential.TagKey) string { return strings.ToUpper(hex.EncodeToString(key[:])) }

func tagView(t *loyalty.Tag) gen.Tag {
	view := gen.Tag{
		ID: t.ID, Kind: gen.TagKindCard, UID: t.UID.String(), Card: t.Card, Location: t.Location, Program: t.Program, Label: t.Label, Epoch: t.Epoch, Counter: int64(t.Counter),
		State: gen.TagStateActive, CreatedAt: t.Created, RevokedAt: t.Revoked,
	}
	if t.OnCounter() {
		view.Kind = gen.TagKindCounter
	}
	if !t.Revoked.IsZero() {
		view.State = gen.TagStateRevoked
	}
	return view
}
