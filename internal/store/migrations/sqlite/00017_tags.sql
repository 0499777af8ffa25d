-- The same as for PostgreSQL, where the comments are.

-- +goose Up
CREATE TABLE tags (
    created_at  INTEGER NOT NULL,
    revoked_at  INTEGER NOT NULL DEFAULT 0,
    counter     INTEGER NOT NULL DEFAULT 0,
    epoch       INTEGER NOT NULL,
    id          BLOB PRIMARY KEY,
    merchant_id BLOB NOT NULL,
    card_id     BLOB NOT NULL,
    uid         BLOB NOT NULL,
    key_id      TEXT NOT NULL,
    label       TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX tags_uid ON tags (merchant_id, uid, epoch);
CREATE INDEX tags_list ON tags (merchant_id, id);
CREATE INDEX tags_card ON tags (card_id, id);
