-- +goose Up
-- What a card's standing follows from (loyalty.Counts), and what of it an entry counts.
-- NULL in programs that have none.
ALTER TABLE cards ADD COLUMN counts BLOB;
ALTER TABLE entries ADD COLUMN month INTEGER;
ALTER TABLE entries ADD COLUMN spend INTEGER;
ALTER TABLE entries ADD COLUMN rate INTEGER;
ALTER TABLE entries ADD COLUMN discount INTEGER;
