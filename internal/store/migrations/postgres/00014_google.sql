-- +goose Up
-- What Google has of a pass: see loyalty.GoogleObject.
CREATE TABLE google_objects (
    inserted_at   bigint NOT NULL,
    saved_at      bigint NOT NULL,
    told_at       bigint NOT NULL,
    waiting_since bigint NOT NULL,
    notified_1    bigint NOT NULL,
    notified_2    bigint NOT NULL,
    notified_3    bigint NOT NULL,
    pass_id       uuid PRIMARY KEY,
    sent          bytea NOT NULL
);
CREATE INDEX google_objects_waiting ON google_objects (waiting_since) WHERE waiting_since > 0;

-- Nonces of Google's callbacks, until those end.
CREATE TABLE google_nonces (
    expires_at bigint NOT NULL,
    nonce      bytea PRIMARY KEY -- SHA-256
);
