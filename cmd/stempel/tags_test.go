package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"stempel/internal/store/storetest"
)

// A chip is registered from the command line, renewed, and listed.
func TestTagsCommand(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	shop := storetest.NewShop(t, (&storage{Data: data}).url())
	card := shop.Card(t, shop.Stamps, "anna")
	stempel := func(args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if err := run(t.Context(), append(args, "--data", data), &out, &errs); err != nil {
			t.Fatalf("%s: %v\n%s", args, err, &errs)
		}
		return out.String()
	}
	told := regexp.MustCompile(`^tag        (tag_\w{26})
url        https://cards\.example\.com/t\?k=n01&picc_data=0{32}&cmac=0{16}
meta key   ([0-9A-F]{32})
file key   ([0-9A-F]{32})
change key ([0-9A-F]{32})
$`)
	first := told.FindStringSubmatch(stempel("tags", "register", "--url", "https://cards.example.com/", "--card", card.ID.String(), "--label", "Blue fob", "04de5f1eacc040"))
	if first == nil {
		t.Fatal("not told what to write")
	}
	second := told.FindStringSubmatch(stempel("tags", "renew", "--url", "https://cards.example.com", "--merchant", card.Merchant.String(), first[1]))
	if second == nil || second[1] != first[1] || second[2] != first[2] || second[3] == first[3] || second[4] != first[4] {
		t.Errorf("renewed: %q, was %q", second, first)
	}
	list := stempel("tags", "list", "--merchant", card.Merchant.String())
	if !strings.Contains(list, first[1]) || !strings.Contains(list, "04DE5F1EACC040") || !strings.Contains(list, "Blue fob") {
		t.Errorf("listed %s", list)
	}
	stempel("tags", "revoke", "--merchant", card.Merchant.String(), first[1])
	if list := stempel("tags", "list", "--merchant", card.Merchant.String()); !strings.Contains(list, "revoked") {
		t.Errorf("listed %s", list)
	}
	for _, secret := range first[2:] {
		if strings.Contains(list, secret) {
			t.Error("a key is listed")
		}
	}
}
