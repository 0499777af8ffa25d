-- +goose Up
-- A replay that is under way: since when entries are told again (0: none is), and
-- from which id on the ledger is still to be read for it.
ALTER TABLE webhooks ADD COLUMN replay_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE webhooks ADD COLUMN replay_next BLOB;
