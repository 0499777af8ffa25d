package loyalty_test

import (
	"errors"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// partnerShop is a card with 30 points at a shop that gives a code for 10.
func partnerShop(t *testing.T, codes ...loyalty.GiftCode) *loyaltytest.Shop {
	shop := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Earn = loyalty.EarnRule{By: loyalty.ByUnits}
		r.Rewards = append(r.Rewards, loyalty.Reward{ID: loyaltytest.Partner, Name: "A book voucher", Cost: 10, RewardTerms: loyalty.RewardTerms{Kind: loyalty.PartnerCode}})
	}))
	shop.Book.Codes = codes
	shop.Do(loyalty.Earning{Units: 30})
	return shop
}

func ending(at time.Time) func(*loyalty.GiftCode) {
	return func(c *loyalty.GiftCode) { c.Expires = at }
}

// A redemption hands out the code that ends first, of those that have not ended.
func TestCodesGoByTheirEnd(t *testing.T) {
	t.Parallel()
	early, late := loyaltytest.Now.Add(time.Hour), loyaltytest.Now.Add(48*time.Hour)
	shop := partnerShop(t,
		loyaltytest.Code("for ever", loyaltytest.Partner),
		loyaltytest.Code("late", loyaltytest.Partner, ending(late)),
		loyaltytest.Code("early", loyaltytest.Partner, ending(early)),
		loyaltytest.Code("another reward's", loyaltytest.Topping),
	)
	shop.Book.Codes[3].Reward = loyaltytest.Machine
	var went []loyalty.GiftCodeID
	for range 3 {
		d := shop.Do(loyalty.Redemption{Reward: loyaltytest.Partner})
		code, entry := d.Codes[0], d.Primary(loyalty.Redeem)
		if code.State != loyalty.CodeTaken || code.Entry != entry.ID || code.Card != shop.CardID || !code.Taken.Equal(entry.Posted) {
			t.Errorf("%+v for %+v", code, entry)
		}
		went = append(went, code.ID)
	}
	want := []loyalty.GiftCodeID{
		loyaltytest.Code("early", loyaltytest.Partner).ID, loyaltytest.Code("late", loyaltytest.Partner).ID, loyaltytest.Code("for ever", loyaltytest.Partner).ID,
	}
	for i := range want {
		if went[i] != want[i] {
			t.Errorf("code %d is %s, want %s", i, went[i], want[i])
		}
	}
}

// An empty pool costs the customer nothing; what has ended is no code any more.
func TestEmptyPool(t *testing.T) {
	t.Parallel()
	for name, codes := range map[string][]loyalty.GiftCode{
		"none at all":    nil,
		"all have ended": {loyaltytest.Code("old", loyaltytest.Partner, ending(loyaltytest.Now))},
	} {
		shop := partnerShop(t, codes...)
		shop.Refused(loyalty.RewardOutOfStock, loyalty.Redemption{Reward: loyaltytest.Partner})
		if balance := shop.Book.Cards[shop.CardID].Balance; balance != 30 {
			t.Errorf("%s: the card has %d points left", name, balance)
		}
	}
}

// Two redemptions in one batch take two codes; a third takes nothing.
func TestCodesWithinABatch(t *testing.T) {
	t.Parallel()
	shop := partnerShop(t, loyaltytest.Code("one", loyaltytest.Partner), loyaltytest.Code("two", loyaltytest.Partner))
	var batch []*loyalty.Command
	for range 3 {
		batch = append(batch, shop.Command(loyalty.Redemption{Reward: loyaltytest.Partner}))
	}
	results, err := shop.Book.Post(batch, shop.Now)
	if err != nil {
		t.Fatal(err)
	}
	if one, two := results[0].Decision.Codes[0].ID, results[1].Decision.Codes[0].ID; one == two {
		t.Errorf("both were handed %s", one)
	}
	var refusal *loyalty.Refusal
	if !errors.As(results[2].Err, &refusal) || refusal.Code != loyalty.RewardOutOfStock {
		t.Errorf("the third: %v", results[2].Err)
	}
}

// A voided redemption spoils its code, with a manager's PIN: it was shown.
func TestVoidSpoilsTheCode(t *testing.T) {
	t.Parallel()
	shop := partnerShop(t, loyaltytest.Code("only", loyaltytest.Partner))
	redeemed := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Partner})
	void := loyalty.Reversal{Entry: redeemed.ID, Reward: redeemed.Reward}
	if r := shop.Refused(loyalty.PINRequired, void); r.Needs != loyalty.Manager {
		t.Errorf("needs %s", r.Needs)
	}
	d := shop.Do(void, loyaltytest.Approved(loyalty.Manager))
	if len(d.Codes) != 1 || d.Codes[0].State != loyalty.CodeSpoiled || d.Codes[0].Entry != redeemed.ID || d.Card.Balance != 30 {
		t.Errorf("%+v", d)
	}
	shop.Refused(loyalty.RewardOutOfStock, loyalty.Redemption{Reward: loyaltytest.Partner}) // it does not come back
}

// A voucher for a code outlives the catalogue, and so does its pool.
func TestCodeOfAGoneReward(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Rewards[0].Kind = loyalty.PartnerCode }))
	shop.Do(loyalty.Earning{Units: 20})
	shop.Book.Codes = []loyalty.GiftCode{loyaltytest.Code("one", loyaltytest.Cone)}
	program := loyaltytest.Program(t, func(r *loyalty.Rules) {
		r.Rewards, r.Card.Reward = r.Rewards[1:], loyaltytest.Topping
	})
	shop.Book.Programs[program.ID] = program
	if d := shop.Do(loyalty.Redemption{Reward: loyaltytest.Cone}); len(d.Codes) != 1 {
		t.Errorf("handed out %+v", d.Codes)
	}
	shop.Refused(loyalty.RewardOutOfStock, loyalty.Redemption{Reward: loyaltytest.Cone})
}

func TestCheckCodes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		field  string
		change func(*loyalty.Reward)
	}{
		{"", func(*loyalty.Reward) {}},
		{"", func(r *loyalty.Reward) { r.CodesLow, r.PerCard, r.Until = 5, 1, loyaltytest.Now }},
		{"codes_low", func(r *loyalty.Reward) { r.CodesLow = loyalty.MaxPool + 1 }},
		{"codes_low", func(r *loyalty.Reward) { r.CodesLow, r.Kind = 5, loyalty.AnItem }},
		{"limited", func(r *loyalty.Reward) { r.Limited = true }},
		{"rate", func(r *loyalty.Reward) { r.Rate = 1000 }},
		{"rounding", func(r *loyalty.Reward) { r.Rounding = loyalty.Down }},
		{"most", func(r *loyalty.Reward) { r.Most = 1 }},
		{"amount", func(r *loyalty.Reward) { r.Amount = 500 }},
		{"flexible", func(r *loyalty.Reward) { r.Flexible = loyalty.Flexible{Units: 1, Per: 1, Min: 1} }},
		{"currency", func(r *loyalty.Reward) { r.Currency = "EUR" }},
		{"lines", func(r *loyalty.Reward) { r.Lines.Categories = []string{"books"} }},
	} {
		rules := loyaltytest.Points(t).Rules
		rules.Rewards = []loyalty.Reward{{
			ID: loyaltytest.Partner, Name: "A code", Cost: 10, RewardTerms: loyalty.RewardTerms{Kind: loyalty.PartnerCode},
		}}
		tt.change(&rules.Rewards[0])
		var bad *loyalty.FieldError
		if err := rules.Check(); tt.field == "" && err != nil || tt.field != "" && (!errors.As(err, &bad) || bad.Field != "rewards[0]."+tt.field) {
			t.Errorf("%+v: %v, want %q", rules.Rewards[0], err, tt.field)
		}
	}
}

func TestVerifyCode(t *testing.T) {
	t.Parallel()
	entry := loyalty.Entry{ID: loyaltytest.ID("entry"), Kind: loyalty.Redeem, Reward: loyaltytest.Partner, Operator: loyaltytest.Merchant}
	code := loyaltytest.Code("one", loyaltytest.Partner, func(c *loyalty.GiftCode) { c.Entry = entry.ID })
	for name, test := range map[string]struct {
		change func(*loyalty.Entry)
		holds  bool
	}{
		"as it was":        {func(*loyalty.Entry) {}, true},
		"no entry":         {func(e *loyalty.Entry) { *e = loyalty.Entry{} }, false},
		"another reward":   {func(e *loyalty.Entry) { e.Reward = loyaltytest.Cone }, false},
		"another kind":     {func(e *loyalty.Entry) { e.Kind = loyalty.Void }, false},
		"another merchant": {func(e *loyalty.Entry) { e.Operator = loyaltytest.Stranger }, false},
	} {
		e := entry
		test.change(&e)
		if err := loyalty.VerifyCode(&code, &e); (err == nil) != test.holds {
			t.Errorf("%s: %v", name, err)
		}
	}
}
