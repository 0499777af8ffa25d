-- +goose Up

-- Wrong PINs of all tills together: when the last one of them is forgiven.
ALTER TABLE merchants ADD COLUMN pins_forgiven_at bigint NOT NULL DEFAULT 0;

-- A till that was not paired yet has no token. Each pairing has a number, so that
-- a token of an earlier one is known for what it is.
ALTER TABLE tills ALTER COLUMN token_hash DROP NOT NULL;
ALTER TABLE tills ADD COLUMN pairing bigint NOT NULL DEFAULT 0;
ALTER TABLE tills ADD COLUMN paired_at bigint NOT NULL DEFAULT 0;
UPDATE tills SET paired_at = created_at;

-- One open code per till.
CREATE TABLE pairings (
    till_id    uuid PRIMARY KEY REFERENCES tills,
    code_hash  bytea NOT NULL UNIQUE, -- under a key of the deployment
    expires_at bigint NOT NULL
);

-- Who has no PIN yet, or no longer.
ALTER TABLE staff ALTER COLUMN pin_mac DROP NOT NULL;
ALTER TABLE staff ADD COLUMN dismissed_at bigint NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX staff_merchant ON staff (merchant_id, id);

-- The secret before the current one, and until when it works.
ALTER TABLE api_keys ADD COLUMN former_hash bytea;
ALTER TABLE api_keys ADD COLUMN former_until bigint NOT NULL DEFAULT 0;
