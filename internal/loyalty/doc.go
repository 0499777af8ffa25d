// Package loyalty is the domain of Stempel: merchants, programs, cards, the
// append-only ledger of a card, and Decide, the one pure function that says what
// a command does to a card.
//
// It must never know about SQL, Redis, HTTP, JSON answers, keys or clocks: it
// imports the standard library and uuid only, takes the time and fresh ids as
// arguments, and returns after-images for others to store.
//
// Units (stamps or points) are int64. Money is int64 minor units with an
// ISO 4217 code. Quantities are int64 thousandths. There are no floats here.
package loyalty
