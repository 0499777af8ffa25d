package store

import (
	"encoding/binary"
	"fmt"

	"stempel/internal/loyalty"
)

// A choice is one column, which is NULL on nearly every card: a format, the reward, the
// voucher, the amount and the end. It is no part of cardState, so that what posts to a
// card writes it only where it is another one than before; both hold the card's lock.
const (
	choiceFormat = 1
	choiceLength = 1 + 16 + 16 + 8 + 8
)

func putChoice(s sink, c *loyalty.Card) {
	s.id(c.ID)
	s.bytes(packChoice(&c.Choice))
}

// packChoice is nil where nothing is chosen.
func packChoice(c *loyalty.Choice) []byte {
	if c.IsZero() {
		return nil
	}
	b := make([]byte, 0, choiceLength)
	b = append(b, choiceFormat)
	b = append(b, c.Reward[:]...)
	b = append(b, c.Voucher[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(c.Amount))
	return binary.BigEndian.AppendUint64(b, uint64(micros(c.Until)))
}

func unpackChoice(b []byte) (loyalty.Choice, error) {
	if len(b) == 0 {
		return loyalty.Choice{}, nil
	}
	if len(b) != choiceLength || b[0] != choiceFormat {
		return loyalty.Choice{}, fmt.Errorf("store: a card's choice is not of format %d, with %d bytes", choiceFormat, choiceLength)
	}
	return loyalty.Choice{
		Reward: loyalty.RewardID(b[1:17]), Voucher: loyalty.VoucherID(b[17:33]),
		Amount: int64(binary.BigEndian.Uint64(b[33:])), Until: fromMicros(int64(binary.BigEndian.Uint64(b[41:]))),
	}, nil
}
