package keys

import "time"

// State is where a key is in its life.
type State string

// The states of a key. Published and Verifying keys are accepted but not used
// to make anything: not yet, or no longer.
const (
	Published State = "published"
	InUse     State = "in_use"
	Verifying State = "verifying"
	Retired   State = "retired"
)

// Info is what may be shown of a key.
type Info struct {
	KID       string
	Purpose   Purpose
	State     State
	Created   time.Time
	SignsFrom time.Time
	Retired   time.Time // zero: it is not
}

// List tells of every key that there ever was, in the order of their making.
func (r *Ring) List(now time.Time) []Info {
	s := r.current.Load()
	list := make([]Info, 0, len(s.document.Keys))
	for i := range s.document.Keys {
		k := &s.document.Keys[i]
		list = append(list, Info{k.KID, k.Purpose, s.stateOf(k, now), k.Created, k.SignsFrom, k.Retired})
	}
	return list
}

func (s *snapshot) stateOf(k *key, now time.Time) State {
	family, known := s.families[k.Purpose]
	switch {
	case !k.active():
		return Retired
	case known && family.current(now).kid == k.KID:
		return InUse
	case now.Before(k.SignsFrom):
		return Published
	default:
		return Verifying
	}
}
