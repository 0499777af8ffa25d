// Package keys is the keyring: which keys there are, what each is for, since
// when it signs, and how the ring is sealed and shared by several processes.
//
// It must never know what is signed with its keys (tokens, receipts and handles
// are made in internal/credential and scanner) nor where the sealed ring is
// kept. Reading a key takes no lock and no I/O.
package keys
