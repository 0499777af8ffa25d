// Package moving brings a shop's cards and members over from another system, out
// of a CSV file of any length, in constant memory: it reads and checks lines, lets
// internal/loyalty decide what each card begins with, decides who is who, and
// reports on every line. It also takes everything of a merchant out again.
//
// A line names its card (column ref), and the card's id follows from that name.
// So moving in twice, two at once, or again after a crash is moving in once; an
// interrupted import is resumed by starting it again.
//
// It must never know SQL or HTTP.
package moving
