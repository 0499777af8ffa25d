package moving

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/personal"
)

// arrival is a line on its way.
type arrival struct {
	Line
	row      Row
	card     *loyalty.Decision // nil: a member alone
	member   loyalty.Member    // the row's as it is if nobody knows it yet; zero: a card alone
	contacts []contact         // the row's
	torn     bool              // the file ends in it
}

// contact is one by which a row's member may be known.
type contact struct {
	personal.Contact
	indexes []loyalty.Hash
}

// batch is what goes into one transaction.
type batch struct {
	merchant loyalty.MerchantID
	box      *personal.Box
	now      time.Time
	arrivals []arrival
}

// arriving is what has to be known to place it.
func (b *batch) arriving() (a loyalty.Arriving) {
	for i := range b.arrivals {
		one := &b.arrivals[i]
		if one.Result == Refused {
			continue
		}
		if one.card != nil {
			a.Cards = append(a.Cards, one.Card)
		}
		for _, c := range one.contacts {
			a.Contacts = append(a.Contacts, c.indexes...)
		}
		a.Consents = a.Consents || one.row.Consent.Purpose != ""
	}
	return a
}

// place decides what becomes of each line, in their order. It starts afresh each
// time. Errors: as of personal.Box.OpenMember.
func (b *batch) place(known *loyalty.Known) (loyalty.Arrivals, []Line, error) {
	p := placing{
		batch: b, known: known, cards: map[loyalty.CardID]*arrival{},
		byIndex: map[loyalty.Hash]*person{}, byID: map[loyalty.MemberID]*person{},
	}
	lines := make([]Line, len(b.arrivals))
	for i := range b.arrivals {
		one := &b.arrivals[i]
		lines[i] = one.Line
		if one.Result == Refused {
			continue
		}
		if err := p.line(one, &lines[i]); err != nil {
			return loyalty.Arrivals{}, nil, err
		}
	}
	for _, who := range p.people {
		switch {
		case who.fresh:
			p.arrivals.Members = append(p.arrivals.Members, who.member)
		case who.changed:
			p.arrivals.Changed = append(p.arrivals.Changed, who.member)
		}
	}
	return p.arrivals, lines, nil
}

// placing is a batch while it is placed.
type placing struct {
	*batch
	known    *loyalty.Known
	cards    map[loyalty.CardID]*arrival // that are placed
	byIndex  map[loyalty.Hash]*person
	byID     map[loyalty.MemberID]*person
	people   []*person // in the order of lines
	arrivals loyalty.Arrivals
}

// line places one. A card that is there stays as it is, whoever's it is: what the
// shop has done with it since counts. But its line may bring another consent.
func (p *placing) line(one *arrival, l *Line) error {
	if one.card != nil && p.isThere(one, l) {
		l.Result = There
		return p.another(one, l)
	}
	if !one.member.ID.IsZero() {
		if err := p.attach(one, l); err != nil || l.Result == Refused {
			return err
		}
	}
	if one.card != nil {
		l.Result, p.cards[one.Card] = Stored, one
		p.arrivals.Cards = append(p.arrivals.Cards, one.card)
	}
	return nil
}

// attach finds or makes the member of a line.
func (p *placing) attach(one *arrival, l *Line) error {
	who, by, err := p.owner(one, l)
	if err != nil || l.Result == Refused {
		return err
	}
	l.Result = There
	if who == nil {
		who = p.welcome(&one.member, &one.row.Profile)
		l.Result = Stored
	} else if !p.meet(who, by, one, l) {
		return nil
	}
	l.Member = who.member.ID
	if p.consent(who, one.row.Consent) {
		l.Result = Stored
	}
	if one.card != nil {
		p.arrivals.Attachments = append(p.arrivals.Attachments,
			loyalty.Attachment{Card: one.Card, Member: who.member.ID, At: p.now})
	}
	return nil
}

// isThere reports whether a card is there, and says so if it began with something
// else than this line has.
func (p *placing) isThere(one *arrival, l *Line) bool {
	units, there := p.known.Cards[one.Card]
	from := "The card is there"
	if before := p.cards[one.Card]; before != nil {
		units, there, from = before.row.Balance, true, fmt.Sprintf("Line %d is of the same card", before.Number)
	}
	if there && units != one.row.Balance {
		l.Detail = strings.TrimSpace(fmt.Sprintf("%s, with another balance, which stays: %d. %s", from, units, l.Detail))
	}
	return there
}

// another takes the consent of a line whose card is there: a member with several
// stands in several lines. Who was erased, or never came, does not come by it.
func (p *placing) another(one *arrival, l *Line) error {
	if one.row.Consent.Purpose == "" {
		return nil
	}
	who, _, err := p.owner(one, l)
	switch {
	case err != nil || l.Result == Refused:
		return err
	case who == nil:
		l.Detail = "The card is there, and its member is not: the consent was not taken. " + l.Detail
	case p.consent(who, one.row.Consent):
		l.Member, l.Result = who.member.ID, Stored
	}
	return nil
}

// consent notes what a member had allowed, and reports whether that was news.
func (p *placing) consent(who *person, c Consent) bool {
	if c.Purpose == "" || slices.ContainsFunc(who.consents, func(has loyalty.Consent) bool {
		return has.Purpose == c.Purpose && has.At.Equal(c.At)
	}) {
		return false
	}
	given := loyalty.Consent{
		ID: loyalty.MovedConsentID(c.At), Member: who.member.ID, Purpose: c.Purpose, Given: true, At: c.At,
	}
	p.box.SealConsent(p.merchant, &given, &c.Shown, p.now)
	who.consents = append(who.consents, given)
	p.arrivals.Consents = append(p.arrivals.Consents, given)
	return true
}
