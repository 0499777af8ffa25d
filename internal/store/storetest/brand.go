package storetest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"reflect"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

func picture(text string) *loyalty.Image {
	return &loyalty.Image{
		Merchant: loyaltytest.Merchant, Hash: sha256.Sum256([]byte(text)), Width: 100, Height: 50, PNG: []byte(text), Added: loyaltytest.Now,
	}
}

func testBrand(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	read := func(m loyalty.MerchantID) loyalty.Brand {
		t.Helper()
		brand, err := shop.Brand(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		return brand
	}
	change := func(m loyalty.MerchantID, added *loyalty.Image, change func(*loyalty.Brand)) error {
		_, err := shop.ChangeBrand(t.Context(), loyalty.Answer{}, m, added, func(b *loyalty.Brand) (loyalty.Answer, error) {
			change(b)
			return loyalty.Answer{}, nil
		})
		return err
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	kept := func(i *loyalty.Image) bool {
		t.Helper()
		got, err := shop.Image(t.Context(), i.Merchant, i.Hash)
		if err != nil && !errors.Is(err, loyalty.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil && reflect.DeepEqual(&got, i)
	}

	if got := read(loyaltytest.Merchant); got != (loyalty.Brand{}) {
		t.Errorf("nothing was chosen, and it is %+v", got)
	}
	want := loyalty.Brand{
		Name: "Sole", PrivacyURL: "https://sole.example/privacy", Changed: loyaltytest.Now,
		Colors: loyalty.Colors{Background: loyalty.White, Label: loyalty.Color{R: 1, G: 2, B: 3}, Accent: loyalty.Color{R: 0xd6, G: 0x33, B: 0x6c}},
	}
	must(change(loyaltytest.Merchant, nil, func(b *loyalty.Brand) { *b = want }))
	if got := read(loyaltytest.Merchant); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}

	logo, icon, second := picture("logo"), picture("icon"), picture("another logo")
	must(change(loyaltytest.Merchant, logo, func(b *loyalty.Brand) { b.Logo = logo.Hash }))
	must(change(loyaltytest.Merchant, icon, func(b *loyalty.Brand) { b.Icon = icon.Hash }))
	must(change(loyaltytest.Merchant, logo, func(b *loyalty.Brand) { b.Logo = logo.Hash })) // once more
	if !kept(logo) || !kept(icon) {
		t.Error("a picture that the brand shows is not kept as it was")
	}
	must(change(loyaltytest.Stranger, logo, func(b *loyalty.Brand) { b.Logo = logo.Hash })) // somebody else's, the same
	must(change(loyaltytest.Merchant, second, func(b *loyalty.Brand) { b.Logo = second.Hash }))
	if kept(logo) || !kept(second) || !kept(icon) {
		t.Error("want the new logo and the icon, and the old logo forgotten")
	}
	book, err := shop.BrandBook(t.Context(), loyaltytest.Merchant)
	if err != nil || book.Brand != read(loyaltytest.Merchant) || len(book.Images) != 2 {
		t.Errorf("got %+v, %v", book, err)
	}
	for _, image := range book.Images {
		if !reflect.DeepEqual(&image, second) && !reflect.DeepEqual(&image, icon) {
			t.Errorf("nobody has the picture %s", image.PNG)
		}
	}
	if got, err := shop.Image(t.Context(), loyaltytest.Stranger, logo.Hash); err != nil || !bytes.Equal(got.PNG, logo.PNG) {
		t.Errorf("another merchant has lost its logo: %v", err)
	}
	must(change(loyaltytest.Merchant, nil, func(b *loyalty.Brand) { *b = loyalty.Brand{Changed: loyaltytest.Now} }))
	if kept(second) || kept(icon) || read(loyaltytest.Merchant) != (loyalty.Brand{Changed: loyaltytest.Now}) {
		t.Error("what was taken back is still there")
	}

	nobody := loyalty.MerchantID(loyaltytest.ID("nobody"))
	if err := change(nobody, nil, func(*loyalty.Brand) {}); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("a brand of nobody: %v", err)
	}
	refusal := errors.New("no")
	if _, err := shop.ChangeBrand(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, logo, func(*loyalty.Brand) (loyalty.Answer, error) {
		return loyalty.Answer{}, refusal
	}); !errors.Is(err, refusal) || kept(logo) {
		t.Errorf("a refused picture: %v, kept %v", err, kept(logo))
	}
}

func testPlace(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	harbour := loyalty.Location{
		ID: loyalty.LocationID(loyaltytest.ID("harbour")), Merchant: loyaltytest.Merchant, Name: "Harbour", Zone: time.UTC,
		Place: loyalty.Place{Latitude: -33_868_820, Longitude: 151_209_290},
	}
	shop.Do(t, func(tx *store.Tx) error { return tx.InsertLocation(harbour) })
	if got, err := shop.Location(t.Context(), loyaltytest.Merchant, harbour.ID); err != nil || got.Place != harbour.Place {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err := shop.ChangeLocation(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, harbour.ID, loyaltytest.Now, func(l *loyalty.Location) (loyalty.Answer, error) {
		l.Place = loyalty.Place{}
		return loyalty.Answer{}, nil
	})
	if got, read := shop.Location(t.Context(), loyaltytest.Merchant, harbour.ID); err != nil || read != nil || !got.Place.IsZero() {
		t.Errorf("got %+v, %v, %v", got, err, read)
	}
}
