package scanner

import (
	"context"
	"errors"
	"strings"
	"testing"

	"stempel/internal/credential"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/scanner/ntag"
	"stempel/scanner/ntag/ntagtest"
)

var (
	shop  = loyalty.MerchantID{3, 15: 1}
	rival = loyalty.MerchantID{3, 15: 2}
)

// shelf is the tags of a house.
type shelf []loyalty.Tag

func (s *shelf) TagByUID(_ context.Context, m loyalty.MerchantID, uid loyalty.TagUID) (loyalty.Tag, error) {
	for _, tag := range *s {
		if tag.Merchant == m && tag.UID == uid {
			return tag, nil
		}
	}
	return loyalty.Tag{}, loyalty.ErrNotFound
}

const base = "https://cards.example/t"

// chip registers a tag of the card and sets its chip up.
func (h *house) chip(t testing.TB) *ntagtest.Chip {
	t.Helper()
	tag := loyalty.Tag{
		ID: loyalty.TagID{4, 15: byte(len(h.tags))}, Merchant: shop, Card: card, UID: loyalty.TagUID{4, 1, 2, 3, 4, 5, byte(len(h.tags))},
		Epoch: 2, KeyID: h.tagKeys.KeyID(now),
	}
	h.tags = append(h.tags, tag)
	return h.setUp(t, &tag)
}

func (h *house) setUp(t testing.TB, tag *loyalty.Tag) *ntagtest.Chip {
	t.Helper()
	meta, known := h.tagKeys.Meta(tag.Merchant, tag.KeyID)
	file, _ := h.tagKeys.File(tag)
	if !known {
		t.Fatal("no key")
	}
	return &ntagtest.Chip{UID: tag.UID, Meta: ntag.Key(meta), File: ntag.Key(file), Template: ntag.Template(base, tag.KeyID)}
}

func (h *house) tapped(url string) Reading {
	return Reading{Merchant: shop, Till: tillA, Channel: NFC, Text: url, At: now}
}

func TestVerifyTap(t *testing.T) {
	t.Parallel()
	h := setup(t)
	chip := h.chip(t)
	first := h.verify(t, h.tapped(chip.Tap()))
	want := loyalty.Tapped{Tag: h.tags[0].ID, Epoch: 2, Counter: 1}
	if first.Card != card || !first.Captured.Equal(now) || first.Scan.Method != loyalty.Tap || first.Scan.Tapped != want ||
		!first.Scan.Expires.IsZero() || first.Scan.Nonce == (loyalty.Nonce{}) {
		t.Errorf("%+v", first)
	}
	if again := h.verify(t, h.tapped(chip.At(1))); again != first {
		t.Errorf("the same tap is another scan: %+v, %+v", again, first)
	}
	if next := h.verify(t, h.tapped(chip.Tap())); next.Scan.Nonce == first.Scan.Nonce || next.Scan.Tapped.Counter != 2 {
		t.Errorf("the next tap: %+v", next)
	}
	plain := *chip
	plain.Template = base + "?uid=00000000000000&ctr=000000&cmac=0000000000000000"
	if other := h.verify(t, h.tapped(plain.At(1))); other != first {
		t.Errorf("another spelling is another tap: %+v, %+v", other, first)
	}
	opened, err := h.handles.Open(h.handles.Seal(first, tillA, now), tillA, now)
	opened.Scan.ByHandle = false
	if err != nil || opened != first {
		t.Errorf("by its handle: %+v, %v; want %+v", opened, err, first)
	}
}

// A template without a key's name means the newest.
func TestVerifyTapWithoutKeyID(t *testing.T) {
	t.Parallel()
	h := setup(t)
	chip := h.chip(t)
	chip.Template = strings.Replace(chip.Template, "k=n01&", "", 1)
	if p := h.verify(t, h.tapped(chip.Tap())); p.Card != card {
		t.Errorf("%+v", p)
	}
}

// Tags live for years: those from before a rotation go on, until their key is retired.
func TestVerifyTapAcrossRotation(t *testing.T) {
	t.Parallel()
	h := setup(t)
	before := h.chip(t)
	if _, err := h.ring.Rotate(t.Context(), keys.Tag, now, 0); err != nil {
		t.Fatal(err)
	}
	after := h.chip(t)
	if h.tags[0].KeyID == h.tags[1].KeyID || before.Meta == after.Meta {
		t.Fatal("not rotated")
	}
	h.verify(t, h.tapped(before.Tap()))
	h.verify(t, h.tapped(after.Tap()))
	if err := h.ring.Retire(t.Context(), "n01", now); err != nil {
		t.Fatal(err)
	}
	if _, err := h.verifier.Verify(t.Context(), h.tapped(before.Tap())); codeOf(t, err) != loyalty.TagNotFound {
		t.Errorf("of a retired key: %v", err)
	}
	h.verify(t, h.tapped(after.Tap()))
}

func TestVerifyTapRefuses(t *testing.T) {
	t.Parallel()
	h, stranger := setup(t), setup(t)
	chip, theirs := h.chip(t), stranger.chip(t)
	other := h.chip(t)
	former := h.tags[0]
	former.Epoch--
	unknown := h.tags[0]
	unknown.UID[0]++
	good := chip.Tap()
	plain := *chip
	plain.Template = base + "?k=n01&uid=00000000000000&ctr=000000&cmac=0000000000000000"
	swapped := *chip
	swapped.UID = other.UID
	tests := []struct {
		name string
		r    Reading
		want loyalty.Code
	}{
		{"good", h.tapped(good), "ok"},
		{"by camera", Reading{Merchant: shop, Till: tillA, Channel: Camera, Text: good, At: now}, credential.Unknown},
		{"by a barcode gun", Reading{Merchant: shop, Till: tillA, Channel: Wedge, Text: good, At: now}, credential.Unknown},
		{"typed", Reading{Merchant: shop, Till: tillA, Channel: Typed, Text: good, At: now}, credential.Unknown},
		{"at another merchant's till", Reading{Merchant: rival, Till: tillB, Channel: NFC, Text: good, At: now}, loyalty.TagNotFound},
		{"in plain, at another merchant's till", Reading{Merchant: rival, Till: tillB, Channel: NFC, Text: plain.At(1), At: now}, loyalty.TagNotFound},
		{"of another deployment", h.tapped(theirs.Tap()), loyalty.TagNotFound},
		{"a chip that is not registered", h.tapped(h.setUp(t, &unknown).Tap()), loyalty.TagNotFound},
		{"the keys of the epoch before", h.tapped(h.setUp(t, &former).Tap()), credential.Invalid},
		{"the UID of another chip", h.tapped(swapped.Tap()), credential.Invalid},
		{"a higher counter, in plain", h.tapped(strings.Replace(plain.At(1), "ctr=000001", "ctr=000002", 1)), credential.Invalid},
		{"a key that is none", h.tapped(strings.Replace(good, "k=n01", "k=n02", 1)), loyalty.TagNotFound},
		{"a key of another purpose", h.tapped(strings.Replace(good, "k=n01", "k=s01", 1)), loyalty.TagNotFound},
		{"another key's name, in plain", h.tapped(strings.Replace(plain.At(1), "k=n01", "k=n02", 1)), credential.Invalid},
		{"torn", h.tapped(good[:len(good)-1]), credential.Malformed},
		{"not set up yet", h.tapped(chip.Template), loyalty.TagNotFound},
		{"a line break", h.tapped(good + "\n"), credential.Malformed},
	}
	for _, tt := range tests {
		got, err := h.verifier.Verify(t.Context(), tt.r)
		if codeOf(t, err) != tt.want || err != nil && got != (Presentation{}) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

// A tag that cannot be read is no reason to say that it is none of ours.
func TestVerifyTapWithoutStore(t *testing.T) {
	t.Parallel()
	h := setup(t)
	chip := h.chip(t)
	verifier := NewVerifier(h.live, h.rotating, h.static, h.tagKeys, broken{}, h.phones)
	if _, err := verifier.Verify(t.Context(), h.tapped(chip.Tap())); !errors.Is(err, loyalty.ErrUnavailable) {
		t.Errorf("%v", err)
	}
}

type broken struct{}

func (broken) TagByUID(context.Context, loyalty.MerchantID, loyalty.TagUID) (loyalty.Tag, error) {
	return loyalty.Tag{}, loyalty.ErrUnavailable
}
