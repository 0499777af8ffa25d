package apple

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	whole    *shelf[[32]byte, []byte] // by what they were made of
}

// What a Packager keeps, in bytes.
const (
	maxPictures = 8 << 20
	maxWhole    = 8 << 20
)

// New makes a packager of a checked configuration.
func New(c Config) *Packager {
	return &Packager{
		identity: c.Identity, cms: newCMS(c.Identity), artist: c.Artist, service: c.Service, nfc: c.NFC, now: c.Now,
		drawn: newShelf[*byte, *part](maxPictures), whole: newShelf[[32]byte, []byte](maxWhole),
	}
}

// Pack makes the package of a card, or takes the one that it made before of the
// same face, serial, token and texts.
func (p *Packager) Pack(ctx context.Context, c Card) ([]byte, error) {
	h := sha256.New()
	h.Write(c.Face.Version[:])
	for _, of := range []string{c.Serial, c.Token, c.Barcode, c.Tap} {
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
		parts = append(parts, newPart(string(language)+".lproj/pass.strings", words.file(i)))
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
	return archive(append(parts, newUnlistedPart("manifest.json", manifest), newUnlistedPart("signature", signature))), nil
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
		text = hex.AppendEncode(text, p.sha1[:])
		text = append(text, '"')
	}
	return append(text, '}')
}

// Bundle is several packages as one file, which a phone adds at once. There are 1
// to 10.
func Bundle(packages [][]byte) []byte {
	parts := make([]*part, len(packages))
	for i, p := range packages {
		parts[i] = newUnlistedPart("pass-"+string(rune('0'+i))+".pkpass", p)
	}
	return archive(parts)
}
