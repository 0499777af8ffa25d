package loyalty_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func fob(s *loyaltytest.Shop) loyalty.Tag {
	tag := loyalty.Tag{ID: loyaltytest.ID("fob"), Merchant: loyaltytest.Merchant, Card: s.CardID, UID: loyalty.TagUID{4}, Epoch: 1}
	s.Book.Tags[tag.ID] = tag
	return tag
}

// One tap may earn once and redeem once, although it is not above the counter then.
func TestTapEarnsOnceAndRedeemsOnce(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	tag := fob(shop)
	earn, redeem := loyalty.Earning{Units: 10}, loyalty.Redemption{Reward: loyaltytest.Cone}
	tap := loyaltytest.Tapping(tag, 7)
	shop.Do(earn, tap)
	shop.Do(redeem, tap, loyaltytest.ByHandle)
	shop.Refused(loyalty.CredentialUsed, earn, tap)
	shop.Refused(loyalty.ScanUsed, redeem, tap, loyaltytest.ByHandle)
	if got := shop.Book.Tags[tag.ID].Counter; got != 7 {
		t.Errorf("counted to %d", got)
	}
}

// A refusal leaves the counter where it was: the customer need not tap again.
func TestRefusedTapIsNotCounted(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	tag := fob(shop)
	tap := loyaltytest.Tapping(tag, 7)
	shop.Refused(loyalty.UnitsOutOfRange, loyalty.Earning{}, tap)
	shop.Do(loyalty.Earning{Units: 1}, tap)
}

func TestOlderTaps(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	tag := fob(shop)
	earn, redeem := loyalty.Earning{Units: 10}, loyalty.Redemption{Reward: loyaltytest.Cone}
	shop.Do(earn, loyaltytest.Tapping(tag, 7))
	shop.Do(earn, loyaltytest.Tapping(tag, 9))
	if r := shop.Refused(loyalty.CredentialUsed, earn, loyaltytest.Tapping(tag, 8)); r.Used != nil {
		t.Errorf("nobody used it: %+v", r.Used)
	}
	if r := shop.Refused(loyalty.CredentialUsed, earn, loyaltytest.Tapping(tag, 7)); r.Used == nil || !r.Used.At.Equal(shop.Now) {
		t.Errorf("it was used: %+v", r.Used)
	}
	shop.Do(redeem, loyaltytest.Tapping(tag, 7)) // that scan goes on
	if got := shop.Book.Tags[tag.ID].Counter; got != 9 {
		t.Errorf("counted to %d", got)
	}
}

func TestTagsThatEnded(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	tag := fob(shop)
	earn := loyalty.Earning{Units: 1}
	next := tag
	next.Epoch++
	shop.Book.Tags[tag.ID] = next
	shop.Refused(loyalty.CredentialRevoked, earn, loyaltytest.Tapping(tag, 7))
	shop.Do(earn, loyaltytest.Tapping(next, 1))
	next = shop.Book.Tags[tag.ID]
	next.Revoked = shop.Now.Add(-time.Second)
	shop.Book.Tags[tag.ID] = next
	shop.Refused(loyalty.CredentialRevoked, earn, loyaltytest.Tapping(next, 2))
	delete(shop.Book.Tags, tag.ID)
	shop.Refused(loyalty.TagNotFound, earn, loyaltytest.Tapping(next, 3))
}

// Whatever comes in whatever order, in batches of any size: counters that earn rise.
func TestCountersRise(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		shop := loyaltytest.Open(t, loyaltytest.Program(t))
		tag := fob(shop)
		last := uint32(0)
		for range rapid.IntRange(1, 5).Draw(t, "batches") {
			var batch []*loyalty.Command
			for _, counter := range rapid.SliceOfN(rapid.Uint32Range(0, 12), 1, 6).Draw(t, "counters") {
				batch = append(batch, shop.Command(loyalty.Earning{Units: 1}, loyaltytest.Tapping(tag, counter)))
			}
			results, err := shop.Book.Post(batch, shop.Now)
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range results {
				counter := batch[i].Scan.Tapped.Counter
				if (r.Err == nil) != (counter > last) {
					t.Fatalf("tap %d after %d: %v", counter, last, r.Err)
				}
				last = max(last, counter)
			}
			if got := shop.Book.Tags[tag.ID].Counter; got != last {
				t.Fatalf("counted to %d, want %d", got, last)
			}
		}
	})
}

func TestParseTagUID(t *testing.T) {
	t.Parallel()
	if uid, ok := loyalty.ParseTagUID("04DE5F1EACC040"); !ok || uid.String() != "04DE5F1EACC040" {
		t.Errorf("%s, %v", uid, ok)
	}
	for _, text := range []string{"", "04de5f1eacc040", "04DE5F1EACC04", "04DE5F1EACC04000", "04:DE:5F:1E:AC:C0:40", "04DE5F1EACC0 0", "04DE5F1EACC04G"} {
		if uid, ok := loyalty.ParseTagUID(text); ok {
			t.Errorf("%q is %s", text, uid)
		}
	}
}
