// Package cel reads conditions in the Common Expression Language
// (https://github.com/cel-expr/cel-spec), checks their types, bounds what they may
// cost and compiles them once, so that many rules can be asked in the middle of a
// scan.
//
// It knows the part of CEL that conditions need: bools, whole numbers, strings,
// lists and declared objects; the operators; size, contains, startsWith, endsWith;
// exists, exists_one, all, filter and map. Whatever it accepts means what it means
// in CEL, which vectors made by cel-go hold; the rest it refuses, naming the place.
// cel-go itself would make up an eighth of the program, and reads by way of ANTLR and
// protocol buffers what is read here in a few hundred lines.
//
// Beyond CEL it has money: an amount of minor units that knows its currency, and
// sum for lists of numbers or money.
//
// It must never know what its conditions are for.
package cel
