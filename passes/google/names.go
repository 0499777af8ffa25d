package google

import (
	"strings"

	"stempel/internal/loyalty"
)

// Issuer is the number that Google gave to whoever issues the passes; every id
// begins with it.
type Issuer string

// Valid reports whether it looks like one: up to 20 digits.
func (i Issuer) Valid() bool {
	return i != "" && len(i) <= 20 && strings.Trim(string(i), "0123456789") == ""
}

// Class is the id of a program's class. A program has one merchant, so a class
// has too.
func (i Issuer) Class(program loyalty.ProgramID) string { return string(i) + "." + program.String() }

// Object is the id of a pass's object.
func (i Issuer) Object(pass loyalty.PassID) string { return string(i) + "." + pass.String() }

// program is the one whose class has this id, if it is a class of ours.
func (i Issuer) program(class string) (loyalty.ProgramID, bool) {
	suffix, ours := strings.CutPrefix(class, string(i)+".")
	id, err := loyalty.ParseID[loyalty.ProgramID](suffix)
	return id, ours && err == nil
}

// pass is the one whose object has this id, if it is an object of ours.
func (i Issuer) pass(object string) (loyalty.PassID, bool) {
	suffix, ours := strings.CutPrefix(object, string(i)+".")
	id, err := loyalty.ParseID[loyalty.PassID](suffix)
	return id, ours && err == nil
}
