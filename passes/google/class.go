package google

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"

	"stempel/passes"
	"stempel/passes/google/resource"
)

// maxShops of a class (LoyaltyClass.merchantLocations).
const maxShops = 10

// class is what all passes of a program have in common.
func (w *Wallet) class(f *passes.Face) *resource.LoyaltyClass {
	c := &resource.LoyaltyClass{
		ID:                                     w.issuer.Class(f.Program),
		IssuerName:                             f.Brand.Name,
		ProgramName:                            f.Title,
		ProgramLogo:                            picture(w.images.Logo(f), f.Brand.Name, nil),
		HexBackgroundColor:                     f.Brand.Colors.Background.String(),
		LocalizedAccountNameLabel:              localized(f, func(t *passes.Texts) string { return t.HolderLabel }),
		ReviewStatus:                           "UNDER_REVIEW",
		MultipleDevicesAndHoldersAllowedStatus: "ONE_USER_ALL_DEVICES",
		SecurityAnimation:                      &resource.SecurityAnimation{AnimationType: "FOIL_SHIMMER"},
		MerchantLocations:                      shops(f),
		EnableSmartTap:                         len(w.readers) > 0,
		RedemptionIssuers:                      w.readers,
	}
	if w.callback != "" {
		c.CallbackOptions = &resource.CallbackOptions{URL: w.callback}
	}
	c.Nulls = empty(map[string]bool{
		"merchantLocations": len(c.MerchantLocations) == 0, "callbackOptions": c.CallbackOptions == nil,
		"enableSmartTap": !c.EnableSmartTap, "redemptionIssuers": !c.EnableSmartTap,
	})
	return c
}

func shops(f *passes.Face) []*resource.MerchantLocation {
	var list []*resource.MerchantLocation
	for _, shop := range f.Shops {
		if !shop.Place.IsZero() && len(list) < maxShops {
			list = append(list, &resource.MerchantLocation{
				Latitude: float64(shop.Place.Latitude) / 1e6, Longitude: float64(shop.Place.Longitude) / 1e6,
			})
		}
	}
	return list
}

// sendClass makes the class what it should be, unless this process did so before.
func (w *Wallet) sendClass(ctx context.Context, class *resource.LoyaltyClass) error {
	text, err := class.MarshalJSON()
	if err != nil {
		return err
	}
	version := sha256.Sum256(text)
	w.mu.Lock()
	known := w.classes[class.ID] == version
	w.mu.Unlock()
	if known {
		return nil
	}
	if err := w.upsertClass(ctx, class); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.classes[class.ID] = version
	return nil
}

func (w *Wallet) upsertClass(ctx context.Context, class *resource.LoyaltyClass) error {
	if err := w.wait(ctx); err != nil {
		return err
	}
	fresh := *class
	fresh.Nulls = nil
	var stored resource.LoyaltyClass
	err := w.rest.insert(ctx, loyaltyClass, &fresh, &stored)
	if !hasStatus(err, http.StatusConflict) {
		return err
	}
	if err := w.wait(ctx); err != nil {
		return err
	}
	return w.rest.patch(ctx, loyaltyClass, class.ID, class, &stored)
}

// forgetClass makes the class be sent again: Google seems not to have it.
func (w *Wallet) forgetClass(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.classes, id)
}

// localized is one of a face's texts in all its languages, its own first. Nil
// where it is empty.
func localized(f *passes.Face, text func(*passes.Texts) string) *resource.LocalizedString {
	own := text(f.In(f.Language))
	if strings.TrimSpace(own) == "" {
		return nil
	}
	l := &resource.LocalizedString{DefaultValue: &resource.TranslatedString{Language: string(f.Language), Value: own}}
	for _, language := range passes.Languages() {
		if other := text(f.In(language)); language != f.Language && other != "" {
			l.TranslatedValues = append(l.TranslatedValues, &resource.TranslatedString{Language: string(language), Value: other})
		}
	}
	return l
}

// picture is an image of which a screen reader says what it shows.
func picture(address, plain string, spoken *resource.LocalizedString) *resource.Image {
	if address == "" {
		return nil
	}
	if spoken == nil {
		spoken = &resource.LocalizedString{DefaultValue: &resource.TranslatedString{Language: string(passes.English), Value: plain}}
	}
	return &resource.Image{SourceURI: &resource.ImageURI{URI: address}, ContentDescription: spoken}
}
