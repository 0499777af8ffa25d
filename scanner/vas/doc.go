// Package vas reads what an iPhone answers to an NFC reader that asks for a pass
// (Apple's value added services, VAS): a cryptogram, encrypted for the reader's key,
// of the time and of the message in the pass's nfc dictionary.
//
// It is pure. It must never know what the message means, what time it is, or which
// cryptograms were used before.
package vas
