package personal_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/personal"
	"stempel/internal/seal"
)

// keyList is keys by hand: the last one is current.
type keyList []string

func (k keyList) Current(time.Time) (string, []byte) { return k[len(k)-1], keyOf(k[len(k)-1]) }

func (k keyList) Find(kid string) ([]byte, bool) { return keyOf(kid), slices.Contains(k, kid) }

func (k keyList) All() [][]byte {
	var all [][]byte
	for _, kid := range k {
		all = append(all, keyOf(kid))
	}
	return all
}

func keyOf(kid string) []byte { return bytes.Repeat([]byte(kid), 16)[:32] }

var (
	now  = loyaltytest.Now
	anna = personal.Profile{Name: "Anna", Phone: "+4915112345678", Email: "anna@example.org", Language: "de"}
)

func newMember(b *personal.Box, p personal.Profile) loyalty.Member {
	m := loyalty.Member{ID: loyaltytest.ID("anna"), Merchant: loyaltytest.Merchant}
	b.SealMember(&m, &p, now)
	return m
}

func TestSealMember(t *testing.T) {
	t.Parallel()
	box := personal.NewBox(keyList{"m01"}, keyList{"i01"})
	m := newMember(box, anna)
	if got, err := box.OpenMember(&m); err != nil || !reflect.DeepEqual(got, anna) {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, value := range []string{anna.Name, anna.Phone, anna.Email} {
		if bytes.Contains(m.Sealed, []byte(value)) {
			t.Errorf("%q can be read", value)
		}
	}
	if again := newMember(box, anna); bytes.Equal(m.Sealed, again.Sealed) {
		t.Error("sealed twice, it looks the same: somebody could see who is equal")
	}
	for name, change := range map[string]func(*loyalty.Member){
		"another member's":   func(m *loyalty.Member) { m.ID = loyaltytest.ID("berta") },
		"another merchant's": func(m *loyalty.Member) { m.Merchant = loyaltytest.Stranger },
		"changed":            func(m *loyalty.Member) { m.Sealed[len(m.Sealed)-1] ^= 1 },
		"another format":     func(m *loyalty.Member) { m.Sealed[0]++ },
		"cut off":            func(m *loyalty.Member) { m.Sealed = m.Sealed[:10] },
		"empty":              func(m *loyalty.Member) { m.Sealed = nil },
	} {
		other := m
		other.Sealed = slices.Clone(m.Sealed)
		change(&other)
		if _, err := box.OpenMember(&other); !errors.Is(err, seal.ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	place := personal.Place{Merchant: m.Merchant, Row: m.ID, Column: personal.AnswerColumn}
	if _, err := box.Open(place, m.Sealed); !errors.Is(err, seal.ErrForeign) {
		t.Errorf("another column: %v", err)
	}
}

func TestIndexes(t *testing.T) {
	t.Parallel()
	box := personal.NewBox(keyList{"m01"}, keyList{"i01", "i02"})
	phone := personal.Contact{Kind: personal.Phone, Value: "1"}
	seen := map[loyalty.Hash]bool{}
	for _, m := range []loyalty.MerchantID{loyaltytest.Merchant, loyaltytest.Stranger} {
		for _, c := range []personal.Contact{phone, {Kind: personal.Phone, Value: "2"}, {Kind: personal.ExternalID, Value: "1"}} {
			for _, index := range box.Indexes(m, c) {
				if seen[index] {
					t.Errorf("%v of %v has somebody else's index", c, m)
				}
				seen[index] = true
			}
		}
	}
	if len(seen) != 2*3*2 || !slices.Equal(box.Indexes(loyaltytest.Merchant, phone), box.Indexes(loyaltytest.Merchant, phone)) {
		t.Errorf("%d indexes", len(seen))
	}
	if kind := box.Which(loyaltytest.Merchant, &anna, box.Indexes(loyaltytest.Merchant, personal.Contact{Kind: personal.Email, Value: anna.Email})[1]); kind != personal.Email {
		t.Errorf("it is a %q", kind)
	}
}

func TestReseal(t *testing.T) {
	t.Parallel()
	old := personal.NewBox(keyList{"m01"}, keyList{"i01"})
	both := personal.NewBox(keyList{"m01", "m02"}, keyList{"i01", "i02"})
	only := personal.NewBox(keyList{"m02"}, keyList{"i02"})
	m := newMember(old, anna)
	before := m.Indexes
	if _, err := only.OpenMember(&m); !errors.Is(err, seal.ErrKeyGone) {
		t.Errorf("under a retired key: %v", err)
	}
	for i, want := range []bool{true, false} {
		if changed, err := both.ResealMember(&m, now); err != nil || changed != want {
			t.Errorf("time %d: %v, %v", i, changed, err)
		}
	}
	for _, index := range before {
		if !slices.Contains(m.Indexes, index) {
			t.Error("who knows only the old key finds the member no more")
		}
	}
	if got, err := only.OpenMember(&m); err != nil || !reflect.DeepEqual(got, anna) {
		t.Errorf("after the old key: %+v, %v", got, err)
	}
	if changed, err := only.ResealMember(&m, now); err != nil || !changed || len(m.Indexes) != len(before) {
		t.Errorf("indexes of a retired key stay: %v, %v", changed, err)
	}

	c := loyalty.Consent{ID: loyaltytest.ID("consent")}
	old.SealConsent(m.Merchant, &c, &personal.Shown{Wording: "Yes"}, now)
	for i, want := range []bool{true, false} {
		if changed, err := both.ResealConsent(m.Merchant, &c, now); err != nil || changed != want {
			t.Errorf("consent, time %d: %v, %v", i, changed, err)
		}
	}
	if shown, err := only.OpenConsent(m.Merchant, &c); err != nil || shown.Wording != "Yes" {
		t.Errorf("got %+v, %v", shown, err)
	}
}

// Whoever is merged is found by every contact that either had, and by no other.
func TestMergeLosesNoContact(t *testing.T) {
	t.Parallel()
	value := rapid.SampledFrom([]string{"", "a", "b", "c"})
	contact := rapid.Custom(func(t *rapid.T) personal.Contact {
		kind := rapid.SampledFrom([]personal.Kind{personal.Phone, personal.Email, personal.ExternalID}).Draw(t, "kind")
		return personal.Contact{Kind: kind, Value: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "value")}
	})
	profile := rapid.Custom(func(t *rapid.T) personal.Profile {
		return personal.Profile{
			Name: value.Draw(t, "name"), Phone: value.Draw(t, "phone"), Email: value.Draw(t, "email"),
			ExternalID: value.Draw(t, "external id"), Others: rapid.SliceOfN(contact, 0, 3).Draw(t, "others"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		into, from := profile.Draw(t, "into"), profile.Draw(t, "from")
		merged := personal.Merge(into, from)
		got := merged.Contacts()
		want := slices.Concat(into.Contacts(), from.Contacts())
		for _, c := range want {
			if !slices.Contains(got, c) {
				t.Fatalf("%v is lost", c)
			}
		}
		for i, c := range got {
			if !slices.Contains(want, c) || slices.Index(got, c) != i {
				t.Fatalf("%v came from nowhere, or stands twice", c)
			}
		}
		for _, pair := range [][2]string{{into.Name, merged.Name}, {into.Phone, merged.Phone}, {into.Email, merged.Email}} {
			if pair[0] != "" && pair[0] != pair[1] {
				t.Fatalf("%q became %q", pair[0], pair[1])
			}
		}
	})
}

// A name is there as long as the key that opens it: what is gone with the key was
// nobody's from then on.
func TestName(t *testing.T) {
	t.Parallel()
	box := personal.NewBox(keyList{"m01"}, keyList{"i01"})
	m := newMember(box, anna)
	if got, err := box.Name(&m); got != anna.Name || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := personal.NewBox(keyList{"m02"}, keyList{"i01"}).Name(&m); got != "" || err != nil {
		t.Errorf("without its key: %q, %v", got, err)
	}
	m.ID = loyaltytest.ID("berta")
	if got, err := box.Name(&m); got != "" || !errors.Is(err, seal.ErrForeign) {
		t.Errorf("another member's: %q, %v", got, err)
	}
}
