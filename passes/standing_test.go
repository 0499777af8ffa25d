package passes

import (
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// A tier shows with its last good day; and when it falls, or the discount sinks, the
// face is due.
func TestFaceShowsTheTier(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Discount(t, func(r *loyalty.Rules) {
		r.Discount.Months = 2
		r.Tiers = loyaltytest.Tiers()
	}))
	if face := Of(subject(shop)); face.In(English).Tier != "" || face.Standing.Tier != "" || !face.Stands.IsZero() {
		t.Errorf("a new card: %+v", face.Standing)
	}
	shop.Do(loyalty.Granting{Purchase: loyaltytest.Purchase("bill", 20_000)})
	face := Of(subject(shop))
	for l, want := range map[Language]string{
		English: "Silver, until 31 December 2027", Polish: "Silver, do 31 grudnia 2027", Romanian: "Silver, până la 31 decembrie 2027",
	} {
		if got := face.In(l).Tier; got != want {
			t.Errorf("%s says %q, want %q", l, got, want)
		}
	}
	zone := shop.Till.Zone
	for _, due := range []time.Time{
		time.Date(2026, 5, 1, 0, 0, 0, 0, zone), // March has left the window
		time.Date(2028, 1, 1, 0, 0, 0, 0, zone), // nobody is silver for ever
	} {
		if got := face.Due(shop.Now); !got.Equal(due) {
			t.Fatalf("due at %s, want %s", got, due)
		}
		shop.Now = due
		after := Of(subject(shop))
		if after.Version == face.Version {
			t.Errorf("at %s nothing has changed", due)
		}
		face = after
	}
	if !face.Due(shop.Now).IsZero() || face.Standing.Tier != "" || face.Standing.Rate != 500 {
		t.Errorf("at the end: %+v, due %s", face.Standing, face.Due(shop.Now))
	}
}

// In grace the date of the fall shows: that of the tier is over.
func TestFaceInGrace(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Discount(t, func(r *loyalty.Rules) {
		r.Discount.Over, r.Discount.Months = loyalty.Lifetime, 0
		r.Tiers = loyaltytest.Tiers(func(rule *loyalty.TierRule) { rule.Grace = 2 })
	}))
	shop.Do(loyalty.Granting{Purchase: loyaltytest.Purchase("bill", 20_000)})
	zone := shop.Till.Zone
	for _, at := range []struct {
		day  time.Time
		says string
	}{
		{time.Date(2027, 12, 31, 23, 59, 0, 0, zone), "Silver, until 31 December 2027"},
		{time.Date(2028, 1, 1, 0, 0, 0, 0, zone), "Silver, until 29 February 2028"},
		{time.Date(2028, 2, 29, 23, 59, 0, 0, zone), "Silver, until 29 February 2028"},
		{time.Date(2028, 3, 1, 0, 0, 0, 0, zone), ""},
	} {
		shop.Now = at.day
		face := Of(subject(shop))
		if got := face.In(English).Tier; got != at.says {
			t.Errorf("at %s it says %q, want %q", at.day, got, at.says)
		}
	}
	shop.Now = time.Date(2027, 7, 1, 12, 0, 0, 0, zone)
	for _, due := range []time.Time{time.Date(2028, 1, 1, 0, 0, 0, 0, zone), time.Date(2028, 3, 1, 0, 0, 0, 0, zone)} {
		face := Of(subject(shop))
		if got := face.Due(shop.Now); !got.Equal(due) {
			t.Fatalf("at %s due at %s, want %s", shop.Now, got, due)
		}
		shop.Now = due
	}
}

// The way to the next tier is told in what the program counts for it, and to nobody for
// whom it leads nowhere.
func TestFaceTellsTheWayToTheNextTier(t *testing.T) {
	t.Parallel()
	bySpend := loyaltytest.Points(t, func(r *loyalty.Rules) { r.Tiers = loyaltytest.Tiers() })
	byUnits := loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Tiers = loyaltytest.Tiers(func(rule *loyalty.TierRule) {
			rule.By, rule.Currency = loyalty.TierByUnits, ""
			rule.Levels[0].From, rule.Levels[1].From = 100, 300
			rule.Levels[1].Rate = 0
		})
	})
	for name, test := range map[string]struct {
		program *loyalty.Program
		euro    int64
		want    [languageCount]string
	}{
		"by spend":       {bySpend, 68, [...]string{"€32 more to Silver", "Jeszcze 32\u00a0€ do: Silver", "Încă 32\u00a0€ până la Silver"}},
		"in a tier":      {bySpend, 100, [...]string{"€200 more to Gold", "Jeszcze 200\u00a0€ do: Gold", "Încă 200\u00a0€ până la Gold"}},
		"in the highest": {bySpend, 300, [...]string{"", "", ""}},
		"by points":      {byUnits, 78, [...]string{"22 more points to Silver", "Jeszcze 22 punkty do: Silver", "Încă 22 de puncte până la Silver"}},
		"one is missing": {byUnits, 99, [...]string{"1 more point to Silver", "Jeszcze 1 punkt do: Silver", "Încă 1 punct până la Silver"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, test.program)
			shop.Do(loyalty.Earning{Purchase: loyaltytest.Purchase("bill", test.euro*100)})
			face := Of(subject(shop))
			for i, l := range Languages() {
				said := face.In(l)
				if said.TierNext != test.want[i] {
					t.Errorf("%s says %q, want %q", l, said.TierNext, test.want[i])
				}
				if labelled := said.TierNextLabel != ""; labelled != (said.TierNext != "") {
					t.Errorf("%s calls it %q", l, said.TierNextLabel)
				}
			}
			for what, change := range map[string]func(*Subject){
				"excluded": func(s *Subject) { s.Excluded = true },
				"over":     func(s *Subject) { p := *s.Program; p.Archived = true; s.Program = &p },
				"blocked":  func(s *Subject) { s.Card.Blocked = true },
			} {
				if face := Of(subject(shop, change)); face.In(English).TierNext != "" {
					t.Errorf("%s: it says %q", what, face.In(English).TierNext)
				}
			}
		})
	}
}

// Whoever a program is no longer for is promised nothing: neither what they had, nor
// the way to more.
func TestFaceOfSomebodyExcluded(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Discount(t))
	shop.Do(loyalty.Granting{Purchase: loyaltytest.Purchase("bill", 20_000)})
	of := subject(shop)
	if face := Of(of); face.Standing.Rate == 0 || face.Standing.NextRate == 0 {
		t.Fatalf("before: %+v", face.Standing)
	}
	of.Excluded = true
	face := Of(of)
	if face.Standing.Gives || face.Standing.Rate != 0 || face.Standing.NextRate != 0 || face.Progress.Have != 0 {
		t.Errorf("%+v, %+v", face.Standing, face.Progress)
	}
	if text := face.In(English); text.Count != "0\u00a0% off" || !strings.Contains(text.Next, "no longer for you") {
		t.Errorf("it says %q, %q", text.Count, text.Next)
	}
}

// Faces see whom the program is for.
func TestFacesSeeWhoIsExcluded(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Discount(t, func(r *loyalty.Rules) { r.Only.Tags = []string{"parents"} }))
	card := shop.Card()
	faces := Faces{Shelf: drawer{}, Now: func() time.Time { return shop.Now }}
	for labels, excluded := range map[loyalty.Labels]bool{"": true, "parents": false} {
		state := loyalty.State{Program: shop.Program(), Card: card, Belonging: loyalty.Belonging{Labels: labels}}
		if of, err := faces.Subject(t.Context(), &state, English); err != nil || of.Excluded != excluded {
			t.Errorf("with %q: excluded %t, %v", labels, of.Excluded, err)
		}
	}
}

func TestMoney(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		language Language
		minor    int64
		code     string
		want     string
	}{
		{English, 12_000, "EUR", "€120"},
		{English, 1_234_505, "USD", "$12,345.05"},
		{English, -5, "GBP", "-£0.05"},
		{English, 12_000, "PLN", "120\u00a0zł"},
		{Polish, 12_050, "PLN", "120,50\u00a0zł"},
		{Romanian, 999, "RON", "9,99\u00a0lei"},
		{Polish, 1500, "JPY", "1500\u00a0JPY"},
		{English, 1500, "KWD", "1.500\u00a0KWD"},
		{English, 100, "QQQ", "1\u00a0QQQ"},
	} {
		if got := Money(c.language, c.minor, c.code); got != c.want && got != "1\u00a0500\u00a0JPY" {
			t.Errorf("%s: %d %s is %q, want %q", c.language, c.minor, c.code, got, c.want)
		}
	}
}
