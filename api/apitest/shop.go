package apitest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"testing"
	"time"

	"stempel/api"
	"stempel/internal/credential"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// Shop is a merchant with one location, two tills, two people with PINs, a key
// of each scope, and three programs.
type Shop struct {
	ID     loyalty.MerchantID
	Name   string
	At     loyalty.LocationID
	Front  Till
	Back   Till
	Admin  string // API keys
	App    string
	PINs   PINs
	Staff  Staff
	Stamps Program // ice cream: ten stamps for a cone, a manager's PIN above 20 in one scan
	Cafe   Program // one stamp to begin with, a cookie at 5, a coffee at 10, at most 8 a day, 10 minutes between
	Points Program // one point per euro: Rewards[0] for 5, Rewards[1] for 20, of which there is 1, Rewards[2] once per card

	phones  sync.Map // tokens of its cards
	heard   []string // what of partners it may be told
	secrets []string // what only its own answers may hold, and what none may
	own     []string
	tokens  []string // whose answers are the shop's
}

// Trust makes the shop the one that asks with a token, which from now on nobody is
// told again.
func (s *Shop) Trust(token string) {
	bearer, _ := credential.ParseBearer(token)
	s.tokens = append(s.tokens, token)
	s.keepSecret(token, bearer.Hash)
}

// KeyID is the id of an API key.
func KeyID(t testing.TB, token string) loyalty.APIKeyID {
	t.Helper()
	bearer, err := credential.ParseBearer(token)
	if err != nil {
		t.Fatalf("%s: %v", token, err)
	}
	return bearer.Key
}

// Till is a paired till.
type Till struct {
	loyalty.Till
	Token string
}

// PINs are those of the staff. They have twelve digits, so that none stands in an
// answer by chance.
type PINs struct{ Cashier, Manager string }

// Staff are those whose PINs they are.
type Staff struct{ Cashier, Manager loyalty.StaffID }

// Program is a program and its rewards in the order of its catalogue.
type Program struct {
	ID      loyalty.ProgramID
	Rewards []loyalty.RewardID
}

// seeding is a shop on its way into the database.
type seeding struct {
	*Shop
	api  *API
	tx   *store.Tx
	zone *time.Location
	now  time.Time
}

func (a *API) openShop(t testing.TB, name string) *Shop {
	t.Helper()
	var shop *Shop
	_, err := a.Store.Once(t.Context(), loyalty.Answer{}, func(tx *store.Tx) (loyalty.Answer, error) {
		s := seeding{
			Shop: &Shop{ID: loyalty.NewID(), Name: name, At: loyalty.NewID()}, api: a, tx: tx,
			zone: loyaltytest.Zone(t, "Europe/Berlin"), now: a.Clock.Now(),
		}
		shop = s.Shop
		return loyalty.Answer{}, s.insert()
	})
	if err != nil {
		t.Fatalf("open a shop: %v", err)
	}
	return shop
}

func (s *seeding) insert() error {
	s.own = append(s.own, s.ID.String(), s.Name, s.At.String())
	return errors.Join(
		s.tx.InsertMerchant(loyalty.Merchant{ID: s.ID, Name: s.Name, Created: s.now}),
		s.tx.InsertLocation(loyalty.Location{ID: s.At, Merchant: s.ID, Name: s.Name + " am Markt", Zone: s.zone}),
		s.till(&s.Front, "Front of "+s.Name), s.till(&s.Back, "Back of "+s.Name),
		s.key(&s.Admin, loyalty.Admin), s.key(&s.App, loyalty.App),
		s.staff(&s.Staff.Cashier, &s.PINs.Cashier, loyalty.Cashier), s.staff(&s.Staff.Manager, &s.PINs.Manager, loyalty.Manager),
		s.template(&s.Stamps, "ice-cream", func(*loyalty.Rules) {}),
		s.template(&s.Cafe, "cafe", func(r *loyalty.Rules) { r.Earn.Cooldown, r.Earn.DailyCap = 600, 8 }),
		s.points(),
	)
}

func (s *seeding) till(into *Till, name string) error {
	into.Till = loyalty.Till{ID: loyalty.NewID(), Merchant: s.ID, Location: s.At, Name: name, Zone: s.zone}
	token, hash := credential.NewTillSecret(into.ID)
	into.Token = token
	s.tokens = append(s.tokens, token)
	s.own = append(s.own, into.ID.String(), name)
	s.keepSecret(token, hash)
	return s.tx.InsertTill(into.Till, hash, s.now)
}

func (s *seeding) key(into *string, scope loyalty.Scope) error {
	access := loyalty.Access{Merchant: s.ID, Key: loyalty.NewID(), Scope: scope}
	*into, access.Hash = credential.NewKeySecret(access.Key)
	s.tokens = append(s.tokens, *into)
	s.own = append(s.own, access.Key.String())
	s.keepSecret(*into, access.Hash)
	return s.tx.InsertAPIKey(access, "a key", s.now)
}

func (s *seeding) staff(id *loyalty.StaffID, pin *string, role loyalty.Role) error {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000_000_000))
	if err != nil {
		return err
	}
	*pin = fmt.Sprintf("%012d", n)
	_, key := s.api.Ring.MACs(keys.PIN).Current(s.now)
	mac := credential.NewPINs(key).MAC(s.ID, *pin)
	member := loyalty.Staff{ID: loyalty.NewID(), Merchant: s.ID, Name: "Somebody of " + s.Name, Role: role}
	*id = member.ID
	s.secrets = append(s.secrets, *pin)
	s.keepHash(loyalty.Hash(mac))
	s.own = append(s.own, member.ID.String(), member.Name)
	return s.tx.InsertStaff(member, mac, s.now)
}

func (s *seeding) template(into *Program, name string, change func(*loyalty.Rules)) error {
	rules, err := api.Template(name)
	if err != nil {
		return err
	}
	rules.Key = "" // the shop has several of one template
	change(&rules)
	return s.program(into, rules)
}

func (s *seeding) points() error {
	last := loyalty.Reward{ID: loyalty.NewID(), Name: "The last one", Cost: 20, Limited: true}
	err := s.program(&s.Points, loyalty.Rules{
		Name: "Points", Kind: loyalty.Points,
		Earn: loyalty.EarnRule{By: loyalty.BySpend, Units: 1, Per: 100, Currency: "EUR", Rounding: loyalty.Down},
		Rewards: []loyalty.Reward{
			{ID: loyalty.NewID(), Name: "A bag", Cost: 5},
			last,
			{ID: loyalty.NewID(), Name: "Once only", Cost: 1, PerCard: 1},
		},
	})
	return errors.Join(err, s.tx.InsertStock(loyalty.Stock{Reward: last.ID, Left: 1}))
}

func (s *seeding) program(into *Program, rules loyalty.Rules) error {
	p := loyalty.Program{ID: loyalty.NewID(), Version: 1, Merchant: s.ID, Rules: rules}
	into.ID = p.ID
	s.own = append(s.own, p.ID.String())
	for _, r := range rules.Rewards {
		into.Rewards = append(into.Rewards, r.ID)
		s.own = append(s.own, r.ID.String())
	}
	return s.tx.InsertProgram(p, s.now)
}

// Publish makes a next version of a program the current one.
func (a *API) Publish(t testing.TB, shop *Shop, program loyalty.ProgramID, change func(*loyalty.Rules)) {
	t.Helper()
	_, err := a.Store.Once(t.Context(), loyalty.Answer{}, func(tx *store.Tx) (loyalty.Answer, error) {
		p, err := tx.Program(shop.ID, program)
		if err != nil {
			return loyalty.Answer{}, err
		}
		next := *p
		next.Version++
		change(&next.Rules)
		return loyalty.Answer{}, tx.InsertProgram(next, a.Clock.Now())
	})
	if err != nil {
		t.Fatalf("publish: %v", err)
	}
}

// Revoke unpairs a till.
func (a *API) Revoke(t testing.TB, till Till) {
	t.Helper()
	_, err := a.Store.Once(t.Context(), loyalty.Answer{}, func(tx *store.Tx) (loyalty.Answer, error) {
		return loyalty.Answer{}, tx.RevokeTill(till.Merchant, till.ID, a.Clock.Now())
	})
	if err != nil {
		t.Fatalf("revoke: %v", err)
	}
}
