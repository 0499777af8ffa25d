package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// longImport is so many codes that tills come in between.
const longImport = 8000

// While an import runs, tills of this process and of another scan and hand out what was
// in the pool before, and nothing of what comes: that all appears at once.
func testImportLetsTillsGoOn(t *testing.T, fresh func(testing.TB) string) {
	shop, program := codesShop(t, fresh)
	shops := []*Shop{shop, shop.sibling(t)}
	before := batchOf("before", longImport/10)
	shop.importCodes(t, before)
	cards := make([]loyalty.Card, len(before.Codes))
	for i := range cards {
		cards[i] = shop.Card(t, program, fmt.Sprint("customer ", i), func(c *loyalty.Card) { c.Balance, c.Lifetime = 3, 3 })
	}
	large := batchOf("large", longImport)
	ended := make(chan struct{})
	var there []int
	var left int64
	go func() {
		defer close(ended)
		there, left = shop.importCodes(t, large)
	}()
	meanwhile, went := 0, 0
	running := func() bool {
		select {
		case <-ended:
			return false
		default:
			return true
		}
	}
	for i := 0; i < len(cards) && running(); i++ {
		handed, _ := shops[i%2].buy(t, cards[i].ID, fmt.Sprint("buy ", i), 1)
		if went++; len(handed) != 1 || handed[0].ID != before.Codes[i].ID {
			t.Fatalf("customer %d is handed %+v", i, handed)
		}
		counts := shop.counts(t)
		if seen := counts.Free + counts.Taken; seen != int64(len(before.Codes)) && seen != int64(len(before.Codes)+len(large.Codes)) {
			t.Fatalf("half of an import is seen: %+v", counts)
		}
		if running() {
			meanwhile++
		}
	}
	<-ended
	if meanwhile < 2 {
		t.Errorf("%d customers were served before the import was done", meanwhile)
	}
	if len(there) > 0 || left > int64(len(before.Codes)+len(large.Codes)) || left < int64(len(before.Codes)+len(large.Codes)-went) {
		t.Errorf("%d there, %d left when %d went", len(there), left, went)
	}
	if counts, want := shop.counts(t), int64(len(before.Codes)+len(large.Codes)-went); counts.Free != want || counts.Taken != int64(went) {
		t.Errorf("%+v, want %d and %d", counts, want, went)
	}
}

// Of two imports of the same codes at the same moment one has them, whatever process
// they are in, and one that is sent again with its key is answered as the first time.
func testImportsOfTheSame(t *testing.T, fresh func(testing.TB) string) {
	shop, _ := codesShop(t, fresh)
	shops := []*Shop{shop, shop.sibling(t)}
	batches := []*loyalty.CodeBatch{batchOf("left", longImport/4), batchOf("right", longImport/4)}
	for i := range batches[1].Codes {
		batches[1].Codes[i].Fingerprint = batches[0].Codes[i].Fingerprint
	}
	var both sync.WaitGroup
	var there [2][]int
	for i, b := range batches {
		both.Go(func() { there[i], _ = shops[i].importCodes(t, b) })
	}
	both.Wait()
	if len(there[0])+len(there[1]) != longImport/4 || len(there[0])*len(there[1]) != 0 {
		t.Errorf("%d and %d were there", len(there[0]), len(there[1]))
	}
	request := loyalty.Answer{Request: loyalty.RequestID{7}, Expires: loyaltytest.Now.AddDate(0, 0, 1)}
	for i := range 2 {
		b := batchOf("again", 30)
		answer, err := shop.ImportCodes(t.Context(), request, b, loyaltytest.Now, func(there []int, left int64) (loyalty.Answer, error) {
			return loyalty.Answer{Status: 201, Body: fmt.Append(nil, len(there), left)}, nil
		})
		if want := fmt.Sprint(0, longImport/4+30); err != nil || string(answer.Body) != want || answer.Replayed != (i == 1) {
			t.Errorf("import %d is answered %q, want %q, %v", i, answer.Body, want, err)
		}
	}
	if counts := shop.counts(t); counts != (loyalty.CodeCounts{Free: longImport/4 + 30}) {
		t.Errorf("%+v", counts)
	}
}

// Of an import that fails in the end nobody ever sees a code, nothing stays, and the same
// file can be imported right afterwards.
func testImportThatFails(t *testing.T, fresh func(testing.TB) string) {
	shop, _ := codesShop(t, fresh)
	batch := batchOf("failing", longImport/4)
	failed := errors.New("it failed")
	_, err := shop.ImportCodes(t.Context(), loyalty.Answer{}, batch, loyaltytest.Now, func([]int, int64) (loyalty.Answer, error) {
		return loyalty.Answer{}, failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
	none := func() {
		t.Helper()
		if counts := shop.counts(t); counts != (loyalty.CodeCounts{}) {
			t.Errorf("%+v", counts)
		}
		imports, err := shop.CodeImports(t.Context(), loyaltytest.Merchant, loyaltytest.Partner, loyalty.ImportID{}, 10, loyaltytest.Now)
		if err != nil || len(imports) > 0 {
			t.Errorf("%+v, %v", imports, err)
		}
	}
	none()
	if _, err := shop.Prune(t.Context(), loyaltytest.Now); err != nil {
		t.Fatal(err)
	}
	none()
	rows, err := shop.ResealCodes(t.Context(), func(*loyalty.GiftCode) (bool, error) { return true, nil })
	if err != nil || rows > 0 {
		t.Errorf("%d codes of it stay, %v", rows, err)
	}
	if there, left := shop.importCodes(t, batch); !slices.Equal(there, []int{}) || left != longImport/4 {
		t.Errorf("%d there, %d left", len(there), left)
	}
}
