// Package contract holds what app developers and other people's tills build on:
// the HTTP interface as OpenAPI. The Go types and the routes are
// generated from it, so that it cannot promise what the code does not do. It
// knows nothing of the code.
package contract

import _ "embed"

// OpenAPI is openapi.yaml as served at /openapi.yaml. Read only.
//
//go:embed openapi.yaml
var OpenAPI []byte
