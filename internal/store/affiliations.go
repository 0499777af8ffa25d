package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

const affiliationColumns = "f.member_id, f.audience, f.agreement_id, f.who, f.domain, f.since, f.alone"

func getAffiliation(r source) loyalty.Affiliation {
	return loyalty.Affiliation{
		Member: r.id(), Audience: loyalty.Audience(r.text()), Agreement: r.id(),
		Who: r.hash(), Domain: r.text(), Since: fromMicros(r.number()), Alone: r.flag(),
	}
}

func affiliationsOf(db *gorm.DB) *gorm.DB {
	return db.Table("affiliations AS f").Select(affiliationColumns)
}

// SetLabels gives a member, or whom it was merged into, these tags and no others; its
// cards have them from then on. answer may be called again after a rollback. Errors:
// loyalty.ErrNotFound; what answer returns; as of Once.
func (s *Store) SetLabels(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.MemberID, labels loyalty.Labels, now time.Time, answer MemberAnswer) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		member, reached, err := tx.lockMember(m, id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.exec("UPDATE members SET tags = ?, changed_at = ? WHERE id = ?", string(labels), micros(now), uid(member.ID)); err != nil {
			return loyalty.Answer{}, err
		}
		return tx.tell(&member, reached.owned(), now, answer)
	})
}

// MemberAnswer makes the answer about a member as it is now, with the consents that
// hold; it may be called again after a rollback.
type MemberAnswer = func(*loyalty.Member, []loyalty.Consent) (loyalty.Answer, error)

// belongAnew writes beside locked cards what their holders are now, and marks them, as
// their passes may promise something else.
func (tx *Tx) belongAnew(cards []loyalty.CardID, now time.Time) error {
	if err := tx.belong(cards); err != nil {
		return err
	}
	return tx.touchEach(cards, micros(now))
}

// tell is belongAnew, and answers about one of the holders.
func (tx *Tx) tell(member *loyalty.Member, cards []loyalty.CardID, now time.Time, answer MemberAnswer) (_ loyalty.Answer, err error) {
	if err := tx.belongAnew(cards, now); err != nil {
		return loyalty.Answer{}, err
	}
	member.Changed = now
	if member.Belonging, err = belongingOf(tx.db, member.ID); err != nil {
		return loyalty.Answer{}, err
	}
	consents, err := currentConsents(tx.db, []loyalty.MemberID{member.ID})
	if err != nil {
		return loyalty.Answer{}, err
	}
	told, err := answer(member, consents)
	return about(told, member.ID), err
}

// Affiliate makes a member, or whom it was merged into, what f says; a customer belongs
// to nothing any more. Of an agreement it is what the agreement's people are. Whoever
// belonged to it by the same Who does so no more: one address or number makes one
// member.
//
// Errors: loyalty.ErrNotFound for no such member; a *loyalty.Refusal with
// loyalty.AgreementNotFound, AgreementOver, or NotOnRoster for a Who that is neither
// there nor, with a Domain, of one of the agreement's; what answer returns; as of Once.
func (s *Store) Affiliate(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, f loyalty.Affiliation, answer MemberAnswer) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		f := f // it may be called again after a rollback
		before, err := tx.holderOf(&f)
		if err != nil {
			return loyalty.Answer{}, err
		}
		member, cards, err := tx.becomes(m, &f, before)
		if err != nil {
			return loyalty.Answer{}, err
		}
		return tx.tell(&member, cards, f.Since, answer)
	})
}

// becomes is Affiliate, up to what stands beside the cards that it has locked: those of
// the member, and of who was it before, and more. It is done over where before, the
// holderOf f, is another by then.
func (tx *Tx) becomes(m loyalty.MerchantID, f *loyalty.Affiliation, before []loyalty.MemberID, more ...loyalty.CardID) (member loyalty.Member, cards []loyalty.CardID, err error) {
	locked, err := tx.lockMembers(m, append(before, f.Member), more...)
	if errors.Is(err, loyalty.ErrNotFound) { // of before, who may be erased by now
		err = cmp.Or(tx.holderIs(f, before), err)
	}
	if err != nil {
		return member, nil, err
	}
	member = locked.members[f.Member]
	f.Member = member.ID
	if !f.Agreement.IsZero() {
		if err := tx.qualify(m, f); err != nil {
			return member, nil, err
		}
	}
	if err := tx.holderIs(f, before); err != nil {
		return member, nil, err
	}
	if f.Alone && len(before) > 0 {
		if err := joinedAlone(tx.db, before[0]); err != nil {
			return member, nil, err
		}
	}
	if err := tx.affiliate(f, before); err != nil {
		return member, nil, err
	}
	return member, locked.cards, tx.exec("UPDATE members SET changed_at = ? WHERE id = ?", micros(f.Since), uid(member.ID))
}

// holderOf is who belongs to an agreement by the same Who: nobody, or one.
func (tx *Tx) holderOf(f *loyalty.Affiliation) ([]loyalty.MemberID, error) {
	if f.Who == (loyalty.Hash{}) {
		return nil, nil
	}
	return all(tx.db.Table("affiliations AS f").Select("f.member_id").
		Where("f.agreement_id = ? AND f.who = ?", uid(f.Agreement), f.Who[:]), func(r source) loyalty.MemberID { return r.id() })
}

// holderIs holds that nobody has come or gone since holderOf f was asked. Errors: errAgain.
func (tx *Tx) holderIs(f *loyalty.Affiliation, before []loyalty.MemberID) error {
	now, err := tx.holderOf(f)
	if err == nil && !slices.Equal(before, now) {
		err = fmt.Errorf("%w: another member has shown the same address meanwhile", errAgain)
	}
	return err
}

// qualify holds that somebody may belong to an agreement, which it locks.
func (tx *Tx) qualify(m loyalty.MerchantID, f *loyalty.Affiliation) error {
	a, err := tx.lockAgreement(m, f.Agreement)
	if err != nil {
		return err
	}
	if !a.Ends.IsZero() && !f.Since.Before(a.Ends) {
		return &loyalty.Refusal{Code: loyalty.AgreementOver, Message: "This agreement has ended: nobody joins it any more."}
	}
	f.Audience = a.Kind.Audience()
	if f.Domain != "" && !a.Has(f.Domain) {
		f.Domain = ""
	}
	if f.Who == (loyalty.Hash{}) || f.Domain != "" {
		return nil
	}
	listed, err := listedOf(tx.db, a.ID, []loyalty.Hash{f.Who})
	if err == nil && len(listed) == 0 {
		err = &loyalty.Refusal{Code: loyalty.NotOnRoster, Message: "This address or number is not on the agreement's roster."}
	}
	return err
}

// affiliate writes it, in place of what its member was, and of whoever was before.
func (tx *Tx) affiliate(f *loyalty.Affiliation, before []loyalty.MemberID) error {
	for _, member := range append(before, f.Member) {
		if err := tx.exec("DELETE FROM affiliations WHERE member_id = ?", uid(member)); err != nil {
			return err
		}
	}
	if f.Audience == loyalty.Customer {
		return nil
	}
	var agreement, who any
	if !f.Agreement.IsZero() {
		agreement = uid(f.Agreement)
	}
	if f.Who != (loyalty.Hash{}) {
		who = f.Who[:]
	}
	return tx.exec("INSERT INTO affiliations (member_id, audience, agreement_id, who, domain, since, alone) VALUES (?, ?, ?, ?, ?, ?, ?)",
		uid(f.Member), string(f.Audience), agreement, who, f.Domain, micros(f.Since), f.Alone)
}

// belongTogether gives a member the tags of another, and what that was where it was a
// plain customer itself. Their cards are the member's already, and locked.
func (tx *Tx) belongTogether(member, other *loyalty.Member) (loyalty.Belonging, error) {
	labels := member.Belonging.Labels.And(other.Belonging.Labels)
	if err := tx.exec("UPDATE members SET tags = ? WHERE id = ?", string(labels), uid(member.ID)); err != nil {
		return loyalty.Belonging{}, err
	}
	_, err := first(affiliationsOf(tx.db).Where("f.member_id = ?", uid(member.ID)), getAffiliation)
	switch {
	case errors.Is(err, loyalty.ErrNotFound):
		err = tx.exec("UPDATE affiliations SET member_id = ? WHERE member_id = ?", uid(member.ID), uid(other.ID))
	case err == nil:
		err = tx.exec("DELETE FROM affiliations WHERE member_id = ?", uid(other.ID))
	}
	if err == nil {
		err = tx.knownOtherwise(member.ID)
	}
	if err != nil {
		return loyalty.Belonging{}, err
	}
	reached, err := reachOf(tx.db, member.ID)
	if err == nil {
		err = tx.belong(reached.owned())
	}
	if err != nil {
		return loyalty.Belonging{}, err
	}
	return belongingOf(tx.db, member.ID)
}
