package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// addTag registers a chip for a card.
func (s *Shop) addTag(t testing.TB, card loyalty.CardID, uid loyalty.TagUID, label string) (added loyalty.Tag, err error) {
	t.Helper()
	tag := loyalty.Tag{
		ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, Card: card, UID: uid, KeyID: "n01", Label: label, Created: loyaltytest.Now,
	}
	_, err = s.AddTag(t.Context(), loyalty.Answer{}, tag, keep(&added))
	return added, err
}

func (s *Shop) tag(t testing.TB, card loyalty.CardID, uid loyalty.TagUID, label string) loyalty.Tag {
	t.Helper()
	tag, err := s.addTag(t, card, uid, label)
	if err != nil {
		t.Fatal(err)
	}
	return tag
}

// keep renders nothing.
func keep(into *loyalty.Tag) func(*loyalty.Tag) (loyalty.Answer, error) {
	return func(tag *loyalty.Tag) (loyalty.Answer, error) {
		*into = *tag
		return loyalty.Answer{}, nil
	}
}

func (s *Shop) renewTag(t testing.TB, tag loyalty.Tag) (renewed loyalty.Tag) {
	t.Helper()
	if _, err := s.RenewTag(t.Context(), loyalty.Answer{}, tag.Merchant, tag.ID, keep(&renewed)); err != nil {
		t.Fatal(err)
	}
	return renewed
}

func (s *Shop) revokeTag(t testing.TB, tag loyalty.Tag) (revoked loyalty.Tag) {
	t.Helper()
	if _, err := s.RevokeTag(t.Context(), loyalty.Answer{}, tag.Merchant, tag.ID, loyaltytest.Now, keep(&revoked)); err != nil {
		t.Fatal(err)
	}
	return revoked
}

func refusedWith(err error, code loyalty.Code) bool {
	refusal := new(loyalty.Refusal)
	return errors.As(err, &refusal) && refusal.Code == code
}

// testTags taps a tag through all that becomes of it: posting and looking say the
// same, and read tags only for a tap.
func testTags(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	anna := shop.Card(t, shop.Stamps, "anna")
	tag := shop.tag(t, anna.ID, loyalty.TagUID{4, 1}, "blue")
	if read, err := shop.Tag(t.Context(), loyaltytest.Merchant, tag.ID); err != nil || !reflect.DeepEqual(read, tag) || read.Epoch != 1 || read.Label != "blue" {
		t.Fatalf("%+v, %v; want %+v", read, err, tag)
	}
	if found, err := shop.TagByUID(t.Context(), loyaltytest.Merchant, tag.UID); err != nil || !reflect.DeepEqual(found, tag) {
		t.Errorf("by its UID: %+v, %v", found, err)
	}
	other := shop.tag(t, anna.ID, loyalty.TagUID{4, 2}, "")

	posts := 0
	try := func(name string, tag loyalty.Tag, counter uint32, want loyalty.Code) {
		t.Helper()
		posts++
		s := stores[posts%2]
		c := loyaltytest.Command(fmt.Sprint(name, posts), anna.ID, s.Front, loyaltytest.Now, loyalty.Earning{Units: 1}, loyaltytest.Tapping(tag, counter))
		state, till, err := s.Look(t.Context(), loyaltytest.Merchant, anna.ID, c.Scan, s.Front.ID)
		if err != nil {
			t.Fatal(err)
		}
		looked := loyalty.CheckLook(state, till, till.Pairing, &c.Scan)
		results, err := s.Decide(t, c)
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{looked, results[0].Err} {
			if want == "" && err != nil || want != "" && !refusedWith(err, want) {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
		}
	}
	try("the first tap", tag, 5, "")
	try("an older one", tag, 4, loyalty.CredentialUsed)
	try("the other tag counts by itself", other, 4, "")
	try("the next", tag, 6, "")
	try("the last that there can be", tag, 1<<24-1, "")
	try("one after it, when it has wrapped", tag, 0, loyalty.CredentialUsed)
	if read, err := shop.Tag(t.Context(), loyaltytest.Merchant, tag.ID); err != nil || read.Counter != 1<<24-1 {
		t.Errorf("counted to %d, %v", read.Counter, err)
	}
	renewed := shop.renewTag(t, tag)
	if renewed.Epoch != 2 || renewed.Counter != 0 {
		t.Errorf("renewed: %+v", renewed)
	}
	try("a tap with the keys of before", tag, 7, loyalty.CredentialRevoked)
	try("a tap with the new ones", renewed, 1, "")
	shop.revokeTag(t, renewed)
	try("a tap of a revoked tag", renewed, 2, loyalty.CredentialRevoked)
	try("a tag that is none", loyalty.Tag{ID: loyalty.NewID(), Card: anna.ID, Epoch: 1}, 2, loyalty.TagNotFound)

	plain := loyaltytest.Command("plain", anna.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1})
	var keys loyalty.Keys
	keys.Add(plain)
	if facts := shop.read(t, keys); facts.Tags != nil {
		t.Errorf("read for no tap: %+v", facts.Tags)
	}
	proven(t, shop, 1)
}

// testTagsOfAChip registers a chip, and again after it was revoked: never twice at a
// time, never twice in one epoch, and whose it is elsewhere does not matter.
func testTagsOfAChip(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna, bert := shop.Card(t, shop.Stamps, "anna"), shop.Card(t, shop.Stamps, "bert")
	uid := loyalty.TagUID{4, 7, 6: 1}
	first := shop.tag(t, anna.ID, uid, "")
	if _, err := shop.addTag(t, bert.ID, uid, ""); !refusedWith(err, loyalty.TagExists) {
		t.Errorf("registered twice: %v", err)
	}
	first = shop.renewTag(t, first)
	revoked := shop.revokeTag(t, first)
	if revoked.Revoked.IsZero() || !reflect.DeepEqual(shop.revokeTag(t, first), revoked) {
		t.Errorf("revoked: %+v", revoked)
	}
	var renewed loyalty.Tag
	if _, err := shop.RenewTag(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, first.ID, keep(&renewed)); !refusedWith(err, loyalty.TagRevoked) {
		t.Errorf("a revoked one was renewed: %v", err)
	}
	second := shop.tag(t, bert.ID, uid, "")
	if second.Epoch != 3 || second.ID == first.ID {
		t.Errorf("registered again: %+v", second)
	}
	if found, err := shop.TagByUID(t.Context(), loyaltytest.Merchant, uid); err != nil || !reflect.DeepEqual(found, second) {
		t.Errorf("by its UID: %+v, %v", found, err)
	}

	if _, err := shop.addTag(t, loyalty.NewID(), loyalty.TagUID{4, 8}, ""); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("for a card that is not there: %v", err)
	}
	if _, err := shop.TagByUID(t.Context(), loyaltytest.Stranger, uid); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("a stranger found it: %v", err)
	}
	for name, err := range map[string]error{
		"read":    ignore(shop.Tag(t.Context(), loyaltytest.Stranger, second.ID)),
		"renewed": ignore(shop.RenewTag(t.Context(), loyalty.Answer{}, loyaltytest.Stranger, second.ID, keep(&renewed))),
		"revoked": ignore(shop.RevokeTag(t.Context(), loyalty.Answer{}, loyaltytest.Stranger, second.ID, loyaltytest.Now, keep(&renewed))),
	} {
		if !refusedWith(err, loyalty.TagNotFound) {
			t.Errorf("a stranger %s it: %v", name, err)
		}
	}

	list := func(card loyalty.CardID, all bool, after loyalty.TagID, limit int) (ids []loyalty.TagID) {
		tags, err := shop.Tags(t.Context(), loyaltytest.Merchant, card, all, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		for i := range tags {
			ids = append(ids, tags[i].ID)
		}
		return ids
	}
	for name, got := range map[string][2][]loyalty.TagID{
		"active":       {list(loyalty.CardID{}, false, loyalty.TagID{}, 10), {second.ID}},
		"all":          {list(loyalty.CardID{}, true, loyalty.TagID{}, 10), {second.ID, first.ID}},
		"the newest":   {list(loyalty.CardID{}, true, loyalty.TagID{}, 1), {second.ID}},
		"the next":     {list(loyalty.CardID{}, true, second.ID, 1), {first.ID}},
		"of a card":    {list(anna.ID, true, loyalty.TagID{}, 10), {first.ID}},
		"none of hers": {list(anna.ID, false, loyalty.TagID{}, 10), nil},
	} {
		if fmt.Sprint(got[0]) != fmt.Sprint(got[1]) {
			t.Errorf("%s: %v, want %v", name, got[0], got[1])
		}
	}
}

func ignore[T any](_ T, err error) error { return err }

// testOneChip registers one chip many times at once.
func testOneChip(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	cards := []loyalty.Card{shop.Card(t, shop.Stamps, "anna"), shop.Card(t, shop.Stamps, "bert")}
	var registered atomic.Int64
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			switch _, err := stores[i%2].addTag(t, cards[i/2%2].ID, loyalty.TagUID{4}, ""); {
			case err == nil:
				registered.Add(1)
			case !refusedWith(err, loyalty.TagExists):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := registered.Load(); n != 1 {
		t.Errorf("registered %d times", n)
	}
}

// testOneTap posts taps of one tag from two stores, each several times: every one
// earns at most once, and what earned rises.
func testOneTap(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	card := shop.Card(t, shop.Stamps, "anna")
	tag := shop.tag(t, card.ID, loyalty.TagUID{4}, "")
	const taps, each = 10, 8
	var earned [taps + 1]atomic.Int64
	var all sync.WaitGroup
	for i := range taps * each {
		counter := uint32(i%taps + 1)
		all.Go(func() {
			s := stores[i/taps%2]
			results, err := s.Decide(t, loyaltytest.Command(fmt.Sprint("tap ", i), card.ID, s.Front, loyaltytest.Now,
				loyalty.Earning{Units: 1}, loyaltytest.Tapping(tag, counter)))
			switch {
			case err != nil:
				t.Error(err)
			case results[0].Err == nil:
				earned[counter].Add(1)
			case !refusedWith(results[0].Err, loyalty.CredentialUsed):
				t.Error(results[0].Err)
			}
		})
	}
	all.Wait()
	total := int64(0)
	for counter := range earned {
		n := earned[counter].Load()
		if total += n; n > 1 {
			t.Errorf("tap %d earned %d times", counter, n)
		}
	}
	state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, card.ID)
	if err != nil || state.Card.Lifetime != total || earned[taps].Load() != 1 {
		t.Errorf("%d taps earned, the card had %d stamps, %v", total, state.Card.Lifetime, err)
	}
	if read, err := shop.Tag(t.Context(), loyaltytest.Merchant, tag.ID); err != nil || read.Counter != taps {
		t.Errorf("counted to %d, %v", read.Counter, err)
	}
	proven(t, shop, 1)
}

// testRenewedTag renews a tag while it is tapped: from the moment that it is told to
// be done, no tap with the keys of before is taken.
func testRenewedTag(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	card := shop.Card(t, shop.Stamps, "anna")
	tag := shop.tag(t, card.ID, loyalty.TagUID{4}, "")
	var counter atomic.Uint32
	var renewed atomic.Bool
	var all sync.WaitGroup
	warm := make(chan struct{})
	warmed := sync.OnceFunc(func() { close(warm) })
	for _, s := range stores {
		all.Go(func() {
			defer warmed()
			for {
				over, next := renewed.Load(), counter.Add(1)
				results, err := s.Decide(t, loyaltytest.Command(fmt.Sprint("tap ", next), card.ID, s.Front, loyaltytest.Now,
					loyalty.Earning{Units: 1}, loyaltytest.Tapping(tag, next)))
				if err != nil {
					t.Error(err)
					return
				}
				if results[0].Err == nil && over {
					t.Errorf("tap %d was taken", next)
				}
				if over {
					return
				}
				if next >= 10 {
					warmed()
				}
				time.Sleep(time.Millisecond) // SQLite has one writer, and no queue of those who wait
			}
		})
	}
	<-warm
	after := shop.renewTag(t, tag)
	renewed.Store(true)
	all.Wait()
	if after.Epoch != 2 || after.Counter != 0 {
		t.Errorf("renewed: %+v", after)
	}
	if read, err := shop.Tag(t.Context(), loyaltytest.Merchant, tag.ID); err != nil || !reflect.DeepEqual(read, after) {
		t.Errorf("in the end %+v, %v", read, err)
	}
	proven(t, shop, 1)
}
