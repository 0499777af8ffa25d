-- +goose Up
-- Who of the staff looked for a customer by hand, and when; never by what, nor whom.
CREATE TABLE lookups (
    at          bigint NOT NULL,
    id          uuid PRIMARY KEY,
    merchant_id uuid NOT NULL,
    till_id     uuid NOT NULL,
    staff_id    uuid NOT NULL
);

CREATE INDEX lookups_till ON lookups (till_id, at);
CREATE INDEX lookups_merchant ON lookups (merchant_id, at);
