-- The same tables as for PostgreSQL, where their comments are.

-- +goose Up
CREATE TABLE members (
    id          BLOB NOT NULL PRIMARY KEY,
    merchant_id BLOB NOT NULL REFERENCES merchants,
    merged_into BLOB REFERENCES members,
    profile     BLOB,
    created_at  INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL,
    UNIQUE (merchant_id, id),
    CHECK ((profile IS NULL) = (merged_into IS NOT NULL))
) STRICT;
CREATE INDEX members_merged ON members (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE contacts (
    blind_index BLOB PRIMARY KEY,
    member_id   BLOB NOT NULL REFERENCES members
) STRICT, WITHOUT ROWID;
CREATE INDEX contacts_member ON contacts (member_id);

CREATE TABLE consents (
    id        BLOB NOT NULL PRIMARY KEY,
    member_id BLOB NOT NULL REFERENCES members,
    purpose   TEXT NOT NULL,
    given     INTEGER NOT NULL,
    given_at  INTEGER NOT NULL,
    shown     BLOB NOT NULL
) STRICT;
CREATE INDEX consents_member ON consents (member_id, purpose, id);

CREATE TABLE card_members (
    card_id     BLOB PRIMARY KEY,
    member_id   BLOB NOT NULL REFERENCES members,
    attached_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX card_members_member ON card_members (member_id, card_id);
