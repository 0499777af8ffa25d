-- +goose Up
-- What tills did without a network. A queue is one device's list, under a key of its own.
CREATE TABLE queues (
    created_at  bigint NOT NULL,
    id          uuid PRIMARY KEY,
    merchant_id uuid NOT NULL,
    till_id     uuid NOT NULL,
    public_key  bytea NOT NULL -- P-256: x and y
);

CREATE UNIQUE INDEX queues_key ON queues (till_id, public_key);
CREATE INDEX queues_list ON queues (merchant_id, id);

-- A till's right to hand out rewards without a network.
CREATE TABLE leases (
    issued_at   bigint NOT NULL,
    expires_at  bigint NOT NULL,
    redemptions integer NOT NULL,
    used        integer NOT NULL DEFAULT 0, -- synced, posted or contested
    id          uuid PRIMARY KEY,
    merchant_id uuid NOT NULL,
    till_id     uuid NOT NULL
);

CREATE INDEX leases_till ON leases (till_id, id);

-- What became of each item, for good: an entry, or a contested item, which has an id.
-- A slot is the queue's id and the item's number in it, in big-endian.
CREATE TABLE offline_items (
    synced_at   bigint NOT NULL,
    captured_at bigint NOT NULL DEFAULT 0, -- from here on: contested items alone
    settled_at  bigint NOT NULL DEFAULT 0,
    units       bigint NOT NULL DEFAULT 0,
    total       bigint NOT NULL DEFAULT 0,
    action      integer NOT NULL DEFAULT 0,
    method      integer NOT NULL DEFAULT 0,
    slot        bytea NOT NULL,
    hash        bytea NOT NULL,
    merchant_id uuid NOT NULL,
    till_id     uuid NOT NULL,
    entry_id    uuid,
    lease_id    uuid,
    id          uuid,
    staff_id    uuid,
    card_id     uuid,
    voucher_id  uuid,
    currency    text NOT NULL DEFAULT '',
    code        text NOT NULL DEFAULT '',
    detail      text NOT NULL DEFAULT '',
    note        text NOT NULL DEFAULT '',
    PRIMARY KEY (slot, hash),
    CHECK ((entry_id IS NULL) <> (id IS NULL))
);

-- Of several items with one number, one counts: the first to arrive.
CREATE UNIQUE INDEX offline_items_slot ON offline_items (slot) WHERE code <> 'counter_reused';
CREATE UNIQUE INDEX offline_items_contested ON offline_items (merchant_id, id) WHERE id IS NOT NULL;
CREATE INDEX offline_items_open ON offline_items (merchant_id, id) WHERE id IS NOT NULL AND settled_at = 0;
CREATE INDEX offline_items_card ON offline_items (card_id) WHERE card_id IS NOT NULL;

-- How many rewards a till may hand out on one lease, and for how long that is good.
ALTER TABLE tills ADD COLUMN offline_redemptions integer NOT NULL DEFAULT 5;
ALTER TABLE tills ADD COLUMN offline_hours integer NOT NULL DEFAULT 12;
