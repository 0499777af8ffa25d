package apple

import (
	"crypto/sha1"
	"encoding/binary"
	"hash/crc32"
)

// part is a file of a package, with what the manifest and the zip say of it.
// Parts are never changed, and shared by all packages that hold the same file.
type part struct {
	name string
	file []byte
	crc  uint32
	sha1 [sha1.Size]byte
}

func newPart(name string, file []byte) *part {
	return &part{name: name, file: file, crc: crc32.ChecksumIEEE(file), sha1: sha1.Sum(file)}
}

// newUnlistedPart is newPart for what does not stand in the manifest.
func newUnlistedPart(name string, file []byte) *part {
	return &part{name: name, file: file, crc: crc32.ChecksumIEEE(file)}
}

// Files are deflated in form alone, as blocks that compress nothing (RFC 1951
// §3.2.4): some readers of packages on Android take nothing else, and there is
// nothing to be gained. Pictures are compressed already; the texts would make a
// package of 32 KB smaller by 2 KB, for twice the work that it is beside its
// signature.
const (
	blockMost = 1<<16 - 1 // bytes
	blockHead = 5
)

// packed is how long a file is as blocks.
func (p *part) packed() int {
	return len(p.file) + blockHead*max(1, (len(p.file)+blockMost-1)/blockMost)
}

// appendPacked appends a file as blocks.
func (p *part) appendPacked(to []byte) []byte {
	for left := p.file; ; {
		block := left[:min(len(left), blockMost)]
		left = left[len(block):]
		last := byte(0)
		if len(left) == 0 {
			last = 1
		}
		n := uint16(len(block))
		to = binary.LittleEndian.AppendUint16(append(to, last), n)
		to = append(binary.LittleEndian.AppendUint16(to, ^n), block...)
		if last == 1 {
			return to
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
		size += zipLocalSize + zipDirectorySize + 2*len(p.name) + p.packed()
	}
	file := make([]byte, 0, size)
	le := binary.LittleEndian
	offsets := make([]int, len(parts))
	for i, p := range parts {
		offsets[i] = len(file)
		file = le.AppendUint32(file, zipLocal)
		file = p.appendHeader(file)
		file = append(file, p.name...)
		file = p.appendPacked(file)
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
	to = le.AppendUint32(to, uint32(p.packed()))
	to = le.AppendUint32(to, uint32(len(p.file)))
	to = le.AppendUint16(to, uint16(len(p.name)))
	return le.AppendUint16(to, 0) // no extra field
}
