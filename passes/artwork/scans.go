package artwork

import (
	"bytes"
	"encoding/binary"
)

// maxScans of a JPEG. Encoders make at most 18; each scan of a progressive one may
// cost a walk over all of the picture, and take no more than 16 bytes of the file.
const maxScans = 20

// checkScans counts the scans of a JPEG before it is decoded. Behind the head, every
// sequence of bytes that could begin a scan counts as one: what a decoder makes of
// damaged data in front of it does not matter then.
func checkScans(file []byte) error {
	if bytes.Count(scansOf(file), []byte{0xff, startOfScan}) > maxScans {
		return refuse(Unsupported, "This JPEG is put together from too many layers. Save it as a plain (not progressive) JPEG, or as PNG.")
	}
	return nil
}

// Markers of ITU-T T.81, table B.1.
const (
	endOfImage   = 0xd9
	startOfScan  = 0xda
	firstRestart = 0xd0
	lastRestart  = 0xd7
)

// scansOf is what follows the head of a JPEG, from the first scan on; nothing when
// there is none. The head may hold metadata with a small picture, whose scans are
// never decoded.
func scansOf(file []byte) []byte {
	rest := file[min(2, len(file)):]
	for {
		at := bytes.IndexByte(rest, 0xff)
		if at < 0 || at+1 >= len(rest) {
			return nil
		}
		marker := rest[at+1]
		switch {
		case marker == 0xff: // fill
			rest = rest[at+1:]
			continue
		case marker == 0, firstRestart <= marker && marker <= lastRestart:
			rest = rest[at+2:]
			continue
		case marker == startOfScan:
			return rest[at:]
		case marker == endOfImage, at+4 > len(rest):
			return nil
		}
		length := int(binary.BigEndian.Uint16(rest[at+2:]))
		if length < 2 || at+2+length > len(rest) {
			return nil
		}
		rest = rest[at+2+length:]
	}
}
