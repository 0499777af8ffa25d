// Package whatif says what a change of a program's rules would have meant: it
// replays all cards' histories by the rules as they are and by the changed ones, and
// adds up what that costs, and who wins and who loses.
//
// It reads a few cards at a time and rests in between, so that tills do not wait for
// it. It must never write anything, and knows neither SQL nor how a report is shown.
package whatif
