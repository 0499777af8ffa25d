package storetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stempel/internal/archive"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// Across backs one database up and restores it into another, of any kind, and
// wants the same in it.
func Across(t *testing.T, from, to func(testing.TB) string) {
	shop := busyShop(t, from(t))
	kept := backUp(t, shop.Store)
	other := open(t, to(t))
	if err := other.Restore(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	want, got := content(t, kept), content(t, backUp(t, other))
	for table := range want {
		if !reflect.DeepEqual(got[table], want[table]) {
			t.Errorf("table %s has %q, want %q", table, got[table], want[table])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d tables, want %d", len(got), len(want))
	}
	verify(t, other)
	if version, sealed, err := other.LoadKeyring(t.Context()); version != 1 || string(sealed) != "sealed" || err != nil {
		t.Errorf("keyring %d, %q, %v", version, sealed, err)
	}
	// What is restored goes on: the chain, and once only.
	after := *shop
	after.Store = other
	results, err := after.Decide(t, earning(shop, "fill", 11))
	if err != nil || results[0].Err == nil {
		t.Errorf("a code of before the backup was taken again: %v", err)
	}
	after.Must(t, earning(shop, "later", 1))
	after.earn(t, loyaltytest.ID("card anna"), 1)
	after.collect(t, 1) // for the webhook, which is told of what comes from now on
	verify(t, other)
}

// busyShop has something in most tables: vouchers, a redemption, a void, answers
// with and without a body, a keyring.
func busyShop(t *testing.T, url string) *Shop {
	t.Helper()
	shop := NewShop(t, url)
	shop.Card(t, shop.Stamps, "anna")
	shop.Card(t, shop.Points, "bob")
	full := shop.Must(t, earning(shop, "fill", 11))
	shop.Must(t, loyaltytest.Command("use", loyaltytest.ID("card anna"), shop.Front, loyaltytest.Now,
		loyalty.Redemption{Reward: full.Issued[0].Reward, Voucher: full.Issued[0].ID}))
	shop.Do(t, func(tx *store.Tx) error {
		return tx.InsertAPIKey(loyalty.Access{
			Key: loyaltytest.ID("key"), Merchant: loyaltytest.Merchant, Scope: loyalty.Admin, Hash: loyalty.Hash{9},
		}, "tab\there, line\nthere, back\\slash, Żółw", loyaltytest.Now)
	})
	answers := []loyalty.Answer{
		{Request: loyalty.RequestID{1}, Status: 200, Body: []byte("{}\x00\xff\\x00\t"), Expires: loyaltytest.Now},
		{Request: loyalty.RequestID{2}, Status: 201, Body: []byte{}, Expires: loyaltytest.Now},
	}
	if err := shop.write(t, loyalty.Writes{Answers: answers}); err != nil {
		t.Fatal(err)
	}
	shop.hook(t, "busy")
	if saved, err := shop.SaveKeyring(t.Context(), 0, []byte("sealed")); !saved || err != nil {
		t.Fatal(saved, err)
	}
	return shop
}

func earning(shop *Shop, name string, units int64) *loyalty.Command {
	return loyaltytest.Command(name, loyaltytest.ID("card anna"), shop.Front, loyaltytest.Now, loyalty.Earning{Units: units})
}

func backUp(t *testing.T, s *store.Store) *archive.Reader {
	t.Helper()
	var file bytes.Buffer
	wrote, err := s.Backup(t.Context(), &file, loyaltytest.Now)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := archive.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(kept.Manifest, wrote) || !wrote.Made.Equal(loyaltytest.Now) || wrote.Schema < 1 {
		t.Errorf("manifest %+v, told %+v", kept.Manifest, wrote)
	}
	return kept
}

// content are all rows of a backup, by table, as texts in an order of their own.
func content(t *testing.T, kept *archive.Reader) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, table := range kept.Tables {
		all[table.Name] = []string{}
		for row, err := range kept.Rows(table) {
			if err != nil {
				t.Fatal(err)
			}
			values := map[string]string{}
			for i, v := range row {
				values[table.Columns[i]] = text(v)
			}
			line := ""
			for _, column := range slices.Sorted(maps.Keys(values)) {
				line += column + "=" + values[column] + " "
			}
			all[table.Name] = append(all[table.Name], line)
		}
		slices.Sort(all[table.Name])
	}
	return all
}

// text shows a value. Databases may write JSON differently.
func text(v archive.Value) string {
	switch v.Kind {
	case archive.Null:
		return "NULL"
	case archive.Integer:
		return fmt.Sprint(v.Integer)
	case archive.Bytes:
		return fmt.Sprintf("%x", v.Bytes)
	}
	var document any
	if json.Unmarshal(v.Bytes, &document) == nil {
		v.Bytes, _ = json.Marshal(document) // which came out of JSON
	}
	return fmt.Sprintf("%q", v.Bytes)
}

// verify proves every card, as the audit does.
func verify(t *testing.T, s *store.Store) {
	t.Helper()
	err := s.EachCard(t.Context(), func(c loyalty.Card, v []loyalty.Voucher, lots []loyalty.Lot, entries iter.Seq2[loyalty.Entry, error]) error {
		return loyalty.VerifyCard(&c, v, lots, entries)
	})
	if err != nil {
		t.Error(err)
	}
}

func testBackup(t *testing.T, fresh func(testing.TB) string) { Across(t, fresh, fresh) }

// testBackupMeanwhile takes backups while batches of two cards are posted: each is
// of one moment, which no batch is halfway through.
func testBackupMeanwhile(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	const pairs = 4
	stop := make(chan struct{})
	var posting sync.WaitGroup
	var posted atomic.Int64
	for pair := range pairs {
		left, right := shop.Card(t, shop.Points, fmt.Sprint("left ", pair)), shop.Card(t, shop.Points, fmt.Sprint("right ", pair))
		posting.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				var batch []*loyalty.Command
				for _, card := range []loyalty.Card{left, right} {
					batch = append(batch, loyaltytest.Command(fmt.Sprint(card.ID, i), card.ID, shop.Front, loyaltytest.Now,
						loyalty.Adjustment{Units: 1, Note: "storm"}, loyaltytest.Approved(loyalty.Manager)))
				}
				results, err := shop.Decide(t, batch...)
				if err := errors.Join(err, results[0].Err, results[1].Err); err != nil {
					t.Error(err)
					return
				}
				posted.Add(1)
			}
		})
	}
	for range 3 {
		before := posted.Load()
		for posted.Load() < before+5 && !t.Failed() {
			time.Sleep(time.Millisecond)
		}
		kept := backUp(t, shop.Store)
		other := open(t, fresh(t))
		if err := other.Restore(t.Context(), kept); err != nil {
			t.Fatal(err)
		}
		verify(t, other)
		for pair := range pairs {
			var units []int64
			for _, name := range []string{"left", "right"} {
				state, err := other.Card(t.Context(), loyaltytest.Merchant, loyaltytest.ID(fmt.Sprintf("card %s %d", name, pair)))
				if err != nil {
					t.Fatal(err)
				}
				units = append(units, state.Card.Balance)
			}
			if units[0] != units[1] {
				t.Errorf("half a batch: balances %v", units)
			}
		}
	}
	close(stop)
	posting.Wait()
}

// testRestoreRefusals restores where it must not, and finds everything as before.
func testRestoreRefusals(t *testing.T, fresh func(testing.TB) string) {
	kept := backUp(t, busyShop(t, fresh(t)).Store)

	used := NewShop(t, fresh(t))
	if err := used.Restore(t.Context(), kept); !errors.Is(err, store.ErrNotEmpty) {
		t.Errorf("over a shop: %v", err)
	}
	begun := open(t, fresh(t))
	if err := begun.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := begun.SaveKeyring(t.Context(), 0, []byte("other")); err != nil {
		t.Fatal(err)
	}
	if err := begun.Restore(t.Context(), kept); !errors.Is(err, store.ErrNotEmpty) {
		t.Errorf("over a keyring: %v", err)
	}
	if _, sealed, _ := begun.LoadKeyring(t.Context()); string(sealed) != "other" {
		t.Errorf("the keyring is %q", sealed)
	}

	// Into tables that are there and empty it goes, but for archives that are not
	// what they seem. Those leave them empty.
	empty := open(t, fresh(t))
	if err := empty.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, forged := range forgeries {
		err := empty.Restore(t.Context(), forge(t, kept, forged.change))
		if err == nil || !strings.Contains(err.Error(), forged.want) {
			t.Errorf("%s: %v", name, err)
		}
		for table, left := range content(t, backUp(t, empty)) {
			if slices.Contains([]string{"merchants", "cards", "vouchers", "keyring"}, table) && len(left) > 0 {
				t.Errorf("%s: %d rows are left in %s", name, len(left), table)
			}
		}
	}
	for _, version := range []int64{0, kept.Schema + 1} {
		other := *kept
		other.Schema = version
		want := fmt.Sprintf("the backup has tables of version %d", version)
		if err := empty.Restore(t.Context(), &other); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("version %d: %v", version, err)
		}
	}
	if err := empty.Restore(t.Context(), kept); err != nil {
		t.Error(err)
	}
	verify(t, empty)
}

// forgeries are archives that are whole, and yet cannot be restored.
var forgeries = map[string]struct {
	change rewrite
	want   string // in the error
}{
	"a row twice": {func(table *string, columns []string, rows [][]archive.Value) ([]string, [][]archive.Value) {
		if *table == "vouchers" {
			rows = append(rows, rows[0])
		}
		return columns, rows
	}, "vouchers"},
	"rows of nobody": {func(table *string, columns []string, rows [][]archive.Value) ([]string, [][]archive.Value) {
		if *table == "merchants" {
			rows = nil
		}
		return columns, rows
	}, ""},
	"a text for a number": {func(table *string, columns []string, rows [][]archive.Value) ([]string, [][]archive.Value) {
		if *table == "cards" {
			rows[0][slices.Index(columns, "balance")] = archive.Value{Kind: archive.Text, Bytes: []byte("many")}
		}
		return columns, rows
	}, "cards"},
	"a column less": {func(table *string, columns []string, rows [][]archive.Value) ([]string, [][]archive.Value) {
		if *table != "staff" {
			return columns, rows
		}
		for i := range rows {
			rows[i] = rows[i][1:]
		}
		return columns[1:], rows
	}, store.ErrOtherTables.Error()},
	"another table": {func(table *string, columns []string, rows [][]archive.Value) ([]string, [][]archive.Value) {
		if *table == "stock" {
			*table = "stocks"
		}
		return columns, rows
	}, store.ErrOtherTables.Error()},
}

// rewrite changes a table on its way into a forged archive.
type rewrite func(table *string, columns []string, rows [][]archive.Value) ([]string, [][]archive.Value)

// forge writes an archive anew, with changes.
func forge(t *testing.T, kept *archive.Reader, change rewrite) *archive.Reader {
	t.Helper()
	var file bytes.Buffer
	w := archive.NewWriter(&file, kept.Manifest)
	for _, table := range kept.Tables {
		var all [][]archive.Value
		for row, err := range kept.Rows(table) {
			if err != nil {
				t.Fatal(err)
			}
			row = slices.Clone(row)
			for i := range row {
				row[i].Bytes = slices.Clone(row[i].Bytes)
			}
			all = append(all, row)
		}
		columns, all := change(&table.Name, slices.Clone(table.Columns), all)
		if err := w.Begin(table.Name, columns); err != nil {
			t.Fatal(err)
		}
		for _, row := range all {
			if err := w.Row(row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	forged, err := archive.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return forged
}
