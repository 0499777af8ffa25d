package loyalty_test

import (
	"testing"

	"stempel/internal/loyalty"
)

// The numbers stand in databases and in canonical bytes: they never change.
func TestNamesAndNumbers(t *testing.T) {
	t.Parallel()
	for number, name := range map[loyalty.EntryKind]string{
		1: "earn", 2: "complete", 3: "redeem", 5: "expire", 6: "void", 7: "adjust", 8: "opening", 9: "merge",
	} {
		got, err := loyalty.ParseEntryKind(name)
		check(t, "kind", name, got, number, got.String(), err)
	}
	for number, name := range map[loyalty.Method]string{0: "office", 1: "live", 2: "rotating", 3: "static", 4: "tap", 7: "manual", 8: "claim"} {
		got, err := loyalty.ParseMethod(name)
		check(t, "method", name, got, number, got.String(), err)
	}
	for number, name := range map[loyalty.DeviceKind]string{1: "phone", 2: "web", 3: "google", 4: "recovery"} {
		got, err := loyalty.ParseDeviceKind(name)
		check(t, "kind of device", name, got, number, got.String(), err)
	}
	for number, name := range map[loyalty.Surface]string{1: "wallet", 2: "print"} {
		got, err := loyalty.ParseSurface(name)
		check(t, "surface", name, got, number, got.String(), err)
	}
	for number, name := range map[loyalty.VoucherState]string{
		1: "issued", 2: "reserved", 3: "redeemed", 4: "expired", 5: "withdrawn",
	} {
		got, err := loyalty.ParseVoucherState(name)
		check(t, "state", name, got, number, got.String(), err)
	}
	for number, name := range map[loyalty.Role]string{0: "none", 1: "cashier", 2: "manager", 3: "owner"} {
		got, err := loyalty.ParseRole(name)
		check(t, "role", name, got, number, got.String(), err)
	}
}

func check[T ~uint8](t *testing.T, what, name string, got, want T, text string, err error) {
	t.Helper()
	if err != nil || got != want || text != name {
		t.Errorf("%s %s: number %d, want %d, named %q, %v", what, name, got, want, text, err)
	}
}

func TestParseNamesRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "EARN", "tier", "by hand", "0", " live", "wallet_nfc"} {
		if kind, err := loyalty.ParseEntryKind(text); err == nil {
			t.Errorf("%q is kind %d", text, kind)
		}
		if method, err := loyalty.ParseMethod(text); err == nil {
			t.Errorf("%q is method %d", text, method)
		}
		if surface, err := loyalty.ParseSurface(text); err == nil {
			t.Errorf("%q is surface %d", text, surface)
		}
		if state, err := loyalty.ParseVoucherState(text); err == nil {
			t.Errorf("%q is state %d", text, state)
		}
		if role, err := loyalty.ParseRole(text); err == nil {
			t.Errorf("%q is role %d", text, role)
		}
	}
}

// A damaged row must be reportable: audit prints what it cannot name.
func TestNamesOfDamagedRows(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		loyalty.EntryKind(98).String():    "98",
		loyalty.EntryKind(99).String():    "99",
		loyalty.Method(10).String():       "10",
		loyalty.Method(200).String():      "200",
		loyalty.VoucherState(77).String(): "77",
		loyalty.Role(55).String():         "55",
		loyalty.Surface(66).String():      "66",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
