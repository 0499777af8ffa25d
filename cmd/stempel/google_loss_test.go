package main

import (
	"net/http"
	"testing"
)

// After a loss the card can be added to Google Wallet again: as another pass, since
// whoever saved the one before still holds it.
func TestGoogleWalletAfterALoss(t *testing.T) {
	w := bothWallets(t)
	w.office(t, "/reissue", map[string]any{"surface": "print"})
	eventually(t, "the lost pass has no code", func() bool { return w.pattern() == "" })
	lost := w.object
	w.object = w.addObject(t, w.google, w.card)
	if w.object == lost || w.pattern() == "" {
		t.Fatalf("added again it is %s, after %s, with the code %q", w.object, lost, w.pattern())
	}
	eventually(t, "the lost one is void", func() bool {
		return w.google.Object(lost).State == "INACTIVE" && w.google.Object(lost).LoyaltyPoints == nil
	})
	if got := w.stamp(t, w.token(t, w.card)); got.status != http.StatusOK {
		t.Fatalf("a stamp: %d %s", got.status, got.body)
	}
	eventually(t, "the new one goes on", func() bool { return w.google.Object(w.object).LoyaltyPoints.Balance.Int == 1 })
	if w.google.Object(lost).LoyaltyPoints != nil {
		t.Error("the lost one shows the stamp")
	}
}
