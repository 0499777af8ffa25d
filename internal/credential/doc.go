// Package credential makes and reads every text that carries authority: live
// tokens, rotating and static texts of cards, receipts, signed links, bearer tokens, and
// the keyed hashes of PINs.
//
// It is pure: no I/O, and time is an argument. It must never know where keys
// come from, which card is blocked, or what was already used; it says only
// whether a text is one that this server made, and what it says. Each text has
// exactly one spelling. The forms are specified, with vectors, in
// mobile-contracts/tokens.md and receipts.md.
package credential
