// Package engines starts private PostgreSQL and Redis servers for tests,
// benchmarks and fault runs, and kills and restarts them there at will.
//
// A private server has a temporary folder, a password and a loopback port of
// its own, runs without root's rights, and dies with the process that started
// it.
//
// The room knows nothing of Stempel: no schema, no key names, no configuration.
// Nothing that a shop runs may import it, only tests and cmd/bench.
package engines
