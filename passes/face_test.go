package passes

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// subject is what a shop would have drawn of its card now.
func subject(s *loyaltytest.Shop, changes ...func(*Subject)) Subject {
	card := s.Card()
	of := Subject{
		Merchant: loyalty.Merchant{ID: loyaltytest.Merchant, Name: "Gelateria Sole"},
		Program:  s.Program(), Card: &card, Vouchers: s.Vouchers(), Last: s.Entries(),
		Shops:    []loyalty.Location{{ID: loyaltytest.Location, Name: "Old Town", Zone: s.Till.Zone}},
		Language: English, Now: s.Now,
	}
	for _, change := range changes {
		change(&of)
	}
	return of
}

func milestoneAtFive(r *loyalty.Rules) {
	r.Card.Milestones = []loyalty.Milestone{{At: 5, Reward: loyaltytest.Topping}}
	r.Rewards[0].ValidIn = 30
}

// Each story is told in three languages: count, next step, what is ready, and
// what a lock screen would show.
func TestFaceTellsStories(t *testing.T) {
	t.Parallel()
	stamps := func(n int64) func(*loyaltytest.Shop) {
		return func(s *loyaltytest.Shop) { s.Do(loyalty.Earning{Units: n}) }
	}
	points := func(euro int64) func(*loyaltytest.Shop) {
		return func(s *loyaltytest.Shop) {
			s.Do(loyalty.Earning{Purchase: loyaltytest.Purchase("bill", euro*100)})
		}
	}
	tests := map[string]struct {
		program *loyalty.Program
		happens func(*loyaltytest.Shop)
		want    [languageCount][4]string
	}{
		"a new card": {
			loyaltytest.Program(t), func(*loyaltytest.Shop) {},
			[...][4]string{
				{"0 of 10 stamps", "10 more stamps to go: A free cone", "None yet", "Your card is ready: 0 of 10 stamps."},
				{"0 z 10 pieczątek", "Jeszcze 10 pieczątek: A free cone", "Jeszcze żadnych", "Twoja karta jest gotowa: 0 z 10 pieczątek."},
				{"0 din 10 ștampile", "Încă 10 ștampile: A free cone", "Încă niciuna", "Cardul tău e gata: 0 din 10 ștampile."},
			},
		},
		"one stamp is missing": {
			loyaltytest.Program(t), stamps(9),
			[...][4]string{
				{"9 of 10 stamps", "1 more stamp to go: A free cone", "None yet", "9 stamps added. Now 9 of 10 stamps."},
				{"9 z 10 pieczątek", "Jeszcze 1 pieczątka: A free cone", "Jeszcze żadnych", "Dodano 9 pieczątek. Masz 9 z 10 pieczątek."},
				{"9 din 10 ștampile", "Încă o ștampilă: A free cone", "Încă niciuna", "S-au adăugat 9 ștampile. Acum ai 9 din 10 ștampile."},
			},
		},
		"a full card, and two stamps on the next": {
			loyaltytest.Program(t, milestoneAtFive), stamps(12),
			[...][4]string{
				{"2 of 10 stamps", "3 more stamps to go: A free topping", "A free cone, A free topping", "Your card is full! Ready for you: A free cone. Now 2 of 10 stamps."},
				{"2 z 10 pieczątek", "Jeszcze 3 pieczątki: A free topping", "A free cone, A free topping", "Karta zapełniona! Czeka na Ciebie: A free cone. Masz 2 z 10 pieczątek."},
				{"2 din 10 ștampile", "Încă 3 ștampile: A free topping", "A free cone, A free topping", "Cardul e plin! Te așteaptă: A free cone. Acum ai 2 din 10 ștampile."},
			},
		},
		"a milestone": {
			loyaltytest.Program(t, milestoneAtFive), stamps(5),
			[...][4]string{
				{"5 of 10 stamps", "5 more stamps to go: A free cone", "A free topping", "Ready for you: A free topping. Now 5 of 10 stamps."},
				{"5 z 10 pieczątek", "Jeszcze 5 pieczątek: A free cone", "A free topping", "Czeka na Ciebie: A free topping. Masz 5 z 10 pieczątek."},
				{"5 din 10 ștampile", "Încă 5 ștampile: A free cone", "A free topping", "Te așteaptă: A free topping. Acum ai 5 din 10 ștampile."},
			},
		},
		"a large card": {
			loyaltytest.Program(t, func(r *loyalty.Rules) { r.Card.Size = 24 }), stamps(2),
			[...][4]string{
				{"2 of 24 stamps", "22 more stamps to go: A free cone", "None yet", "2 stamps added. Now 2 of 24 stamps."},
				{"2 z 24 pieczątek", "Jeszcze 22 pieczątki: A free cone", "Jeszcze żadnych", "Dodano 2 pieczątki. Masz 2 z 24 pieczątek."},
				{"2 din 24 de ștampile", "Încă 22 de ștampile: A free cone", "Încă niciuna", "S-au adăugat 2 ștampile. Acum ai 2 din 24 de ștampile."},
			},
		},
		"a point": {
			loyaltytest.Points(t), points(1),
			[...][4]string{
				{"1 point", "4 more points to go: A topping", "None yet", "1 point added. Now 1 point."},
				{"1 punkt", "Jeszcze 4 punkty: A topping", "Jeszcze żadnych", "Dodano 1 punkt. Masz 1 punkt."},
				{"1 punct", "Încă 4 puncte: A topping", "Încă niciuna", "S-a adăugat un punct. Acum ai 1 punct."},
			},
		},
		"thousands of points": {
			loyaltytest.Points(t), points(12_345),
			[...][4]string{
				{"12,345 points", "You can have any of the rewards now.", "A topping, A machine", "12,345 points added. Now 12,345 points."},
				{"12\u00a0345 punktów", "Możesz już odebrać dowolną nagrodę.", "A topping, A machine", "Dodano 12\u00a0345 punktów. Masz 12\u00a0345 punktów."},
				{"12.345 de puncte", "Poți alege acum orice recompensă.", "A topping, A machine", "S-au adăugat 12.345 de puncte. Acum ai 12.345 de puncte."},
			},
		},
		"a reward handed out": {
			loyaltytest.Points(t),
			func(s *loyaltytest.Shop) {
				points(30)(s)
				s.After(time.Hour)
				s.Do(loyalty.Redemption{Reward: loyaltytest.Topping})
			},
			[...][4]string{
				{"25 points", "75 more points to go: A machine", "A topping", "Enjoy: A topping. Now 25 points."},
				{"25 punktów", "Jeszcze 75 punktów: A machine", "A topping", "Odebrano: A topping. Masz 25 punktów."},
				{"25 de puncte", "Încă 75 de puncte: A machine", "A topping", "Bucură-te de: A topping. Acum ai 25 de puncte."},
			},
		},
		"a discount that grows": {
			loyaltytest.Discount(t),
			func(s *loyaltytest.Shop) { // 5 % of 42.50 euro are 2.12
				s.Do(loyalty.Granting{Purchase: loyaltytest.Purchase("bill", 4250)})
			},
			[...][4]string{
				{"5\u00a0% off", "€59.62 more to 10\u00a0% off", "", "You saved €2.12. Now 5\u00a0% off."},
				{"5\u00a0% rabatu", "Jeszcze 59,62\u00a0€ do 10\u00a0% rabatu", "", "Oszczędzasz 2,12\u00a0€. Masz 5\u00a0% rabatu."},
				{"5\u00a0% reducere", "Încă 59,62\u00a0€ până la 10\u00a0% reducere", "", "Ai economisit 2,12\u00a0€. Acum ai 5\u00a0% reducere."},
			},
		},
		"the highest discount": {
			loyaltytest.Discount(t, func(r *loyalty.Rules) { r.Discount.Steps[2].Rate = 1250 }),
			func(s *loyaltytest.Shop) {
				s.Do(loyalty.Granting{Purchase: loyaltytest.Purchase("wedding", 100_000)})
			},
			[...][4]string{
				{"12.5\u00a0% off", "This is our highest discount.", "", "You saved €50. Now 12.5\u00a0% off."},
				{"12,5\u00a0% rabatu", "To nasz najwyższy rabat.", "", "Oszczędzasz 50\u00a0€. Masz 12,5\u00a0% rabatu."},
				{"12,5\u00a0% reducere", "Aceasta e cea mai mare reducere a noastră.", "", "Ai economisit 50\u00a0€. Acum ai 12,5\u00a0% reducere."},
			},
		},
		"a blocked card": {
			loyaltytest.Program(t),
			func(s *loyaltytest.Shop) {
				stamps(3)(s)
				s.Change(func(c *loyalty.Card) { c.Blocked = true })
			},
			[...][4]string{
				{"3 of 10 stamps", "This card is blocked. Please ask at the shop.", "None yet", "This card is blocked. Please ask at the shop."},
				{"3 z 10 pieczątek", "Ta karta jest zablokowana. Zapytaj w sklepie.", "Jeszcze żadnych", "Ta karta jest zablokowana. Zapytaj w sklepie."},
				{"3 din 10 ștampile", "Acest card este blocat. Întreabă la magazin.", "Încă niciuna", "Acest card este blocat. Întreabă la magazin."},
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			shop := loyaltytest.Open(t, tt.program)
			tt.happens(shop)
			face := Of(subject(shop))
			for i, l := range Languages() {
				text := face.In(l)
				if got := [4]string{text.Count, text.Next, text.Ready, text.Change}; got != tt.want[i] {
					t.Errorf("%s says\n%q, want\n%q", l, got, tt.want[i])
				}
			}
		})
	}
}

func TestFaceSaysUntilWhen(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, milestoneAtFive, func(r *loyalty.Rules) { r.UnitsLast = 10 }))
	shop.Do(loyalty.Earning{Units: 12})
	face := Of(subject(shop))
	for l, want := range map[Language][3]string{ // it is the second of March
		English:  {"A free cone, until 1 April 2026", "A free topping", "12 March 2026"},
		Polish:   {"A free cone, do 1 kwietnia 2026", "A free topping", "12 marca 2026"},
		Romanian: {"A free cone, până la 1 aprilie 2026", "A free topping", "12 martie 2026"},
	} {
		text := face.In(l)
		if len(text.ReadyLines) != 2 || text.ReadyLines[0] != want[0] || text.ReadyLines[1] != want[1] || text.Expiry != want[2] {
			t.Errorf("%s says %q and %q, want %q", l, text.ReadyLines, text.Expiry, want)
		}
	}

	shop.After(10 * 24 * time.Hour)
	if face := Of(subject(shop)); face.Progress.Have != 0 || face.In(English).Expiry != "" || len(face.Ready) != 2 {
		t.Errorf("after the stamps lapsed, with vouchers still good: %+v", face)
	}
	shop.After(20 * 24 * time.Hour)
	if face := Of(subject(shop)); len(face.Ready) != 1 || face.Ready[0].Reward != loyaltytest.Topping {
		t.Errorf("a voucher at its end is shown: %+v", face.Ready)
	}
}

// Midnight at the end of the 31st is not the first of the next month.
func TestDateIsTheLastGoodDay(t *testing.T) {
	t.Parallel()
	warsaw := loyaltytest.Zone(t, "Europe/Warsaw")
	end := time.Date(2026, 6, 1, 0, 0, 0, 0, warsaw)
	if got := speakers[Polish.index()].date(end, warsaw); got != "31 maja 2026" {
		t.Errorf("got %q", got)
	}
}

func TestFaceStates(t *testing.T) {
	t.Parallel()
	ended := func(s *Subject) {
		program := *s.Program
		program.Ends = s.Now
		s.Program = &program
	}
	for name, tt := range map[string]struct {
		stamps int64
		change func(*Subject)
		want   State
		next   string
	}{
		"open":                  {3, func(*Subject) {}, Active, "7 more stamps to go: A free cone"},
		"over":                  {3, ended, Expired, "This card has ended. Nothing more can be collected on it."},
		"over, a reward waits":  {10, ended, Active, "This card collects no more. Your rewards stay good."},
		"blocked":               {3, func(s *Subject) { s.Card.Blocked = true }, Blocked, "This card is blocked. Please ask at the shop."},
		"merged, though over":   {3, func(s *Subject) { ended(s); s.Card.MergedInto = s.Card.ID }, Merged, "This card has become part of another one. Please show that one."},
		"merged with a voucher": {10, func(s *Subject) { s.Card.MergedInto = s.Card.ID }, Merged, "This card has become part of another one. Please show that one."},
	} {
		shop := loyaltytest.Open(t, loyaltytest.Program(t))
		shop.Do(loyalty.Earning{Units: tt.stamps})
		face := Of(subject(shop, tt.change))
		if text := face.In(English); face.State != tt.want || text.Next != tt.next || (text.Notice == "") != (tt.want == Active) {
			t.Errorf("%s: %s, %q, notice %q", name, face.State, text.Next, text.Notice)
		}
		if face.State == Merged && len(face.Ready) != 0 {
			t.Errorf("%s: a card that has ended offers %v", name, face.Ready)
		}
	}
}

// The version is that of what is shown: it follows each thing, and nothing else.
func TestVersionFollowsWhatIsShown(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, milestoneAtFive))
	shop.Do(loyalty.Earning{Units: 16})
	plain := Of(subject(shop)).Version
	second := loyalty.Location{ID: loyalty.LocationID(loyaltytest.ID("another location")), Name: "Harbour", Zone: time.UTC}
	for name, change := range map[string]func(*Subject){
		"later the same day": func(s *Subject) { s.Now = s.Now.Add(time.Hour) },
		"an older entry less": func(s *Subject) {
			s.Last = slices.Clone(s.Last[len(s.Last)-1:])
		},
		"the colours are set to what they were": func(s *Subject) { s.Brand.Colors = palettes["stamps"] },
	} {
		if Of(subject(shop, change)).Version != plain {
			t.Errorf("%s makes another version", name)
		}
	}
	seen := map[Version]string{plain: "the plain card"}
	for name, change := range map[string]func(*Subject){
		"a name":     func(s *Subject) { s.Member = "Anna" },
		"a stamp":    func(s *Subject) { s.Card.Balance++ },
		"a colour":   func(s *Subject) { s.Brand.Colors = palettes["points"] },
		"a logo":     func(s *Subject) { s.Brand.Logo[0] = 1 },
		"a shop":     func(s *Subject) { s.Shops = append(s.Shops, second) },
		"a language": func(s *Subject) { s.Language = Polish },
		"blocking":   func(s *Subject) { s.Card.Blocked = true },
		"a year":     func(s *Subject) { s.Now = s.Now.AddDate(1, 0, 0) }, // a voucher less
	} {
		v := Of(subject(shop, change)).Version
		if before, ok := seen[v]; ok {
			t.Errorf("%s makes the same version as %s", name, before)
		}
		seen[v] = name
	}
	both := func(s *Subject) { s.Shops = append(s.Shops, second) }
	turned := func(s *Subject) { both(s); slices.Reverse(s.Shops) }
	if Of(subject(shop, both)).Version != Of(subject(shop, turned)).Version {
		t.Error("the order in which shops were read makes another version")
	}
}

// Whatever tills and offices do, every card has a face on which all that must be
// said is said, in every language.
func TestFaceOfAnyPlay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		play := loyaltytest.NewPlay(t, "face")
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			step := play.Next(t)
			play.Publish(step)
			if _, err := play.Post(step); err != nil {
				t.Fatal(err)
			}
			for id, card := range play.Book.Cards {
				checkFace(t, Of(Subject{
					Merchant: loyalty.Merchant{Name: "Gelateria"}, Program: play.Book.Programs[card.Program], Card: &card,
					Vouchers: play.Book.Vouchers[id], Lots: play.Book.Lots[id], Last: play.Book.Entries[id], Now: step.Now,
				}))
			}
		}
	})
}

func checkFace(t *rapid.T, f Face) {
	p := f.Progress
	if f.Kind == loyalty.Stamps && (p.Have < 0 || p.Have > p.Of || p.Of < 1) || p.Next.Missing < 0 {
		t.Fatalf("progress out of bounds: %+v", p)
	}
	for _, at := range p.Milestones {
		if at < 1 || at >= p.Of {
			t.Fatalf("a milestone out of bounds: %+v", p)
		}
	}
	if f.Version == (Version{}) || f.Brand.Name == "" || f.Brand.Colors.Check() != nil {
		t.Fatalf("not ready to render: %+v", f)
	}
	for _, text := range f.Texts {
		if bare := f.Kind == loyalty.Discount && len(f.Ready) == 0; bare != (text.Ready == "") || bare != (text.ReadyLabel == "") {
			t.Fatalf("%s says %q: %q", text.Language, text.ReadyLabel, text.Ready)
		}
		if (f.Standing.Tier == "") != (text.Tier == "") {
			t.Fatalf("%s says %q of tier %q", text.Language, text.Tier, f.Standing.Tier)
		}
		if len(text.ReadyLines) != len(f.Ready) {
			t.Fatalf("%d lines for %d rewards", len(text.ReadyLines), len(f.Ready))
		}
		for _, said := range append(text.ReadyLines, text.Description, text.ProgressLabel, text.Progress, text.Count, text.NextLabel,
			text.Next, text.ChangeLabel, text.Change, text.Nearby) {
			if strings.TrimSpace(said) == "" || strings.ContainsAny(said, "{}<>\n") {
				t.Fatalf("%s says %q", text.Language, said)
			}
		}
	}
}

func BenchmarkOf(b *testing.B) {
	shop := loyaltytest.Open(b, loyaltytest.Program(b, milestoneAtFive))
	shop.Do(loyalty.Earning{Units: 16})
	of := subject(shop)
	for b.Loop() {
		Of(of)
	}
}

// A gift card says what is left on it, and several together what they hold.
func TestFaceSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) {
		r.Rewards[0].Kind, r.Rewards[0].Amount, r.Rewards[0].Currency = loyalty.GiftCard, 2000, "EUR"
		r.Rewards[0].Name = "Gift card"
	}))
	shop.Do(loyalty.Earning{Units: 10})
	before := Of(subject(shop)).Version
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Cone, Amount: 750})
	face := Of(subject(shop))
	if face.Version == before {
		t.Error("wallets are not told that some of it was used")
	}
	for l, want := range map[Language]string{
		English: "Gift card: €12.50 left", Polish: "Gift card: zostało 12,50\u00a0€", Romanian: "Gift card: au rămas 12,50\u00a0€",
	} {
		if got := face.In(l).Ready; got != want {
			t.Errorf("%s says %q, want %q", l, got, want)
		}
	}
	shop.Do(loyalty.Earning{Units: 10})
	face = Of(subject(shop))
	if got := face.In(English).Ready; got != "2 × Gift card: €32.50 left" {
		t.Errorf("two of them: %q", got)
	}
}
