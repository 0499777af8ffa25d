-- The same as for PostgreSQL, where the comments are.

-- +goose Up
ALTER TABLE dirty ADD COLUMN many INTEGER NOT NULL DEFAULT 0;
