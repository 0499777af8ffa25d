// Package apitest boots the real API on a loopback port, with a shop and a rival
// in its database and a clock that only the test moves. Its client holds every
// request and answer against the contract, and every answer against a list of
// what nobody may see. When the test ends, every card's chain is proven.
//
// It wires the rooms itself and never imports cmd: what a test finds here holds
// for any wiring.
package apitest
