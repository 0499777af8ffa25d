// Package gen is the contract in Go: types for its bodies and answers, its
// problems, and an interface with one method per operation. It is generated from
// mobile-contracts/openapi.yaml: overlay.yaml says which schemas are types of
// internal/loyalty, and templates/ how routes, parameters and problems are
// written. Only reading a parameter is written by hand. It decodes no bodies and
// knows no rules.
package gen

//go:generate go tool oapi-codegen -config config.yaml ../../mobile-contracts/openapi.yaml
