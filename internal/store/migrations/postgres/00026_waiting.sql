-- The approvals of a card that nobody has decided: a tap asks whether one waits.

-- +goose Up
CREATE INDEX approvals_undecided ON approvals (card_id) WHERE decided_at = 0;
