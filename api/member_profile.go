package api

import (
	"stempel/api/gen"
	"stempel/internal/personal"
)

// newProfile reads what is known of a new member. Errors: missing_field without
// any contact, invalid_field.
func newProfile(body *gen.NewMember) (personal.Profile, error) {
	var p personal.Profile
	if err := fillProfile(&p, body); err != nil {
		return p, err
	}
	if len(p.Contacts()) == 0 {
		return p, &badField{code: missingField, field: "phone", problem: "is missing, as are email and external_id: a member needs one of them"}
	}
	return p, nil
}

// fillProfile sets what is given. Errors: invalid_field.
func fillProfile(p *personal.Profile, body *gen.NewMember) (err error) {
	set := func(into *string, text string, parse func(string) (string, error)) {
		if text != "" && err == nil {
			*into, err = parse(text)
		}
	}
	set(&p.Name, body.Name, personal.ParseName)
	set(&p.Phone, body.Phone, func(text string) (string, error) { return personal.ParsePhone(text, body.Region) })
	set(&p.Email, body.Email, personal.ParseEmail)
	set(&p.ExternalID, body.ExternalID, personal.ParseExternalID)
	set(&p.Language, body.Language, personal.ParseLanguage)
	if err == nil && body.Region != "" && body.Phone == "" {
		err = invalid("region", "belongs to a phone, and there is none")
	}
	return err
}

// profileChange reads a change of a member, to be made on what is known by then.
// Errors: missing_field, invalid_field.
func profileChange(body *gen.MemberChange) (func(*personal.Profile) error, error) {
	given := gen.NewMember{
		Name: body.Name, Phone: body.Phone, Region: body.Region,
		Email: body.Email, ExternalID: body.ExternalID, Language: body.Language,
	}
	var values personal.Profile
	if err := fillProfile(&values, &given); err != nil {
		return nil, err
	}
	if given == (gen.NewMember{}) && len(body.Clear) == 0 {
		return nil, missing("clear, or any other field,")
	}
	if len(body.Clear) > maxClear {
		return nil, invalid("clear", "has more than 6 fields")
	}
	for _, field := range body.Clear {
		if !field.Valid() {
			return nil, invalid("clear", "names what is not a field of a member")
		}
		if value := place(&values, field); value != nil && *value != "" {
			return nil, invalid("clear", "names a field that is given, too")
		}
	}
	return func(p *personal.Profile) error {
		p.Replace(&values)
		return clearFields(p, body.Clear)
	}, nil
}

const maxClear = 6 // fields

func clearFields(p *personal.Profile, fields []gen.MemberField) error {
	for _, field := range fields {
		if field == gen.MemberFieldOtherContacts {
			p.Others = nil
		} else {
			*place(p, field) = ""
		}
	}
	if len(p.Contacts()) == 0 {
		return invalid("clear", "would leave no contact by which the member can be found")
	}
	return nil
}

// place is where a profile keeps a field; nil for what is a list.
func place(p *personal.Profile, field gen.MemberField) *string {
	switch field {
	case gen.MemberFieldName:
		return &p.Name
	case gen.MemberFieldPhone:
		return &p.Phone
	case gen.MemberFieldEmail:
		return &p.Email
	case gen.MemberFieldExternalID:
		return &p.ExternalID
	case gen.MemberFieldLanguage:
		return &p.Language
	}
	return nil
}
