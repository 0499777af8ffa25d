package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

var (
	insertTags = insertion("tags", tagColumns)

	errNoTag     = &loyalty.Refusal{Code: loyalty.TagNotFound, Message: "There is no such tag."}
	errTagExists = &loyalty.Refusal{
		Code:    loyalty.TagExists,
		Message: "A tag with this serial number is registered already. Set it up anew, or revoke it first.",
	}
	errNoProgramOfTag = &loyalty.Refusal{Code: loyalty.ProgramNotFound, Message: "There is no such program."}
	errTagRevoked     = &loyalty.Refusal{Code: loyalty.TagRevoked, Message: "This tag was revoked. Register its chip again."}
)

// RenderTag makes the answer of a change from the tag after it; it may be called
// again after a rollback.
type RenderTag = func(*loyalty.Tag) (loyalty.Answer, error)

// AddTag registers a chip for a card, in the epoch after the last one in which the
// merchant had it, and answers with what render makes of it. It is a tag of the card
// that is left where t's Card was merged; or without a Card, one of t's Location and
// Program.
//
// Errors: loyalty.ErrNotFound for a card that is not this merchant's; a
// *loyalty.Refusal with loyalty.LocationNotFound or loyalty.ProgramNotFound, and with
// loyalty.TagExists while the chip is registered; what render
// returns; as of Once.
func (s *Store) AddTag(ctx context.Context, r loyalty.Answer, t loyalty.Tag, render RenderTag) (loyalty.Answer, error) {
	answer, err := s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		card, err := tx.ownerOf(&t)
		if err != nil {
			return loyalty.Answer{}, err
		}
		last, err := first(tagOf(tx.db, t.Merchant, t.UID), getTag)
		switch {
		case errors.Is(err, loyalty.ErrNotFound):
		case err != nil:
			return loyalty.Answer{}, err
		case last.Revoked.IsZero():
			return loyalty.Answer{}, errTagExists
		}
		added := t
		added.Card, added.Epoch = card, last.Epoch+1
		if err := insert(tx, insertTags, []loyalty.Tag{added}, putTag); err != nil {
			return loyalty.Answer{}, err
		}
		return tagAnswer(&added, render)
	})
	if errors.Is(err, loyalty.ErrConflict) { // somebody else registered the chip in the same moment
		err = errTagExists
	}
	return answer, err
}

// ownerOf locks the card of a tag that is to be added, so that none is added to one
// while it is erased; of a counter tag it holds that the shop has what it is for.
func (tx *Tx) ownerOf(t *loyalty.Tag) (loyalty.CardID, error) {
	if t.OnCounter() {
		if _, err := tx.location(t.Merchant, t.Location); err != nil {
			return loyalty.CardID{}, err
		}
		_, err := tx.Program(t.Merchant, t.Program)
		return loyalty.CardID{}, orRefuse(err, errNoProgramOfTag)
	}
	line, err := tx.lockLine(t.Merchant, t.Card)
	if err != nil {
		return loyalty.CardID{}, err
	}
	return line[len(line)-1].ID, nil
}

// tagAnswer is kept with the tag's card: erasing that erases it.
func tagAnswer(t *loyalty.Tag, render RenderTag) (loyalty.Answer, error) {
	answer, err := render(t)
	answer.Card = t.Card
	return answer, err
}

// TagByUID is the tag as which a merchant has registered a chip last, revoked or
// not. Errors: loyalty.ErrNotFound.
func (s *Store) TagByUID(ctx context.Context, m loyalty.MerchantID, uid loyalty.TagUID) (loyalty.Tag, error) {
	return first(tagOf(s.engine.reader().WithContext(ctx), m, uid), getTag)
}

// Tag is one of a merchant's tags. Errors: a *loyalty.Refusal with
// loyalty.TagNotFound.
func (s *Store) Tag(ctx context.Context, m loyalty.MerchantID, id loyalty.TagID) (loyalty.Tag, error) {
	t, err := first(tagsOf(s.engine.reader().WithContext(ctx), m).Where("g.id = ?", uid(id)), getTag)
	return t, refused(err, errNoTag)
}

// CounterTag is a tag of a shop's counter, whichever merchant's: that its URL names.
// Errors: loyalty.ErrNotFound.
func (s *Store) CounterTag(ctx context.Context, id loyalty.TagID) (loyalty.Tag, error) {
	return first(s.engine.reader().WithContext(ctx).Table("tags AS g").Select(selected("g", tagColumns)).
		Where("g.id = ? AND g.card_id IS NULL", uid(id)), getTag)
}

// Gaps are what was skipped of a counter tag's values, the newest first, so many after
// the one named if any. Whose tag it is the caller knows.
func (s *Store) Gaps(ctx context.Context, tag loyalty.TagID, after loyalty.GapID, limit int) ([]loyalty.Gap, error) {
	query := s.engine.reader().WithContext(ctx).Table("tag_gaps AS p").Select(selected("p", gapColumns)).Where("p.tag_id = ?", uid(tag))
	return page(query, "p.id", after, limit, getGap)
}

// Tags are a merchant's tags, or those that were registered for one card, newest
// first, after the one named if any; revoked ones only when all are wanted.
func (s *Store) Tags(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, all bool, after loyalty.TagID, limit int) ([]loyalty.Tag, error) {
	query := tagsOf(s.engine.reader().WithContext(ctx), m)
	if !card.IsZero() {
		query = query.Where("g.card_id = ?", uid(card))
	}
	if !all {
		query = query.Where("g.revoked_at = 0")
	}
	return page(query, "g.id", after, limit, getTag)
}

// CounterTags are the tags of a merchant's counters, as Tags lists them, revoked ones
// too.
func (s *Store) CounterTags(ctx context.Context, m loyalty.MerchantID, after loyalty.TagID, limit int) ([]loyalty.Tag, error) {
	query := tagsOf(s.engine.reader().WithContext(ctx), m).Where("g.card_id IS NULL")
	return page(query, "g.id", after, limit, getTag)
}

// RenewTag brings a tag into its next epoch, where its counter starts again: what
// its chip makes counts only once it got the keys of that epoch. It answers with what
// render makes of the tag. Errors: a *loyalty.Refusal with loyalty.TagNotFound or
// loyalty.TagRevoked; what render returns; as of Once.
func (s *Store) RenewTag(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.TagID, render RenderTag) (loyalty.Answer, error) {
	return s.changeTag(ctx, r, m, id, render, func(t *loyalty.Tag) error {
		if !t.Revoked.IsZero() {
			return errTagRevoked
		}
		t.Epoch, t.Counter, t.Floor, t.Recent = t.Epoch+1, 0, 0, nil
		return nil
	})
}

// RevokeTag ends a tag, at once and in every process; one revoked before stays as it
// was. It answers with what render makes of the tag. Errors: a *loyalty.Refusal with
// loyalty.TagNotFound; what render returns; as of Once.
func (s *Store) RevokeTag(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.TagID, now time.Time, render RenderTag) (loyalty.Answer, error) {
	return s.changeTag(ctx, r, m, id, render, func(t *loyalty.Tag) error {
		if t.Revoked.IsZero() {
			t.Revoked = now
		}
		return nil
	})
}

// changeTag locks a tag as posting does.
func (s *Store) changeTag(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.TagID, render RenderTag, change func(*loyalty.Tag) error) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		t, err := first(tagsOf(tx.db, m).Clauses(locked).Where("g.id = ?", uid(id)), getTag)
		if err != nil {
			return loyalty.Answer{}, refused(err, errNoTag)
		}
		if err := change(&t); err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.exec("UPDATE tags SET epoch = ?, counter = ?, floor = ?, recent = ?, revoked_at = ? WHERE id = ?",
			t.Epoch, t.Counter, t.Floor, recentBytes(t.Recent), micros(t.Revoked), uid(id)); err != nil {
			return loyalty.Answer{}, err
		}
		return tagAnswer(&t, render)
	})
}

// eraseTags ends the tags of a card and erases what people called them. Their rows
// stay: see the table.
func (tx *Tx) eraseTags(card loyalty.CardID) error {
	return tx.exec("UPDATE tags SET label = '', revoked_at = CASE WHEN revoked_at = 0 THEN created_at ELSE revoked_at END WHERE card_id = ?", uid(card))
}

func tagsOf(db *gorm.DB, m loyalty.MerchantID) *gorm.DB {
	return db.Table("tags AS g").Select(selected("g", tagColumns)).Where("g.merchant_id = ?", uid(m))
}

func tagOf(db *gorm.DB, m loyalty.MerchantID, uid loyalty.TagUID) *gorm.DB {
	return tagsOf(db, m).Where("g.uid = ?", uid[:]).Order("g.epoch DESC")
}
