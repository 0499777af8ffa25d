package moving

import (
	"slices"

	"stempel/internal/loyalty"
	"stempel/internal/personal"
)

// person is a member whom lines of a batch are about.
type person struct {
	member   loyalty.Member
	profile  personal.Profile
	consents []loyalty.Consent
	fresh    bool // is made by this batch
	changed  bool // was there, and is known better now
}

// owner is who has the contacts of a line, and the first of them that says so;
// nobody, if they are new. Contacts of two members are a conflict, which is told
// on the line.
func (p *placing) owner(one *arrival, l *Line) (who *person, by personal.Kind, err error) {
	for _, c := range one.contacts {
		has, err := p.byContact(c.indexes)
		switch {
		case err != nil:
			return nil, "", err
		case has == nil:
		case who == nil:
			who, by = has, c.Kind
		case has != who:
			l.refuse(string(c.Kind), "is that of another member than the "+label(by)+" of this line")
			return nil, "", nil
		}
	}
	return who, by, nil
}

func label(kind personal.Kind) string {
	switch kind {
	case personal.Email:
		return "e-mail address"
	case personal.ExternalID:
		return "external_id"
	}
	return "phone"
}

// byContact is who has one of the indexes of a contact; nil for nobody.
func (p *placing) byContact(indexes []loyalty.Hash) (*person, error) {
	for _, index := range indexes {
		if who := p.byIndex[index]; who != nil {
			return who, nil
		}
	}
	for _, index := range indexes {
		member := p.known.Members[index]
		if member == nil {
			continue
		}
		if who := p.byID[member.ID]; who != nil {
			return who, nil
		}
		profile, err := p.box.OpenMember(member)
		if err != nil {
			return nil, err
		}
		who := &person{member: *member, profile: profile, consents: slices.Clone(p.known.Consents[member.ID])}
		p.add(who)
		return who, nil
	}
	return nil, nil
}

// welcome makes the member that a line brings in.
func (p *placing) welcome(m *loyalty.Member, profile *personal.Profile) *person {
	who := &person{member: *m, profile: *profile, fresh: true}
	p.add(who)
	p.index(who)
	return who
}

func (p *placing) add(who *person) {
	p.byID[who.member.ID] = who
	p.people = append(p.people, who)
}

func (p *placing) index(who *person) {
	for _, index := range who.member.Indexes {
		p.byIndex[index] = who
	}
}

// meet holds a line against the member that it means, and fills in what was not
// known. What is known stays: another name is told, another contact is refused,
// as it may be somebody else's. It reports whether the line stands.
func (p *placing) meet(who *person, by personal.Kind, one *arrival, l *Line) bool {
	known := who.profile.Contacts()
	grown := who.profile
	for _, c := range one.contacts {
		place := contactOf(&grown, c.Kind)
		switch {
		case slices.Contains(known, c.Contact):
		case *place == "":
			*place = c.Value
		default:
			l.refuse(string(c.Kind), "differs from that of the member who has the "+label(by)+" of this line")
			return false
		}
	}
	fill(&grown.Name, one.row.Profile.Name)
	fill(&grown.Language, one.row.Profile.Language)
	if one.row.Profile.Name != "" && grown.Name != one.row.Profile.Name {
		l.Detail = "The member is known under another name, which stays. " + l.Detail
	}
	if grown.Name == who.profile.Name && grown.Language == who.profile.Language && len(grown.Contacts()) == len(known) {
		return true
	}
	who.profile = grown
	p.box.SealMember(&who.member, &who.profile, p.now)
	p.index(who)
	who.member.Changed, who.changed, l.Result = p.now, true, Stored
	return true
}

// contactOf is where a profile keeps a contact.
func contactOf(p *personal.Profile, kind personal.Kind) *string {
	switch kind {
	case personal.Phone:
		return &p.Phone
	case personal.Email:
		return &p.Email
	}
	return &p.ExternalID
}

func fill(value *string, other string) {
	if *value == "" {
		*value = other
	}
}
