-- +goose Up
CREATE TABLE brands (
    merchant_id BLOB PRIMARY KEY REFERENCES merchants,
    name        TEXT NOT NULL,
    background  TEXT NOT NULL,
    foreground  TEXT NOT NULL,
    label       TEXT NOT NULL,
    accent      TEXT NOT NULL,
    logo        BLOB,
    icon        BLOB,
    changed_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE images (
    merchant_id BLOB NOT NULL REFERENCES merchants,
    hash        BLOB NOT NULL,
    width       INTEGER NOT NULL,
    height      INTEGER NOT NULL,
    added_at    INTEGER NOT NULL,
    png         BLOB NOT NULL,
    PRIMARY KEY (merchant_id, hash)
) STRICT; -- with rowids: its rows are large

ALTER TABLE locations ADD COLUMN latitude INTEGER NOT NULL DEFAULT 0;
ALTER TABLE locations ADD COLUMN longitude INTEGER NOT NULL DEFAULT 0;
