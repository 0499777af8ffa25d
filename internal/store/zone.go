package store

import (
	"sync"
	"time"
)

// zones remembers what time.LoadLocation would read from disk each time.
var zones sync.Map // name → *time.Location

func zone(name string) (*time.Location, error) {
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location), nil
	}
	loaded, err := time.LoadLocation(name)
	if err != nil {
		return nil, err
	}
	known, _ := zones.LoadOrStore(name, loaded)
	return known.(*time.Location), nil
}
