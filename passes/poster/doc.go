// Package poster draws the sheet that hangs in a shop and leads people to the page
// where they join: one layout, which a printer's PDF, an SVG and a PNG render alike.
// It brings its own letters, so that a sheet looks the same wherever it is opened.
//
// It must never know who may have a poster, nor where its words are kept.
package poster
