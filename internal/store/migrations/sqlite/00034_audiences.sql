-- +goose Up

-- Tags of members: words in alphabetical order, with a space between them.
ALTER TABLE members ADD COLUMN tags text NOT NULL DEFAULT '';

-- What rules may ask of a card's holder, beside the card, which a scan reads anyway.
-- Whoever changes the member, or whose the card is, keeps it.
ALTER TABLE cards ADD COLUMN tags text NOT NULL DEFAULT '';
ALTER TABLE cards ADD COLUMN audience text NOT NULL DEFAULT '';
ALTER TABLE cards ADD COLUMN agreement_id blob;

CREATE TABLE agreements (
    id          blob PRIMARY KEY,
    merchant_id blob NOT NULL REFERENCES merchants,
    kind        text NOT NULL,
    name        text NOT NULL,
    starts_at   integer NOT NULL,
    ends_at     integer NOT NULL,
    domains     text NOT NULL,
    roster_key  blob NOT NULL, -- sealed
    listed      integer NOT NULL, -- lines of the roster
    listed_at   integer NOT NULL,
    created_at  integer NOT NULL,
    changed_at  integer NOT NULL
) WITHOUT ROWID;
CREATE INDEX agreements_merchant ON agreements (merchant_id, id);

-- Who is on the roster: keyed hashes, which nobody can turn back.
CREATE TABLE rosters (
    agreement_id blob NOT NULL REFERENCES agreements,
    who          blob NOT NULL,
    PRIMARY KEY (agreement_id, who)
) WITHOUT ROWID;

-- Members who are not plain customers.
CREATE TABLE affiliations (
    member_id    blob PRIMARY KEY REFERENCES members,
    agreement_id blob REFERENCES agreements,
    audience     text NOT NULL,
    domain       text NOT NULL,
    who          blob,
    since        integer NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX affiliations_who ON affiliations (agreement_id, who);
