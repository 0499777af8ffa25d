package api

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/artwork"
	"stempel/passes/poster"
)

// DrawPoster draws the sheet that leads people to a program's join page.
func (s *Server) DrawPoster(c *fiber.Ctx, id gen.ProgramInPath, params gen.DrawPosterParams) error {
	format, paper, l, err := readPoster(c, params)
	if err != nil {
		return err
	}
	merchant := principalOf(c).Merchant
	program, err := s.Store.Program(c.UserContext(), merchant, id)
	if err == nil && program.Version == 0 { // its join page would open to nobody
		err = loyalty.ErrNotFound
	}
	if err != nil {
		return noProgram(err)
	}
	subject, err := s.emptyCard(c.UserContext(), merchant, program, l)
	if err != nil {
		return err
	}
	face := passes.Of(subject)
	sheet, err := s.sheet(c, &face, l)
	if err != nil {
		return err
	}
	file, err := sheet.Draw(format, paper)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, format.MediaType())
	return c.Send(file)
}

// readPoster reads what kind of sheet is wanted. Errors: invalid_field.
func readPoster(c *fiber.Ctx, params gen.DrawPosterParams) (f poster.Format, paper poster.Paper, l passes.Language, err error) {
	given := c.Context().QueryArgs().Has
	f, paper, l = poster.PDF, poster.A4, passes.English
	if given("format") {
		f = poster.Format(params.Format)
	}
	if given("language") {
		l = passes.Language(params.Language)
	}
	known := true
	if given("paper") {
		paper, known = poster.ParsePaper(string(params.Paper))
	}
	switch {
	case f.MediaType() == "":
		err = invalid("format", "must be pdf, png or svg")
	case passes.MatchLanguage(string(l)) != l:
		err = invalid("language", "must be en, pl or ro")
	case !known:
		err = invalid("paper", "must be a4 or a6")
	}
	return f, paper, l, err
}

// poster draws the sheet that leads to the page's program, for whoever is there.
func (s *Server) poster(c *fiber.Ctx) error {
	d, err := s.door(c)
	if err != nil {
		return err
	}
	sheet, err := s.sheet(c, &d.face, pageLanguage(c))
	if err != nil {
		return err
	}
	file, err := sheet.Draw(poster.SVG, poster.A4)
	return sendFile(c, poster.SVG.MediaType(), file, err)
}

// sheet is the poster of a program, by the face of an empty card.
func (s *Server) sheet(c *fiber.Ctx, face *passes.Face, l passes.Language) (*poster.Sheet, error) {
	logo, err := s.Studio.Logo(c.UserContext(), face, artwork.Size{Width: poster.LogoWidth, Height: poster.LogoHeight})
	if err != nil {
		return nil, err
	}
	return poster.Of(face, l, logo, s.publicURL(c)+"/join/"+face.Program.String()), nil
}

// emptyCard is what a card shows on which there is nothing yet.
func (s *Server) emptyCard(ctx context.Context, m loyalty.MerchantID, program *loyalty.Program, l passes.Language) (passes.Subject, error) {
	subject := passes.Subject{Program: program, Card: &loyalty.Card{Program: program.ID}, Language: l, Now: s.moment()}
	return subject, s.Faces.Dress(ctx, m, &subject)
}

// publicURL is the address that goes out of the house: the one that was set, or else
// the one that the request came by.
func (s *Server) publicURL(c *fiber.Ctx) string {
	if s.PublicURL != "" {
		return s.PublicURL
	}
	return c.BaseURL()
}
