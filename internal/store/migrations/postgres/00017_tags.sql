-- +goose Up
-- NTAG 424 DNA chips that stand for cards. Their keys follow from merchant, uid and
-- epoch: rows stay when a tag is revoked or its card erased, so that no chip is given
-- the same keys twice.
CREATE TABLE tags (
    created_at  bigint NOT NULL,
    revoked_at  bigint NOT NULL DEFAULT 0,
    counter     bigint NOT NULL DEFAULT 0, -- the highest that was used in this epoch
    epoch       integer NOT NULL,
    id          uuid PRIMARY KEY,
    merchant_id uuid NOT NULL,
    card_id     uuid NOT NULL,
    uid         bytea NOT NULL,
    key_id      text NOT NULL,
    label       text NOT NULL DEFAULT ''
);

-- The last one of a chip is the one that counts.
CREATE UNIQUE INDEX tags_uid ON tags (merchant_id, uid, epoch);
CREATE INDEX tags_list ON tags (merchant_id, id);
CREATE INDEX tags_card ON tags (card_id, id);
