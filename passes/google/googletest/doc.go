// Package googletest is a stand-in for Google: the Wallet API for loyalty classes
// and objects with its token endpoint, the page of root keys, and phones that save
// passes and let it call back. It takes only what Google would take, as far as
// documentation tells: it knows the field names and types of the API's discovery
// document through the Go client, and refuses everything else.
//
// It serves tests and the demo, and must never be asked by a shop that is open.
package googletest
