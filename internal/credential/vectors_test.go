package credential

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the vectors of mobile-contracts anew")

const vectors = "../../mobile-contracts/vectors/"

// vectorFile is a file of vectors: cases that any implementation can run, with
// keys that the whole world knows.
type vectorFile[C any] struct {
	About string      `json:"about"`
	Keys  []vectorKey `json:"keys"`
	Cases []C         `json:"cases"`
}

// vectorKey is a key of a vector file, secret and all.
type vectorKey struct {
	KID     string `json:"kid"`
	Purpose string `json:"purpose"`
	Seed    string `json:"ed25519_seed,omitempty"`   // hex
	Public  string `json:"ed25519_public,omitempty"` // base64url: x of the JWK
	HMAC    string `json:"hmac_key,omitempty"`       // hex
	HKDF    string `json:"hkdf_key,omitempty"`       // hex
}

func signingVector(k fixedSigning, purpose string) vectorKey {
	public := k.public()
	return vectorKey{KID: k.kid, Purpose: purpose, Seed: hex.EncodeToString(k.key.Seed()), Public: encoding.EncodeToString(public)}
}

// readVectors returns the cases of a file, which must be as this package would
// write them now; with -update it writes them.
func readVectors[C any](t *testing.T, name string, want vectorFile[C]) []C {
	t.Helper()
	made, err := json.MarshalIndent(want, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	made = append(made, '\n')
	if *update {
		if err := os.WriteFile(vectors+name, made, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(vectors + name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, made) {
		t.Errorf("%s is not what the code makes: look why, then run go test -update here", name)
	}
	var read vectorFile[C]
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return read.Cases
}

// seconds is a time of the vectors, written as RFC 3339.
func seconds(n int) time.Time { return now.Truncate(time.Second).Add(time.Duration(n) * time.Second) }
