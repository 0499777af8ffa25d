package google

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"

	api "google.golang.org/api/walletobjects/v1"

	"stempel/passes"
)

// maxShops of a class (LoyaltyClass.merchantLocations).
const maxShops = 10

// class is what all passes of a program have in common.
func (w *Wallet) class(f *passes.Face) *api.LoyaltyClass {
	c := &api.LoyaltyClass{
		Id:                                     w.issuer.Class(f.Program),
		IssuerName:                             f.Brand.Name,
		ProgramName:                            f.Title,
		ProgramLogo:                            picture(w.images.Logo(f), f.Brand.Name, nil),
		HexBackgroundColor:                     f.Brand.Colors.Background.String(),
		LocalizedAccountNameLabel:              localized(f, func(t *passes.Texts) string { return t.HolderLabel }),
		ReviewStatus:                           "UNDER_REVIEW",
		MultipleDevicesAndHoldersAllowedStatus: "ONE_USER_ALL_DEVICES",
		SecurityAnimation:                      &api.SecurityAnimation{AnimationType: "FOIL_SHIMMER"},
		MerchantLocations:                      shops(f),
		EnableSmartTap:                         len(w.readers) > 0,
		RedemptionIssuers:                      w.readers,
	}
	if w.callback != "" {
		c.CallbackOptions = &api.CallbackOptions{Url: w.callback}
	}
	c.NullFields = empty(map[string]bool{
		"MerchantLocations": len(c.MerchantLocations) == 0, "CallbackOptions": c.CallbackOptions == nil,
		"EnableSmartTap": !c.EnableSmartTap, "RedemptionIssuers": !c.EnableSmartTap,
	})
	return c
}

func shops(f *passes.Face) []*api.MerchantLocation {
	var list []*api.MerchantLocation
	for _, shop := range f.Shops {
		if !shop.Place.IsZero() && len(list) < maxShops {
			list = append(list, &api.MerchantLocation{
				Latitude: float64(shop.Place.Latitude) / 1e6, Longitude: float64(shop.Place.Longitude) / 1e6,
				ForceSendFields: []string{"Latitude", "Longitude"}, // 0 is a place
			})
		}
	}
	return list
}

// sendClass makes the class what it should be, unless this process did so before.
func (w *Wallet) sendClass(ctx context.Context, class *api.LoyaltyClass) error {
	text, err := class.MarshalJSON()
	if err != nil {
		return err
	}
	version := sha256.Sum256(text)
	w.mu.Lock()
	known := w.classes[class.Id] == version
	w.mu.Unlock()
	if known {
		return nil
	}
	if err := w.upsertClass(ctx, class); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.classes[class.Id] = version
	return nil
}

func (w *Wallet) upsertClass(ctx context.Context, class *api.LoyaltyClass) error {
	if err := w.wait(ctx); err != nil {
		return err
	}
	fresh := *class
	fresh.NullFields = nil
	var stored api.LoyaltyClass
	err := w.rest.insert(ctx, loyaltyClass, &fresh, &stored)
	if !hasStatus(err, http.StatusConflict) {
		return err
	}
	if err := w.wait(ctx); err != nil {
		return err
	}
	return w.rest.patch(ctx, loyaltyClass, class.Id, class, &stored)
}

// forgetClass makes the class be sent again: Google seems not to have it.
func (w *Wallet) forgetClass(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.classes, id)
}

// localized is one of a face's texts in all its languages, its own first. Nil
// where it is empty.
func localized(f *passes.Face, text func(*passes.Texts) string) *api.LocalizedString {
	own := text(f.In(f.Language))
	if strings.TrimSpace(own) == "" {
		return nil
	}
	l := &api.LocalizedString{DefaultValue: &api.TranslatedString{Language: string(f.Language), Value: own}}
	for _, language := range passes.Languages() {
		if other := text(f.In(language)); language != f.Language && other != "" {
			l.TranslatedValues = append(l.TranslatedValues, &api.TranslatedString{Language: string(language), Value: other})
		}
	}
	return l
}

// picture is an image of which a screen reader says what it shows.
func picture(address, plain string, spoken *api.LocalizedString) *api.Image {
	if address == "" {
		return nil
	}
	if spoken == nil {
		spoken = &api.LocalizedString{DefaultValue: &api.TranslatedString{Language: string(passes.English), Value: plain}}
	}
	return &api.Image{SourceUri: &api.ImageUri{Uri: address}, ContentDescription: spoken}
}
