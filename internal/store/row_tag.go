package store

import (
	"encoding/binary"

	"stempel/internal/loyalty"
)

const tagColumns = "id uuid, merchant_id uuid, card_id uuid, uid bytea, epoch bigint, key_id text, label text, " +
	"counter bigint, created_at bigint, revoked_at bigint, location_id uuid, program_id uuid, floor bigint, recent bytea"

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
	s.id(t.Location)
	s.id(t.Program)
	s.number(int64(t.Floor))
	s.bytes(recentBytes(t.Recent))
}

// putTagCounter is all of a tag that changes when it is tapped.
func putTagCounter(s sink, t *loyalty.Tag) {
	s.id(t.ID)
	s.number(int64(t.Counter))
	s.number(int64(t.Floor))
	s.bytes(recentBytes(t.Recent))
}

func getTag(r source) loyalty.Tag {
	t := loyalty.Tag{ID: r.id(), Merchant: r.id(), Card: r.id()}
	copy(t.UID[:], r.bytes())
	t.Epoch, t.KeyID, t.Label = int32(r.number()), r.text(), r.text()
	t.Counter = uint32(r.number())
	t.Created, t.Revoked = fromMicros(r.number()), fromMicros(r.number())
	t.Location, t.Program, t.Floor, t.Recent = r.id(), r.id(), uint32(r.number()), recentOf(r.bytes())
	return t
}

// seenSize is of one value in a tag's recent: it and the µs when it was seen, both
// big-endian.
const seenSize = 4 + 8

func recentBytes(recent []loyalty.Seen) []byte {
	var b []byte
	for _, s := range recent {
		b = binary.BigEndian.AppendUint32(b, s.Value)
		b = binary.BigEndian.AppendUint64(b, uint64(micros(s.At)))
	}
	return b
}

func recentOf(b []byte) []loyalty.Seen {
	var recent []loyalty.Seen
	for ; len(b) >= seenSize; b = b[seenSize:] {
		recent = append(recent, loyalty.Seen{Value: binary.BigEndian.Uint32(b), At: fromMicros(int64(binary.BigEndian.Uint64(b[4:])))})
	}
	return recent
}

// What skipped values of counter tags are.
const gapColumns = "id uuid, tag_id uuid, epoch bigint, first_value bigint, last_value bigint, late bigint, seen_at bigint"

func putGap(s sink, g *loyalty.Gap) {
	s.id(g.ID)
	s.id(g.Tag)
	s.number(int64(g.Epoch))
	s.number(int64(g.First))
	s.number(int64(g.Last))
	s.number(g.Late)
	s.number(micros(g.Seen))
}

func getGap(r source) loyalty.Gap {
	return loyalty.Gap{
		ID: r.id(), Tag: r.id(), Epoch: int32(r.number()), First: uint32(r.number()), Last: uint32(r.number()),
		Late: r.number(), Seen: fromMicros(r.number()),
	}
}

func putTapped(s sink, t *loyalty.Tapped) {
	s.id(t.Tag)
	s.number(int64(t.Epoch))
	s.number(int64(t.Counter))
}
