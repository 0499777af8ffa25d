package apple

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"stempel/internal/engines/enginetest"
)

// Every file but the manifest and the signature stands in the manifest, with its
// SHA-1.
func TestManifestNamesEveryFile(t *testing.T) {
	t.Parallel()
	archive, err := testPackager(t).Pack(t.Context(), testCard(t))
	if err != nil {
		t.Fatal(err)
	}
	files := unzip(t, archive)
	var manifest map[string]string
	if err := json.Unmarshal(files["manifest.json"], &manifest); err != nil {
		t.Fatal(err)
	}
	if len(manifest) != len(files)-2 || len(files) != 1+3+6+2 {
		t.Errorf("%d files, %d in the manifest", len(files), len(manifest))
	}
	for name, want := range manifest {
		sum := sha1.Sum(files[name])
		if hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s has another SHA-1 than the manifest says", name)
		}
	}
}

// OpenSSL, which knows nothing of us, finds the signature good; and not of a
// manifest with one byte changed.
func TestOpenSSLVerifies(t *testing.T) {
	t.Parallel()
	openssl := enginetest.Program(t, "openssl")
	archive, err := testPackager(t).Pack(t.Context(), testCard(t))
	if err != nil {
		t.Fatal(err)
	}
	dir, files := t.TempDir(), unzip(t, archive)
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	signature, manifest := write("signature", files["signature"]), write("manifest.json", files["manifest.json"])
	files["manifest.json"][10] ^= 1
	forged := write("forged.json", files["manifest.json"])
	roots := write("ca.pem", TestRoot(chain()))
	verify := func(content string) ([]byte, error) {
		return exec.Command(openssl, "cms", "-verify", "-binary", "-inform", "DER", "-in", signature, "-content", content,
			"-CAfile", roots, "-purpose", "any", "-out", os.DevNull).CombinedOutput()
	}
	if said, err := verify(manifest); err != nil {
		t.Errorf("not verified: %v\n%s", err, said)
	}
	if said, err := verify(forged); err == nil {
		t.Errorf("a changed manifest was verified: %s", said)
	}
}

// Files of every length come out of a zip as they went in, also those of several
// blocks.
func TestArchiveOfAnyLength(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 1, blockMost - 1, blockMost, blockMost + 1, 2 * blockMost, 2*blockMost + 1} {
		file := bytes.Repeat([]byte("stamp"), length/5+1)[:length]
		read := unzip(t, archive([]*part{newPart("a.png", file), newPart("b.png", []byte("after it"))}))
		if !bytes.Equal(read["a.png"], file) || string(read["b.png"]) != "after it" {
			t.Errorf("%d bytes were not read as they were written", length)
		}
	}
}
