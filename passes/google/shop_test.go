package google_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"stempel/internal/guard"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/passes"
	"stempel/passes/google"
	"stempel/passes/google/googletest"
)

// shop is a card at a counter, its pass, and a stand-in for Google.
type shop struct {
	*loyaltytest.Shop
	google *googletest.Google
	wallet *google.Wallet
	memory *memory
	pass   loyalty.Pass
	code   string                // pattern of its barcode
	edit   func(*passes.Subject) // of what faces are made of
	t      *testing.T
}

// newShop opens one. changes are to the wallet's configuration.
func newShop(t *testing.T, changes ...func(*google.Config)) *shop {
	t.Helper()
	s := &shop{
		Shop: loyaltytest.Open(t, loyaltytest.Program(t)), memory: &memory{}, edit: func(*passes.Subject) {}, t: t,
		code: "STR.AAAA{totp_value_0}",
	}
	s.google = googletest.Start(s.time)
	t.Cleanup(s.google.Close)
	s.pass = loyalty.Pass{
		ID: loyaltytest.ID("pass"), Merchant: loyaltytest.Merchant, Program: s.Program().ID, Card: s.CardID,
	}
	account, err := google.ReadAccount(s.google.AccountFile())
	if err != nil {
		t.Fatal(err)
	}
	config := google.Config{
		Issuer: googletest.Issuer, Account: account, Endpoint: s.google.Endpoint(), HTTP: http.DefaultClient,
		Readers: []int64{3388000000098765432}, Callback: "https://shop.example/callbacks", Origins: []string{"https://shop.example"},
		Limits: guard.NewMemory(time.Now), Rate: google.MaxRate, Images: images{}, Barcodes: s, Store: s.memory, Now: s.time,
	}
	for _, change := range changes {
		change(&config)
	}
	s.wallet = google.New(config)
	return s
}

func (s *shop) time() time.Time { return s.Now }

func (s *shop) Barcode(context.Context, *loyalty.Pass) (pattern string, key []byte, err error) {
	return s.code, []byte("12345678901234567890"), nil
}

func (s *shop) TapValue(context.Context, *loyalty.Pass) (string, error) { return "STS." + s.code, nil }

// face is how the card looks now.
func (s *shop) face() *passes.Face {
	card := s.Card()
	of := passes.Subject{
		Merchant: loyalty.Merchant{ID: loyaltytest.Merchant, Name: "Gelateria Sole"},
		Program:  s.Program(), Card: &card, Vouchers: s.Vouchers(), Last: s.Entries(),
		Shops:    []loyalty.Location{{ID: loyaltytest.Location, Name: "Old Town", Zone: s.Till.Zone}},
		Language: passes.Polish, Now: s.Now,
	}
	s.edit(&of)
	face := passes.Of(of)
	return &face
}

// earn lets time pass and adds stamps.
func (s *shop) earn(units int64, after time.Duration) {
	s.Now = s.Now.Add(after)
	s.Do(loyalty.Earning{Units: units})
}

// update sends how the card looks and expects that Google takes it.
func (s *shop) update() {
	s.t.Helper()
	if result := s.try(); result.Outcome != google.Done {
		s.t.Fatalf("the update ended %s: %v", result.Outcome, result.Err)
	}
}

func (s *shop) try() google.Result {
	s.t.Helper()
	result, err := s.wallet.Update(s.t.Context(), &s.pass, s.face())
	if err != nil {
		s.t.Fatal(err)
	}
	return result
}

// save lets a customer add the pass.
func (s *shop) save() {
	s.t.Helper()
	link, err := s.wallet.Link(s.t.Context(), &s.pass, s.face())
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.google.Save(link); err != nil {
		s.t.Fatal(err)
	}
	s.memory.change(s.pass.ID, func(o *loyalty.GoogleObject) { o.Saved = s.Now })
}

func (s *shop) objectID() string { return googletest.Issuer + "." + s.pass.ID.String() }
func (s *shop) classID() string  { return googletest.Issuer + "." + s.pass.Program.String() }

// sent counts the requests to the API since the last time, by method and path.
func (s *shop) sent() map[string]int {
	counts := map[string]int{}
	for _, r := range s.google.Requests() {
		if r.Path != "/token" {
			counts[r.Method+" "+r.Path]++
		}
	}
	return counts
}

type images struct{}

func (images) Logo(f *passes.Face) string { return "https://shop.example/logo.png" }
func (images) Hero(f *passes.Face) string {
	return "https://shop.example/hero/" + f.Version.String() + ".png"
}

// memory is a store for one test.
type memory struct {
	mu      sync.Mutex
	objects map[loyalty.PassID]loyalty.GoogleObject
	broken  bool
}

var errBroken = errors.New("the database is away")

func (m *memory) GoogleObject(_ context.Context, pass loyalty.PassID) (loyalty.GoogleObject, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.objects[pass]
	o.Pass = pass
	if m.broken {
		return o, errBroken
	}
	return o, nil
}

func (m *memory) ChangeGoogleObject(_ context.Context, pass loyalty.PassID, change func(*loyalty.GoogleObject)) error {
	m.change(pass, change)
	return nil
}

func (m *memory) change(pass loyalty.PassID, change func(*loyalty.GoogleObject)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.objects == nil {
		m.objects = map[loyalty.PassID]loyalty.GoogleObject{}
	}
	o := m.objects[pass]
	o.Pass = pass
	change(&o)
	m.objects[pass] = o
}
