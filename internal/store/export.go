package store

import (
	"context"
	"iter"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// exportPage is how many members, cards or claims are read at one moment.
const exportPage = 200

// EachMember calls f with every member of a merchant, merged ones too, in the
// order of ids. Errors: what f returns; as of reading.
func (s *Store) EachMember(ctx context.Context, m loyalty.MerchantID, f func(*loyalty.MemberBook) error) error {
	return pages(ctx, s, func(db *gorm.DB, after uid) (uid, int, error) {
		members, err := all(db.Table("members AS m").Select(memberColumns).
			Where("m.merchant_id = ? AND m.id > ?", uid(m), after[:]).Order("m.id").Limit(exportPage), getMember)
		if err != nil || len(members) == 0 {
			return after, 0, err
		}
		ids := make([]loyalty.MemberID, len(members))
		for i := range members {
			ids[i] = members[i].ID
		}
		consents, err := byOwner(db.Table("consents AS c").Select(consentColumns).Where("c.member_id IN ?", uids(ids)).Order("c.id"),
			getConsent, func(c *loyalty.Consent) loyalty.MemberID { return c.Member })
		if err != nil {
			return after, 0, err
		}
		for _, member := range members {
			if err := f(&loyalty.MemberBook{Member: member.Member, Into: member.into, Consents: consents[member.ID]}); err != nil {
				return after, 0, err
			}
		}
		return uid(ids[len(ids)-1]), len(ids), nil
	})
}

// EachClaim calls f with every claim code of a merchant, in the order of ids.
// Errors: what f returns; as of reading.
func (s *Store) EachClaim(ctx context.Context, m loyalty.MerchantID, f func(*loyalty.ClaimCode) error) error {
	return pages(ctx, s, func(db *gorm.DB, after uid) (uid, int, error) {
		var rows []claimRow
		err := db.Where("merchant_id = ? AND id > ?", uid(m), after[:]).Order("id").Limit(exportPage).Find(&rows).Error
		if err != nil {
			return after, 0, translate(err, false)
		}
		for i := range rows {
			after = rows[i].ID
			code, err := rows[i].code()
			if err == nil {
				err = f(&code)
			}
			if err != nil {
				return after, 0, err
			}
		}
		return after, len(rows), nil
	})
}

// EachCardOf calls f with every card of a merchant, in the order of ids, and its
// entries in the order of Seq, with their details. What f gets of a card is of one
// moment; posting goes on meanwhile. Entries are streamed while f runs. An error
// that they yield must be returned. Errors: what f returns; as of reading.
func (s *Store) EachCardOf(ctx context.Context, m loyalty.MerchantID, f func(*loyalty.CardBook, iter.Seq2[loyalty.DetailedEntry, error]) error) error {
	return pages(ctx, s, func(db *gorm.DB, after uid) (uid, int, error) {
		books, err := cardBooks(db, m, after)
		if err != nil || len(books) == 0 {
			return after, 0, err
		}
		ids := make([]loyalty.CardID, len(books))
		for i := range books {
			ids[i] = books[i].ID
		}
		rows, err := db.Table("entries AS e").Select(selected("e", entryColumns)+", d.salt, d.body").
			Joins("LEFT JOIN details d ON d.entry_id = e.id").Where("e.card_id IN ?", uids(ids)).Order("e.card_id, e.seq").Rows()
		if err != nil {
			return after, 0, translate(err, false)
		}
		defer rows.Close()
		entries := &stream[loyalty.DetailedEntry]{
			cursor: newCursor(rows), get: getDetailedEntry, card: func(e *loyalty.DetailedEntry) loyalty.CardID { return e.Card },
		}
		entries.advance()
		for i := range books {
			if err := f(&books[i], entries.of(ids[i])); err != nil {
				return after, 0, err
			}
			entries.skip(ids[i])
		}
		return uid(ids[len(ids)-1]), len(ids), translate(entries.cursor.err, false)
	})
}

func getDetailedEntry(r source) loyalty.DetailedEntry {
	e := loyalty.DetailedEntry{Entry: getEntry(r), Salt: r.id(), Detail: r.bytes()}
	if d, ok := e.Explanation(); ok {
		e.Salt, e.Detail = d.Salt, d.Body
	}
	return e
}

// cardBooks reads one page of cards.
func cardBooks(db *gorm.DB, m loyalty.MerchantID, after uid) ([]loyalty.CardBook, error) {
	books, err := all(db.Table("enrolments AS n").Select(selected("c", cardIdentity+", "+cardState)+", a.member_id, a.attached_at").
		Joins("JOIN cards c ON c.id = n.card_id").Joins("LEFT JOIN card_members a ON a.card_id = n.card_id").
		Where("n.merchant_id = ? AND n.card_id > ?", uid(m), after[:]).Order("n.card_id").Limit(exportPage),
		func(r source) loyalty.CardBook {
			return loyalty.CardBook{Card: getCard(r), Member: r.id(), Attached: fromMicros(r.number())}
		})
	if err != nil || len(books) == 0 {
		return nil, err
	}
	ids := make([]uid, len(books))
	for i := range books {
		ids[i] = uid(books[i].ID)
	}
	vouchers, err := byOwner(db.Table("vouchers AS v").Select(selected("v", voucherColumns)).Where("v.card_id IN ?", ids).Order("v.issued_at, v.id"),
		getVoucher, func(v *loyalty.Voucher) loyalty.CardID { return v.Card })
	if err != nil {
		return nil, err
	}
	lots, err := byOwner(db.Table("lots AS l").Select(selected("l", lotColumns)).Where("l.card_id IN ?", ids).Order("l.seq, l.entry_id"),
		getLot, func(l *loyalty.Lot) loyalty.CardID { return l.Card })
	if err != nil {
		return nil, err
	}
	changes, err := byOwner(db.Table("card_changes AS c").Select(selected("c", changeColumns)).Where("c.card_id IN ?", ids).Order("c.id"),
		getChange, func(c *loyalty.CardChange) loyalty.CardID { return c.Card })
	if err != nil {
		return nil, err
	}
	devices, err := byOwner(db.Table("devices AS d").Select(selected("d", deviceColumns)).Where("d.card_id IN ?", ids).Order("d.id"),
		getDevice, func(d *loyalty.Device) loyalty.CardID { return d.Card })
	if err != nil {
		return nil, err
	}
	passes, err := byOwner(db.Table("passes AS p").Select(selected("p", passColumns)).Where("p.card_id IN ?", ids).Order("p.id"),
		getPass, func(p *loyalty.Pass) loyalty.CardID { return p.Card })
	if err != nil {
		return nil, err
	}
	tags, err := byOwner(db.Table("tags AS g").Select(selected("g", tagColumns)).Where("g.card_id IN ?", ids).Order("g.id"),
		getTag, func(t *loyalty.Tag) loyalty.CardID { return t.Card })
	if err != nil {
		return nil, err
	}
	for i := range books {
		book := &books[i]
		book.Tags, book.Lots = tags[book.ID], lots[book.ID]
		book.Vouchers, book.Changes, book.Devices, book.Passes = vouchers[book.ID], changes[book.ID], devices[book.ID], passes[book.ID]
	}
	return books, nil
}

// pages calls page, in a transaction that sees one moment each, until one was not
// full. It gets the last id that was read, and returns the next.
func pages(ctx context.Context, s *Store, page func(db *gorm.DB, after uid) (last uid, read int, err error)) error {
	var after uid
	for {
		var read int
		err := s.snapshot(ctx, func(db *gorm.DB) (err error) {
			after, read, err = page(db, after)
			return err
		})
		if err != nil || read < exportPage {
			return err
		}
	}
}

// byOwner reads rows that belong to others.
func byOwner[T any, ID comparable](query *gorm.DB, get func(source) T, owner func(*T) ID) (map[ID][]T, error) {
	rows, err := all(query, get)
	owned := map[ID][]T{}
	for i := range rows {
		id := owner(&rows[i])
		owned[id] = append(owned[id], rows[i])
	}
	return owned, err
}
