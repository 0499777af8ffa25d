package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/templates"
)

// programStore is what runs programs. A change takes what Server.change returns
// and renders its answer itself, perhaps more than once.
type programStore interface {
	Programs(ctx context.Context, m loyalty.MerchantID) ([]*loyalty.Program, error)
	Program(ctx context.Context, m loyalty.MerchantID, id loyalty.ProgramID) (*loyalty.Program, error)
	Versions(ctx context.Context, m loyalty.MerchantID, id loyalty.ProgramID, before int32, limit int) ([]loyalty.Published, error)
	CreateProgram(ctx context.Context, r loyalty.Answer, p loyalty.Program, now time.Time, render func(*loyalty.Program) (loyalty.Answer, error)) (loyalty.Answer, error)
	CreateFromTemplate(ctx context.Context, r loyalty.Answer, p loyalty.Program, now time.Time, render func(*loyalty.Program) (loyalty.Answer, error)) (loyalty.Answer, error)
	Publish(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.ProgramID, revision int64, now time.Time, render func(*loyalty.Program) (loyalty.Answer, error)) (loyalty.Answer, error)
	Archive(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.ProgramID, archived bool, now time.Time, render func(*loyalty.Program) (loyalty.Answer, error)) (loyalty.Answer, error)
}

// ListTemplates shows the rules that come with the house.
func (s *Server) ListTemplates(c *fiber.Ctx) error {
	list := gen.TemplateList{Templates: []gen.Template{}}
	for _, name := range templates.Names() {
		rules, err := Template(name)
		if err != nil {
			return err
		}
		list.Templates = append(list.Templates, gen.Template{Name: name, Rules: templateView(&rules)})
	}
	return s.json(c, http.StatusOK, list)
}

// ListPrograms shows the merchant's programs, the oldest first: a merchant has few,
// and all are read.
func (s *Server) ListPrograms(c *fiber.Ctx, params gen.ListProgramsParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.ProgramID], params.After)
	if err != nil {
		return err
	}
	state := params.State
	switch {
	case c.Query("state") == "" && !c.Context().QueryArgs().Has("state"):
		state = gen.ProgramStatePublished
	case !state.Valid():
		return invalid("state", "must be published, archived or draft")
	}
	programs, err := s.Store.Programs(c.UserContext(), principalOf(c).Merchant)
	if err != nil {
		return err
	}
	list := gen.ProgramList{Programs: []gen.Program{}}
	for _, p := range programs {
		if stateOf(p) == state && (after.IsZero() || p.ID.Compare(after) > 0) {
			list.Programs = append(list.Programs, programView(p))
		}
	}
	list.Programs, list.Next = cut(list.Programs, limit, func(p *gen.Program) string { return p.ID.String() })
	return s.json(c, http.StatusOK, list)
}

// GetProgram shows a program.
func (s *Server) GetProgram(c *fiber.Ctx, id gen.ProgramInPath) error {
	p, err := s.Store.Program(c.UserContext(), principalOf(c).Merchant, id)
	if err != nil {
		return noProgram(err)
	}
	return s.json(c, http.StatusOK, programView(p))
}

// ListVersions shows what a program was published as.
func (s *Server) ListVersions(c *fiber.Ctx, id gen.ProgramInPath, params gen.ListVersionsParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	if params.Before < 0 || params.Before == 0 && c.Query("before") != "" {
		return invalid("before", "must be the number of a version")
	}
	versions, err := s.Store.Versions(c.UserContext(), principalOf(c).Merchant, id, params.Before, limit+1)
	if err != nil {
		return noProgram(err)
	}
	list := gen.VersionPage{Versions: []gen.Version{}}
	if len(versions) > limit {
		versions = versions[:limit]
		list.Next = versions[limit-1].Version
	}
	for i := range versions {
		v := &versions[i]
		list.Versions = append(list.Versions, gen.Version{
			Version: v.Version, PublishedAt: v.At, Archived: v.Archived, Rules: rulesView(&v.Rules),
		})
	}
	return s.json(c, http.StatusOK, list)
}

// CreateProgram makes a program, of a template or of rules of its own.
func (s *Server) CreateProgram(c *fiber.Ctx, params gen.CreateProgramParams) error {
	return inWholeRules(c, s.createProgram(c, params))
}

func (s *Server) createProgram(c *fiber.Ctx, params gen.CreateProgramParams) error {
	var body gen.NewProgram
	if err := decode(c, &body); err != nil {
		return err
	}
	rules, err := newRules(&body)
	if err != nil {
		return err
	}
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	p := loyalty.Program{ID: loyalty.NewID(), Version: 1, Merchant: principalOf(c).Merchant, Rules: rules}
	if body.Draft {
		p.Version = 0
	}
	create := s.Store.CreateProgram
	if body.Rules == nil {
		create = s.Store.CreateFromTemplate
	}
	answer, err := create(c.UserContext(), change, p, s.moment(), renderProgram(http.StatusCreated))
	if body.Rules != nil {
		err = inRules(err)
	}
	if err != nil {
		return err
	}
	return send(c, answer)
}

// newRules are those that a body writes down or names. Errors: missing_field,
// invalid_field.
func newRules(body *gen.NewProgram) (loyalty.Rules, error) {
	switch {
	case body.Rules == nil && body.Template == "":
		return loyalty.Rules{}, missing("rules")
	case body.Rules != nil && body.Template != "":
		return loyalty.Rules{}, invalid("template", "cannot be given together with rules")
	case body.Rules != nil && body.Name != "":
		return loyalty.Rules{}, invalid("name", "stands within rules")
	case body.Rules != nil:
		return rulesOf(body.Rules, noneKnown)
	}
	rules, err := Template(body.Template)
	if err != nil {
		return rules, invalid("template", "is not the name of a template: GET /v1/templates lists them")
	}
	if body.Name != "" {
		rules.Name = body.Name
	}
	return rules, nil
}

// PublishProgram makes the draft the current version.
func (s *Server) PublishProgram(c *fiber.Ctx, id gen.ProgramInPath, params gen.PublishProgramParams) error {
	body := gen.Publication{Revision: absent}
	if err := decode(c, &body); err != nil {
		return err
	}
	switch {
	case body.Revision == absent:
		body.Revision = 0
	case body.Revision < 1 || body.Revision > loyalty.MaxUnits:
		return invalid("revision", "must be that of a draft")
	}
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.Publish(c.UserContext(), change, principalOf(c).Merchant, id, body.Revision, s.moment(), renderProgram(http.StatusOK))
	s.tellAll(err, id)
	if err != nil {
		return noProgram(inRules(err))
	}
	return send(c, answer)
}

// ArchiveProgram ends a program.
func (s *Server) ArchiveProgram(c *fiber.Ctx, id gen.ProgramInPath, params gen.ArchiveProgramParams) error {
	return s.archive(c, id, params.IdempotencyKey, true)
}

// RestoreProgram takes that back.
func (s *Server) RestoreProgram(c *fiber.Ctx, id gen.ProgramInPath, params gen.RestoreProgramParams) error {
	return s.archive(c, id, params.IdempotencyKey, false)
}

func (s *Server) archive(c *fiber.Ctx, id loyalty.ProgramID, key string, archived bool) error {
	change, err := s.change(c, key)
	if err != nil {
		return err
	}
	answer, err := s.Store.Archive(c.UserContext(), change, principalOf(c).Merchant, id, archived, s.moment(), renderProgram(http.StatusOK))
	s.tellAll(err, id)
	if err != nil {
		return noProgram(err)
	}
	return send(c, answer)
}

func renderProgram(status int) func(*loyalty.Program) (loyalty.Answer, error) {
	return func(p *loyalty.Program) (loyalty.Answer, error) { return render(status, programView(p)) }
}

func noProgram(err error) error {
	if errors.Is(err, loyalty.ErrNotFound) {
		return refuse(loyalty.ProgramNotFound, "There is no such program.")
	}
	return err
}

func stateOf(p *loyalty.Program) gen.ProgramState {
	switch {
	case p.Version == 0:
		return gen.ProgramStateDraft
	case p.Archived:
		return gen.ProgramStateArchived
	}
	return gen.ProgramStatePublished
}
