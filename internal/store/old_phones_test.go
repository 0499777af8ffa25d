package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// oldCard is a card of before phones went along with merges, and its only phone.
type oldCard struct {
	name, into, member string
	blocked            bool
	wantCard           string // where the phone is afterwards
	wantNumber         uint16
}

var oldCards = []oldCard{
	{name: "first", into: "second", wantCard: "last", wantNumber: 1},
	{name: "second", into: "last", wantCard: "last", wantNumber: 2},
	{name: "last", wantCard: "last", wantNumber: 3},
	{name: "lost", into: "last", blocked: true, wantCard: "lost", wantNumber: 1},
	{name: "anna's", into: "bert's", member: "anna", wantCard: "anna's", wantNumber: 1},
	{name: "bert's", member: "bert", wantCard: "bert's", wantNumber: 1},
	{name: "bert's other", into: "bert's", member: "bert", wantCard: "bert's", wantNumber: 2},
}

// TestOldPhonesOfMergedCards brings phones of merged cards up to date, in place and
// by restoring a backup: each goes along to the last card that is no other person's,
// and then has a number of that one's.
func TestOldPhonesOfMergedCards(t *testing.T) {
	onEach(t, func(t *testing.T, fresh func(testing.TB) string) {
		url := fresh(t)
		old, restored := openAt(t, url), openAt(t, fresh(t))
		if err := old.MigrateTo(t.Context(), 7); err != nil {
			t.Fatal(err)
		}
		phones := fillOld(t, old, url)
		if err := restored.Restore(t.Context(), backUp(t, old)); err != nil {
			t.Fatal(err)
		}
		if err := old.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		checkOldPhones(t, old, phones)
		checkOldPhones(t, restored, phones)
	})
}

func checkOldPhones(t *testing.T, s *store.Store, phones []loyalty.DeviceID) {
	t.Helper()
	want, got := map[loyalty.DeviceID]loyalty.Device{}, map[loyalty.DeviceID]loyalty.Device{}
	for i, c := range oldCards {
		card := loyaltytest.ID(c.wantCard)
		want[phones[i]] = loyalty.Device{
			ID: phones[i], Card: card, Home: card, Kind: loyalty.Phone,
			Secret: loyalty.Secret{Number: c.wantNumber, Epoch: 1}, Created: loyaltytest.Now,
		}
		found, err := s.CardDevices(t.Context(), loyaltytest.ID(c.name), loyalty.DeviceID{}, 20)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range found {
			got[d.ID] = d
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// fillOld writes oldCards into tables of version 7.
func fillOld(t *testing.T, s *store.Store, url string) (phones []loyalty.DeviceID) {
	t.Helper()
	now, nothing := loyaltytest.Now.UnixMicro(), literalBytes(url, []byte{0})
	id := func(name string) string { return literal16(url, loyaltytest.ID(name)) }
	statements := []string{
		fmt.Sprintf("INSERT INTO merchants (id, name, created_at) VALUES (%s, '', 1)", id("shop")),
		fmt.Sprintf("INSERT INTO programs (id, merchant_id, current_version, created_at) VALUES (%s, %s, 0, 1)", id("program"), id("shop")),
	}
	for _, member := range []string{"anna", "bert"} {
		statements = append(statements, fmt.Sprintf("INSERT INTO members (id, merchant_id, profile, created_at, changed_at) VALUES (%s, %s, %s, 1, 1)",
			id(member), id("shop"), nothing))
	}
	for _, c := range oldCards {
		into := "NULL"
		if c.into != "" {
			into = id(c.into)
		}
		phone := loyalty.DeviceID(loyalty.NewID())
		phones = append(phones, phone)
		statements = append(statements,
			fmt.Sprintf(`INSERT INTO cards (id, merchant_id, program_id, merged_into, blocked, head, may_owe, created_at, balance, lifetime, cycle, seq,
				floor, last_earn, active_at, day, day_from, day_units, wallet_gen, print_gen)
				VALUES (%s, %s, %s, %s, %t, %s, false, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)`,
				id(c.name), id("shop"), id("program"), into, c.blocked, nothing),
			fmt.Sprintf("INSERT INTO devices (id, card_id, name, token_hash, created_at) VALUES (%s, %s, '', %s, %d)",
				literal16(url, phone), id(c.name), nothing, now))
		if c.member != "" {
			statements = append(statements, fmt.Sprintf("INSERT INTO card_members (card_id, member_id, attached_at) VALUES (%s, %s, 1)",
				id(c.name), id(c.member)))
		}
	}
	var failed error
	for _, statement := range statements {
		failed = errors.Join(failed, s.Exec(t.Context(), statement))
	}
	if failed != nil {
		t.Fatal(failed)
	}
	return phones
}
