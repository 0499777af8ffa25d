package loyalty

// Reader is a kind of reader that a till is registered with, because what it hands
// over says nothing of it.
type Reader uint8

// The readers. Their numbers stand in the database.
const (
	SmartTapReader Reader = 1 // hands over what Google Wallet gave it by Smart Tap, and nothing else by NFC
)

var readerNames = [...]string{SmartTapReader: "smart_tap"}

func (r Reader) String() string { return nameOf(readerNames[:], r) }

// ParseReader reads what Reader.String writes.
func ParseReader(text string) (Reader, error) {
	return parseName[Reader](readerNames[:], text, "reader")
}

// Readers is a set of readers: bit 1<<reader for each.
type Readers int64

// ReadersOf is the set of some readers.
func ReadersOf(readers ...Reader) Readers {
	var set Readers
	for _, r := range readers {
		set |= 1 << r
	}
	return set
}

// Has reports whether a reader is in the set.
func (s Readers) Has(r Reader) bool { return s&(1<<r) != 0 }

// List are the set's readers, in the order of their numbers.
func (s Readers) List() []Reader {
	list := []Reader{}
	for number, name := range readerNames {
		if r := Reader(number); name != "" && s.Has(r) {
			list = append(list, r)
		}
	}
	return list
}
