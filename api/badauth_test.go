package api_test

import (
	"slices"
	"strings"
	"testing"

	"stempel/api"
	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

// Whoever does not prove to be somebody learns that, and nothing else.
func TestNoValidKey(t *testing.T) {
	t.Parallel()
	eachOperation(t, whatever, func(t *testing.T, s *site, o operation) {
		stranger, _ := credential.NewKeySecret(loyalty.NewID())
		ghost, _ := credential.NewTillSecret(loyalty.NewID())
		id, secret, _ := strings.Cut(s.Shop.Admin, ".")
		till, tillSecret, _ := strings.Cut(s.Shop.Front.Token, ".")
		for name, header := range map[string]string{
			"none":                 "",
			"no scheme":            s.Shop.Admin,
			"no token":             "Bearer",
			"empty token":          "Bearer ",
			"basic":                "Basic " + s.Shop.Admin,
			"garbage":              "Bearer garbage",
			"unknown key":          "Bearer " + stranger,
			"unknown till":         "Bearer " + ghost,
			"id alone":             "Bearer " + id,
			"id and dot":           "Bearer " + id + ".",
			"another's secret":     "Bearer " + id + "." + tillSecret,
			"key's secret":         "Bearer " + till + "." + secret,
			"upper-case id":        "Bearer " + strings.ToUpper(id) + "." + secret,
			"other kind":           "Bearer " + strings.Replace(id, "key_", "till_", 1) + "." + secret,
			"one character less":   "Bearer " + s.Shop.Admin[:len(s.Shop.Admin)-1],
			"one more":             "Bearer " + s.Shop.Admin + "A",
			"last character spelt": "Bearer " + otherSpelling(s.Shop.Admin),
			"two tokens":           "Bearer " + s.Shop.Admin + " " + s.Shop.Front.Token,
			"live token":           "Bearer " + s.credential,
			"long":                 "Bearer " + strings.Repeat("A", 3000),
		} {
			t.Run(name, func(t *testing.T) {
				c := s.call(t, o)
				c.Token, c.Header = "", map[string]string{"Authorization": header}
				if len(o.schemes()) > 0 {
					s.Refused(t, c, gen.ProblemCodeUnauthorized)
				} else if answer := s.Do(t, c); answer.Status >= 300 {
					t.Errorf("a public operation answered %d", answer.Status)
				}
			})
		}
	})
}

// otherSpelling is another text for the same bytes, as a sloppy decoder reads it:
// the last character of unpadded base64 has bits to spare.
func otherSpelling(text string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, text[len(text)-1])
	return text[:len(text)-1] + string(alphabet[last^1])
}

func TestWrongScope(t *testing.T) {
	t.Parallel()
	eachOperation(t, guarded, func(t *testing.T, s *site, o operation) {
		for scheme, token := range s.tokens() {
			if slices.Contains(o.schemes(), scheme) {
				continue
			}
			c := s.call(t, o)
			c.Token = token
			s.Refused(t, c, gen.ProblemCodeForbidden)
		}
	})
}

// Another merchant's keys open nothing here: to them our things do not exist.
func TestAnotherMerchantsKey(t *testing.T) {
	t.Parallel()
	want := map[string]gen.ProblemCode{
		"createCard": "program_not_found", "scan": "card_not_found", "earn": "scan_other_till",
		"redeem": "voucher_not_found", "voidEntry": "entry_not_found",
	}
	eachOperation(t, whatever, func(t *testing.T, s *site, o operation) {
		rival := map[string]string{"admin": s.Rival.Admin, "app": s.Rival.App, "till": s.Rival.Front.Token}
		for _, scheme := range o.schemes() {
			c := s.call(t, o)
			c.Token = rival[scheme]
			body, _ := c.Body.(apitest.Map)
			delete(body, "pin")
			switch code := want[o.OperationID]; {
			case scheme == "link" || slices.Contains([]string{"listPrograms", "listWebhooks", "createWebhook"}, o.OperationID): // no token; only one's own
			case code != "":
				s.Refused(t, c, code)
			case o.param("path", "card") != nil:
				s.Refused(t, c, gen.ProblemCodeCardNotFound)
			case o.param("path", "webhook") != nil:
				s.Refused(t, c, gen.ProblemCodeWebhookNotFound)
			default:
				t.Errorf("no test knows what %s of another merchant is answered: add it here", o.OperationID)
			}
		}
	})
}

// A till that is unpaired stops at once, although its token is remembered, and
// goes on being told so.
func TestRevokedTill(t *testing.T) {
	t.Parallel()
	eachOperation(t, forTills, func(t *testing.T, _ *site, o operation) {
		s := newSite(t)
		c := s.call(t, o)
		s.Revoke(t, s.Shop.Front)
		s.Refused(t, c, gen.ProblemCodeTillRevoked)
		s.Clock.Advance(api.TillMemory)
		s.Refused(t, c, gen.ProblemCodeTillRevoked)
	})
}
