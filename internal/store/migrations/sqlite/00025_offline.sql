-- The same as for PostgreSQL, where the comments are.

-- +goose Up
CREATE TABLE queues (
    created_at  INTEGER NOT NULL,
    id          BLOB PRIMARY KEY,
    merchant_id BLOB NOT NULL,
    till_id     BLOB NOT NULL,
    public_key  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX queues_key ON queues (till_id, public_key);
CREATE INDEX queues_list ON queues (merchant_id, id);

CREATE TABLE leases (
    issued_at   INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    redemptions INTEGER NOT NULL,
    used        INTEGER NOT NULL DEFAULT 0,
    id          BLOB PRIMARY KEY,
    merchant_id BLOB NOT NULL,
    till_id     BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX leases_till ON leases (till_id, id);

CREATE TABLE offline_items (
    synced_at   INTEGER NOT NULL,
    captured_at INTEGER NOT NULL DEFAULT 0,
    settled_at  INTEGER NOT NULL DEFAULT 0,
    units       INTEGER NOT NULL DEFAULT 0,
    total       INTEGER NOT NULL DEFAULT 0,
    action      INTEGER NOT NULL DEFAULT 0,
    method      INTEGER NOT NULL DEFAULT 0,
    slot        BLOB NOT NULL,
    hash        BLOB NOT NULL,
    merchant_id BLOB NOT NULL,
    till_id     BLOB NOT NULL,
    entry_id    BLOB,
    lease_id    BLOB,
    id          BLOB,
    staff_id    BLOB,
    card_id     BLOB,
    voucher_id  BLOB,
    currency    TEXT NOT NULL DEFAULT '',
    code        TEXT NOT NULL DEFAULT '',
    detail      TEXT NOT NULL DEFAULT '',
    note        TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (slot, hash),
    CHECK ((entry_id IS NULL) <> (id IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX offline_items_slot ON offline_items (slot) WHERE code <> 'counter_reused';
CREATE UNIQUE INDEX offline_items_contested ON offline_items (merchant_id, id) WHERE id IS NOT NULL;
CREATE INDEX offline_items_open ON offline_items (merchant_id, id) WHERE id IS NOT NULL AND settled_at = 0;
CREATE INDEX offline_items_card ON offline_items (card_id) WHERE card_id IS NOT NULL;

ALTER TABLE tills ADD COLUMN offline_redemptions INTEGER NOT NULL DEFAULT 5;
ALTER TABLE tills ADD COLUMN offline_hours INTEGER NOT NULL DEFAULT 12;
