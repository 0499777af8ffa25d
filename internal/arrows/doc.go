// Package arrows holds the direction in which the packages of this module may
// import each other. It is all test: what it knows are import paths, and its
// only reader is whoever broke one of its rules.
package arrows
