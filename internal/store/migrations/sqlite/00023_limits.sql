-- The same as for PostgreSQL, where the comments are.

-- +goose Up
ALTER TABLE merchants ADD COLUMN card_earns_per_hour INTEGER NOT NULL DEFAULT 0;
ALTER TABLE merchants ADD COLUMN till_actions_per_minute INTEGER NOT NULL DEFAULT 0;
ALTER TABLE merchants ADD COLUMN till_actions_per_hour INTEGER NOT NULL DEFAULT 0;
ALTER TABLE merchants ADD COLUMN staff_actions_per_hour INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tills ADD COLUMN blocked_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN lifted INTEGER NOT NULL DEFAULT 0;
