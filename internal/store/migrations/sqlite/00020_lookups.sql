-- The same as for PostgreSQL, where the comments are.

-- +goose Up
CREATE TABLE lookups (
    at          INTEGER NOT NULL,
    id          BLOB PRIMARY KEY,
    merchant_id BLOB NOT NULL,
    till_id     BLOB NOT NULL,
    staff_id    BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX lookups_till ON lookups (till_id, at);
CREATE INDEX lookups_merchant ON lookups (merchant_id, at);
