package artwork

import (
	"container/list"
	"sync"
)

// cache keeps what was used last, up to a number of bytes. It is safe for
// concurrent use.
type cache struct {
	room int // bytes

	mu    sync.Mutex
	used  int
	order *list.List // of *cached, the last used first
	byKey map[any]*list.Element
}

type cached struct {
	key  any
	body []byte
}

// overhead is what an entry costs beside its body, about.
const overhead = 512

func newCache(room int) *cache {
	return &cache{room: room, order: list.New(), byKey: map[any]*list.Element{}}
}

func (c *cache) get(key any) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.byKey[key]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(element)
	return element.Value.(*cached).body, true
}

// put keeps a body, and lets go of those that were not used for longest.
func (c *cache) put(key any, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byKey[key]; ok || len(body)+overhead > c.room {
		return // somebody else has drawn it at the same time, or it would push out all others
	}
	c.byKey[key] = c.order.PushFront(&cached{key, body})
	c.used += len(body) + overhead
	for c.used > c.room {
		oldest := c.order.Remove(c.order.Back()).(*cached)
		delete(c.byKey, oldest.key)
		c.used -= len(oldest.body) + overhead
	}
}
