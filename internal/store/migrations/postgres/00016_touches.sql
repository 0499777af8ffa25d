-- +goose Up
-- Programs whose cards all show something else, though none of them changed: their
-- rules did, or their merchant's brand or shops. Whoever holds a row's lock marks
-- cards, in the order of their ids, and deletes the row with the last of them.
CREATE TABLE touches (
    since      bigint NOT NULL,
    program_id uuid PRIMARY KEY,
    marked     uuid -- the last card that was marked since then; NULL: none yet
);
