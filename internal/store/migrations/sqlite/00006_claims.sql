-- +goose Up
CREATE TABLE claims (
    id           BLOB NOT NULL PRIMARY KEY,
    merchant_id  BLOB NOT NULL,
    program_id   BLOB NOT NULL,
    till_id      BLOB NOT NULL,
    location_id  BLOB NOT NULL,
    staff_id     BLOB,
    role         INTEGER NOT NULL,
    units        INTEGER NOT NULL,
    purchase     BLOB,
    worth        INTEGER NOT NULL,
    code_hash    BLOB NOT NULL UNIQUE,
    key_id       TEXT NOT NULL,
    issued_at    INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    withdrawn_at INTEGER NOT NULL DEFAULT 0,
    claimed_at   INTEGER NOT NULL DEFAULT 0,
    card_id      BLOB,
    entry_id     BLOB,
    FOREIGN KEY (merchant_id, program_id) REFERENCES programs (merchant_id, id),
    FOREIGN KEY (merchant_id, till_id) REFERENCES tills (merchant_id, id)
) STRICT;

CREATE TABLE devices (
    id         BLOB PRIMARY KEY,
    card_id    BLOB NOT NULL,
    name       TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX devices_card ON devices (card_id, id);
