-- The same as for PostgreSQL, where the comments are.

-- +goose Up
CREATE TABLE tags_anew (
    created_at  INTEGER NOT NULL,
    revoked_at  INTEGER NOT NULL DEFAULT 0,
    counter     INTEGER NOT NULL DEFAULT 0,
    epoch       INTEGER NOT NULL,
    id          BLOB PRIMARY KEY,
    merchant_id BLOB NOT NULL,
    card_id     BLOB,
    uid         BLOB NOT NULL,
    key_id      TEXT NOT NULL,
    label       TEXT NOT NULL DEFAULT '',
    location_id BLOB,
    program_id  BLOB,
    floor       INTEGER NOT NULL DEFAULT 0,
    recent      BLOB
) STRICT, WITHOUT ROWID;
INSERT INTO tags_anew (created_at, revoked_at, counter, epoch, id, merchant_id, card_id, uid, key_id, label)
SELECT created_at, revoked_at, counter, epoch, id, merchant_id, card_id, uid, key_id, label FROM tags;
DROP TABLE tags;
ALTER TABLE tags_anew RENAME TO tags;
CREATE UNIQUE INDEX tags_uid ON tags (merchant_id, uid, epoch);
CREATE INDEX tags_list ON tags (merchant_id, id);
CREATE INDEX tags_card ON tags (card_id, id);

ALTER TABLE locations ADD COLUMN hours TEXT NOT NULL DEFAULT '';

CREATE TABLE tag_gaps (
    first_value INTEGER NOT NULL,
    last_value  INTEGER NOT NULL,
    late        INTEGER NOT NULL,
    seen_at     INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    id          BLOB PRIMARY KEY,
    tag_id      BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_gaps_list ON tag_gaps (tag_id, id);

CREATE TABLE approvals (
    units       INTEGER NOT NULL,
    asked_at    INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    decided_at  INTEGER NOT NULL,
    counter     INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    id          BLOB PRIMARY KEY,
    merchant_id BLOB NOT NULL,
    location_id BLOB NOT NULL,
    program_id  BLOB NOT NULL,
    card_id     BLOB NOT NULL,
    tag_id      BLOB NOT NULL,
    till_id     BLOB,
    staff_id    BLOB,
    entry_id    BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX approvals_waiting ON approvals (location_id, expires_at);
