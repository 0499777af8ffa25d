-- The same tables as for PostgreSQL, where their comments are.

-- +goose Up
CREATE TABLE program_drafts (
    program_id BLOB PRIMARY KEY REFERENCES programs,
    revision   INTEGER NOT NULL,
    rules      TEXT NOT NULL,
    saved_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE enrolments (
    merchant_id BLOB NOT NULL,
    program_id  BLOB NOT NULL,
    card_id     BLOB NOT NULL,
    blocked     INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, card_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX enrolments_program ON enrolments (program_id, card_id);
CREATE INDEX enrolments_blocked ON enrolments (merchant_id, card_id) WHERE blocked;
INSERT INTO enrolments SELECT merchant_id, program_id, id, blocked FROM cards;

CREATE TABLE card_changes (
    id      BLOB PRIMARY KEY,
    card_id BLOB NOT NULL,
    key_id  BLOB NOT NULL,
    at      INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    surface INTEGER NOT NULL,
    note    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX card_changes_card ON card_changes (card_id, id);
