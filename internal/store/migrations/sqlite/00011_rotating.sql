-- The same as for PostgreSQL, where the comments are.

-- +goose Up
ALTER TABLE devices ADD COLUMN home_id BLOB NOT NULL DEFAULT x'00';
ALTER TABLE devices ADD COLUMN kind INTEGER NOT NULL DEFAULT 1;
ALTER TABLE devices ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN epoch INTEGER NOT NULL DEFAULT 1;
UPDATE devices SET home_id = card_id, number = n.number
    FROM (SELECT id, row_number() OVER (PARTITION BY card_id ORDER BY id) AS number FROM devices) n
    WHERE n.id = devices.id;

CREATE UNIQUE INDEX devices_number ON devices (home_id, number);
CREATE INDEX devices_good ON devices (home_id) WHERE revoked_at = 0;
