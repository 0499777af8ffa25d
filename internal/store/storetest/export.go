package storetest

import (
	"fmt"
	"iter"
	"reflect"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// Everything of a merchant comes out, over more than one page, and nothing of
// anybody else's.
func testExport(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	const cards = 205
	owners := map[loyalty.CardID]loyalty.MemberID{}
	for from := 0; from < cards; from += 5 {
		var all []stranger
		for i := range 5 {
			name := fmt.Sprint("card ", from+i)
			all = append(all, stranger{moved(t, shop, name, name+" too")[i%2], []byte{byte(from + i)}, true})
		}
		members, _, err := settle(t.Context(), shop, all)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range all {
			owners[s.card.Card.ID] = members[i]
		}
	}
	noted := moved(t, shop, "card 0")[0].Card.ID
	shop.Must(t, loyaltytest.Command("with a note", noted, loyalty.Till{}, loyaltytest.Now, loyalty.Adjustment{Units: 3, Note: "why"}))

	shop.issue(t, newClaim(shop, "slip"))
	pass := openPass(t, shop, noted, loyalty.WebWallet)

	books, entries, details, vouchers := 0, int64(0), 0, 0
	last := loyalty.CardID{}
	err := shop.EachCardOf(t.Context(), loyaltytest.Merchant, func(b *loyalty.CardBook, of iter.Seq2[loyalty.DetailedEntry, error]) error {
		if b.Member != owners[b.ID] || b.Member.IsZero() || b.Attached.IsZero() || b.ID.Compare(last) <= 0 {
			t.Errorf("card %s is of %s, want %s", b.ID, b.Member, owners[b.ID])
		}
		if want := []loyalty.Pass{pass}; b.ID == noted && !reflect.DeepEqual(b.Passes, want) || b.ID != noted && b.Passes != nil {
			t.Errorf("card %s has the passes %+v, want %+v of %s", b.ID, b.Passes, want, noted)
		}
		books, vouchers, last = books+1, vouchers+len(b.Vouchers), b.ID
		seq := int64(0)
		for e, err := range of {
			if err != nil {
				return err
			}
			if seq++; e.Seq != seq || e.Card != b.ID {
				t.Errorf("card %s: entry %d of %s", b.ID, e.Seq, e.Card)
			}
			if e.Detail != nil && e.Salt != ([16]byte{}) {
				details++
			}
		}
		if seq != b.Seq {
			t.Errorf("card %s: %d entries of %d", b.ID, seq, b.Seq)
		}
		entries += seq
		return nil
	})
	if err != nil || books != cards || entries == 0 || details != 1 {
		t.Errorf("%d cards, %d entries, %d details, %d vouchers, %v", books, entries, details, vouchers, err)
	}

	members, consents := 0, 0
	err = shop.EachMember(t.Context(), loyaltytest.Merchant, func(b *loyalty.MemberBook) error {
		members, consents = members+1, consents+len(b.Consents)
		if string(b.Sealed) != "moved in" || !b.Into.IsZero() {
			t.Errorf("%+v", b)
		}
		return nil
	})
	if err != nil || members != cards || consents != cards {
		t.Errorf("%d members, %d consents, %v", members, consents, err)
	}
	claims := 0
	err = shop.EachClaim(t.Context(), loyaltytest.Merchant, func(*loyalty.ClaimCode) error {
		claims++
		return nil
	})
	if err != nil || claims != 1 {
		t.Errorf("%d claims, %v", claims, err)
	}
	for name, none := range map[string]error{
		"cards": shop.EachCardOf(t.Context(), loyaltytest.Stranger, func(b *loyalty.CardBook, _ iter.Seq2[loyalty.DetailedEntry, error]) error {
			return fmt.Errorf("of a stranger: %s", b.ID)
		}),
		"members": shop.EachMember(t.Context(), loyaltytest.Stranger, func(b *loyalty.MemberBook) error {
			return fmt.Errorf("of a stranger: %s", b.ID)
		}),
		"claims": shop.EachClaim(t.Context(), loyaltytest.Stranger, func(k *loyalty.ClaimCode) error {
			return fmt.Errorf("of a stranger: %s", k.ID)
		}),
	} {
		if none != nil {
			t.Errorf("%s: %v", name, none)
		}
	}
}
