// Package store keeps everything in PostgreSQL or SQLite, and owns the
// transactions: callers hand in callbacks that can be repeated.
//
// Post is the scan path: two trips to the database for a whole batch, on
// PostgreSQL without GORM between. Once is every other change, Tx what can be
// done in it; the rest reads. What both databases share (columns, lookups,
// changes) is written once, and the suite in storetest runs on both.
//
// It must never know a rule: it stores the after-images it is given and refuses
// nothing but what the constraints refuse. It never reads the clock.
package store
