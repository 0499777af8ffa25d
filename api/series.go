package api

import (
	"maps"
	"sync"
	"sync/atomic"
)

// series remembers the members of a metric that there are, so that a request
// comes to its own by one look into a map: no lock, and no list of labels to make.
// The keys must be few. Members are added by copying the map.
type series[K comparable, M any] struct {
	find  func(K) M
	known atomic.Pointer[map[K]M]
	mu    sync.Mutex // held while one is added
}

func (s *series[K, M]) of(key K) M {
	if known := s.known.Load(); known != nil {
		if member, ok := (*known)[key]; ok {
			return member
		}
	}
	return s.add(key)
}

func (s *series[K, M]) add(key K) M {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := map[K]M{}
	if known := s.known.Load(); known != nil {
		next = maps.Clone(*known)
	}
	member := s.find(key) // the same one, whoever asks twice
	next[key] = member
	s.known.Store(&next)
	return member
}
