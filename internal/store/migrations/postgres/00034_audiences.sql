-- +goose Up

-- Tags of members: words in alphabetical order, with a space between them.
ALTER TABLE members ADD COLUMN tags text NOT NULL DEFAULT '';

-- What rules may ask of a card's holder, beside the card, which a scan reads anyway.
-- Whoever changes the member, or whose the card is, keeps it.
ALTER TABLE cards
    ADD COLUMN tags text NOT NULL DEFAULT '',
    ADD COLUMN audience text NOT NULL DEFAULT '',
    ADD COLUMN agreement_id uuid;

CREATE TABLE agreements (
    starts_at   bigint NOT NULL,
    ends_at     bigint NOT NULL,
    created_at  bigint NOT NULL,
    changed_at  bigint NOT NULL,
    listed      bigint NOT NULL, -- lines of the roster
    listed_at   bigint NOT NULL,
    id          uuid PRIMARY KEY,
    merchant_id uuid NOT NULL REFERENCES merchants,
    kind        text NOT NULL,
    name        text NOT NULL,
    domains     text NOT NULL,
    roster_key  bytea NOT NULL -- sealed
);
CREATE INDEX agreements_merchant ON agreements (merchant_id, id);

-- Who is on the roster: keyed hashes, which nobody can turn back.
CREATE TABLE rosters (
    agreement_id uuid NOT NULL REFERENCES agreements,
    who          bytea NOT NULL,
    PRIMARY KEY (agreement_id, who)
);

-- Members who are not plain customers.
CREATE TABLE affiliations (
    since        bigint NOT NULL,
    member_id    uuid PRIMARY KEY REFERENCES members,
    agreement_id uuid REFERENCES agreements,
    audience     text NOT NULL,
    domain       text NOT NULL,
    who          bytea
);
CREATE UNIQUE INDEX affiliations_who ON affiliations (agreement_id, who);
