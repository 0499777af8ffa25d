package apple

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"testing"
	"time"
)

// BenchmarkPass tells what a package that is in no cache costs beside the RSA
// signature in it: rsa-share is how many of the core's RSA-2048 signatures per
// second become packages. Both are done by turns, so that they share the
// machine's moods.
func BenchmarkPass(b *testing.B) {
	p, id, card := testPackager(b), testIdentity(b), testCard(b)
	digest := sha256.Sum256([]byte("as large as any"))
	var raw time.Duration
	b.ReportAllocs()
	for b.Loop() {
		began := time.Now()
		if _, err := rsa.SignPKCS1v15(nil, id.key, crypto.SHA256, digest[:]); err != nil {
			b.Fatal(err)
		}
		raw += time.Since(began)
		if _, err := p.pack(&card); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(raw)/float64(b.Elapsed()-raw), "rsa-share")
}
