package apple

import "sync"

// shelf keeps what is dear to make, up to so many bytes. Beyond them it is
// emptied: what is still asked for is soon there again.
type shelf[K comparable, V any] struct {
	most int

	mu   sync.RWMutex
	kept map[K]V
	size int
}

func newShelf[K comparable, V any](most int) *shelf[K, V] {
	return &shelf[K, V]{most: most, kept: map[K]V{}}
}

func (s *shelf[K, V]) get(key K) (V, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	v, ok := s.kept[key]
	return v, ok
}

func (s *shelf[K, V]) put(key K, v V, size int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.size+size > s.most {
		clear(s.kept)
		s.size = 0
	}
	s.kept[key] = v
	s.size += size
}
