// Package scanner turns what a till has read into a presentation: which card,
// by which method, how fresh, under which nonce. It also makes scan handles, so
// that a till can come back to a presentation without the server remembering it.
//
// It only reads: nothing is spent until an action is posted. It must never know
// programs, balances or databases.
package scanner
