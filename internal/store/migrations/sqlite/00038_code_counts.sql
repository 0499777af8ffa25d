-- +goose Up

-- The codes of a pool, and of each of its imports, are counted by this index alone.
DROP INDEX codes_import;
CREATE INDEX codes_import ON codes (reward_id, import_id, state, expires_at, imported_at, merchant_id);
