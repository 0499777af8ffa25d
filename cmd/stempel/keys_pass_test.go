package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"stempel/passes/apple"
)

// A key on which passes depend is not retired by mistake. Forced, its passes end: their
// phones are refused, and whoever adds the card again has another pass.
func TestRetiringTheKeyOfPasses(t *testing.T) {
	kept, on := in(t.TempDir()), anyPort()
	on.PublicURL = "https://cards.example.com"
	s := bootAt(t, kept, on)
	h := openShop(t, s)
	card := h.card(t)
	old := h.addPass(t, card, "phone-of-anna", strings.Repeat("a", 64))
	closeServer(t, s)

	var out bytes.Buffer
	to := streams{out: &out}
	rotate := rotateKeys{sealed: kept, Force: true}
	rotate.Args.Purpose = "pass"
	if err := rotate.Run(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	retire := retireKeys{sealed: kept}
	retire.Args.Key = "a01"
	err := retire.Run(t.Context(), to)
	if err == nil || !strings.Contains(err.Error(), "key a01 makes the tokens of passes in Apple Wallet (1)") || !strings.Contains(err.Error(), "--force") {
		t.Fatalf("retired: %v", err)
	}
	update := func() int {
		t.Helper()
		return old.do(t, http.MethodGet, "passes/"+apple.TestType+"/"+old.Serial, "")
	}
	s = bootAt(t, kept, on)
	old.url = s.URL() + "/passes/apple/v1/"
	if got := update(); got != http.StatusOK {
		t.Errorf("after the key was spared, its pass is answered %d", got)
	}
	closeServer(t, s)

	retire.Force = true
	if err := retire.Run(t.Context(), to); err != nil || !strings.Contains(out.String(), "Passes in Apple Wallet that are updated no more: 1.") {
		t.Fatalf("forced: %v, %s", err, out.String())
	}
	s = bootAt(t, kept, on)
	t.Cleanup(func() { closeServer(t, s) })
	old.url, h.url, h.notes.BaseURL = s.URL()+"/passes/apple/v1/", s.URL(), s.URL()
	if got := update(); got != http.StatusUnauthorized {
		t.Errorf("its pass is answered %d", got)
	}
	if again := h.addPass(t, card, "phone-of-anna", strings.Repeat("a", 64)); again.Serial == old.Serial {
		t.Error("the card's next pass is the one that has ended")
	}
}
