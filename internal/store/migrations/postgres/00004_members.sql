-- People. What is known of them is sealed outside of the database, and found by
-- blind indexes: nobody learns from these tables who anybody is.

-- +goose Up

-- A member merged into another keeps its id alone, which leads there.
CREATE TABLE members (
    created_at  bigint NOT NULL,
    changed_at  bigint NOT NULL,
    id          uuid PRIMARY KEY,
    merchant_id uuid NOT NULL REFERENCES merchants,
    merged_into uuid REFERENCES members,
    profile     bytea, -- sealed
    UNIQUE (merchant_id, id),
    CHECK ((profile IS NULL) = (merged_into IS NOT NULL))
);
CREATE INDEX members_merged ON members (merged_into) WHERE merged_into IS NOT NULL;

-- Keyed hashes of contacts, which include the merchant: the primary key is what
-- keeps two members of a merchant from having the same one.
CREATE TABLE contacts (
    blind_index bytea PRIMARY KEY,
    member_id   uuid NOT NULL REFERENCES members
);
CREATE INDEX contacts_member ON contacts (member_id);

-- Append-only but for the erasing of a member: the newest of a purpose holds.
CREATE TABLE consents (
    given_at  bigint NOT NULL,
    id        uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members,
    given     boolean NOT NULL, -- or withdrawn
    purpose   text NOT NULL,
    shown     bytea NOT NULL -- sealed
);
CREATE INDEX consents_member ON consents (member_id, purpose, id);

-- Whose a card is. Posting does not look here, so that it costs scans nothing.
CREATE TABLE card_members (
    attached_at bigint NOT NULL,
    card_id     uuid PRIMARY KEY,
    member_id   uuid NOT NULL REFERENCES members
);
CREATE INDEX card_members_member ON card_members (member_id, card_id);
