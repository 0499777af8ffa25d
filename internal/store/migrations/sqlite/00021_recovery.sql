-- The same as for PostgreSQL, where the comments are.

-- +goose Up
UPDATE devices SET kind = 4 WHERE kind = 2 AND name IN ('Recovery link', 'Recovery letter');
