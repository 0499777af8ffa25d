// Package personal is the one room that sees who a member is. It reads contacts
// into their one spelling, seals what is known of a member for the database
// (bound to merchant, row and column), and makes the blind indexes
// that find a member by a contact without the database knowing it.
//
// It is pure: no I/O, no state but its keys, and time is an argument. It must never know where sealed
// bytes are kept, and never logs: every value that it handles is somebody's.
package personal
