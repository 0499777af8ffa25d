// Package loyaltytest builds what tests of loyalty and of its stores start from:
// programs, cards, commands, a clock that only a test moves, and ids that are
// the same in every run. Each builder takes functions that change what it made.
//
//   - Shop is one card at the counter: the short way to a table test of Decide.
//   - Book is the simplest store there can be, in maps: it reads the facts that
//     Keys name and writes Writes, as strictly as a database.
//   - Play draws random batches of commands, for properties that hold over the
//     book and over every other store alike.
//
// It must never know a real store, a clock or a source of randomness.
package loyaltytest
