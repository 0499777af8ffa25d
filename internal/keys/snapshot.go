package keys

import (
	"crypto/ed25519"
	"slices"
	"time"
)

// snapshot is one version of the ring, ready for use. It never changes: a new
// version is a new snapshot.
type snapshot struct {
	version  int64
	document document
	families map[Purpose]*family
	jwks     []byte
}

// family is the active keys of one purpose.
type family struct {
	line []active // by when they sign, oldest first
	keys map[string][]byte
}

// active is a key that is not retired. Its bytes are an HMAC key or an
// ed25519.PrivateKey.
type active struct {
	kid       string
	signsFrom time.Time
	key       []byte
}

func newSnapshot(version int64, d document) *snapshot {
	s := &snapshot{version: version, document: d, families: map[Purpose]*family{}}
	for _, kind := range kinds {
		f := &family{keys: map[string][]byte{}}
		for _, k := range d.Keys {
			if k.Purpose != kind.purpose || !k.active() {
				continue
			}
			bytes := k.Secret
			if kind.signs {
				bytes = ed25519.NewKeyFromSeed(k.Secret)
			}
			f.line = append(f.line, active{k.KID, k.SignsFrom, bytes})
			f.keys[k.KID] = bytes
		}
		slices.SortStableFunc(f.line, func(a, b active) int { return a.signsFrom.Compare(b.signsFrom) })
		s.families[kind.purpose] = f
	}
	s.jwks = s.publish()
	return s
}

// current is the newest key whose time to sign has come. To a clock that runs
// behind that of the process which made the first key, that is the first key.
func (f *family) current(now time.Time) active {
	for i := len(f.line) - 1; i > 0; i-- {
		if !now.Before(f.line[i].signsFrom) {
			return f.line[i]
		}
	}
	return f.line[0]
}
