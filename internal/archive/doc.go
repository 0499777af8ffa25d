// Package archive is the file that a backup is: the rows of tables in a form that
// belongs to no database, so that what one wrote another can read.
//
//	stempel-backup 1\n                       which form it has
//	rows of the first table, deflated        RFC 1951, one stream per table
//	rows of the second table, deflated …
//	the Manifest, as JSON                    what is where
//	length of the Manifest                   8 bytes, big-endian
//	SHA-256 of all bytes before              32 bytes
//
// A row is its values in the order of the table's columns, a value one byte for
// its Kind and then nothing, a signed varint, or an unsigned varint of a length and
// as many bytes (varints as in encoding/binary). Both ends work in constant memory.
//
// The room knows no table, no SQL and no secret. Whoever can write to a file can
// also make its checksum anew: it tells damage, not malice.
package archive
