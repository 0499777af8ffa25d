package apple

import (
	"archive/zip"
	"bytes"
	"io"
	"sync"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/passes"
	"stempel/passes/artwork"
)

var testTime = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// chain is made once: three keys take a second.
var chain = sync.OnceValue(func() []byte {
	text, err := NewTestChain(testTime)
	if err != nil {
		panic(err)
	}
	return text
})

func testIdentity(t testing.TB) *Identity {
	t.Helper()
	id, err := ParseTestChain(chain(), testTime)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// testFace is of a card with three stamps of ten, or what changes make of it.
func testFace(t testing.TB, changes ...func(*passes.Subject)) *passes.Face {
	t.Helper()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Do(loyalty.Earning{Units: 3})
	card := shop.Card()
	of := passes.Subject{
		Merchant: loyalty.Merchant{ID: loyaltytest.Merchant, Name: "Gelateria Sole"},
		Program:  shop.Program(), Card: &card, Vouchers: shop.Vouchers(), Last: shop.Entries(),
		Shops: []loyalty.Location{
			{ID: loyaltytest.Location, Name: "Old Town", Zone: shop.Till.Zone, Place: loyalty.Place{Latitude: 52_229_676, Longitude: -21_012_229}},
			{ID: loyalty.NewID(), Name: "Harbour", Zone: shop.Till.Zone},
		},
		Member: `Zoë "Zo" Łącka`, Language: passes.English, Now: shop.Now,
	}
	for _, change := range changes {
		change(&of)
	}
	f := passes.Of(of)
	return &f
}

func testCard(t testing.TB, changes ...func(*passes.Subject)) Card {
	return Card{
		Face: testFace(t, changes...), Serial: "pass_01m10g1wayfpq8r9ttvtb5xphj", Token: "dGhpcyBpcyBhIHRva2Vu",
		Barcode: "STS.AEAQAAIBTGTQ2LTZ6WH3T5L4YXKQ7N4MW5UJ7Y2ZK6G3A5QIVD2QW4X7",
		Tap:     "STS.AEBQAAIBTGTQ2LTZ6WH3T5L4YXKQ7N4MW5UJ7Y2ZK6G3A5QIVD2QW4X7",
	}
}

func testPackager(t testing.TB, changes ...func(*Config)) *Packager {
	t.Helper()
	c := Config{
		Identity: testIdentity(t), Artist: artwork.NewStudio(nil, 1<<20), Service: "https://cards.example/passes/apple",
		Now: func() time.Time { return testTime },
	}
	for _, change := range changes {
		change(&c)
	}
	return New(c)
}

// unzip reads a package as others do.
func unzip(t testing.TB, archive []byte) map[string][]byte {
	t.Helper()
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, file := range reader.File {
		if file.Method != zip.Deflate || file.Flags != 0 {
			t.Errorf("%s is packed by method %d, flags %d", file.Name, file.Method, file.Flags)
		}
		from, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[file.Name], err = io.ReadAll(from); err != nil { // checks the CRC
			t.Fatalf("%s: %v", file.Name, err)
		}
	}
	return files
}
