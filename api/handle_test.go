package api_test

import (
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// acts are the two actions on a scan, each under a fresh key.
func acts(s *site, till apitest.Till, scan string) []apitest.Call {
	return []apitest.Call{
		apitest.Earn(till, scan, apitest.Map{"units": 1}),
		apitest.Redeem(till, scan, apitest.Map{"voucher": s.voucher}),
	}
}

func TestScansOfOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, c := range acts(s, s.Shop.Back, s.scan) {
		s.Refused(t, c, gen.ProblemCodeScanOtherTill)
	}
}

// One scan earns once and redeems once, in either order.
func TestOneScanEarnsAndRedeems(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, c := range acts(s, s.Shop.Front, s.scan) {
		s.Post(t, c)
	}
	for _, c := range acts(s, s.Shop.Front, s.scan) {
		p := s.Refused(t, c, gen.ProblemCodeScanAlreadyUsed)
		if p.Used == nil || p.Used.Entry.IsZero() || p.Used.At.IsZero() {
			t.Errorf("%s: used %+v", c.Path, p.Used)
		}
	}
}

// Two tills have scanned the same code; the first to act has it.
func TestScanAfterAnotherTillActed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	front := apitest.Read[gen.Scan](t, s.Do(t, apitest.Scan(s.Shop.Front, s.credential, nil)))
	back := apitest.Read[gen.Scan](t, s.Do(t, apitest.Scan(s.Shop.Back, s.credential, nil)))
	s.Post(t, apitest.Earn(s.Shop.Back, back.Scan, apitest.Map{"units": 1}))
	for _, c := range acts(s, s.Shop.Front, front.Scan) {
		p := s.Refused(t, c, gen.ProblemCodeCredentialAlreadyUsed)
		if p.Used == nil || p.Used.Till != s.Shop.Back.ID || !p.Used.Entry.IsZero() || !p.Entry.IsZero() {
			t.Errorf("%s: used %+v", c.Path, p.Used)
		}
	}
	s.Refused(t, apitest.Scan(s.Shop.Front, s.credential, apitest.Units(1)), gen.ProblemCodeCredentialAlreadyUsed)
	s.Post(t, apitest.Redeem(s.Shop.Back, back.Scan, apitest.Map{"voucher": s.voucher}))
}

// A scan earns for 15 minutes, or for as long as the program says, and is over
// after a day whatever the program says.
func TestStaleScans(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	another := s.Look(t, s.Shop, s.Shop.Front, s.card)
	if !another.ExpiresAt.Equal(s.Clock.Now().Add(15 * time.Minute)) {
		t.Errorf("expires_at is %s", another.ExpiresAt)
	}
	s.Clock.Advance(15 * time.Minute)
	s.Post(t, apitest.Earn(s.Shop.Front, s.scan, apitest.Map{"units": 1}))
	s.Clock.Advance(time.Microsecond)
	pin := apitest.Map{"pin": s.Shop.PINs.Manager}
	s.Refused(t, apitest.Earn(s.Shop.Front, another.Scan, with(pin, "units", 1)), gen.ProblemCodeScanExpired)
	s.Refused(t, apitest.Redeem(s.Shop.Front, another.Scan, with(pin, "voucher", s.voucher)), gen.ProblemCodeScanExpired)
	s.Clock.Advance(24 * time.Hour)
	for _, c := range acts(s, s.Shop.Front, another.Scan) {
		s.Refused(t, c, gen.ProblemCodeScanExpired)
	}
}

func TestForgedScans(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	rest := strings.TrimPrefix(s.scan, "sc.h01.")
	for name, tt := range map[string]struct {
		scan string
		code gen.ProblemCode
	}{
		"garbage":          {"garbage", gen.ProblemCodeScanMalformed},
		"prefix":           {"sc.", gen.ProblemCodeScanMalformed},
		"no body":          {"sc.h01.", gen.ProblemCodeScanMalformed},
		"credential":       {s.credential, gen.ProblemCodeScanMalformed},
		"card id":          {s.card.String(), gen.ProblemCodeScanMalformed},
		"space before":     {" " + s.scan, gen.ProblemCodeScanMalformed},
		"line end behind":  {s.scan + "\n", gen.ProblemCodeScanMalformed},
		"line end inside":  {s.scan[:50] + "\n" + s.scan[50:], gen.ProblemCodeScanMalformed},
		"padded":           {s.scan + "=", gen.ProblemCodeScanMalformed},
		"standard base64":  {strings.Replace(s.scan, s.scan[50:52], "+/", 1), gen.ProblemCodeScanMalformed},
		"unknown key":      {"sc.h02." + rest, gen.ProblemCodeScanInvalid},
		"another's key":    {"sc.u01." + rest, gen.ProblemCodeScanInvalid},
		"no key":           {"sc.." + rest, gen.ProblemCodeScanInvalid},
		"long key":         {"sc." + strings.Repeat("h", 100) + "." + rest, gen.ProblemCodeScanInvalid},
		"NUL":              {s.scan + "\x00", gen.ProblemCodeScanMalformed},
		"far too long":     {s.scan + strings.Repeat("A", 100_000), gen.ProblemCodeScanMalformed},
		"upper-case":       {strings.ToUpper(s.scan), gen.ProblemCodeScanMalformed},
		"of zeros":         {"sc.h01." + strings.Repeat("A", len(rest)), gen.ProblemCodeScanInvalid},
		"right to left":    {"\u202e" + s.scan, gen.ProblemCodeScanMalformed},
		"shown in Braille": {"⠎⠉", gen.ProblemCodeScanMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			for _, c := range acts(s, s.Shop.Front, tt.scan) {
				s.Refused(t, c, tt.code)
			}
		})
	}
	for i := range rest {
		scan := "sc.h01." + rest[:i] + flip(rest[i]) + rest[i+1:]
		answer := s.Do(t, apitest.Earn(s.Shop.Front, scan, apitest.Map{"units": 1}))
		if code := answer.Problem().Code; code != gen.ProblemCodeScanInvalid && (code != gen.ProblemCodeScanMalformed || i < len(rest)-1) {
			t.Errorf("character %d changed: %d %s", i, answer.Status, answer.Body)
		}
	}
	s.Post(t, apitest.Earn(s.Shop.Front, s.scan, apitest.Map{"units": 1}))
}

// Each scan of a static text is a presentation of its own, and a retry is the same.
func TestScansOfStaticTexts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	text := s.Static(t, s.Shop, s.card, gen.SurfacePrint)
	first := apitest.Scan(s.Shop.Front, text, apitest.Units(1))
	answer := s.Do(t, first)
	repeated(t, s.API, first, answer)
	if again := s.Do(t, apitest.Scan(s.Shop.Front, text, apitest.Units(1))); again.Status != 200 {
		t.Errorf("another scan: %d %s", again.Status, again.Body)
	}
	look := apitest.Scan(s.Shop.Front, text, nil)
	one, two := apitest.Read[gen.Scan](t, s.Do(t, look)), apitest.Read[gen.Scan](t, s.Do(t, look))
	s.Post(t, apitest.Earn(s.Shop.Front, one.Scan, apitest.Map{"units": 1}))
	s.Refused(t, apitest.Earn(s.Shop.Front, two.Scan, apitest.Map{"units": 1}), gen.ProblemCodeScanAlreadyUsed)
}
