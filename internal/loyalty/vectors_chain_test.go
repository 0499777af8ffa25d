package loyalty_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// Who and what the vectors speak of.
var (
	vectorCard     = loyalty.CardID(loyaltytest.ID("vector card"))
	vectorMerchant = loyalty.MerchantID(loyaltytest.ID("vector merchant"))
	vectorPartner  = loyalty.MerchantID(loyaltytest.ID("vector partner"))
	vectorProgram  = loyalty.ProgramID(loyaltytest.ID("vector program"))
	vectorReward   = loyalty.RewardID(loyaltytest.ID("vector reward"))
	vectorVoucher  = loyalty.VoucherID(loyaltytest.ID("vector voucher"))
	vectorLocation = loyalty.LocationID(loyaltytest.ID("vector location"))
	vectorTill     = loyalty.TillID(loyaltytest.ID("vector till"))
	vectorStaff    = loyalty.StaffID(loyaltytest.ID("vector manager"))
)

var (
	vectorBasket = &vectorDetail{
		Salt: "000102030405060708090a0b0c0d0e0f",
		Body: `{"ref":"2026-000417","total":2700,"currency":"EUR","items":[{"quantity":9000,"unit":"piece","amount":2700}]}`,
	}
	vectorPart = &vectorDetail{Salt: "0102030405060708090a0b0c0d0e0f10", Body: `{"ref":"2026-000417","refund":900}`}
	vectorNote = &vectorDetail{Salt: "f0e1d2c3b4a5968778695a4b3c2d1e0f", Body: `{"note":"one stamp too many"}`}
)

// stampsChain has every kind of entry but grant, merge and refund, and of method; details stand beside it.
func stampsChain() ([]loyalty.Entry, map[int]*vectorDetail) {
	at := func(second int) time.Time {
		return time.Date(2026, 11, 21, 10, 30, second, 250_000_000, time.UTC)
	}
	id := func(name string) loyalty.EntryID { return loyalty.EntryID(loyaltytest.ID("vector " + name)) }
	scanned := func(e loyalty.Entry) loyalty.Entry {
		e.Location, e.Till = vectorLocation, vectorTill
		e.Captured = e.Posted.Add(-1500 * time.Millisecond)
		return e
	}
	entries := chained(vectorCard,
		scanned(loyalty.Entry{ID: id("earn"), Kind: loyalty.Earn, Units: 9, Method: loyalty.Live, Posted: at(0), Commitment: vectorBasket.commitment()}),
		loyalty.Entry{ID: id("opening"), Kind: loyalty.Opening, Units: 2, Captured: at(10), Posted: at(10)},
		loyalty.Entry{ID: id("complete"), Kind: loyalty.Complete, Units: -10, Captured: at(10), Posted: at(10), Origin: id("opening")},
		scanned(loyalty.Entry{
			ID: id("redeem"), Kind: loyalty.Redeem, Method: loyalty.Static, Posted: at(20),
			Staff: vectorStaff, Reward: vectorReward, Voucher: vectorVoucher,
		}),
		scanned(loyalty.Entry{
			ID: id("void"), Kind: loyalty.Void, Posted: at(30), Origin: id("redeem"),
			Reward: vectorReward, Voucher: vectorVoucher,
		}),
		scanned(loyalty.Entry{ID: id("second earn"), Kind: loyalty.Earn, Units: 3, Method: loyalty.Live, Posted: at(40), Version: 2}),
		scanned(loyalty.Entry{
			ID: id("adjust"), Kind: loyalty.Adjust, Units: -1, Posted: at(50), Version: 2,
			Staff: vectorStaff, Commitment: vectorNote.commitment(),
		}),
		loyalty.Entry{ID: id("expire"), Kind: loyalty.Expire, Units: -3, Captured: at(50).AddDate(1, 0, 0), Posted: at(50).AddDate(1, 0, 0), Version: 2},
	)
	return entries, map[int]*vectorDetail{0: vectorBasket, 6: vectorNote}
}

// refundedChain is a points card where a part of the points expires, and a purchase
// is refunded in two parts.
func refundedChain() ([]loyalty.Entry, map[int]*vectorDetail) {
	at := time.Date(2026, 11, 21, 10, 30, 0, 0, time.UTC)
	id := func(name string) loyalty.EntryID { return loyalty.EntryID(loyaltytest.ID("vector refund " + name)) }
	entries := chained(vectorCard,
		loyalty.Entry{ID: id("opening"), Kind: loyalty.Opening, Units: 40, Captured: at, Posted: at},
		loyalty.Entry{ID: id("earn"), Kind: loyalty.Earn, Units: 27, Captured: at, Posted: at, Commitment: vectorBasket.commitment()},
		loyalty.Entry{ID: id("expire"), Kind: loyalty.Expire, Units: -40, Captured: at.AddDate(1, 0, 0), Posted: at.AddDate(1, 0, 0)},
		loyalty.Entry{
			ID: id("part"), Kind: loyalty.Refund, Units: -9, Captured: at.AddDate(1, 0, 1), Posted: at.AddDate(1, 0, 1),
			Origin: id("earn"), Staff: vectorStaff, Commitment: vectorPart.commitment(),
		},
		loyalty.Entry{
			ID: id("rest"), Kind: loyalty.Refund, Units: -18, Captured: at.AddDate(1, 0, 2), Posted: at.AddDate(1, 0, 2), Origin: id("earn"),
		},
	)
	return entries, map[int]*vectorDetail{1: vectorBasket, 3: vectorPart}
}

// extremeChain goes to the ends of what the fields hold: a partner's till, a
// balance of ±(2^53 − 1), and a time of 2100.
func extremeChain() []loyalty.Entry {
	at := time.Date(2100, 2, 28, 23, 59, 59, 999_999_000, time.UTC)
	return chained(vectorCard,
		loyalty.Entry{
			ID: loyalty.EntryID(loyaltytest.ID("most")), Merchant: vectorPartner, Kind: loyalty.Earn, Units: loyalty.MaxUnits,
			Version: 1<<31 - 1, Captured: at, Posted: at,
		},
		loyalty.Entry{ID: loyalty.EntryID(loyaltytest.ID("spent")), Kind: loyalty.Redeem, Units: -loyalty.MaxUnits, Reward: vectorReward, Captured: at, Posted: at},
		loyalty.Entry{ID: loyalty.EntryID(loyaltytest.ID("least")), Kind: loyalty.Adjust, Units: -loyalty.MaxUnits, Captured: at, Posted: at},
	)
}

// chained gives entries their place on a card.
func chained(card loyalty.CardID, entries ...loyalty.Entry) []loyalty.Entry {
	for i := range entries {
		e := &entries[i]
		e.Card, e.Operator, e.Program, e.Seq = card, vectorMerchant, vectorProgram, int64(i+1)
		if e.Merchant.IsZero() {
			e.Merchant = vectorMerchant
		}
		e.Version = max(e.Version, 1)
	}
	return relink(rebalance(entries))
}

func (d *vectorDetail) commitment() loyalty.Hash {
	salt, _ := hex.DecodeString(d.Salt)
	return sha256.Sum256(append(salt, d.Body...))
}

// totals is a card that agrees with its entries.
func totals(id loyalty.CardID, merchant loyalty.MerchantID, program loyalty.ProgramID, entries []loyalty.Entry) loyalty.Card {
	card := loyalty.Card{
		ID: id, Merchant: merchant, Program: program, MayOwe: true, Head: loyalty.FirstLink(id), Counts: countsOf(entries),
	}
	for _, e := range entries {
		card.Seq, card.Head, card.Balance = e.Seq, e.Hash, e.Balance
		switch e.Kind {
		case loyalty.Earn, loyalty.Opening, loyalty.Adjust, loyalty.Refund:
			card.Lifetime += e.Units
		case loyalty.Complete:
			card.Cycle++
		case loyalty.Expire:
			if e.Balance == 0 {
				card.Cycle++
				card.Floor = e.Seq
			}
		case loyalty.Merge:
			if e.Commitment == (loyalty.Hash{}) {
				card.MergedInto = vectorCard
			} else {
				card.Lifetime += e.Units
			}
		}
	}
	return card
}

// chainVectors are all cases. The broken ones say with broken_at which entry, in
// the order given, is the first that does not hold.
func chainVectors() vectorFile {
	stamps, details := stampsChain()
	broken := func(change func([]loyalty.Entry) []loyalty.Entry) []loyalty.Entry {
		return change(slices.Clone(stamps))
	}
	file := vectorFile{About: "Chains of a card's ledger: see ledger.md. Where broken_at is given, that entry (counted from 1) is the first that does not hold."}
	addTo := func(card loyalty.CardID, name string, brokenAt int, entries []loyalty.Entry, details map[int]*vectorDetail) {
		c := vectorCase{
			Name: name, Card: card, Merchant: vectorMerchant, Program: vectorProgram,
			FirstLink: base64url(loyalty.FirstLink(card)), BrokenAt: brokenAt, Entries: []vectorEntry{},
		}
		for i := range entries {
			c.Entries = append(c.Entries, vectorOf(&entries[i], details[i]))
		}
		file.Cases = append(file.Cases, c)
	}
	add := func(name string, brokenAt int, entries []loyalty.Entry, details map[int]*vectorDetail) {
		addTo(vectorCard, name, brokenAt, entries, details)
	}
	add("every kind of entry but grant, merge and refund", 0, stamps, details)
	add("the ends of what fields hold", 0, extremeChain(), nil)
	add("no entries", 0, nil, nil)
	add("a flipped byte in an entry", 2, broken(func(e []loyalty.Entry) []loyalty.Entry { e[1].Till[15] ^= 1; return e[:3] }), nil)
	add("a flipped byte in a hash", 2, broken(func(e []loyalty.Entry) []loyalty.Entry { e[1].Hash[0] ^= 0x80; return e[:3] }), nil)
	add("two entries swapped", 2, broken(func(e []loyalty.Entry) []loyalty.Entry { e[1], e[2] = e[2], e[1]; return e[:3] }), nil)
	add("an entry left out", 2, broken(func(e []loyalty.Entry) []loyalty.Entry { return slices.Delete(e, 1, 2)[:3] }), nil)
	add("linked to the entry before the one before it", 3, broken(func(e []loyalty.Entry) []loyalty.Entry {
		e[2].Hash = e[2].Link(e[0].Hash)
		return e[:3]
	}), nil)
	add("linked to another card's beginning", 1, broken(func(e []loyalty.Entry) []loyalty.Entry {
		e[0].Hash = e[0].Link(loyalty.FirstLink(loyalty.CardID(loyaltytest.ID("another card"))))
		return e[:1]
	}), nil)
	add("hashes that hold over a wrong sum", 2, broken(func(e []loyalty.Entry) []loyalty.Entry { e[1].Balance++; return relink(e[:3]) }), nil)
	add("another card's entry", 2, broken(func(e []loyalty.Entry) []loyalty.Entry {
		e[1].Card = loyalty.CardID(loyaltytest.ID("another card"))
		return relink(e[:3])
	}), nil)
	refunds, details := refundedChain()
	add("points that expire in part, and a purchase that is refunded", 0, refunds, details)
	add("a refund of more than was earned", 5, func(e []loyalty.Entry) []loyalty.Entry {
		e[4].Units--
		return relink(rebalance(e))
	}(slices.Clone(refunds)), nil)
	addMerges(func(card loyalty.CardID, name string, brokenAt int, entries []loyalty.Entry) {
		addTo(card, name, brokenAt, entries, nil)
	})
	addCounted(add)
	return file
}
