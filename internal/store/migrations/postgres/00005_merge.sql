-- +goose Up
-- A card that was merged into another one names it; that one keeps what the other
-- had earned and spent before. Neither is looked up by: no index.
ALTER TABLE cards
    ADD COLUMN inherited bigint NOT NULL DEFAULT 0,
    ADD COLUMN merged_into uuid;
