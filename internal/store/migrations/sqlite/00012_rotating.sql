-- The same as for PostgreSQL, where the comments are.

-- +goose Up
ALTER TABLE devices ADD COLUMN kind INTEGER NOT NULL DEFAULT 1;
ALTER TABLE devices ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN epoch INTEGER NOT NULL DEFAULT 1;
UPDATE devices SET number = n.number
    FROM (SELECT id, row_number() OVER (PARTITION BY card_id ORDER BY id) AS number FROM devices) n
    WHERE n.id = devices.id;

CREATE UNIQUE INDEX devices_good ON devices (card_id, number) WHERE revoked_at = 0;
