// Package apple is Apple Wallet: it packs a card's face into a signed .pkpass, and
// tells Apple's push service that a phone should fetch it anew.
//
// Sources: Apple's "Wallet Passes" and "Apple Push Notification service" pages,
// RFC 5652 (CMS), RFC 1951 and PKWARE's APPNOTE (zip).
//
// It must never know where passes are kept, who may have one, nor HTTP requests of
// phones: those are api's and internal/store's.
package apple

import (
	"time"

	"stempel/passes"
)

// Media types of what phones open.
const (
	MediaType       = "application/vnd.apple.pkpass"
	BundleMediaType = "application/vnd.apple.pkpasses"
)

// Card is what one package is made of. Serial and Token of a pass may never
// change.
type Card struct {
	Face    *passes.Face
	Serial  string // the pass's id, at least 16 characters
	Token   string // what the phone proves itself with, at least 16 characters
	Barcode string // a static text; empty: the card cannot be used
}

// Artist draws what a package shows beside words. The same picture comes as the
// same slice for as long as the artist remembers it, and nobody writes to it.
type Artist interface {
	// Draw is a PNG at 1, 2 or 3 times its size in points.
	Draw(f *passes.Face, what Picture, scale int) ([]byte, error)
}

// Picture is one of those in a package. A package without an icon is refused by
// phones without a word.
type Picture string

// The pictures of a store card, with their sizes in points.
const (
	Icon  Picture = "icon"  // 29 × 29
	Logo  Picture = "logo"  // at most 160 × 50
	Strip Picture = "strip" // 375 × 123
)

// Config is what a Packager is made of.
type Config struct {
	Identity *Identity
	Artist   Artist
	Service  string // where phones find the web service, https://…; empty: passes are never updated
	NFC      string // the public key that taps are encrypted for, see CheckNFCKey; empty: no NFC
	Now      func() time.Time
}
