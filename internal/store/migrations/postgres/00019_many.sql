-- +goose Up
-- Whether a card is dirty only as one of many that changed alike: its wallets are told
-- after those of cards that changed by themselves.
ALTER TABLE dirty ADD COLUMN many boolean NOT NULL DEFAULT false;
