package keys

import (
	"crypto/ed25519"
	"time"
)

// Signing gives the Ed25519 keys of a purpose that signs, as they are at each call.
func (r *Ring) Signing(p Purpose) Signing {
	if kind, ok := kindOf(p); !ok || !kind.signs {
		panic("keys: " + string(p) + " keys do not sign")
	}
	return Signing{r, p}
}

// MACs gives the symmetric keys of a purpose that does not sign, as they are at
// each call.
func (r *Ring) MACs(p Purpose) MACs {
	if kind, ok := kindOf(p); !ok || kind.signs {
		panic("keys: " + string(p) + " keys do not make MACs")
	}
	return MACs{r, p}
}

// Signing is the Ed25519 keys of one purpose.
type Signing struct {
	ring    *Ring
	purpose Purpose
}

// Current is the key to sign with.
func (s Signing) Current(now time.Time) (kid string, key ed25519.PrivateKey) {
	k := s.ring.family(s.purpose).current(now)
	return k.kid, k.key
}

// Find is the key to verify with: any of this purpose that is not retired,
// whether it signs no longer or not yet.
func (s Signing) Find(kid string) (ed25519.PrivateKey, bool) {
	key, ok := s.ring.family(s.purpose).keys[kid]
	return key, ok
}

// MACs is the symmetric keys of one purpose.
type MACs struct {
	ring    *Ring
	purpose Purpose
}

// Current is the key to make MACs, or to seal, with. Callers must not change its bytes.
func (m MACs) Current(now time.Time) (kid string, key []byte) {
	k := m.ring.family(m.purpose).current(now)
	return k.kid, k.key
}

// Find is the key to check a MAC, or to open, with: any of this purpose that is not retired.
func (m MACs) Find(kid string) ([]byte, bool) {
	key, ok := m.ring.family(m.purpose).keys[kid]
	return key, ok
}

// Next is when another key comes into use than now; zero: none is to.
func (m MACs) Next(now time.Time) time.Time {
	line := m.ring.family(m.purpose).line
	for i := 1; i < len(line); i++ { // the first is in use whatever the clock says
		if line[i].signsFrom.After(now) {
			return line[i].signsFrom
		}
	}
	return time.Time{}
}

// IDs are those of the keys that are not retired, published ones too, by when they
// come into use.
func (m MACs) IDs() []string {
	line := m.ring.family(m.purpose).line
	ids := make([]string, len(line))
	for i := range line {
		ids[i] = line[i].kid
	}
	return ids
}

// All are the keys that are not retired, published ones too, by when they come
// into use. Callers must not change their bytes.
func (m MACs) All() [][]byte {
	line := m.ring.family(m.purpose).line
	all := make([][]byte, len(line))
	for i := range line {
		all[i] = line[i].key
	}
	return all
}

func (r *Ring) family(p Purpose) *family { return r.current.Load().families[p] }

// publicOf is the public half of an ed25519.PrivateKey, without a copy.
func publicOf(private []byte) ed25519.PublicKey {
	return ed25519.PublicKey(private[ed25519.PrivateKeySize-ed25519.PublicKeySize:])
}
