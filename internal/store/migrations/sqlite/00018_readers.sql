-- The same as for PostgreSQL, where the comments are.

-- +goose Up
ALTER TABLE tills ADD COLUMN readers INTEGER NOT NULL DEFAULT 0;
