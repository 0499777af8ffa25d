//go:build unix

package apple

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"syscall"
	"testing"
	"time"
)

// BenchmarkPass tells what a package that is in no cache costs beside the RSA
// signature in it: rsa-share is how many of a core's RSA-2048 signatures per
// second become packages. Both are done by turns and counted in the process's own
// time, so that a busy machine does not blur them.
func BenchmarkPass(b *testing.B) {
	p, id, card := testPackager(b), testIdentity(b), testCard(b)
	digest := sha256.Sum256([]byte("as large as any"))
	turn := func(do func() error) time.Duration {
		began := processTime(b)
		for range 20 { // the clock of a process ticks coarsely
			if err := do(); err != nil {
				b.Fatal(err)
			}
		}
		return processTime(b) - began
	}
	var raw, whole time.Duration
	b.ReportAllocs()
	for b.Loop() {
		raw += turn(func() error {
			_, err := rsa.SignPKCS1v15(nil, id.key, crypto.SHA256, digest[:])
			return err
		})
		whole += turn(func() error {
			_, err := p.pack(b.Context(), &card)
			return err
		})
	}
	b.ReportMetric(float64(raw)/float64(whole), "rsa-share")
	b.ReportMetric(float64(20*b.N)/whole.Seconds(), "passes/s")
}

func processTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
