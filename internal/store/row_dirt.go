package store

import "stempel/internal/loyalty"

const dirtColumns = "card_id uuid, version bigint, since bigint"

func putDirt(s sink, d *loyalty.Dirt) {
	s.id(d.Card)
	s.number(d.Version)
	s.number(micros(d.Since))
}

func getDirt(r source) loyalty.Dirt {
	return loyalty.Dirt{Card: r.id(), Version: r.number(), Since: fromMicros(r.number())}
}
