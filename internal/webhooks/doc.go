// Package webhooks tells merchants' servers what happens on their cards: one
// signed POST per entry (standardwebhooks.com), each card in the order of its
// entries, at least once, until it is taken or nobody answered for three days.
//
// A Dispatcher runs in every process. The work lies in the database and is
// leased, so that processes share it and what one has when it is killed goes to
// another. It is no job engine: a card's entries are in the ledger already, so
// all that is kept is one row per webhook and card that says from where to where,
// and with a merchant's server down for days it does not grow by a row per entry.
//
// It must never know SQL, nor what an event looks like: that it is given. It
// trusts no address: see Sender.
package webhooks
