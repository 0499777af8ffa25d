package passes

import (
	"slices"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func ready(f *Face) (names []string) {
	for i := range f.Ready {
		names = append(names, f.Ready[i].Name)
	}
	return names
}

// Only those whom a reward is for are promised it; and as their agreement begins and
// ends, the pass is another one by itself.
func TestFaceOfPartners(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Earn = loyalty.EarnRule{By: loyalty.ByUnits}
		r.Rewards[0].Only.Audiences = []loyalty.Audience{loyalty.PartnerStaff}
		r.Rewards = append(r.Rewards, loyalty.Reward{ID: loyaltytest.Cone, Name: "A cone", Cost: 4})
	}))
	shop.Do(loyalty.Earning{Units: 10})
	if face := Of(subject(shop)); !slices.Equal(ready(&face), []string{"A cone"}) || !face.Due(shop.Now).IsZero() {
		t.Fatalf("a customer can have %q, due %s", ready(&face), face.Due(shop.Now))
	}
	begins, ends := shop.Now.Add(time.Hour), shop.Now.Add(2*time.Hour)
	partner := func(of *Subject) {
		of.Holder = loyalty.Belonging{Audience: loyalty.PartnerStaff, Agreement: loyaltytest.ID("agreement"), From: begins, Until: ends}
	}
	for _, step := range []struct {
		name string
		due  time.Time
		want []string
	}{
		{"before it begins", begins, []string{"A cone"}},
		{"while it holds", ends, []string{"A cone", "A topping"}},
		{"when it is over", time.Time{}, []string{"A cone"}},
	} {
		face := Of(subject(shop, partner))
		if got := ready(&face); !slices.Equal(got, step.want) || !face.Due(shop.Now).Equal(step.due) {
			t.Errorf("%s: %q, due %s; want %q, due %s", step.name, got, face.Due(shop.Now), step.want, step.due)
		}
		shop.Now = face.Due(shop.Now)
	}
	if face := Of(subject(loyaltytest.Open(t, loyaltytest.Points(t)), partner)); !face.Due(shop.Now).IsZero() {
		t.Errorf("where it does not matter the face is due at %s", face.Due(shop.Now))
	}
}
