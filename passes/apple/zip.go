package apple

import (
	"bytes"
	"compress/flate"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"sync"
)

// part is a file of a package as it stands there: deflated, with what the
// manifest and the zip say of it. Parts are never changed, and shared by all
// packages that hold the same file.
type part struct {
	name     string
	deflated []byte
	crc      uint32
	size     int    // of the file
	sha1     string // of the file, lower-case hexadecimal
}

// newPart deflates a file.
func newPart(name string, file []byte) *part {
	sum := sha1.Sum(file)
	return &part{name: name, deflated: deflate(file), crc: crc32.ChecksumIEEE(file), size: len(file), sha1: hex.EncodeToString(sum[:])}
}

// newStoredPart is newPart for what is not worth compressing, and does not stand
// in the manifest. In form it is deflated as the others are: some readers of
// packages on Android take nothing else.
func newStoredPart(name string, file []byte) *part {
	return &part{name: name, deflated: asStoredBlocks(file), crc: crc32.ChecksumIEEE(file), size: len(file)}
}

// deflaters are kept: making one costs more than deflating a small file.
var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil {
		panic(err) // never: the level is one
	}
	return w
}}

func deflate(file []byte) []byte {
	to := bytes.NewBuffer(make([]byte, 0, len(file)/2+64))
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(to)
	_, _ = w.Write(file) // a buffer takes everything
	_ = w.Close()
	return to.Bytes()
}

const storedMost = 1<<16 - 1 // bytes of a stored block

// asStoredBlocks is a file as blocks of DEFLATE that compress nothing (RFC 1951
// §3.2.4).
func asStoredBlocks(file []byte) []byte {
	blocks := make([]byte, 0, len(file)+5*(1+len(file)/storedMost))
	for {
		block := file[:min(len(file), storedMost)]
		file = file[len(block):]
		last := byte(0)
		if len(file) == 0 {
			last = 1
		}
		n := uint16(len(block))
		blocks = binary.LittleEndian.AppendUint16(append(blocks, last), n)
		blocks = append(binary.LittleEndian.AppendUint16(blocks, ^n), block...)
		if last == 1 {
			return blocks
		}
	}
}

// Of the zip format (PKWARE's APPNOTE 6.3.3) a package needs local headers, the
// directory and its end. There are no data descriptors: the sizes are known.
const (
	zipLocal     = 0x04034b50
	zipDirectory = 0x02014b50
	zipEnd       = 0x06054b50
	zipVersion   = 20 // 2.0: deflate
	zipDeflate   = 8
	zipDate      = 1<<5 | 1 // 1 January 1980, as for all who do not care

	zipLocalSize     = 30
	zipDirectorySize = 46
	zipEndSize       = 22
)

// archive makes a zip of parts. Their names are ASCII, and all together they are
// far below 4 GiB.
func archive(parts []*part) []byte {
	size := zipEndSize
	for _, p := range parts {
		size += zipLocalSize + zipDirectorySize + 2*len(p.name) + len(p.deflated)
	}
	file := make([]byte, 0, size)
	le := binary.LittleEndian
	offsets := make([]int, len(parts))
	for i, p := range parts {
		offsets[i] = len(file)
		file = le.AppendUint32(file, zipLocal)
		file = p.appendHeader(file)
		file = append(file, p.name...)
		file = append(file, p.deflated...)
	}
	directory := len(file)
	for i, p := range parts {
		file = le.AppendUint32(file, zipDirectory)
		file = le.AppendUint16(file, zipVersion) // made by
		file = p.appendHeader(file)
		file = append(file, make([]byte, 2+2+2+4)...) // no comment, first disk, no attributes
		file = le.AppendUint32(file, uint32(offsets[i]))
		file = append(file, p.name...)
	}
	end := len(file)
	file = le.AppendUint32(file, zipEnd)
	file = append(file, 0, 0, 0, 0) // one disk
	file = le.AppendUint16(file, uint16(len(parts)))
	file = le.AppendUint16(file, uint16(len(parts)))
	file = le.AppendUint32(file, uint32(end-directory))
	file = le.AppendUint32(file, uint32(directory))
	return append(file, 0, 0) // no comment
}

// appendHeader appends what a file's two headers have in common.
func (p *part) appendHeader(to []byte) []byte {
	le := binary.LittleEndian
	to = le.AppendUint16(to, zipVersion) // needed to read it
	to = le.AppendUint16(to, 0)          // no flags
	to = le.AppendUint16(to, zipDeflate)
	to = le.AppendUint16(to, 0) // midnight
	to = le.AppendUint16(to, zipDate)
	to = le.AppendUint32(to, p.crc)
	to = le.AppendUint32(to, uint32(len(p.deflated)))
	to = le.AppendUint32(to, uint32(p.size))
	to = le.AppendUint16(to, uint16(len(p.name)))
	return le.AppendUint16(to, 0) // no extra field
}
