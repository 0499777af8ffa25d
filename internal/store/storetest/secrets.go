package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// device gives a card a device; a zero hash is none of a token.
func (s *Shop) device(t testing.TB, card loyalty.CardID, kind loyalty.DeviceKind, token loyalty.Hash) loyalty.Device {
	t.Helper()
	d := loyalty.Device{ID: loyalty.NewID(), Card: card, Kind: kind, Created: loyaltytest.Now}
	if _, err := s.AddDevice(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, d, token, loyalty.Answer{}); err != nil {
		t.Fatal(err)
	}
	d, err := s.Device(t.Context(), loyaltytest.Merchant, card, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (s *Shop) revoke(t testing.TB, d loyalty.Device) {
	t.Helper()
	told := func(*loyalty.Device) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
	if _, err := s.RevokeDevice(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, d.Card, d.ID, loyaltytest.Now, told); err != nil {
		t.Fatal(err)
	}
}

// renew gives a device its next secret.
func (s *Shop) renew(t testing.TB, d loyalty.Device) (renewed loyalty.Device, err error) {
	t.Helper()
	_, err = s.RenewDevice(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, d.Card, d.ID, loyaltytest.Now,
		func(d *loyalty.Device) (loyalty.Answer, error) { renewed = *d; return loyalty.Answer{}, nil })
	return renewed, err
}

// testSecrets shows codes of every secret that a card has had: posting and looking
// take those of now, and only read them for a rotating code.
func testSecrets(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	anna, bert := shop.Card(t, shop.Stamps, "anna"), shop.Card(t, shop.Stamps, "bert")
	phone := shop.device(t, anna.ID, loyalty.Phone, loyalty.Hash{1})
	wallet := shop.device(t, anna.ID, loyalty.Google, loyalty.Hash{})
	lost := shop.device(t, anna.ID, loyalty.Browser, loyalty.Hash{3})
	shop.device(t, bert.ID, loyalty.Phone, loyalty.Hash{4})
	if _, err := shop.DeviceAccess(t.Context(), wallet.ID); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("a wallet has a token: %v", err)
	}
	shop.revoke(t, lost)
	renewed, err := shop.renew(t, wallet)
	if want := (loyalty.Secret{Number: 2, Epoch: 2}); err != nil || renewed.Secret != want {
		t.Fatalf("renewed: %+v, %v", renewed, err)
	}
	refusal := new(loyalty.Refusal)
	if _, err := shop.renew(t, lost); !errors.As(err, &refusal) || refusal.Code != loyalty.DeviceNotFound {
		t.Errorf("a revoked one was renewed: %v", err)
	}

	scanned := 0
	for name, tt := range map[string]struct {
		card   loyalty.CardID
		secret loyalty.Secret
		good   bool
	}{
		"the phone's":               {anna.ID, phone.Secret, true},
		"the wallet's":              {anna.ID, renewed.Secret, true},
		"the wallet's before":       {anna.ID, wallet.Secret, false},
		"the wallet's one to come":  {anna.ID, loyalty.Secret{Number: 2, Epoch: 3}, false},
		"the lost one's":            {anna.ID, lost.Secret, false},
		"the lost one's next":       {anna.ID, loyalty.Secret{Number: 3, Epoch: 2}, false},
		"nobody's":                  {anna.ID, loyalty.Secret{Number: 4, Epoch: 1}, false},
		"the same of another card":  {bert.ID, phone.Secret, true},
		"a secret of another card":  {bert.ID, renewed.Secret, false},
		"none: another method":      {bert.ID, loyalty.Secret{}, true},
		"number and epoch, swapped": {bert.ID, loyalty.Secret{Number: 1, Epoch: 2}, false},
	} {
		for i, s := range stores {
			c := loyaltytest.Command(fmt.Sprint(name, i), tt.card, s.Front, loyaltytest.Now, loyalty.Earning{Units: 1}, loyaltytest.Rotating(tt.secret))
			state, till, err := s.Look(t.Context(), loyaltytest.Merchant, tt.card, c.Scan, s.Front.ID)
			if err != nil {
				t.Fatal(err)
			}
			if (state.Secrets == nil) != (tt.secret == loyalty.Secret{}) {
				t.Errorf("%s: read %v", name, state.Secrets)
			}
			looked := loyalty.CheckLook(state, till, till.Pairing, &c.Scan)
			results, err := s.Decide(t, c)
			if err != nil {
				t.Fatal(err)
			}
			for _, err := range []error{looked, results[0].Err} {
				refusal := new(loyalty.Refusal)
				if errors.As(err, &refusal); tt.good != (err == nil) || !tt.good && refusal.Code != loyalty.CredentialRevoked {
					t.Errorf("%s: %v", name, err)
				}
			}
			if tt.good {
				scanned++
			}
		}
	}
	proven(t, shop, 2)
	if scanned != 8 {
		t.Errorf("%d codes were good", scanned)
	}
}

// testRevokedSecret revokes a phone while its codes are shown in two processes:
// from the moment that it is told to be done, none is taken.
func testRevokedSecret(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	card := shop.Card(t, shop.Stamps, "anna")
	phone := shop.device(t, card.ID, loyalty.Phone, loyalty.Hash{1})
	var revoked atomic.Bool
	var taken, late atomic.Int64
	var all sync.WaitGroup
	warm := make(chan struct{})
	warmed := sync.OnceFunc(func() { close(warm) })
	for w, s := range stores {
		all.Go(func() {
			defer warmed()
			for i := 0; ; i++ {
				over := revoked.Load()
				results, err := s.Decide(t, loyaltytest.Command(fmt.Sprint(w, i), card.ID, s.Front, loyaltytest.Now,
					loyalty.Earning{Units: 1}, loyaltytest.Rotating(phone.Secret)))
				switch {
				case err != nil:
					t.Error(err)
				case results[0].Err == nil && over:
					late.Add(1)
				case results[0].Err == nil:
					if taken.Add(1) == 10 {
						warmed()
					}
				}
				if over || err != nil {
					return
				}
				time.Sleep(time.Millisecond) // SQLite has one writer, and no queue of those who wait
			}
		})
	}
	<-warm
	shop.revoke(t, phone)
	revoked.Store(true)
	all.Wait()
	if late.Load() > 0 {
		t.Errorf("%d codes of a revoked phone were taken", late.Load())
	}
}

// testNumbers holds that no device of a card gets the number of another, not even
// of one that was revoked or erased.
func testNumbers(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	member := shop.member(t, "anna", 1)
	card := shop.Card(t, shop.Stamps, "anna")
	attachment := loyalty.Attachment{Card: card.ID, Member: member.ID, At: loyaltytest.Now}
	attached := func(loyalty.Attachment) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
	if _, err := shop.AttachCard(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, attachment, attached); err != nil {
		t.Fatal(err)
	}
	old := shop.device(t, card.ID, loyalty.Phone, loyalty.Hash{1})
	shop.revoke(t, shop.device(t, card.ID, loyalty.Phone, loyalty.Hash{2}))
	erased := func(loyalty.MemberID, int) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
	if _, err := shop.EraseMember(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, member.ID, loyaltytest.Now, erased); err != nil {
		t.Fatal(err)
	}
	fresher := shop.device(t, card.ID, loyalty.Phone, loyalty.Hash{3})
	if fresher.Secret != (loyalty.Secret{Number: 3, Epoch: 1}) {
		t.Errorf("after an erasure: %+v", fresher.Secret)
	}
	if got, err := shop.Devices(t.Context(), loyaltytest.Merchant, card.ID, loyalty.DeviceID{}, 10); err != nil || !reflect.DeepEqual(got, []loyalty.Device{fresher}) {
		t.Errorf("listed %+v, %v", got, err)
	}
	refusal := new(loyalty.Refusal)
	if _, err := shop.Device(t.Context(), loyaltytest.Merchant, card.ID, old.ID); !errors.As(err, &refusal) || refusal.Code != loyalty.DeviceNotFound {
		t.Errorf("an erased device: %v", err)
	}
	if _, err := shop.DeviceAccess(t.Context(), old.ID); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("the token of an erased device: %v", err)
	}
	results, err := shop.Decide(t, loyaltytest.Command("old", card.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1}, loyaltytest.Rotating(old.Secret)))
	if err != nil || !errors.As(results[0].Err, &refusal) || refusal.Code != loyalty.CredentialRevoked {
		t.Errorf("a code of an erased device: %v, %v", results[0].Err, err)
	}
}

// testNumbersAtTheSameTime gives a card devices from two processes at once.
func testNumbersAtTheSameTime(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	card := shop.Card(t, shop.Stamps, "anna")
	const devices = loyalty.MaxPhones
	var all sync.WaitGroup
	for i := range devices {
		all.Go(func() {
			d := loyalty.Device{ID: loyalty.NewID(), Card: card.ID, Kind: loyalty.Phone, Created: loyaltytest.Now}
			if _, err := stores[i%2].AddDevice(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, d, loyalty.Hash{1}, loyalty.Answer{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	list, err := shop.Devices(t.Context(), loyaltytest.Merchant, card.ID, loyalty.DeviceID{}, devices+1)
	if err != nil {
		t.Fatal(err)
	}
	var numbers []uint16
	for _, d := range list {
		numbers = append(numbers, d.Secret.Number)
	}
	slices.Sort(numbers)
	if numbers = slices.Compact(numbers); len(numbers) != devices || numbers[0] != 1 || numbers[devices-1] != devices {
		t.Errorf("numbers %v", numbers)
	}
}
