package apple

import (
	"context"

	"stempel/passes"
	"stempel/passes/artwork"
)

// scales are those of the screens that there are, with what stands behind a
// picture's name for each.
var scales = []struct {
	factor int
	suffix string
}{{1, ".png"}, {2, "@2x.png"}, {3, "@3x.png"}}

// pictures are those of a package. One without an icon is refused by phones
// without a word.
func (p *Packager) pictures(ctx context.Context, f *passes.Face) ([]*part, error) {
	parts := make([]*part, 0, 9)
	for _, picture := range []struct {
		name string
		draw func(context.Context, *passes.Face, artwork.Size) ([]byte, error)
		size func(scale int) artwork.Size
	}{
		{"icon", p.artist.Icon, artwork.AppleIcon},
		{"logo", p.artist.Logo, artwork.AppleLogo},
		{"strip", p.artist.Strip, artwork.AppleStrip},
	} {
		for _, scale := range scales {
			png, err := picture.draw(ctx, f, picture.size(scale.factor))
			if err != nil {
				return nil, err
			}
			if len(png) > 0 {
				parts = append(parts, p.picture(picture.name+scale.suffix, png))
			}
		}
	}
	return parts, nil
}

// picture is a picture as a part, which is made once for as long as the artist
// gives the same slice.
func (p *Packager) picture(name string, png []byte) *part {
	if kept, ok := p.drawn.get(&png[0]); ok && kept.name == name && len(kept.file) == len(png) {
		return kept
	}
	made := newPart(name, png)
	p.drawn.put(&png[0], made, len(png))
	return made
}
