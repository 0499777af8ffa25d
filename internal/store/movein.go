package store

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"stempel/internal/loyalty"
)

// MoveIn stores what comes from another system, in one transaction. decide gets
// what is known of those who arrive and says what is stored of them; the answer
// that it renders is kept as Once does. It may be called again after a rollback.
//
// A batch of cards alone finds in Known that none is there: usually that is so,
// and only when it turns out not to be, they are asked for and decide is called
// again.
//
// Errors: what decide returns; loyalty.ErrConflict when others go on moving the
// same in; as of Once.
func (s *Store) MoveIn(ctx context.Context, r loyalty.Answer, a loyalty.Arriving, decide func(*loyalty.Known) (loyalty.Arrivals, loyalty.Answer, error)) (answer loyalty.Answer, err error) {
	if len(a.Contacts) > 0 {
		return s.moveIn(ctx, r, a, decide)
	}
	answer, err = s.moveInOnce(ctx, r, loyalty.Arriving{}, decide)
	if errors.Is(err, loyalty.ErrConflict) { // moved in before, or by somebody else right now
		return s.moveIn(ctx, r, a, decide)
	}
	return answer, err
}

// moveIn looks first. What somebody else stores behind its back is met when it is
// stored again: then it looks again.
func (s *Store) moveIn(ctx context.Context, r loyalty.Answer, a loyalty.Arriving, decide func(*loyalty.Known) (loyalty.Arrivals, loyalty.Answer, error)) (answer loyalty.Answer, err error) {
	for range maxAttempts {
		answer, err = s.moveInOnce(ctx, r, a, decide)
		if !errors.Is(err, loyalty.ErrConflict) {
			break
		}
	}
	return answer, err
}

func (s *Store) moveInOnce(ctx context.Context, r loyalty.Answer, a loyalty.Arriving, decide func(*loyalty.Known) (loyalty.Arrivals, loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		known, err := knownOf(tx.db, movedCards, a, locked)
		if err != nil {
			return loyalty.Answer{}, err
		}
		arrivals, answer, err := decide(known)
		if err != nil {
			return loyalty.Answer{}, err
		}
		return answer, tx.storeArrivals(&arrivals)
	})
}

// storeArrivals writes all of a batch. Ids and indexes are random: in their order,
// neighbours go to the same page of an index, and no two batches wait for each
// other.
func (tx *Tx) storeArrivals(a *loyalty.Arrivals) error {
	cards := make([]loyalty.Card, len(a.Cards))
	var rest loyalty.Writes
	for i, d := range a.Cards {
		cards[i] = d.Card
		rest.Entries = append(rest.Entries, d.Entries...)
		rest.Issued = append(rest.Issued, d.Issued...)
		rest.LotsNew = append(rest.LotsNew, d.LotsNew...)
	}
	slices.SortFunc(cards, func(a, b loyalty.Card) int { return a.ID.Compare(b.ID) })
	slices.SortStableFunc(rest.Entries, func(a, b loyalty.Entry) int { return a.Card.Compare(b.Card) })
	contacts, err := tx.newContacts(a)
	if err == nil {
		err = insert(tx, updateMembers, a.Changed, putProfile)
	}
	if err != nil {
		return err
	}
	err = tx.load(func(to changes) error {
		w := writing{ctx: tx.db.Statement.Context, to: to}
		add(&w, insertCards, cards, putCard)
		add(&w, insertEnrolments, cards, putEnrolment)
		add(&w, insertMembers, a.Members, putMember)
		add(&w, insertContacts, contacts, putContact)
		add(&w, insertConsents, a.Consents, putConsent)
		add(&w, insertAttachments, byCard(a.Attachments), putAttachment)
		if w.err != nil {
			return w.err
		}
		return write(w.ctx, to, &rest)
	})
	if err != nil {
		return err
	}
	return tx.belong(ofKnown(a))
}

// ofKnown are the cards of those who were members before: a new one belongs to nothing.
func ofKnown(a *loyalty.Arrivals) []loyalty.CardID {
	fresh := make(map[loyalty.MemberID]bool, len(a.Members))
	for i := range a.Members {
		fresh[a.Members[i].ID] = true
	}
	var cards []loyalty.CardID
	for _, attached := range a.Attachments {
		if !fresh[attached.Member] {
			cards = append(cards, attached.Card)
		}
	}
	return cards
}

// newContacts are those that are to be stored, in one order for all.
func (tx *Tx) newContacts(a *loyalty.Arrivals) ([]contact, error) {
	var fresh []contact
	for i := range a.Members {
		for _, index := range a.Members[i].Indexes {
			fresh = append(fresh, contact{index, a.Members[i].ID})
		}
	}
	for part := range slices.Chunk(a.Changed, keysAtOnce) {
		there, err := tx.indexesOf(part)
		if err != nil {
			return nil, err
		}
		for i := range part {
			for _, index := range part[i].Indexes {
				if !slices.Contains(there[part[i].ID], index) {
					fresh = append(fresh, contact{index, part[i].ID})
				}
			}
		}
	}
	slices.SortFunc(fresh, func(a, b contact) int { return bytes.Compare(a.index[:], b.index[:]) })
	return fresh, nil
}

func byCard(list []loyalty.Attachment) []loyalty.Attachment {
	slices.SortFunc(list, func(a, b loyalty.Attachment) int { return a.Card.Compare(b.Card) })
	return list
}
