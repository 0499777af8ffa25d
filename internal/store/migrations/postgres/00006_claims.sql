-- +goose Up

-- Claim codes: what a till gave out for a customer who had no phone there. The
-- code is kept as a hash. Posting a claim locks the row and updates it.
CREATE TABLE claims (
    units        bigint NOT NULL, -- 0 where the purchase or visit decides
    worth        bigint NOT NULL,
    issued_at    bigint NOT NULL,
    expires_at   bigint NOT NULL,
    withdrawn_at bigint NOT NULL DEFAULT 0,
    claimed_at   bigint NOT NULL DEFAULT 0,
    role         smallint NOT NULL,
    id           uuid PRIMARY KEY,
    merchant_id  uuid NOT NULL,
    program_id   uuid NOT NULL,
    till_id      uuid NOT NULL,
    location_id  uuid NOT NULL,
    staff_id     uuid,
    card_id      uuid,
    entry_id     uuid,
    code_hash    bytea NOT NULL UNIQUE,
    key_id       text NOT NULL,
    purchase     bytea, -- JSON; NULL once the code was claimed or withdrawn
    FOREIGN KEY (merchant_id, program_id) REFERENCES programs (merchant_id, id),
    FOREIGN KEY (merchant_id, till_id) REFERENCES tills (merchant_id, id)
) WITH (fillfactor = 80);

-- Phones that hold a token of a card.
CREATE TABLE devices (
    created_at bigint NOT NULL,
    revoked_at bigint NOT NULL DEFAULT 0,
    id         uuid PRIMARY KEY,
    card_id    uuid NOT NULL,
    token_hash bytea NOT NULL,
    name       text NOT NULL
);
CREATE INDEX devices_card ON devices (card_id, id);
