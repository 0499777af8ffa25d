-- +goose Up
-- Why an earn without a purchase gave what it gave, as salt and JSON: what the entry
-- commits to, else a row of details.
ALTER TABLE entries ADD COLUMN explained blob;
