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
	"context"
	"time"

	"stempel/passes"
	"stempel/passes/artwork"
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
	Tap     string // another, for NFC readers, at most 64 bytes
}

// Artist draws what a package shows beside words: an *artwork.Studio. The same
// picture comes as the same slice for as long as the artist remembers it, and
// nobody writes to it.
type Artist interface {
	Icon(ctx context.Context, f *passes.Face, size artwork.Size) ([]byte, error)
	Logo(ctx context.Context, f *passes.Face, box artwork.Size) ([]byte, error) // nil: there is none
	Strip(ctx context.Context, f *passes.Face, size artwork.Size) ([]byte, error)
}

// Config is what a Packager is made of.
type Config struct {
	Identity *Identity
	Artist   Artist
	Service  string // where phones find the web service, https://…; empty: passes are never updated
	NFC      string // the public key that taps are encrypted for, see CheckNFCKey; empty: no NFC
	Now      func() time.Time
}
