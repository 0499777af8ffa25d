package apple

import (
	"encoding/json"
	"fmt"
	"time"

	"stempel/internal/loyalty"
	"stempel/passes"
)

// document is pass.json (Apple's page "Pass"), as far as a store card has use
// for it.
type document struct {
	FormatVersion    int        `json:"formatVersion"`
	PassType         string     `json:"passTypeIdentifier"`
	Serial           string     `json:"serialNumber"`
	Team             string     `json:"teamIdentifier"`
	Organization     string     `json:"organizationName"`
	Description      string     `json:"description"`
	LogoText         string     `json:"logoText,omitempty"`
	Background       string     `json:"backgroundColor"`
	Foreground       string     `json:"foregroundColor"`
	Label            string     `json:"labelColor"`
	NoShine          bool       `json:"suppressStripShine"`
	Expires          string     `json:"expirationDate,omitempty"` // W3C
	Voided           bool       `json:"voided,omitempty"`
	Service          string     `json:"webServiceURL,omitempty"`
	Token            string     `json:"authenticationToken,omitempty"`
	Barcodes         []barcode  `json:"barcodes,omitempty"`
	NFC              *nfc       `json:"nfc,omitempty"`
	SharingForbidden bool       `json:"sharingProhibited,omitempty"`
	Locations        []location `json:"locations,omitempty"`
	UserInfo         *userInfo  `json:"userInfo,omitempty"`
	StoreCard        storeCard  `json:"storeCard"`
}

type barcode struct {
	Format   string `json:"format"`
	Message  string `json:"message"`
	Encoding string `json:"messageEncoding"`
	AltText  string `json:"altText"`
}

type nfc struct {
	Message string `json:"message"`
	Key     string `json:"encryptionPublicKey"`
}

type location struct {
	Latitude  json.Number `json:"latitude"`
	Longitude json.Number `json:"longitude"`
	Text      string      `json:"relevantText,omitempty"`
}

// userInfo is for a merchant's own app, which may read it from the pass.
type userInfo struct {
	Card loyalty.CardID `json:"card"`
}

type storeCard struct {
	Header    []field `json:"headerFields,omitempty"`
	Secondary []field `json:"secondaryFields,omitempty"` // primary fields would lie on the strip
	Auxiliary []field `json:"auxiliaryFields,omitempty"`
	Back      []field `json:"backFields,omitempty"`
}

// Most that a pass holds.
const (
	maxLocations  = 10
	maxNFCMessage = 64 // bytes
)

// document says what a card shows. What differs between languages is said in the
// face's, and translated by words.
func (p *Packager) document(c *Card, words *wording) *document {
	f := c.Face
	d := &document{
		FormatVersion: 1, PassType: p.identity.Type, Serial: c.Serial, Team: p.identity.Team,
		Organization: f.Brand.Name, Description: words.say(func(t *passes.Texts) string { return t.Description }),
		Background: paint(f.Brand.Colors.Background), Foreground: paint(f.Brand.Colors.Foreground), Label: paint(f.Brand.Colors.Label),
		NoShine: true, Voided: f.State != passes.Active,
		Locations: locations(f, words), StoreCard: fields(f, words),
	}
	if f.State != passes.Ended {
		d.UserInfo = &userInfo{f.Card}
	}
	if f.Brand.Logo == (loyalty.Hash{}) { // a logo says the name in its own way
		d.LogoText = f.Brand.Name
	}
	if p.identity.Test {
		d.Organization = testNotice + ": " + d.Organization
		d.Description = testNotice + ": " + f.In(f.Language).Description
	}
	if p.service != "" {
		d.Service, d.Token = p.service, c.Token
	}
	if !f.Ends.IsZero() && len(f.Ready) == 0 { // what is ready is good after the program's end, too
		d.Expires = f.Ends.UTC().Format(time.RFC3339)
	}
	if c.Barcode == "" || d.Voided {
		return d
	}
	d.Barcodes = []barcode{{"PKBarcodeFormatQR", c.Barcode, "iso-8859-1", f.Card.String()}}
	if p.nfc != "" && c.Tap != "" && len(c.Tap) <= maxNFCMessage {
		d.NFC, d.SharingForbidden = &nfc{c.Tap, p.nfc}, true
	}
	return d
}

// paint is a colour as CSS has it, the only form that Wallet takes.
func paint(c loyalty.Color) string { return fmt.Sprintf("rgb(%d, %d, %d)", c.R, c.G, c.B) }

// locations are the first shops whose place is known.
func locations(f *passes.Face, words *wording) (list []location) {
	for _, shop := range f.Shops {
		if shop.Place.IsZero() || len(list) == maxLocations {
			continue
		}
		list = append(list, location{
			degrees(shop.Place.Latitude), degrees(shop.Place.Longitude),
			words.say(func(t *passes.Texts) string { return t.Nearby }),
		})
	}
	return list
}

// degrees writes millionths of a degree as a decimal number.
func degrees(millionths int64) json.Number {
	sign := ""
	if millionths < 0 {
		sign, millionths = "-", -millionths
	}
	return json.Number(fmt.Sprintf("%s%d.%06d", sign, millionths/1_000_000, millionths%1_000_000))
}
