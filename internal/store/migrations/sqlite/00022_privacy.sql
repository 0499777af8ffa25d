-- +goose Up
-- Where a merchant's privacy notice is; empty: not known.
ALTER TABLE brands ADD COLUMN privacy_url TEXT NOT NULL DEFAULT '';
