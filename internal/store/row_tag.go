package store

import "stempel/internal/loyalty"

const tagColumns = "id uuid, merchant_id uuid, card_id uuid, uid bytea, epoch bigint, key_id text, label text, " +
	"counter bigint, created_at bigint, revoked_at bigint"

func putTag(s sink, t *loyalty.Tag) {
	s.id(t.ID)
	s.id(t.Merchant)
	s.id(t.Card)
	s.bytes(t.UID[:])
	s.number(int64(t.Epoch))
	s.text(t.KeyID)
	s.text(t.Label)
	s.number(int64(t.Counter))
	s.number(micros(t.Created))
	s.number(micros(t.Revoked))
}

// putTagCounter is all of a tag that changes when it is tapped.
func putTagCounter(s sink, t *loyalty.Tag) {
	s.id(t.ID)
	s.number(int64(t.Counter))
}

func getTag(r source) loyalty.Tag {
	t := loyalty.Tag{ID: r.id(), Merchant: r.id(), Card: r.id()}
	copy(t.UID[:], r.bytes())
	t.Epoch, t.KeyID, t.Label = int32(r.number()), r.text(), r.text()
	t.Counter = uint32(r.number())
	t.Created, t.Revoked = fromMicros(r.number()), fromMicros(r.number())
	return t
}
