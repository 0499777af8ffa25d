package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// RenderPartner makes the answer of a change; it may be called again after a
// rollback.
type RenderPartner = func(*loyalty.PartnerListing) (loyalty.Answer, error)

var (
	insertPartners = insertion("partners", partnerColumns)

	errNoPartner    = &loyalty.Refusal{Code: loyalty.MerchantNotFound, Message: "There is no such partner of this program, and nobody of that id is invited."}
	errNoProgram    = &loyalty.Refusal{Code: loyalty.ProgramNotFound, Message: "There is no such program."}
	errNoInvitation = &loyalty.Refusal{Code: loyalty.ProgramNotFound, Message: "There is no such program that asked this merchant to be a partner."}
)

// InvitePartner asks a merchant of this house to honour the cards of a program. Who
// is a partner already, or invited, stays so.
//
// Errors: a *loyalty.Refusal with loyalty.ProgramNotFound (also for another
// merchant's program), NotCoalition or MerchantNotFound; a *loyalty.FieldError for
// the operator itself, and for more than loyalty.MaxPartners; what render returns; as of Once.
func (s *Store) InvitePartner(ctx context.Context, r loyalty.Answer, operator loyalty.MerchantID, p loyalty.Partner, render RenderPartner) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		if _, err := tx.lockProgram(operator, p.Program); err != nil {
			return loyalty.Answer{}, refused(err, errNoProgram)
		}
		if err := tx.mayInvite(operator, &p); err != nil {
			return loyalty.Answer{}, err
		}
		known, err := first(tx.partner(p.Name()), getPartner)
		switch {
		case errors.Is(err, loyalty.ErrNotFound):
			if err := tx.roomForPartner(p.Program); err != nil {
				return loyalty.Answer{}, err
			}
			if err := insert(tx, insertPartners, []loyalty.Partner{p}, putPartner); err != nil {
				return loyalty.Answer{}, err
			}
			return tx.partnerAnswer(&p, render)
		case err != nil:
			return loyalty.Answer{}, err
		}
		if over := known.Invite(p.Invited); over != (loyalty.Term{}) {
			if err := tx.keepTerm(p.Name(), over); err != nil {
				return loyalty.Answer{}, err
			}
		}
		return tx.putPartner(&known, render)
	})
}

// keepTerm keeps what is forgotten where a partnership begins anew. What was posted in
// it stays in the ledger, and an audit asks for it.
func (tx *Tx) keepTerm(name loyalty.Partnership, over loyalty.Term) error {
	return tx.exec("INSERT INTO partner_terms (program_id, merchant_id, since, until) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		uid(name.Program), uid(name.Merchant), micros(over.Since), micros(over.Until))
}

func (tx *Tx) mayInvite(operator loyalty.MerchantID, p *loyalty.Partner) error {
	program, err := tx.Program(operator, p.Program)
	switch {
	case err != nil && !errors.Is(err, loyalty.ErrNotFound):
		return err
	case err != nil || program.Coalition == nil:
		return &loyalty.Refusal{
			Code:    loyalty.NotCoalition,
			Message: "This program has no partners: publish it with the rule coalition first, which says what its points are worth between them.",
		}
	case p.Merchant == operator:
		return &loyalty.FieldError{Field: "merchant", Problem: "is the program's own"}
	}
	_, err = take[merchantRow](tx, "id = ?", uid(p.Merchant))
	return refused(err, &loyalty.Refusal{Code: loyalty.MerchantNotFound, Message: "There is no such merchant here."})
}

// roomForPartner expects that the program is locked.
func (tx *Tx) roomForPartner(id loyalty.ProgramID) error {
	var partners int64
	_, err := scalars(tx.db.Table("partners AS p").Select("count(*)").Where("p.program_id = ?", uid(id)), &partners)
	if err == nil && partners >= loyalty.MaxPartners {
		err = &loyalty.FieldError{Field: "merchant", Problem: "would be the 101st partner: a program has 100 at most"}
	}
	return err
}

// AcceptPartnership has a merchant's tills honour the cards of the program that it
// was invited to, from now on. Errors: a *loyalty.Refusal with
// loyalty.ProgramNotFound (also where nobody has invited it) or PartnershipEnded; what
// render returns; as of Once.
func (s *Store) AcceptPartnership(ctx context.Context, r loyalty.Answer, name loyalty.Partnership, now time.Time, render RenderPartner) (loyalty.Answer, error) {
	return s.changePartner(ctx, r, name, errNoInvitation, render, func(p *loyalty.Partner) error { return p.Accept(now) })
}

// EndPartnership ends a partnership or an invitation from now on, for the operator.
// What was posted stays. Errors: a *loyalty.Refusal with loyalty.ProgramNotFound or
// MerchantNotFound; what render returns; as of Once.
func (s *Store) EndPartnership(ctx context.Context, r loyalty.Answer, operator loyalty.MerchantID, name loyalty.Partnership, now time.Time, render RenderPartner) (loyalty.Answer, error) {
	if _, err := s.Program(ctx, operator, name.Program); err != nil {
		return loyalty.Answer{}, refused(err, errNoProgram)
	}
	return s.changePartner(ctx, r, name, errNoPartner, render, func(p *loyalty.Partner) error { p.End(now); return nil })
}

// LeavePartnership is EndPartnership for the partner. Errors: as of AcceptPartnership.
func (s *Store) LeavePartnership(ctx context.Context, r loyalty.Answer, name loyalty.Partnership, now time.Time, render RenderPartner) (loyalty.Answer, error) {
	return s.changePartner(ctx, r, name, errNoInvitation, render, func(p *loyalty.Partner) error { p.End(now); return nil })
}

func (s *Store) changePartner(ctx context.Context, r loyalty.Answer, name loyalty.Partnership, unknown *loyalty.Refusal, render RenderPartner, change func(*loyalty.Partner) error) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		p, err := first(tx.partner(name).Clauses(locked), getPartner)
		if err == nil {
			err = change(&p)
		}
		if err != nil {
			return loyalty.Answer{}, refused(err, unknown)
		}
		return tx.putPartner(&p, render)
	})
}

func (tx *Tx) partner(name loyalty.Partnership) *gorm.DB {
	return tx.db.Table("partners AS p").Select(selected("p", partnerColumns)).
		Where("p.program_id = ? AND p.merchant_id = ?", uid(name.Program), uid(name.Merchant))
}

// putPartner stores a partnership as it is now.
func (tx *Tx) putPartner(p *loyalty.Partner, render RenderPartner) (loyalty.Answer, error) {
	err := tx.exec("UPDATE partners SET invited_at = ?, since = ?, until = ? WHERE program_id = ? AND merchant_id = ?",
		micros(p.Invited), micros(p.Since), micros(p.Until), uid(p.Program), uid(p.Merchant))
	if err != nil {
		return loyalty.Answer{}, err
	}
	return tx.partnerAnswer(p, render)
}

func (tx *Tx) partnerAnswer(p *loyalty.Partner, render RenderPartner) (loyalty.Answer, error) {
	listing, err := first(partnerListings(tx.db).Where("p.program_id = ? AND p.merchant_id = ?", uid(p.Program), uid(p.Merchant)), getPartnerListing)
	if err != nil {
		return loyalty.Answer{}, err
	}
	return render(&listing)
}

// PartnersOf are a program's partners, those included that were invited or have
// ended: so many from the one after a merchant's id on. Errors: loyalty.ErrNotFound
// for another merchant's program.
func (s *Store) PartnersOf(ctx context.Context, operator loyalty.MerchantID, program loyalty.ProgramID, after loyalty.MerchantID, limit int) ([]loyalty.PartnerListing, error) {
	if _, err := s.Program(ctx, operator, program); err != nil {
		return nil, err
	}
	query := partnerListings(s.engine.reader().WithContext(ctx)).Where("p.program_id = ?", uid(program))
	if !after.IsZero() {
		query = query.Where("p.merchant_id < ?", uid(after))
	}
	return all(query.Order("p.merchant_id DESC").Limit(limit), getPartnerListing)
}

// Partnerships are those that a merchant was invited to, with what has ended: so many
// from the one after a program's id on.
func (s *Store) Partnerships(ctx context.Context, m loyalty.MerchantID, after loyalty.ProgramID, limit int) ([]loyalty.PartnerListing, error) {
	query := partnerListings(s.engine.reader().WithContext(ctx)).Where("p.merchant_id = ?", uid(m))
	if !after.IsZero() {
		query = query.Where("p.program_id < ?", uid(after))
	}
	return all(query.Order("p.program_id DESC").Limit(limit), getPartnerListing)
}

func partnerListings(db *gorm.DB) *gorm.DB {
	return db.Table("partners AS p").
		Select(selected("p", partnerColumns) + ", m.name, o.id, o.name, CAST(v.rules AS text)").
		Joins("JOIN merchants m ON m.id = p.merchant_id").
		Joins("JOIN programs g ON g.id = p.program_id").Joins("JOIN merchants o ON o.id = g.merchant_id").
		Joins("JOIN program_versions v ON v.program_id = g.id AND v.version = g.current_version")
}

func getPartnerListing(r source) loyalty.PartnerListing {
	listing := loyalty.PartnerListing{Partner: getPartner(r), Name: r.text(), Operator: r.id(), OperatorName: r.text()}
	var rules struct{ Name string }
	if json.Unmarshal(r.bytes(), &rules) == nil { // rules that are none stop the program itself
		listing.ProgramName = rules.Name
	}
	return listing
}

// mostHonoured is how many programs of others a till is told of.
const mostHonoured = 100

// HonouredPrograms are the current versions of the programs in which a merchant is a
// partner now, the oldest first, as far as they are coalitions: mostHonoured at most.
func (s *Store) HonouredPrograms(ctx context.Context, m loyalty.MerchantID) ([]*loyalty.Program, error) {
	db := s.engine.reader().WithContext(ctx)
	return parsed(allPrograms(db).Where("p.current_version > 0 AND p.id IN (SELECT h.program_id FROM partners h "+
		"WHERE h.merchant_id = ? AND h.since > 0 AND h.until = 0)", uid(m)).
		Where("(v.rules -> 'coalition') IS NOT NULL").Order("p.id").Limit(mostHonoured))
}

// HonouredAt are the names of a program's partners as they are now, in their order.
func (s *Store) HonouredAt(ctx context.Context, program loyalty.ProgramID) ([]string, error) {
	return all(s.engine.reader().WithContext(ctx).Table("partners AS p").Select("m.name").
		Joins("JOIN merchants m ON m.id = p.merchant_id").
		Where("p.program_id = ? AND p.since > 0 AND p.until = 0", uid(program)).Order("m.name, m.id"),
		func(r source) string { return r.text() })
}
