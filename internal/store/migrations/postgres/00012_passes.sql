-- +goose Up
-- Until when something shows the card and wants to hear of changes, in µs.
ALTER TABLE cards ADD COLUMN watched bigint NOT NULL DEFAULT 0;

-- A pass is how a card looks in one wallet. changed_at rises with each change;
-- shown is the version of what the wallet was told last.
CREATE TABLE passes (
    created_at  bigint NOT NULL,
    changed_at  bigint NOT NULL,
    removed_at  bigint NOT NULL DEFAULT 0,
    wallet      bigint NOT NULL,
    id          uuid PRIMARY KEY,
    merchant_id uuid NOT NULL,
    program_id  uuid NOT NULL,
    card_id     uuid NOT NULL,
    language    text NOT NULL,
    key_id      text NOT NULL,
    shown       bytea NOT NULL
);
CREATE INDEX passes_card ON passes (card_id, wallet);
CREATE INDEX passes_program ON passes (program_id, card_id);

-- Cards that changed while something showed them. Nothing here is lost: whoever has
-- dealt with a card deletes its row only if version has not risen meanwhile.
CREATE TABLE dirty (
    since   bigint NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    card_id uuid PRIMARY KEY
);
