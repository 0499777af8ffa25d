-- The same as for PostgreSQL, where the comments are.

-- +goose Up
CREATE TABLE reminded (
    card_id    BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (card_id, expires_at)
) STRICT, WITHOUT ROWID;
