-- The same tables as for PostgreSQL, where their comments are. Ids are 16-byte
-- blobs, flags 0 or 1. Tables looked up by their key alone are that key's b-tree
-- (WITHOUT ROWID); those with long rows are not.

-- +goose Up
CREATE TABLE merchants (
    id         BLOB PRIMARY KEY,
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE locations (
    id          BLOB PRIMARY KEY,
    merchant_id BLOB NOT NULL REFERENCES merchants,
    name        TEXT NOT NULL,
    zone        TEXT NOT NULL,
    UNIQUE (merchant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tills (
    id               BLOB PRIMARY KEY,
    merchant_id      BLOB NOT NULL REFERENCES merchants,
    location_id      BLOB NOT NULL,
    name             TEXT NOT NULL,
    token_hash       BLOB NOT NULL,
    revoked_at       INTEGER NOT NULL DEFAULT 0,
    pin_failures     INTEGER NOT NULL DEFAULT 0,
    pin_locked_until INTEGER NOT NULL DEFAULT 0,
    created_at       INTEGER NOT NULL,
    UNIQUE (merchant_id, id),
    FOREIGN KEY (merchant_id, location_id) REFERENCES locations (merchant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE staff (
    id          BLOB PRIMARY KEY,
    merchant_id BLOB NOT NULL REFERENCES merchants,
    role        INTEGER NOT NULL,
    name        TEXT NOT NULL,
    pin_mac     BLOB NOT NULL,
    created_at  INTEGER NOT NULL,
    UNIQUE (merchant_id, pin_mac)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
    id          BLOB PRIMARY KEY,
    merchant_id BLOB NOT NULL REFERENCES merchants,
    name        TEXT NOT NULL,
    scope       TEXT NOT NULL,
    secret_hash BLOB NOT NULL,
    revoked_at  INTEGER NOT NULL DEFAULT 0,
    created_at  INTEGER NOT NULL,
    UNIQUE (merchant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE programs (
    id              BLOB PRIMARY KEY,
    merchant_id     BLOB NOT NULL REFERENCES merchants,
    current_version INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    UNIQUE (merchant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE program_versions (
    program_id BLOB NOT NULL REFERENCES programs,
    version    INTEGER NOT NULL,
    rules      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (program_id, version)
) STRICT;

CREATE TABLE cards (
    id          BLOB PRIMARY KEY,
    merchant_id BLOB NOT NULL,
    program_id  BLOB NOT NULL,
    created_at  INTEGER NOT NULL,
    blocked     INTEGER NOT NULL,
    may_owe     INTEGER NOT NULL,
    balance     INTEGER NOT NULL,
    lifetime    INTEGER NOT NULL,
    cycle       INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    head        BLOB NOT NULL,
    floor       INTEGER NOT NULL,
    last_earn   INTEGER NOT NULL,
    active_at   INTEGER NOT NULL,
    day         INTEGER NOT NULL,
    day_from    INTEGER NOT NULL,
    day_units   INTEGER NOT NULL,
    wallet_gen  INTEGER NOT NULL,
    print_gen   INTEGER NOT NULL,
    FOREIGN KEY (merchant_id, program_id) REFERENCES programs (merchant_id, id),
    CONSTRAINT cards_balance CHECK (balance >= 0 OR may_owe)
) STRICT, WITHOUT ROWID;

CREATE TABLE entries (
    id          BLOB NOT NULL PRIMARY KEY,
    merchant_id BLOB NOT NULL,
    operator_id BLOB NOT NULL,
    card_id     BLOB NOT NULL,
    seq         INTEGER NOT NULL,
    kind        INTEGER NOT NULL,
    units       INTEGER NOT NULL,
    balance     INTEGER NOT NULL,
    program_id  BLOB NOT NULL,
    version     INTEGER NOT NULL,
    location_id BLOB,
    till_id     BLOB,
    staff_id    BLOB,
    method      INTEGER NOT NULL,
    captured_at INTEGER NOT NULL,
    posted_at   INTEGER NOT NULL,
    origin_id   BLOB,
    reward_id   BLOB,
    voucher_id  BLOB,
    commitment  BLOB,
    hash        BLOB NOT NULL,
    UNIQUE (card_id, seq)
) STRICT;
CREATE UNIQUE INDEX entries_void ON entries (origin_id) WHERE kind = 6;

CREATE TABLE details (
    entry_id BLOB NOT NULL PRIMARY KEY,
    salt     BLOB NOT NULL,
    body     BLOB NOT NULL
) STRICT;

CREATE TABLE vouchers (
    id         BLOB PRIMARY KEY,
    card_id    BLOB NOT NULL,
    reward_id  BLOB NOT NULL,
    state      INTEGER NOT NULL,
    threshold  INTEGER NOT NULL,
    spent      INTEGER NOT NULL,
    entry_id   BLOB NOT NULL,
    issued_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX vouchers_card ON vouchers (card_id);
CREATE INDEX vouchers_live ON vouchers (card_id) WHERE state IN (1, 2);

CREATE TABLE stock (
    reward_id BLOB PRIMARY KEY,
    remaining INTEGER NOT NULL CHECK (remaining >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE tallies (
    card_id   BLOB NOT NULL,
    reward_id BLOB NOT NULL,
    count     INTEGER NOT NULL,
    PRIMARY KEY (card_id, reward_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE spent (
    nonce      BLOB NOT NULL,
    action     INTEGER NOT NULL,
    card_id    BLOB NOT NULL,
    scan_id    BLOB NOT NULL,
    till_id    BLOB,
    entry_id   BLOB NOT NULL,
    used_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (nonce, action)
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_expires ON spent (expires_at);

CREATE TABLE requests (
    id         BLOB NOT NULL PRIMARY KEY,
    body_hash  BLOB NOT NULL,
    card_id    BLOB,
    status     INTEGER NOT NULL,
    answer     BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX requests_expires ON requests (expires_at);

CREATE TABLE purchases (
    key        BLOB NOT NULL,
    program_id BLOB NOT NULL,
    entry_id   BLOB NOT NULL,
    PRIMARY KEY (key, program_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX purchases_entry ON purchases (entry_id);

CREATE TABLE keyring (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    sealed  BLOB NOT NULL
) STRICT;
