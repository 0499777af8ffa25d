package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

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
		s.Clock.Advance(time.Minute) // so many strangers from one address are not heard at once
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

// Another merchant's keys open nothing here: to them our things do not exist. What
// names nothing is about their own, and Do sees that nothing of ours is in it.
func TestAnotherMerchantsKey(t *testing.T) {
	t.Parallel()
	want := map[string]gen.ProblemCode{
		"createCard": "program_not_found", "importRows": "program_not_found", "scan": "card_not_found", "earn": "scan_other_till", "grant": "scan_other_till", "openBalance": "scan_other_till", "findPurchases": "scan_other_till",
		"redeem": "voucher_not_found", "reserve": "voucher_not_found", "chooseReward": "voucher_not_found", "createTill": "location_not_found", "simulate": "location_not_found", "lookUp": "pin_required", "beginShift": "staff_not_found",
		"createClaim": "program_not_found", "claim": "claim_not_found", "getClaim": "claim_not_found",
		"createTag": "card_not_found", "getClaimQRCode": "claim_not_found", "withdrawClaim": "claim_not_found",
		"getLogo": "image_not_found", "getIcon": "image_not_found",
	}
	eachOperation(t, whatever, func(t *testing.T, s *site, o operation) {
		rival := map[string]string{"admin": s.Rival.Admin, "app": s.Rival.App, "till": s.Rival.Front.Token, "card": s.rivals}
		for _, scheme := range o.schemes() {
			c := s.call(t, o)
			c.Token = rival[scheme]
			if body, _ := c.Body.(apitest.Map); scheme == "till" && o.OperationID != "beginShift" {
				delete(body, "pin")
			}
			inPath := o.pathParams()
			switch code := want[o.OperationID]; {
			case scheme == "link": // no token
			case scheme == "card": // a phone knows its own card only
				s.Refused(t, c, gen.ProblemCodeCardNotFound)
			case code != "":
				s.Refused(t, c, code)
			case len(inPath) > 0:
				s.Refused(t, c, gen.ProblemCode(inPath[0]+"_not_found"))
			case len(o.idFields()) > 0:
				t.Errorf("no test knows what %s of another merchant is answered: add it here", o.OperationID)
			default:
				if answer := s.Do(t, c); answer.Status >= 300 {
					t.Errorf("about their own: %d %s", answer.Status, answer.Body)
				}
			}
		}
	})
}

// To a phone, every card but its own does not exist, whatever it asks.
func TestAnotherCardsToken(t *testing.T) {
	t.Parallel()
	eachOperation(t, forPhones, func(t *testing.T, s *site, o operation) {
		other := s.NewCard(t, s.Shop, s.Shop.Stamps).ID
		c := s.call(t, o)
		c.Token = s.Phone(t, s.Shop, other).Token
		s.Refused(t, c, gen.ProblemCodeCardNotFound)
	})
}

// A phone that was revoked is nobody from then on, in every process.
func TestRevokedPhone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	beside := s.Beside(t)
	for _, o := range operations(t) {
		if !forPhones(o) {
			continue
		}
		phone := s.Phone(t, s.Shop, s.card)
		c := s.call(t, o)
		c.Token = phone.Token
		look := apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + s.card.String(), Token: phone.Token}
		for _, a := range []*apitest.API{s.API, beside} { // both remember it
			if answer := a.Do(t, look); answer.Status != http.StatusOK {
				t.Fatalf("%d %s", answer.Status, answer.Body)
			}
		}
		revoke := apitest.Call{Path: "/v1/cards/" + s.card.String() + "/devices/" + phone.ID.String() + "/revoke", Token: phone.Token}
		if answer := s.Do(t, revoke); answer.Status != http.StatusOK {
			t.Fatalf("%d %s", answer.Status, answer.Body)
		}
		s.Refused(t, c, gen.ProblemCodeUnauthorized)
		beside.Refused(t, c, gen.ProblemCodeUnauthorized)
	}
}

// With our own key, another merchant's id is that of nothing, wherever it stands.
func TestAnotherMerchantsIDs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	theirs := siteOn(t, s.Across())
	for _, o := range operations(t) {
		for _, name := range o.pathParams() {
			c := s.call(t, o)
			ours := strings.Split(c.Path, "/")[slices.Index(strings.Split(o.path, "/"), "{"+name+"}")]
			c.Path = strings.Replace(c.Path, ours, theirs.ids()[name], 1)
			if name == "event" {
				name = "delivery"
			}
			s.Refused(t, c, gen.ProblemCode(name+"_not_found"))
		}
		for field, kind := range o.idFields() {
			c := s.call(t, o)
			body := c.Body.(apitest.Map)
			if _, given := body[field]; !given || kind == "MerchantID" { // another field says the same, or others are meant
				continue
			}
			id, known := map[string]string{
				"ProgramID": theirs.Shop.Stamps.ID.String(), "VoucherID": theirs.voucher.String(), "CardID": theirs.card.String(),
				"MemberID": theirs.member.String(), "LocationID": theirs.Shop.At.String(), "StaffID": theirs.office.staff.String(), "TillID": theirs.office.till.String(),
				"DeviceID": theirs.device.String(), "AgreementID": theirs.agreement.String(),
			}[kind]
			if !known {
				t.Errorf("%s: no test knows a %s of another merchant: add it here", o.OperationID, kind)
			}
			body[field] = id
			if p := s.Do(t, c).Problem(); p.Status != 404 || !strings.HasSuffix(string(p.Code), "_not_found") {
				t.Errorf("%s: %s of another merchant as %s: %+v", o.OperationID, kind, field, p)
			}
		}
	}
}

// A till that is revoked stops at once in every process, although its token is
// remembered there, and goes on being told so.
func TestRevokedTill(t *testing.T) {
	t.Parallel()
	eachOperation(t, forTills, func(t *testing.T, _ *site, o operation) {
		s := newSite(t)
		beside := s.Beside(t)
		beside.Do(t, apitest.Scan(s.Shop.Front, "x", nil)) // now it is remembered
		c := s.call(t, o)
		revoke := apitest.Call{Path: "/v1/tills/" + s.Shop.Front.ID.String() + "/revoke", Token: s.Shop.Admin}
		if till := apitest.Read[gen.Till](t, s.Do(t, revoke)); till.State != gen.TillStateRevoked {
			t.Errorf("revoked: %+v", till)
		}
		for _, pin := range []any{s.Shop.PINs.Manager, "000000000000", nil} {
			switch body, _ := c.Body.(apitest.Map); {
			case body == nil: // nothing to approve
			case pin == nil:
				delete(body, "pin")
			default:
				body["pin"] = pin
			}
			s.Refused(t, c, gen.ProblemCodeTillRevoked)
			beside.Refused(t, c, gen.ProblemCodeTillRevoked)
		}
		s.Clock.Advance(api.TillMemory)
		beside.Refused(t, c, gen.ProblemCodeTillRevoked)
	})
}

// A device whose till was paired with another one stops at once in every process,
// too: nothing is done with the token before, also when the till had been revoked.
func TestReplacedDevice(t *testing.T) {
	t.Parallel()
	for _, revokedBefore := range []bool{false, true} {
		eachOperation(t, forTills, func(t *testing.T, _ *site, o operation) {
			s := newSite(t)
			beside := s.Beside(t)
			beside.Do(t, apitest.Scan(s.Shop.Front, "x", nil))
			c := s.call(t, o)
			if revokedBefore {
				s.Revoke(t, s.Shop.Front)
			}
			token := s.pair(t, s.Shop.Front.ID).Token
			// Told which till it was, where it is remembered; else nobody.
			if code := beside.Do(t, c).Problem().Code; code != gen.ProblemCodeTillRevoked && code != gen.ProblemCodeUnauthorized {
				t.Errorf("the device before: %s", code)
			}
			s.Clock.Advance(api.TillMemory)
			beside.Refused(t, c, gen.ProblemCodeUnauthorized)
			if c.Token = token; beside.Do(t, c).Status == 401 {
				t.Error("the new device is not let in")
			}
		})
	}
}

// A key that is revoked stops at once in every process, where it was known as well.
func TestRevokedKey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	beside := s.Beside(t)
	tokens := map[string]string{}
	for _, scope := range []string{"admin", "app"} {
		made := apitest.Read[gen.APIKey](t, s.Do(t, apitest.Call{
			Path: "/v1/api-keys", Token: s.Shop.Admin, Body: apitest.Map{"name": "To go", "scope": scope},
		}))
		s.Shop.Trust(made.Secret)
		tokens[scope] = made.Secret
		for _, a := range []*apitest.API{s.API, beside} {
			apitest.Read[gen.ProgramList](t, a.Do(t, apitest.Call{Method: "GET", Path: "/v1/programs", Token: made.Secret}))
		}
		revoke := apitest.Call{Path: "/v1/api-keys/" + made.ID.String() + "/revoke", Token: s.Shop.Admin}
		if key := apitest.Read[gen.APIKey](t, s.Do(t, revoke)); key.State != gen.APIKeyStateRevoked {
			t.Errorf("revoked: %+v", key)
		}
	}
	for _, o := range operations(t) {
		for _, scheme := range o.schemes() {
			c := s.call(t, o)
			if c.Token = tokens[scheme]; c.Token == "" {
				continue
			}
			s.Refused(t, c, gen.ProblemCodeUnauthorized)
			beside.Refused(t, c, gen.ProblemCodeUnauthorized)
		}
	}
	list := apitest.Call{Method: "GET", Path: "/v1/programs", Token: tokens["app"]}
	for range 200 {
		s.Do(t, list)
	}
	s.Refused(t, list, gen.ProblemCodeRateLimited) // it is a stranger's by now
}
