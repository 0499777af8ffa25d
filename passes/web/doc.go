// Package web is the card in a browser: the page where people join, the card's own
// page, and the poster that leads there. It renders HTML from what it is told and
// holds the files that browsers load. Its pages can be read without JavaScript.
//
// It must never know who may see a card, nor how a request came in: that is api's.
package web
