-- The same as for PostgreSQL, where the comments are.

-- +goose Up
CREATE TABLE google_objects (
    inserted_at   INTEGER NOT NULL,
    saved_at      INTEGER NOT NULL,
    told_at       INTEGER NOT NULL,
    waiting_since INTEGER NOT NULL,
    notified_1    INTEGER NOT NULL,
    notified_2    INTEGER NOT NULL,
    notified_3    INTEGER NOT NULL,
    pass_id       BLOB PRIMARY KEY,
    sent          BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX google_objects_waiting ON google_objects (waiting_since) WHERE waiting_since > 0;

CREATE TABLE google_nonces (
    expires_at INTEGER NOT NULL,
    nonce      BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
