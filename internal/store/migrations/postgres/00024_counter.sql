-- +goose Up
-- Tags without a card are on a shop's counter. Of their values those up to floor are
-- used or too old, and recent are those that were seen since, with the time of each.
ALTER TABLE tags ALTER COLUMN card_id DROP NOT NULL;
ALTER TABLE tags ADD COLUMN location_id uuid;
ALTER TABLE tags ADD COLUMN program_id uuid;
ALTER TABLE tags ADD COLUMN floor bigint NOT NULL DEFAULT 0;
ALTER TABLE tags ADD COLUMN recent bytea;

-- When shops are open in a week, as JSON; empty: always.
ALTER TABLE locations ADD COLUMN hours text NOT NULL DEFAULT '';

-- Values of counter tags that nobody came with before a higher one.
CREATE TABLE tag_gaps (
    first_value bigint NOT NULL,
    last_value  bigint NOT NULL,
    late        bigint NOT NULL, -- of them came after all
    seen_at     bigint NOT NULL,
    epoch       integer NOT NULL,
    id          uuid PRIMARY KEY,
    tag_id      uuid NOT NULL
);
CREATE INDEX tag_gaps_list ON tag_gaps (tag_id, id);

-- Customers at a counter who wait for a till to approve their tap, and for a day what
-- became of it.
CREATE TABLE approvals (
    units       bigint NOT NULL,
    asked_at    bigint NOT NULL,
    expires_at  bigint NOT NULL,
    decided_at  bigint NOT NULL,
    counter     bigint NOT NULL,
    epoch       integer NOT NULL,
    id          uuid PRIMARY KEY,
    merchant_id uuid NOT NULL,
    location_id uuid NOT NULL,
    program_id  uuid NOT NULL,
    card_id     uuid NOT NULL,
    tag_id      uuid NOT NULL,
    till_id     uuid,
    staff_id    uuid,
    entry_id    uuid
);
CREATE INDEX approvals_waiting ON approvals (location_id, expires_at);
