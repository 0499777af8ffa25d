-- The same as for PostgreSQL, where the comments are.

-- +goose Up
ALTER TABLE passes ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX passes_due ON passes (due_at) WHERE due_at > 0;
