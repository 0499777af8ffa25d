-- +goose Up
-- When a pass shows something else although nothing happens.
ALTER TABLE passes ADD COLUMN due_at bigint NOT NULL DEFAULT 0;
CREATE INDEX passes_due ON passes (due_at) WHERE due_at > 0;
