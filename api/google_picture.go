package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/artwork"
)

// Studio draws what a face needs.
type Studio interface {
	Strip(ctx context.Context, f *passes.Face, size artwork.Size) ([]byte, error)
	Logo(ctx context.Context, f *passes.Face, size artwork.Size) ([]byte, error)
	Icon(ctx context.Context, f *passes.Face, size artwork.Size) ([]byte, error)
}

// Kinds of pictures, the first byte of what an address seals.
const (
	heroPicture   = 'h' // card, version of its face: the picture of its progress
	iconPicture   = 'i' // merchant, picture: the brand's icon
	letterPicture = 'l' // colours, letter: an icon that is made up
)

// googleIcon is the logo of a program: square, as it is cut to a circle
// (developers.google.com, "Brand guidelines").
var googleIcon = artwork.Size{Width: 660, Height: 660}

// PictureLinks are the addresses of pictures that Google loads. They are public, and
// cannot be guessed.
type PictureLinks struct {
	Base     string // https address of this server
	Pictures *credential.Pictures
	Now      func() time.Time
}

func (l PictureLinks) address(kind byte, contents ...[]byte) string {
	sealed := []byte{kind}
	for _, part := range contents {
		sealed = append(sealed, part...)
	}
	return l.Base + "/passes/google/pictures/" + l.Pictures.Seal(sealed, l.Now())
}

// versionInLink is how much of a face's version makes an address another one.
const versionInLink = 8 // bytes

// Hero is the address of a card's progress. When the card changes it has another
// one, as Google keeps what it has loaded.
func (l PictureLinks) Hero(f *passes.Face) string {
	return l.address(heroPicture, f.Card[:], f.Version[:versionInLink])
}

// Logo is the address of a brand's icon or, without one, of its letter.
func (l PictureLinks) Logo(f *passes.Face) string {
	if f.Brand.Icon != (loyalty.Hash{}) {
		return l.address(iconPicture, f.Merchant[:], f.Brand.Icon[:])
	}
	letter, _ := utf8.DecodeRuneInString(f.Brand.Name)
	colors := make([]byte, 0, 12)
	for _, c := range colorsOf(&f.Brand.Colors) {
		colors = append(colors, c.R, c.G, c.B)
	}
	return l.address(letterPicture, colors, []byte(string(letter)))
}

func colorsOf(c *loyalty.Colors) [4]*loyalty.Color {
	return [...]*loyalty.Color{&c.Background, &c.Foreground, &c.Label, &c.Accent}
}

var errNoPicture = refuse(loyalty.Code(gen.ProblemCodeImageNotFound), "There is no such picture.")

// GetGooglePicture draws a picture of a pass.
func (s *Server) GetGooglePicture(c *fiber.Ctx, address string) error {
	contents, ok := s.Pictures.Open(address)
	if !ok || len(contents) == 0 {
		return errNoPicture
	}
	digest := sha256.Sum256(contents)
	if err := s.limitLink(c, [16]byte(digest[:16])); err != nil {
		return err
	}
	picture, err := s.drawPicture(c.UserContext(), contents[0], contents[1:])
	if errors.Is(err, loyalty.ErrNotFound) {
		return errNoPicture
	}
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/png")
	c.Set(fiber.HeaderCacheControl, "public, max-age=86400")
	return c.Send(picture)
}

// drawPicture draws what an address says. A card is drawn as it is now: the
// address of an older state of it is about to be forgotten.
func (s *Server) drawPicture(ctx context.Context, kind byte, of []byte) ([]byte, error) {
	var face passes.Face
	switch {
	case kind == heroPicture && len(of) == len(face.Card)+versionInLink:
		card := loyalty.CardID(of[:len(face.Card)])
		owner, err := s.Store.MerchantOf(ctx, card)
		if err != nil {
			return nil, err
		}
		return s.drawHero(ctx, owner, card)
	case kind == iconPicture && len(of) == len(face.Merchant)+len(face.Brand.Icon):
		copy(face.Merchant[:], of)
		copy(face.Brand.Icon[:], of[len(face.Merchant):])
	case kind == letterPicture && len(of) >= 12:
		for i, color := range colorsOf(&face.Brand.Colors) {
			*color = loyalty.Color{R: of[3*i], G: of[3*i+1], B: of[3*i+2]}
		}
		face.Brand.Name = string(of[12:])
	default:
		return nil, loyalty.ErrNotFound
	}
	return s.Studio.Icon(ctx, &face, googleIcon)
}

func (s *Server) drawHero(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID) ([]byte, error) {
	state, err := s.Store.Card(ctx, m, card)
	if err != nil {
		return nil, err
	}
	face, err := s.Faces.Face(ctx, state, passes.English) // the picture has no words
	if err != nil {
		return nil, err
	}
	return s.Studio.Strip(ctx, face, artwork.GoogleHero)
}
