// Package google shows cards in Google Wallet: it turns a face into a class and
// an object of the Wallet API, sends them, makes save links, and reads what Google
// calls back with.
//
// It must never know who a member is beyond what a face shows, decides nothing
// about cards, and touches no database: what it has to remember it is handed and
// hands back.
package google
