package keys

import "testing"

func TestReadDocumentRefuses(t *testing.T) {
	t.Parallel()
	const secret = `"secret":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="`
	for _, bad := range []string{
		``, `[]`, `{"keys":{}}`, `{"keys":[{}]}`,
		`{"keys":[{"kid":"l01","purpose":"live"}]}`,
		`{"keys":[{"kid":"l01","purpose":"live","secret":"AAAA"}]}`,
		`{"keys":[{"kid":"l0001","purpose":"live",` + secret + `}]}`,
		`{"keys":[{"kid":"l-1","purpose":"live",` + secret + `}]}`,
		`{"keys":[{"kid":"l01","purpose":"live",` + secret + `},{"kid":"l01","purpose":"scan",` + secret + `}]}`,
	} {
		if _, err := readDocument([]byte(bad)); err == nil {
			t.Errorf("read %s", bad)
		}
	}
}

// A ring of a later release has purposes that this one does not know: they stay.
func TestUnknownPurposesStay(t *testing.T) {
	t.Parallel()
	store := &memory{}
	var d document
	d.Keys = append(d.Keys, key{KID: "z01", Purpose: "loan", Secret: make([]byte, 32), Created: start, SignsFrom: start})
	store.version, store.sealed = 1, newSeal(master).close(d.encode())
	ring := open(t, store)
	if _, err := ring.Rotate(t.Context(), Live, start, 0); err != nil {
		t.Fatal(err)
	}
	if err := ring.Retire(t.Context(), "z01", start); err == nil {
		t.Error("retired a key of an unknown purpose")
	}
	if info := open(t, store).List(start)[0]; info.KID != "z01" || info.Purpose != "loan" || info.State != Verifying {
		t.Errorf("%+v", info)
	}
}

func FuzzDocument(f *testing.F) {
	var d document
	d.complete(start)
	f.Add(d.encode())
	f.Add([]byte(`{"keys":[{"kid":"h01","purpose":"live","retired":"2026-01-01T00:00:00Z"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := readDocument(text)
		if err != nil {
			return
		}
		if _, err := d.complete(start); err != nil {
			return // its ids are used up
		}
		s := newSnapshot(1, d)
		for _, kind := range kinds {
			if k := s.families[kind.purpose].current(start); k.kid == "" {
				t.Fatalf("no key of %s", kind.purpose)
			}
		}
		if again, err := readDocument(d.encode()); err != nil || len(again.Keys) != len(d.Keys) {
			t.Fatalf("written and read: %v", err)
		}
	})
}
