-- +goose Up
CREATE TABLE webhooks (
    created_at     bigint NOT NULL,
    disabled_at    bigint NOT NULL DEFAULT 0,
    kinds          bigint NOT NULL, -- of entries: bit 1 << kind
    failures       bigint NOT NULL DEFAULT 0,
    failing_since  bigint NOT NULL DEFAULT 0,
    rest_until     bigint NOT NULL DEFAULT 0,
    previous_until bigint NOT NULL DEFAULT 0,
    id             uuid PRIMARY KEY,
    merchant_id    uuid NOT NULL REFERENCES merchants,
    url            text NOT NULL,
    description    text NOT NULL,
    secret         bytea NOT NULL, -- sealed
    previous       bytea           -- sealed
);
CREATE INDEX webhooks_merchant ON webhooks (merchant_id, id);

-- One row per webhook and card with something to tell: the entries first_seq to
-- last_seq, of which entry_id is the first. However many entries follow, it stays
-- one row. A dead letter is a row of its own, with its seq as dead_seq.
CREATE TABLE deliveries (
    dead_seq   bigint NOT NULL, -- 0: no dead letter
    first_seq  bigint NOT NULL,
    last_seq   bigint NOT NULL,
    attempts   bigint NOT NULL DEFAULT 0,
    status     bigint NOT NULL DEFAULT 0,
    tried_at   bigint NOT NULL DEFAULT 0,
    due_at     bigint NOT NULL, -- 0: only when somebody asks for it
    webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    card_id    uuid NOT NULL,
    entry_id   uuid NOT NULL,
    lease      uuid, -- of the worker that has it, until due_at
    problem    text NOT NULL DEFAULT '',
    PRIMARY KEY (webhook_id, card_id, dead_seq)
);
CREATE INDEX deliveries_due ON deliveries (webhook_id, due_at) WHERE due_at > 0;
CREATE INDEX deliveries_entry ON deliveries (webhook_id, entry_id);

-- How far the ledger was read for webhooks; no row while there are none. See
-- collect_postgres.go.
CREATE TABLE webhook_cursor (
    id       smallint PRIMARY KEY CHECK (id = 1),
    seen     text NOT NULL,   -- pg_snapshot: what it sees was read
    writer   bigint NOT NULL, -- number of the transaction that wrote this row
    taken_at bigint NOT NULL, -- when, by the database's clock
    floor    bigint NOT NULL  -- no entry made before then can still appear
);
