-- +goose Up
-- How often a merchant's cards, tills and staff may act at tills; 0: any number.
ALTER TABLE merchants ADD COLUMN card_earns_per_hour integer NOT NULL DEFAULT 0;
ALTER TABLE merchants ADD COLUMN till_actions_per_minute integer NOT NULL DEFAULT 0;
ALTER TABLE merchants ADD COLUMN till_actions_per_hour integer NOT NULL DEFAULT 0;
ALTER TABLE merchants ADD COLUMN staff_actions_per_hour integer NOT NULL DEFAULT 0;
-- Since when a till may do nothing for a while; 0: it may.
ALTER TABLE tills ADD COLUMN blocked_at bigint NOT NULL DEFAULT 0;
-- Which limits the PIN of the entry's staff lifted for it, as bits.
ALTER TABLE entries ADD COLUMN lifted smallint NOT NULL DEFAULT 0;
