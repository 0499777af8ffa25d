package loyalty_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

var harbour, other = loyalty.AgreementID{1}, loyalty.AgreementID{2}

func TestOnlyAdmits(t *testing.T) {
	t.Parallel()
	now := loyaltytest.Now
	partner := loyalty.Belonging{Audience: loyalty.PartnerStaff, Agreement: harbour, From: now, Until: now.Add(time.Hour)}
	employee := loyalty.Belonging{Audience: loyalty.Employee, Labels: "night-shift parents"}
	for name, tt := range map[string]struct {
		only loyalty.Only
		who  loyalty.Belonging
		at   time.Time
		want bool
	}{
		"everybody":                {loyalty.Only{}, loyalty.Belonging{}, now, true},
		"nobody's card":            {loyalty.Only{Audiences: []loyalty.Audience{loyalty.Employee, loyalty.PartnerStaff}}, loyalty.Belonging{}, now, false},
		"a customer":               {loyalty.Only{Audiences: []loyalty.Audience{loyalty.Customer}}, loyalty.Belonging{}, now, true},
		"one of two audiences":     {loyalty.Only{Audiences: []loyalty.Audience{loyalty.Employee, loyalty.PartnerStaff}}, employee, now, true},
		"a partner":                {loyalty.Only{Audiences: []loyalty.Audience{loyalty.PartnerStaff}}, partner, now, true},
		"before it begins":         {loyalty.Only{Audiences: []loyalty.Audience{loyalty.PartnerStaff}}, partner, now.Add(-1), false},
		"in its last moment":       {loyalty.Only{Audiences: []loyalty.Audience{loyalty.PartnerStaff}}, partner, now.Add(time.Hour - 1), true},
		"when it has ended":        {loyalty.Only{Audiences: []loyalty.Audience{loyalty.PartnerStaff}}, partner, now.Add(time.Hour), false},
		"a customer again":         {loyalty.Only{Audiences: []loyalty.Audience{loyalty.Customer}}, partner, now.Add(time.Hour), true},
		"that company":             {loyalty.Only{Agreements: []loyalty.AgreementID{other, harbour}}, partner, now, true},
		"another company":          {loyalty.Only{Agreements: []loyalty.AgreementID{other}}, partner, now, false},
		"that company, ended":      {loyalty.Only{Agreements: []loyalty.AgreementID{harbour}}, partner, now.Add(time.Hour), false},
		"one of two tags":          {loyalty.Only{Tags: []string{"vip", "parents"}}, employee, now, true},
		"a part of a tag":          {loyalty.Only{Tags: []string{"night", "parent"}}, employee, now, false},
		"both, and only one holds": {loyalty.Only{Audiences: []loyalty.Audience{loyalty.PartnerStaff}, Tags: []string{"parents"}}, employee, now, false},
	} {
		if got := tt.only.Admits(&tt.who, tt.at); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// belongingGen draws what a card's holder may be.
func belongingGen() *rapid.Generator[loyalty.Belonging] {
	return rapid.Custom(func(t *rapid.T) loyalty.Belonging {
		labels, err := loyalty.NewLabels(rapid.SliceOfN(rapid.SampledFrom([]string{"parents", "vip", "a-b", "x"}), 0, 6).Draw(t, "tags"))
		if err != nil {
			t.Fatal(err)
		}
		b := loyalty.Belonging{Labels: labels}
		if b.Audience = rapid.SampledFrom([]loyalty.Audience{"", loyalty.Employee, loyalty.PartnerStaff}).Draw(t, "audience"); b.Audience == loyalty.PartnerStaff {
			b.Agreement = rapid.SampledFrom([]loyalty.AgreementID{harbour, other}).Draw(t, "agreement")
			b.Until = loyaltytest.Now.Add(time.Duration(rapid.Int64Range(-2, 2).Draw(t, "until")))
		}
		return b
	})
}

// What a card may do hangs on what its holder is now alone: whoever is not whom the
// program is for earns nothing, and spends what was earned; whatever came before.
func TestOnlyDecidesByNow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		program := loyaltytest.Points(t, func(r *loyalty.Rules) {
			r.Only = loyalty.Only{Audiences: []loyalty.Audience{loyalty.Employee, loyalty.PartnerStaff}}
			r.Rewards[0].Only = loyalty.Only{Tags: []string{"vip"}}
		})
		now := loyaltytest.Now
		card := loyalty.NewCard(loyalty.CardID{1}, program, now)
		card.Balance, card.Lifetime = 200, 200
		for i := range 4 {
			state := &loyalty.State{Program: program, Card: card, Belonging: belongingGen().Draw(t, "now")}
			facts := &loyalty.Facts{Cards: map[loyalty.CardID]*loyalty.State{card.ID: state}, Stock: map[loyalty.RewardID]int64{loyaltytest.Machine: 9}}
			decide := func(do loyalty.Action) error {
				_, err := loyalty.Decide(facts, &loyalty.Command{
					Merchant: loyaltytest.Merchant, Card: card.ID, Do: do, Captured: now, Role: loyalty.Owner, Scan: loyalty.Scanned{Method: loyalty.Live},
				}, now, loyalty.NewID)
				return err
			}
			audience := state.Belonging.AudienceAt(now)
			earned := decide(loyalty.Earning{Purchase: loyaltytest.Purchase(string(rune('a'+i)), 1000)})
			if refused(earned) != (audience == loyalty.Customer) {
				t.Errorf("%+v earned: %v", state.Belonging, earned)
			}
			if err := decide(loyalty.Redemption{Reward: loyaltytest.Machine}); err != nil {
				t.Errorf("%+v could not spend what was earned: %v", state.Belonging, err)
			}
			vip := slices.Contains(state.Belonging.Labels.List(), "vip")
			if got := decide(loyalty.Redemption{Reward: loyaltytest.Topping}); refused(got) == vip {
				t.Errorf("%+v redeemed: %v", state.Belonging, got)
			}
			offers := loyalty.Offers(program, &card, &state.Belonging, nil, nil, nil, &loyalty.Scanned{Method: loyalty.Live}, now)
			if offered := slices.ContainsFunc(offers, func(o loyalty.Offer) bool { return o.Reward == loyaltytest.Topping }); offered != vip {
				t.Errorf("%+v was offered %+v", state.Belonging, offers)
			}
		}
	})
}

func refused(err error) bool {
	var r *loyalty.Refusal
	return errors.As(err, &r) && r.Code == loyalty.NotEligible
}

// A reward for a tier is for those in it or a higher one.
func TestRewardOfATier(t *testing.T) {
	t.Parallel()
	program := loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Tiers = loyalty.TierRule{Window: loyalty.Window{Over: loyalty.Lifetime}, By: loyalty.TierByUnits, Rounding: loyalty.Down, Levels: []loyalty.Tier{
			{Name: "Silver", From: 10}, {Name: "Gold", From: 20}, {Name: "Platinum", From: 30},
		}}
		r.Rewards[0].Only = loyalty.Only{Tier: "Gold"}
	})
	for units, want := range map[int64]bool{9: false, 19: false, 20: true, 30: true} {
		card := loyalty.NewCard(loyalty.CardID{1}, program, loyaltytest.Now)
		state := &loyalty.State{Program: program, Card: card}
		facts := &loyalty.Facts{Cards: map[loyalty.CardID]*loyalty.State{card.ID: state}, Credits: map[loyalty.Credit]loyalty.EntryID{}}
		post := func(do loyalty.Action) error {
			d, err := loyalty.Decide(facts, &loyalty.Command{
				Merchant: loyaltytest.Merchant, Card: card.ID, Do: do, Captured: loyaltytest.Now, Scan: loyalty.Scanned{Method: loyalty.Live},
			}, loyaltytest.Now, loyalty.NewID)
			if err == nil {
				facts.Apply(d)
			}
			return err
		}
		if err := post(loyalty.Earning{Purchase: loyaltytest.Purchase("one", units*100)}); err != nil {
			t.Fatal(err)
		}
		if err := post(loyalty.Redemption{Reward: loyaltytest.Topping}); refused(err) == want {
			t.Errorf("%d points: %v", units, err)
		}
	}
}

func TestOnlyCheck(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*loyalty.Rules){
		"only.audiences[1]": func(r *loyalty.Rules) {
			r.Only.Audiences = []loyalty.Audience{loyalty.PartnerStaff, loyalty.PartnerStaff}
		},
		"only.audiences[0]":            func(r *loyalty.Rules) { r.Only.Audiences = []loyalty.Audience{"friends"} },
		"only.agreements[0]":           func(r *loyalty.Rules) { r.Only.Agreements = []loyalty.AgreementID{{}} },
		"only.tags[0]":                 func(r *loyalty.Rules) { r.Only.Tags = []string{"Small children"} },
		"only.tier":                    func(r *loyalty.Rules) { r.Only.Tier = "Gold" },
		"rewards[0].only.tier":         func(r *loyalty.Rules) { r.Rewards[0].Only.Tier = "Gold" },
		"rewards[0].only":              func(r *loyalty.Rules) { r.Rewards[0].Cost, r.Rewards[0].Only.Tags = 0, []string{"vip"} },
		"rewards[1].only.tags[1]":      func(r *loyalty.Rules) { r.Rewards[1].Only.Tags = []string{"vip", "vip"} },
		"only.tags":                    func(r *loyalty.Rules) { r.Only.Tags = make([]string, 21) },
		"rewards[0].only.audiences[0]": func(r *loyalty.Rules) { r.Rewards[0].Only.Audiences = []loyalty.Audience{""} },
	} {
		rules := loyaltytest.Points(t).Rules
		rules.Rewards = slices.Clone(rules.Rewards)
		change(&rules)
		var wrong *loyalty.FieldError
		if err := rules.Check(); !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	if got, err := loyalty.NewLabels([]string{"vip", "parents", "vip"}); err != nil || got != "parents vip" || !got.Has("vip") || got.Has("par") || got.Has("") {
		t.Errorf("got %q, %v", got, err)
	}
	for _, bad := range []string{"", "Vip", "two words", "-a", "a--b", "ä", strings.Repeat("a", 33)} {
		if got, err := loyalty.NewLabels([]string{bad}); err == nil {
			t.Errorf("%q became %q", bad, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-c]{1,2}`), 0, loyalty.MaxLabels)
		a, _ := loyalty.NewLabels(words.Draw(t, "a"))
		b, _ := loyalty.NewLabels(words.Draw(t, "b"))
		both := a.And(b)
		for word := range a.All() {
			if !both.Has(word) {
				t.Errorf("%q and %q lose %s in %q", a, b, word, both)
			}
		}
		if again, err := loyalty.NewLabels(both.List()); err != nil || again != both {
			t.Errorf("%q is not in order: %q, %v", both, again, err)
		}
	})
}
