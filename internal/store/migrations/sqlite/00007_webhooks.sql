-- +goose Up
CREATE TABLE webhooks (
    id             BLOB PRIMARY KEY,
    merchant_id    BLOB NOT NULL REFERENCES merchants,
    url            TEXT NOT NULL,
    description    TEXT NOT NULL,
    kinds          INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    disabled_at    INTEGER NOT NULL DEFAULT 0,
    secret         BLOB NOT NULL,
    previous       BLOB,
    previous_until INTEGER NOT NULL DEFAULT 0,
    failures       INTEGER NOT NULL DEFAULT 0,
    failing_since  INTEGER NOT NULL DEFAULT 0,
    rest_until     INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX webhooks_merchant ON webhooks (merchant_id, id);

CREATE TABLE deliveries (
    webhook_id BLOB NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    card_id    BLOB NOT NULL,
    dead_seq   INTEGER NOT NULL,
    entry_id   BLOB NOT NULL,
    first_seq  INTEGER NOT NULL,
    last_seq   INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    status     INTEGER NOT NULL DEFAULT 0,
    problem    TEXT NOT NULL DEFAULT '',
    tried_at   INTEGER NOT NULL DEFAULT 0,
    due_at     INTEGER NOT NULL,
    lease      BLOB,
    PRIMARY KEY (webhook_id, card_id, dead_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (webhook_id, due_at) WHERE due_at > 0;
CREATE INDEX deliveries_entry ON deliveries (webhook_id, entry_id);

-- One writer at a time: rowids of entries are in the order of their commits.
CREATE TABLE webhook_cursor (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL
) STRICT;
