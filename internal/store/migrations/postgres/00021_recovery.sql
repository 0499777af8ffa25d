-- +goose Up
-- Recovery links were devices like any browser; they are of a kind of their own
-- (4), which opens the card anew and nothing else.
UPDATE devices SET kind = 4 WHERE kind = 2 AND name IN ('Recovery link', 'Recovery letter');
