package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
	"stempel/internal/store/storetest"
)

// onBoth runs a test on an empty database of each kind.
func onBoth(t *testing.T, test func(*testing.T, string)) {
	onEach(t, func(t *testing.T, fresh func(testing.TB) string) { test(t, fresh(t)) })
}

// onEach runs a test on as many empty databases of each kind as it asks for.
func onEach(t *testing.T, test func(t *testing.T, fresh func(testing.TB) string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, newFile) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, enginetest.Postgres) })
}

// literal16 and literalBytes are how a database writes an id, and bytes.
func literal16(url string, id [16]byte) string {
	if strings.HasPrefix(url, "sqlite:") {
		return fmt.Sprintf("x'%x'", id)
	}
	return fmt.Sprintf("'%x'::uuid", id)
}

func literalBytes(url string, b []byte) string {
	if strings.HasPrefix(url, "sqlite:") {
		return fmt.Sprintf("x'%x'", b)
	}
	return fmt.Sprintf(`'\x%x'::bytea`, b)
}

// TestOldDevicesGetNumbers migrates phones from before there were secrets: those
// of each card get the numbers from 1 on, by age, and their tokens go on.
func TestOldDevicesGetNumbers(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s, err := store.Open(t.Context(), url, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.MigrateTo(t.Context(), 7); err != nil {
			t.Fatal(err)
		}
		anna, bert := loyaltytest.Card(loyaltytest.Program(t), "anna"), loyaltytest.Card(loyaltytest.Program(t), "bert")
		var ids []loyalty.DeviceID
		for i, card := range []loyalty.CardID{anna.ID, bert.ID, anna.ID} {
			id := loyalty.DeviceID(loyalty.NewID())
			ids = append(ids, id)
			token := loyalty.Hash{byte(i + 1)}
			if err := s.Exec(t.Context(), fmt.Sprintf("INSERT INTO devices (id, card_id, name, token_hash, created_at, revoked_at) VALUES (%s, %s, '', %s, 1, %d)",
				literal16(url, id), literal16(url, card), literalBytes(url, token[:]), i)); err != nil {
				t.Fatal(err)
			}
		}
		shop := storetest.NewShop(t, url)
		shop.Card(t, shop.Stamps, "anna")
		shop.Card(t, shop.Stamps, "bert")
		for i, want := range []struct {
			card   loyalty.CardID
			number uint16
		}{{anna.ID, 1}, {bert.ID, 1}, {anna.ID, 2}} {
			d, err := shop.Device(t.Context(), loyaltytest.Merchant, want.card, ids[i])
			if err != nil || d.Kind != loyalty.Phone || d.Secret != (loyalty.Secret{Number: want.number, Epoch: 1}) {
				t.Errorf("phone %d: %+v, %v", i, d, err)
			}
			if access, err := shop.DeviceAccess(t.Context(), ids[i]); err != nil || access.Hash != (loyalty.Hash{byte(i + 1)}) || access.Revoked != (i > 0) {
				t.Errorf("phone %d: %+v, %v", i, access, err)
			}
		}
	})
}

// TestSecretsUsedUp comes to the end of what a text can say.
func TestSecretsUsedUp(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		shop := storetest.NewShop(t, url)
		card := shop.Card(t, shop.Stamps, "anna")
		add := func() (loyalty.DeviceID, error) {
			d := loyalty.Device{ID: loyalty.NewID(), Card: card.ID, Kind: loyalty.Phone, Created: loyaltytest.Now}
			_, err := shop.AddDevice(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, d, loyalty.Hash{1}, loyalty.Answer{})
			return d.ID, err
		}
		phone, err := add()
		if err != nil {
			t.Fatal(err)
		}
		if err := shop.Exec(t.Context(), "UPDATE devices SET number = 65535, epoch = 65534"); err != nil {
			t.Fatal(err)
		}
		renew := func() error {
			_, err := shop.RenewDevice(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, card.ID, phone, loyaltytest.Now,
				func(*loyalty.Device) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
			return err
		}
		if err := renew(); err != nil {
			t.Fatal(err)
		}
		_, added := add()
		for what, err := range map[string]error{"one more epoch": renew(), "one more number": added} {
			refusal := new(loyalty.Refusal)
			if !errors.As(err, &refusal) || refusal.Code != loyalty.SecretsUsedUp {
				t.Errorf("%s: %v", what, err)
			}
		}
		last, err := shop.Device(t.Context(), loyaltytest.Merchant, card.ID, phone)
		if err != nil || last.Secret != (loyalty.Secret{Number: 65535, Epoch: 65535}) {
			t.Errorf("afterwards: %+v, %v", last, err)
		}
	})
}
