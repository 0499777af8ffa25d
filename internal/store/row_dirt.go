package store

import "stempel/internal/loyalty"

// newDirtColumns are those of a mark of a card that changed by itself, dirtColumns
// all.
const (
	newDirtColumns = "card_id uuid, version bigint, since bigint"
	dirtColumns    = newDirtColumns + ", many boolean"
)

// dirtyAgain counts the changes of a card that is dirty already: of one that changed
// by itself, and of one of many.
const (
	dirtyAgain     = " ON CONFLICT (card_id) DO UPDATE SET version = dirty.version + 1, many = false"
	dirtyAgainMany = " ON CONFLICT (card_id) DO UPDATE SET version = dirty.version + 1"
)

func putDirt(s sink, d *loyalty.Dirt) {
	s.id(d.Card)
	s.number(d.Version)
	s.number(micros(d.Since))
}

func getDirt(r source) loyalty.Dirt {
	return loyalty.Dirt{Card: r.id(), Version: r.number(), Since: fromMicros(r.number()), Many: r.flag()}
}
