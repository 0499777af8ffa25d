package moving

import (
	"context"
	"errors"

	"stempel/internal/loyalty"
)

// brand writes how cards look: nothing for a merchant who has chosen nothing.
// Pictures are files of their own.
func (e *Export) brand(ctx context.Context, to *exported) error {
	brand, err := e.Source.BrandBook(ctx, e.Merchant)
	if err != nil || brand.Brand == (loyalty.Brand{}) {
		return err
	}
	var colors [4]string
	if c := brand.Colors; !c.IsZero() {
		colors = [4]string{c.Background.String(), c.Foreground.String(), c.Label.String(), c.Accent.String()}
	}
	err = to.row("brand", brand.Name, colors[0], colors[1], colors[2], colors[3], hash(brand.Logo), hash(brand.Icon), brand.PrivacyURL, brand.Changed)
	for i := range brand.Images {
		err = errors.Join(err, to.picture(&brand.Images[i]))
	}
	return err
}

func (to *exported) picture(i *loyalty.Image) error {
	name := "image-" + hash(i.Hash) + ".png"
	err := to.row("images", hash(i.Hash), int64(i.Width), int64(i.Height), i.Added, name)
	return errors.Join(err, to.beside(name, i.PNG))
}
