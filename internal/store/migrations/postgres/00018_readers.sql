-- +goose Up
-- Which readers a till is registered with: bit 1<<number for each.
ALTER TABLE tills ADD COLUMN readers bigint NOT NULL DEFAULT 0;
