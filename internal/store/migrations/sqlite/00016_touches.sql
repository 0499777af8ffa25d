-- The same as for PostgreSQL, where the comments are.

-- +goose Up
CREATE TABLE touches (
    since      INTEGER NOT NULL,
    program_id BLOB PRIMARY KEY,
    marked     BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE views (
    until   INTEGER NOT NULL,
    card_id BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

ALTER TABLE google_objects ADD COLUMN deleted_at INTEGER NOT NULL DEFAULT 0;
