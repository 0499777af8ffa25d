// Package contract holds what app developers and other people's tills build on:
// the HTTP interface as OpenAPI. The Go types and the routes are
// generated from it, so that it cannot promise what the code does not do. It
// knows nothing of the code.
package contract

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"sync"
)

//go:generate go run ./pack openapi.yaml
//go:generate go run ./schema
//go:generate go run ./pack program.schema.json

// Packed is openapi.yaml in gzip (RFC 1952), a sixth of its size. Read only.
//
//go:embed openapi.yaml.gz
var Packed []byte

// OpenAPI is openapi.yaml as served at /openapi.yaml, unpacked when first asked for.
// Read only.
var OpenAPI = sync.OnceValue(func() []byte { return unpack(Packed) })

//go:embed program.schema.json.gz
var packedProgram []byte

// Program is program.schema.json, unpacked: the JSON Schema of a program as a file, made
// of the contract's rules. The caller may keep it.
func Program() []byte { return unpack(packedProgram) }

func unpack(packed []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(err) // compiled in
	}
	text, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	return text
}
