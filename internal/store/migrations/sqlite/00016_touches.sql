-- The same as for PostgreSQL, where the comments are.

-- +goose Up
CREATE TABLE touches (
    since      INTEGER NOT NULL,
    program_id BLOB PRIMARY KEY,
    marked     BLOB
) STRICT, WITHOUT ROWID;
