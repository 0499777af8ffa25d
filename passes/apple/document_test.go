package apple

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"image/png"
	"os/exec"
	"strings"
	"testing"
	"time"

	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/passes"
)

const passkit = "testdata/passkit"

// every is a pass for each thing that a pass can say.
func every(t *testing.T) map[string]*document {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	plain := testPackager(t)
	near := testPackager(t, func(c *Config) { c.NFC = compressedKey(key) })
	fixed := testPackager(t, func(c *Config) { c.Service = "" })
	one := func(p *Packager, changes ...func(*passes.Subject)) *document {
		card := testCard(t, changes...)
		return p.document(&card, newWording(card.Face))
	}
	return map[string]*document{
		"usual":   one(plain),
		"nfc":     one(near),
		"fixed":   one(fixed),
		"polish":  one(plain, func(of *passes.Subject) { of.Language = passes.Polish }),
		"blocked": one(plain, func(of *passes.Subject) { of.Card.Blocked = true }),
		"ending":  one(plain, func(of *passes.Subject) { of.Program.Rules.Ends = of.Now.Add(24 * time.Hour) }),
		"discount": one(plain, func(of *passes.Subject) {
			of.Last = nil
			of.Program, of.Vouchers = loyaltytest.Discount(t, func(r *loyalty.Rules) {
				r.Tiers = loyaltytest.Tiers(func(rule *loyalty.TierRule) { rule.Levels[0].From = 0 })
			}), nil
		}),
		"many shops": one(plain, func(of *passes.Subject) {
			for range 20 {
				of.Shops = append(of.Shops, of.Shops[0])
			}
		}),
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	all := every(t)
	usual := all["usual"]
	if usual.Organization != "TEST – not signed by Apple: Gelateria Sole" || !strings.HasPrefix(usual.Description, "TEST – not signed by Apple: ") {
		t.Errorf("a test pass says %q, %q", usual.Organization, usual.Description)
	}
	if usual.Service == "" || len(usual.Token) < 16 || len(usual.Serial) < 16 || len(usual.Barcodes) != 1 || usual.NFC != nil || usual.Voided || usual.Expires != "" {
		t.Errorf("%+v", usual)
	}
	if l := usual.Locations; len(l) != 1 || l[0].Latitude != "52.229676" || l[0].Longitude != "-21.012229" || l[0].Text == "" {
		t.Errorf("locations %+v", l)
	}
	announcing := 0
	for _, fields := range [][]field{usual.StoreCard.Header, usual.StoreCard.Secondary, usual.StoreCard.Auxiliary, usual.StoreCard.Back} {
		for _, f := range fields {
			if f.Message != "" {
				announcing++
			}
		}
	}
	if announcing != 1 {
		t.Errorf("%d fields announce their change, want one", announcing)
	}
	if d := all["nfc"]; d.NFC == nil || d.NFC.Message == d.Barcodes[0].Message || len(d.NFC.Message) != 60 || !d.SharingForbidden {
		t.Errorf("nfc: %+v", d.NFC)
	}
	if d := all["fixed"]; d.Service != "" || d.Token != "" {
		t.Errorf("without a web service: %q, %q", d.Service, d.Token)
	}
	if d := all["blocked"]; !d.Voided || d.Barcodes != nil || d.StoreCard.Secondary[0].Key != "notice" {
		t.Errorf("blocked: %+v", d)
	}
	if d := all["ending"]; !strings.HasSuffix(d.Expires, "Z") || strings.Contains(d.Expires, ".") {
		t.Errorf("ends at %q", d.Expires)
	}
	if d := all["many shops"]; len(d.Locations) != maxLocations {
		t.Errorf("%d locations", len(d.Locations))
	}
}

// The schema of passkit-generator, which others make passes with, takes them all;
// and not one with a field of our own.
// A discount card shows its percentage where others show how far they have come, and
// its tier with what that is good for.
func TestDiscountPass(t *testing.T) {
	t.Parallel()
	pass := every(t)["discount"].StoreCard
	said := map[string]string{}
	for _, list := range [][]field{pass.Header, pass.Secondary, pass.Auxiliary, pass.Back} {
		for _, f := range list {
			said[f.Key] = f.Value
		}
	}
	for key, want := range map[string]string{
		"progress": "5\u00a0%", "next": "€100 more to 10\u00a0% off", "tier": "Silver", "perks": "A table by the window", "tier-next": "€300 more to Gold",
	} {
		if said[key] != want {
			t.Errorf("%s says %q, want %q", key, said[key], want)
		}
	}
	if _, there := said["ready"]; there {
		t.Errorf("it speaks of rewards: %q", said["ready"])
	}
}

func TestSchemaOfPasskitGenerator(t *testing.T) {
	t.Parallel()
	node := enginetest.Program(t, "node")
	enginetest.Package(t, passkit)
	check := func(document []byte) ([]byte, error) {
		command := exec.Command(node, "check.mjs")
		command.Dir, command.Stdin = passkit, bytes.NewReader(document)
		return command.CombinedOutput()
	}
	for name, d := range every(t) {
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if said, err := check(text); err != nil {
			t.Errorf("%s: %v\n%s\n%s", name, err, said, text)
		}
	}
	if _, err := check([]byte(`{"formatVersion":1,"storeCard":{},"ours":1}`)); err == nil {
		t.Error("a field that Apple does not know was taken")
	}
}

// zbarimg, which knows nothing of us, reads what a phone draws of the barcode: the
// message, in the encoding that the pass names.
func TestBarcodeCanBeRead(t *testing.T) {
	t.Parallel()
	message := every(t)["usual"].Barcodes[0].Message
	picture, err := passes.QRPNG(message, passes.DefaultQRSize)
	if err != nil {
		t.Fatal(err)
	}
	if read := enginetest.ReadQR(t, picture); read != message {
		t.Errorf("read %q, want %q", read, message)
	}
}

// Every language says the same, in its own words; what the words are filed under
// is what stands in pass.json.
func TestTranslations(t *testing.T) {
	t.Parallel()
	archive, err := testPackager(t).Pack(t.Context(), testCard(t))
	if err != nil {
		t.Fatal(err)
	}
	files := unzip(t, archive)
	for name, want := range map[string]string{
		"en": `"3 of 10" = "3 of 10";`, "pl": `"3 of 10" = "3 z 10";`, "ro": `"3 of 10" = "3 din 10";`,
	} {
		if text := string(files[name+".lproj/pass.strings"]); !strings.Contains(text, want) || strings.Contains(text, "Łącka") {
			t.Errorf("%s says\n%s", name, text)
		}
	}
	words := newWording(testFace(t))
	words.say(func(l *passes.Texts) string { return string(l.Language) + ` "a\b"` + "\n" })
	if got, want := string(words.file(1)), `"en \"a\\b\"\n" = "pl \"a\\b\"\n";`+"\n"; got != want {
		t.Errorf("escaped %s, want %s", got, want)
	}
}

// Every package has icon and strip in three sizes that are what their names say.
func TestPicturesHaveTheirSizes(t *testing.T) {
	t.Parallel()
	archive, err := testPackager(t).Pack(t.Context(), testCard(t))
	if err != nil {
		t.Fatal(err)
	}
	files := unzip(t, archive)
	for name, size := range map[string][2]int{
		"icon.png": {29, 29}, "icon@2x.png": {58, 58}, "icon@3x.png": {87, 87},
		"strip.png": {375, 123}, "strip@2x.png": {750, 246}, "strip@3x.png": {1125, 369},
	} {
		picture, err := png.DecodeConfig(bytes.NewReader(files[name]))
		if err != nil || picture.Width != size[0] || picture.Height != size[1] {
			t.Errorf("%s is %d × %d, %v", name, picture.Width, picture.Height, err)
		}
	}
}

// The same card comes from memory; another face, token or code does not.
func TestPackRemembers(t *testing.T) {
	t.Parallel()
	p, card := testPackager(t), testCard(t)
	pack := func(c Card) string {
		t.Helper()
		made, err := p.Pack(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return string(made)
	}
	first := pack(card)
	if pack(card) != first {
		t.Error("the same card has two packages")
	}
	other := card
	other.Barcode = strings.Replace(card.Barcode, "A", "B", 1)
	if pack(other) == first {
		t.Error("another code, and the same package")
	}
	other = card
	other.Face = testFace(t, func(of *passes.Subject) { of.Brand = loyalty.Brand{Name: "Another name"} })
	if pack(other) == first {
		t.Error("another face, and the same package")
	}
}
