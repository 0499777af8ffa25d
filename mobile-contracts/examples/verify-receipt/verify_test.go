package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

type vectors struct {
	Keys []struct {
		Kid     string
		Purpose string
		Public  string `json:"ed25519_public"`
	}
	Cases []struct {
		Name      string
		Text      string
		Result    string
		Statement json.RawMessage
	}
}

func load(t testing.TB) (v vectors, keys []byte) {
	t.Helper()
	text, err := os.ReadFile("../../vectors/receipt.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	var set struct {
		Keys []map[string]string `json:"keys"`
	}
	for _, k := range v.Keys {
		set.Keys = append(set.Keys, map[string]string{"kid": k.Kid, "x": k.Public, "purpose": k.Purpose})
	}
	keys, err = json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return v, keys
}

func TestVectors(t *testing.T) {
	v, keys := load(t)
	for _, c := range v.Cases {
		t.Run(c.Name, func(t *testing.T) {
			stated, err := verify(c.Text, keys)
			if (err == nil) != (c.Result == "ok") {
				t.Fatalf("got %+v, %v; want %s", stated, err, c.Result)
			}
			if err != nil {
				return
			}
			var want receipt
			if err := json.Unmarshal(c.Statement, &want); err != nil {
				t.Fatal(err)
			}
			if *stated != want {
				t.Errorf("got  %+v\nwant %+v", *stated, want)
			}
		})
	}
}

func TestFiles(t *testing.T) {
	v, keys := load(t)
	dir := t.TempDir()
	keyFile, receiptFile := filepath.Join(dir, "keys.json"), filepath.Join(dir, "receipt.txt")
	for file, text := range map[string]string{keyFile: string(keys), receiptFile: v.Cases[0].Text + "\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := verifyFiles(keyFile, receiptFile); err != nil {
		t.Error(err)
	}
	if _, err := verifyFiles(receiptFile, receiptFile); err == nil {
		t.Error("a receipt served as a key set")
	}
}

func FuzzVerify(f *testing.F) {
	v, keys := load(f)
	good := map[string]bool{}
	for _, c := range v.Cases {
		f.Add(c.Text)
		good[c.Text] = c.Result == "ok"
	}
	f.Fuzz(func(t *testing.T, text string) {
		if stated, err := verify(text, keys); err == nil && !good[text] {
			t.Errorf("%q is genuine: %+v", text, stated)
		}
	})
}
