package vas

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"math/big"
	"testing"
)

// A phone sends no Y. The two points with one X have one shared secret.
func TestEitherYWillDo(t *testing.T) {
	t.Parallel()
	reader, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	device, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public := device.PublicKey().Bytes()
	x, y := new(big.Int).SetBytes(public[1:33]), new(big.Int).SetBytes(public[33:])
	field, _ := new(big.Int).SetString("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16)
	mirrored, ok := point(x, new(big.Int).Sub(field, y))
	if !ok {
		t.Fatal("not on the curve")
	}
	lifted, ok := lift([32]byte(public[1:33]))
	if !ok {
		t.Fatal("not lifted")
	}
	want, _ := reader.ECDH(device.PublicKey())
	for name, of := range map[string]*ecdh.PublicKey{"mirrored": mirrored, "lifted": lifted} {
		if got, err := reader.ECDH(of); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %x, %v; want %x", name, got, err, want)
		}
	}
}
