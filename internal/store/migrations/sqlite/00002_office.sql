-- The same as for PostgreSQL, where the comments are. SQLite cannot let a column
-- be NULL afterwards: such tables are made anew. No other refers to them.

-- +goose Up
ALTER TABLE merchants ADD COLUMN pins_forgiven_at INTEGER NOT NULL DEFAULT 0;

CREATE TABLE new_tills (
    id               BLOB PRIMARY KEY,
    merchant_id      BLOB NOT NULL REFERENCES merchants,
    location_id      BLOB NOT NULL,
    name             TEXT NOT NULL,
    token_hash       BLOB,
    pairing          INTEGER NOT NULL DEFAULT 0,
    paired_at        INTEGER NOT NULL DEFAULT 0,
    revoked_at       INTEGER NOT NULL DEFAULT 0,
    pin_failures     INTEGER NOT NULL DEFAULT 0,
    pin_locked_until INTEGER NOT NULL DEFAULT 0,
    created_at       INTEGER NOT NULL,
    UNIQUE (merchant_id, id),
    FOREIGN KEY (merchant_id, location_id) REFERENCES locations (merchant_id, id)
) STRICT, WITHOUT ROWID;
INSERT INTO new_tills (id, merchant_id, location_id, name, token_hash, paired_at, revoked_at, pin_failures, pin_locked_until, created_at)
    SELECT id, merchant_id, location_id, name, token_hash, created_at, revoked_at, pin_failures, pin_locked_until, created_at FROM tills;
DROP TABLE tills;
ALTER TABLE new_tills RENAME TO tills;

CREATE TABLE pairings (
    till_id    BLOB PRIMARY KEY REFERENCES tills,
    code_hash  BLOB NOT NULL UNIQUE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE new_staff (
    id           BLOB PRIMARY KEY,
    merchant_id  BLOB NOT NULL REFERENCES merchants,
    role         INTEGER NOT NULL,
    name         TEXT NOT NULL,
    pin_mac      BLOB,
    dismissed_at INTEGER NOT NULL DEFAULT 0,
    created_at   INTEGER NOT NULL,
    UNIQUE (merchant_id, id),
    UNIQUE (merchant_id, pin_mac)
) STRICT, WITHOUT ROWID;
INSERT INTO new_staff (id, merchant_id, role, name, pin_mac, created_at)
    SELECT id, merchant_id, role, name, pin_mac, created_at FROM staff;
DROP TABLE staff;
ALTER TABLE new_staff RENAME TO staff;

ALTER TABLE api_keys ADD COLUMN former_hash BLOB;
ALTER TABLE api_keys ADD COLUMN former_until INTEGER NOT NULL DEFAULT 0;
