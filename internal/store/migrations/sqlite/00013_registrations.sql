-- The same as for PostgreSQL, where the comments are.

-- +goose Up
CREATE TABLE registrations (
    device     BLOB NOT NULL,
    pass_id    BLOB NOT NULL REFERENCES passes ON DELETE CASCADE,
    push_token TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (device, pass_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX registrations_pass ON registrations (pass_id, created_at);

CREATE TABLE test_chains (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    chain TEXT NOT NULL
) STRICT;
