// Package ntagtest is an NTAG 424 DNA chip for tests: it is given keys and the
// template of a URL, and mirrors into that at each tap.
package ntagtest

import (
	"crypto/aes"
	"fmt"
	"strings"

	"stempel/scanner/ntag"
)

// Chip is one that was set up.
type Chip struct {
	UID        [7]byte
	Meta, File ntag.Key
	Template   string // zeros stand where it mirrors
	Counter    uint32 // of the last tap
}

// Tap is what a phone or reader reads next.
func (c *Chip) Tap() string {
	c.Counter++
	return c.At(c.Counter)
}

// At is what the chip mirrors at a counter.
func (c *Chip) At(counter uint32) string {
	tap := ntag.Tap{UID: c.UID, Counter: counter}
	url := fill(c.Template, "picc_data", fmt.Sprintf("%X", c.picc(tap)))
	url = fill(url, "uid", fmt.Sprintf("%X", c.UID))
	url = fill(url, "ctr", fmt.Sprintf("%06X", counter))
	return fill(url, "cmac", fmt.Sprintf("%X", ntag.MAC(&c.File, tap, "")))
}

func (c *Chip) picc(t ntag.Tap) (block [16]byte) {
	block[0] = 0xc7
	copy(block[1:], t.UID[:])
	block[8], block[9], block[10] = byte(t.Counter), byte(t.Counter>>8), byte(t.Counter>>16)
	meta, err := aes.NewCipher(c.Meta[:])
	if err != nil {
		panic(err)
	}
	meta.Encrypt(block[:], block[:])
	return block
}

// fill writes a value over the zeros of its place, if the template has one.
func fill(url, name, value string) string {
	return strings.Replace(url, name+"="+strings.Repeat("0", len(value)), name+"="+value, 1)
}
