package loyalty

import "time"

// CardFilter says which cards to list. Zero values filter nothing.
type CardFilter struct {
	Program ProgramID
	Blocked *bool
}

// Takes reports whether a card passes.
func (f *CardFilter) Takes(program ProgramID, blocked bool) bool {
	return (f.Program.IsZero() || program == f.Program) && (f.Blocked == nil || blocked == *f.Blocked)
}

// EntryFilter says which entries to find. Zero values filter nothing.
type EntryFilter struct {
	Card    CardID
	Program ProgramID
	Till    TillID
	Staff   StaffID
	Kind    EntryKind
	From    time.Time // posted then or later
	To      time.Time // posted before
}

// Takes reports whether an entry passes.
func (f *EntryFilter) Takes(e *Entry) bool {
	return (f.Card.IsZero() || e.Card == f.Card) &&
		(f.Program.IsZero() || e.Program == f.Program) &&
		(f.Till.IsZero() || e.Till == f.Till) &&
		(f.Staff.IsZero() || e.Staff == f.Staff) &&
		(f.Kind == 0 || e.Kind == f.Kind) &&
		(f.From.IsZero() || !e.Posted.Before(f.From)) &&
		(f.To.IsZero() || e.Posted.Before(f.To))
}
