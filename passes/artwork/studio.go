package artwork

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"

	"stempel/internal/loyalty"
	"stempel/passes"
)

// Images has the pictures that merchants uploaded.
type Images interface {
	// Image is one of a merchant's pictures. Errors: loyalty.ErrNotFound.
	Image(ctx context.Context, m loyalty.MerchantID, hash loyalty.Hash) (loyalty.Image, error)
}

// Studio draws what a face needs and remembers it. It is safe for concurrent use.
// The bytes that it returns are shared: nobody may write to them.
type Studio struct {
	images Images
	cache  *cache
}

// NewStudio makes a studio that keeps pictures of so many bytes in memory.
func NewStudio(images Images, room int) *Studio {
	return &Studio{images: images, cache: newCache(room)}
}

// Strip is the picture of a face's progress, as a paletted PNG. Errors: as of Images.
func (s *Studio) Strip(ctx context.Context, f *passes.Face, size Size) ([]byte, error) {
	p := pictureOf(f, size)
	return s.once(p, func() ([]byte, error) {
		var icon image.Image
		if p.icon != (loyalty.Hash{}) {
			var err error
			if icon, err = s.read(ctx, f.Merchant, p.icon); err != nil {
				return nil, err
			}
		}
		return p.draw(icon)
	})
}

// logo and icon are keys of the cache.
type (
	logo struct {
		hash loyalty.Hash
		box  Size
	}
	icon struct {
		hash   loyalty.Hash
		size   Size
		colors loyalty.Colors // of one that is made up, with its letter
		letter rune
	}
)

// Logo is the brand's logo as a PNG, as large as fits a box; nil without one.
// Errors: as of Images.
func (s *Studio) Logo(ctx context.Context, f *passes.Face, box Size) ([]byte, error) {
	hash := f.Brand.Logo
	if hash == (loyalty.Hash{}) {
		return nil, nil
	}
	return s.once(logo{hash, box}, func() ([]byte, error) {
		picture, err := s.read(ctx, f.Merchant, hash)
		if err != nil {
			return nil, err
		}
		b := picture.Bounds()
		fit := fitted(b.Dx(), b.Dy(), box.Width, box.Height)
		return encodePNG(scaled(picture, fit.Dx(), fit.Dy()))
	})
}

// Icon is the brand's icon as a PNG of exactly a size, centred where its
// proportions are others; without one, the first letter of the brand's name on
// its colours. Errors: as of Images.
func (s *Studio) Icon(ctx context.Context, f *passes.Face, size Size) ([]byte, error) {
	key := icon{hash: f.Brand.Icon, size: size}
	if key.hash == (loyalty.Hash{}) {
		key.colors, key.letter = f.Brand.Colors, initial(f.Brand.Name)
		return s.once(key, func() ([]byte, error) { return encodePNG(drawLetter(key.colors, key.letter, size)) })
	}
	return s.once(key, func() ([]byte, error) {
		picture, err := s.read(ctx, f.Merchant, key.hash)
		if err != nil {
			return nil, err
		}
		return encodePNG(centred(picture, size))
	})
}

func (s *Studio) read(ctx context.Context, m loyalty.MerchantID, hash loyalty.Hash) (image.Image, error) {
	stored, err := s.images.Image(ctx, m, hash)
	if err != nil {
		return nil, fmt.Errorf("image %x: %w", hash[:4], err)
	}
	return png.Decode(bytes.NewReader(stored.PNG))
}

// once answers from the cache, or draws and remembers.
func (s *Studio) once(key any, draw func() ([]byte, error)) ([]byte, error) {
	if body, ok := s.cache.get(key); ok {
		return body, nil
	}
	body, err := draw()
	if err != nil {
		return nil, err
	}
	s.cache.put(key, body)
	return body, nil
}

func encodePNG(picture image.Image) ([]byte, error) {
	var out bytes.Buffer
	err := encoder.Encode(&out, picture)
	return out.Bytes(), err
}
