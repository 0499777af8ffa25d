-- The same as for PostgreSQL, where the comments are.

-- +goose Up
ALTER TABLE cards ADD COLUMN watched INTEGER NOT NULL DEFAULT 0;

CREATE TABLE passes (
    created_at  INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL,
    removed_at  INTEGER NOT NULL DEFAULT 0,
    wallet      INTEGER NOT NULL,
    id          BLOB PRIMARY KEY,
    merchant_id BLOB NOT NULL,
    program_id  BLOB NOT NULL,
    card_id     BLOB NOT NULL,
    language    TEXT NOT NULL,
    key_id      TEXT NOT NULL,
    shown       BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX passes_card ON passes (card_id, wallet);
CREATE INDEX passes_program ON passes (program_id, card_id);

CREATE TABLE dirty (
    since   INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    card_id BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
