// Package contract holds what app developers and other people's tills build on:
// the HTTP interface as OpenAPI. The Go types and the routes are
// generated from it, so that it cannot promise what the code does not do. It
// knows nothing of the code.
package contract

import _ "embed"

//go:generate go run ./schema

// OpenAPI is openapi.yaml as served at /openapi.yaml. Read only.
//
//go:embed openapi.yaml
var OpenAPI []byte

// Program is program.schema.json: the JSON Schema of a program as a file, made of
// the contract's rules. Read only.
//
//go:embed program.schema.json
var Program []byte
