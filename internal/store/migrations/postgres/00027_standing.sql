-- +goose Up
-- What a card's standing follows from (loyalty.Counts), and what of it an entry counts.
-- NULL in programs that have none.
ALTER TABLE cards ADD COLUMN counts bytea;
ALTER TABLE entries ADD COLUMN month bigint;
ALTER TABLE entries ADD COLUMN spend bigint;
ALTER TABLE entries ADD COLUMN rate bigint;
ALTER TABLE entries ADD COLUMN discount bigint;
