-- +goose Up

-- When merchants were partners before their partnerships began anew: the row in
-- partners knows the last time alone, and what was posted before it is still audited.
CREATE TABLE partner_terms (
    since       bigint NOT NULL,
    until       bigint NOT NULL,
    program_id  uuid NOT NULL REFERENCES programs,
    merchant_id uuid NOT NULL REFERENCES merchants,
    PRIMARY KEY (program_id, merchant_id, since, until)
);
