-- +goose Up

-- The next version of a program in work, at most one. A program that was never
-- published has a draft and current_version 0.
CREATE TABLE program_drafts (
    program_id uuid PRIMARY KEY REFERENCES programs,
    revision   bigint NOT NULL, -- rises with each save, also over drafts of one program
    rules      jsonb NOT NULL,
    saved_at   bigint NOT NULL
);

-- The list of cards that the office pages through. Written when a card is made,
-- blocked or unblocked, never by a scan: the table cards can have no index but
-- its primary key.
CREATE TABLE enrolments (
    merchant_id uuid NOT NULL,
    program_id  uuid NOT NULL,
    card_id     uuid NOT NULL,
    blocked     boolean NOT NULL,
    PRIMARY KEY (merchant_id, card_id)
);
CREATE INDEX enrolments_program ON enrolments (program_id, card_id);
CREATE INDEX enrolments_blocked ON enrolments (merchant_id, card_id) WHERE blocked;
INSERT INTO enrolments SELECT merchant_id, program_id, id, blocked FROM cards;

-- What the office did to cards: not in the chain, since it moves no units, and
-- since notes may be about people.
CREATE TABLE card_changes (
    id      uuid PRIMARY KEY,
    card_id uuid NOT NULL,
    key_id  uuid NOT NULL,
    at      bigint NOT NULL,
    kind    smallint NOT NULL,
    surface smallint NOT NULL,
    note    text NOT NULL
);
CREATE INDEX card_changes_card ON card_changes (card_id, id);
