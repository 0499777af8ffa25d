// Package ntag reads what an NTAG 424 DNA chip mirrors into its URL at each tap
// (NXP's secure dynamic messaging, SDM; AN12196), and says whether a key of the
// chip made it.
//
// It is pure. It must never know where keys come from, whose a chip is, or which
// counter was the last.
package ntag
