package apple

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"stempel/passes"
)

// Packager makes packages. It is safe for use by many at once.
type Packager struct {
	identity *Identity
	cms      *cms
	artist   Artist
	service  string
	nfc      string
	now      func() time.Time
	drawn    *shelf[*byte, *part]     // by the first byte of the PNG
	strings  *shelf[string, *part]    // by name and content: cards that have come equally far share them
	whole    *shelf[[32]byte, []byte] // by what they were made of
}

// What a Packager keeps, in bytes.
const (
	maxPictures = 8 << 20
	maxStrings  = 2 << 20
	maxWhole    = 8 << 20
)

// New makes a packager of a checked configuration.
func New(c Config) *Packager {
	return &Packager{
		identity: c.Identity, cms: newCMS(c.Identity), artist: c.Artist, service: c.Service, nfc: c.NFC, now: c.Now,
		drawn: newShelf[*byte, *part](maxPictures), strings: newShelf[string, *part](maxStrings), whole: newShelf[[32]byte, []byte](maxWhole),
	}
}

// Pack makes the package of a card, or takes the one that it made before of the
// same face, serial, token and barcode.
func (p *Packager) Pack(ctx context.Context, c Card) ([]byte, error) {
	h := sha256.New()
	h.Write(c.Face.Version[:])
	for _, of := range []string{c.Serial, c.Token, c.Barcode} {
		h.Write([]byte(of))
		h.Write([]byte{0})
	}
	key := [32]byte(h.Sum(nil))
	if made, ok := p.whole.get(key); ok {
		return made, nil
	}
	made, err := p.pack(ctx, &c)
	if err != nil {
		return nil, err
	}
	p.whole.put(key, made, len(made))
	return made, nil
}

func (p *Packager) pack(ctx context.Context, c *Card) ([]byte, error) {
	words := newWording(c.Face)
	document, err := json.Marshal(p.document(c, words))
	if err != nil {
		return nil, err
	}
	parts := []*part{newPart("pass.json", document)}
	for i, language := range passes.Languages() {
		parts = append(parts, p.translation(language, words.file(i)))
	}
	pictures, err := p.pictures(ctx, c.Face)
	if err != nil {
		return nil, err
	}
	parts = append(parts, pictures...)
	manifest := manifest(parts)
	signature, err := p.cms.sign(manifest, p.now())
	if err != nil {
		return nil, err
	}
	return archive(append(parts, newStoredPart("manifest.json", manifest), newStoredPart("signature", signature))), nil
}

// translation is the pass.strings of a language as a part.
func (p *Packager) translation(l passes.Language, text []byte) *part {
	name := string(l) + ".lproj/pass.strings"
	key := name + string(text)
	if kept, ok := p.strings.get(key); ok {
		return kept
	}
	made := newPart(name, text)
	p.strings.put(key, made, len(key)+len(made.deflated))
	return made
}

// manifest names the SHA-1 of every file, as Apple's format asks for. What is
// signed is its SHA-256.
func manifest(parts []*part) []byte {
	text := []byte{'{'}
	for i, p := range parts {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, '"')
		text = append(text, p.name...)
		text = append(text, `":"`...)
		text = append(text, p.sha1...)
		text = append(text, '"')
	}
	return append(text, '}')
}

// Bundle is several packages as one file, which a phone adds at once. There are 1
// to 10.
func Bundle(packages [][]byte) []byte {
	parts := make([]*part, len(packages))
	for i, p := range packages {
		parts[i] = newStoredPart("pass-"+string(rune('0'+i))+".pkpass", p)
	}
	return archive(parts)
}
