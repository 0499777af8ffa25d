-- The same as for PostgreSQL, where the comments are.

-- +goose Up
CREATE INDEX approvals_undecided ON approvals (card_id) WHERE decided_at = 0;
