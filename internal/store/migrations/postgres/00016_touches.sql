-- +goose Up
-- Programs whose cards all show something else, though none of them changed: their
-- rules did, or their merchant's brand or shops. Whoever holds a row's lock marks
-- cards, in the order of their ids, and deletes the row with the last of them.
CREATE TABLE touches (
    since      bigint NOT NULL,
    program_id uuid PRIMARY KEY,
    marked     uuid -- the last card that was marked since then; NULL: none yet
);

-- Until when open pages show a card. With the wallets it makes cards.watched.
CREATE TABLE views (
    until   bigint NOT NULL,
    card_id uuid PRIMARY KEY
);

-- When Google said that nobody has the pass any longer; 0: it did not.
ALTER TABLE google_objects ADD COLUMN deleted_at bigint NOT NULL DEFAULT 0;
