package passes

import (
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// Each kind of reward is told in its own words, in three languages.
func TestFaceTellsWhatARewardWas(t *testing.T) {
	t.Parallel()
	voucher := loyalty.VoucherID(loyaltytest.ID("gift card"))
	terms := func(r loyalty.RewardTerms) func(*loyalty.Rules) {
		return func(rules *loyalty.Rules) { rules.Rewards[0].RewardTerms = r }
	}
	gift := terms(loyalty.RewardTerms{Kind: loyalty.GiftCard, Amount: 2000, Currency: "EUR"})
	tests := map[string]struct {
		rules func(*loyalty.Rules)
		entry loyalty.Entry
		left  int64 // on the voucher; 0: there is none
		fresh bool  // whether it was issued now
		want  [languageCount]string
	}{
		"an item": {
			rules: func(*loyalty.Rules) {},
			want:  [...]string{"Enjoy: A topping. Now 20 points.", "Odebrano: A topping. Masz 20 punktów.", "Bucură-te de: A topping. Acum ai 20 de puncte."},
		},
		"money off": {
			rules: terms(loyalty.RewardTerms{Kind: loyalty.AmountOff, Amount: 900, Currency: "EUR"}),
			entry: loyalty.Entry{Counted: loyalty.Counted{Off: 850}},
			want:  [...]string{"€8.50 came off your bill. Now 20 points.", "Z rachunku odjęto 8,50\u00a0€. Masz 20 punktów.", "Din bon s-au scăzut 8,50\u00a0€. Acum ai 20 de puncte."},
		},
		"a gift card that was bought": {
			rules: gift, left: 2000, fresh: true,
			want: [...]string{
				"Your card now carries a gift card of €20, to be used in parts. Now 20 points.",
				"Na Twojej karcie jest teraz karta podarunkowa: 20\u00a0€, do użycia po części. Masz 20 punktów.",
				"Pe cardul tău este acum un card cadou de 20\u00a0€, pe care îl poți folosi pe părți. Acum ai 20 de puncte.",
			},
		},
		"a part of a gift card": {
			rules: gift, left: 1250, entry: loyalty.Entry{Voucher: voucher, Counted: loyalty.Counted{Off: 750}},
			want: [...]string{
				"You paid €7.50 with your gift card, €12.50 are left. Now 20 points.",
				"Zapłacono 7,50\u00a0€ kartą podarunkową, zostało 12,50\u00a0€. Masz 20 punktów.",
				"Ai plătit 7,50\u00a0€ cu cardul cadou, au rămas 12,50\u00a0€. Acum ai 20 de puncte.",
			},
		},
		"all of a gift card": {
			rules: gift, entry: loyalty.Entry{Voucher: voucher, Counted: loyalty.Counted{Off: 2000}},
			want: [...]string{
				"You paid €20 with your gift card, €0 are left. Now 20 points.",
				"Zapłacono 20\u00a0€ kartą podarunkową, zostało 0\u00a0€. Masz 20 punktów.",
				"Ai plătit 20\u00a0€ cu cardul cadou, au rămas 0\u00a0€. Acum ai 20 de puncte.",
			},
		},
		"a code of another shop": {
			rules: terms(loyalty.RewardTerms{Kind: loyalty.PartnerCode}),
			want: [...]string{
				"Your code is on your card: A topping. Now 20 points.", "Twój kod jest na karcie: A topping. Masz 20 punktów.",
				"Codul tău este pe card: A topping. Acum ai 20 de puncte.",
			},
		},
		"what has left the catalogue": {
			rules: func(r *loyalty.Rules) { r.Rewards = r.Rewards[1:] },
			want:  [...]string{"Enjoy: Supermarket. Now 20 points.", "Odebrano: Supermarket. Masz 20 punktów.", "Bucură-te de: Supermarket. Acum ai 20 de puncte."},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, loyaltytest.Points(t, test.rules))
			shop.Do(loyalty.Earning{Purchase: loyaltytest.Purchase("bill", 2000)})
			of := subject(shop)
			entry := test.entry
			entry.Kind, entry.Reward, entry.Seq, entry.Posted = loyalty.Redeem, loyaltytest.Topping, 99, of.Now
			of.Last = append(of.Last, entry)
			if test.left > 0 {
				v := loyalty.Voucher{ID: voucher, Reward: loyaltytest.Topping, State: loyalty.Issued, Value: 2000, Left: test.left}
				if test.fresh {
					v.Issued = of.Now
				}
				of.Vouchers = append(of.Vouchers, v)
			}
			face := Of(of)
			for i, l := range Languages() {
				if got := face.In(l).Change; got != test.want[i] {
					t.Errorf("%s says %q, want %q", l, got, test.want[i])
				}
			}
		})
	}
}
