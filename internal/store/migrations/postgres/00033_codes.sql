-- +goose Up

-- Rewards that are codes of another shop. A redemption locks the row of its pool, so
-- that what it then reads of the codes is whole.
CREATE TABLE pools (
    low_since   bigint NOT NULL DEFAULT 0,
    reward_id   uuid PRIMARY KEY,
    merchant_id uuid NOT NULL
);

-- Their texts are sealed. A code's state rises by one: free, taken, spoiled.
CREATE TABLE codes (
    state       bigint NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2 AND (state = 0) = (entry_id IS NULL)),
    expires_at  bigint NOT NULL, -- 9223372036854775807: never, and so the last ones to go
    imported_at bigint NOT NULL,
    taken_at    bigint NOT NULL DEFAULT 0,
    id          uuid PRIMARY KEY,
    reward_id   uuid NOT NULL,
    import_id   uuid NOT NULL,
    merchant_id uuid NOT NULL,
    card_id     uuid,
    entry_id    uuid,
    sealed      bytea NOT NULL,
    fingerprint bytea NOT NULL
);

CREATE UNIQUE INDEX codes_text ON codes (reward_id, fingerprint);
-- In the order in which they are handed out.
CREATE INDEX codes_free ON codes (reward_id, expires_at, id) WHERE state = 0;
CREATE INDEX codes_import ON codes (reward_id, import_id);
CREATE INDEX codes_card ON codes (card_id) WHERE card_id IS NOT NULL;
-- One redemption, one code.
CREATE UNIQUE INDEX codes_entry ON codes (entry_id) WHERE entry_id IS NOT NULL;
