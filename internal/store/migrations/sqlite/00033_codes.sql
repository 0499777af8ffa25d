-- +goose Up

-- Rewards that are codes of another shop. A redemption locks the row of its pool, so
-- that what it then reads of the codes is whole.
CREATE TABLE pools (
    reward_id   blob PRIMARY KEY,
    merchant_id blob NOT NULL,
    low_since   integer NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- Their texts are sealed. A code's state rises by one: free, taken, spoiled.
CREATE TABLE codes (
    id          blob PRIMARY KEY,
    reward_id   blob NOT NULL,
    import_id   blob NOT NULL,
    merchant_id blob NOT NULL,
    state       integer NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2 AND (state = 0) = (entry_id IS NULL)),
    expires_at  integer NOT NULL, -- 9223372036854775807: never, and so the last ones to go
    imported_at integer NOT NULL,
    taken_at    integer NOT NULL DEFAULT 0,
    card_id     blob,
    entry_id    blob,
    sealed      blob NOT NULL,
    fingerprint blob NOT NULL
) WITHOUT ROWID;

CREATE UNIQUE INDEX codes_text ON codes (reward_id, fingerprint);
-- In the order in which they are handed out.
CREATE INDEX codes_free ON codes (reward_id, expires_at, id) WHERE state = 0;
CREATE INDEX codes_import ON codes (reward_id, import_id);
CREATE INDEX codes_card ON codes (card_id) WHERE card_id IS NOT NULL;
-- One redemption, one code.
CREATE UNIQUE INDEX codes_entry ON codes (entry_id) WHERE entry_id IS NOT NULL;
