-- +goose Up
-- What holds a secret of a card: the kind of device, the number that it has among
-- those of its card for ever, and its how-manieth secret is good. Of an erased
-- device the number stays, so that nothing it has made is good for another one.
ALTER TABLE devices
    ADD COLUMN kind   smallint NOT NULL DEFAULT 1, -- 1 phone, 2 web, 3 google; 0 erased
    ADD COLUMN number integer NOT NULL DEFAULT 0,  -- from 1 to 65535
    ADD COLUMN epoch  integer NOT NULL DEFAULT 1;
UPDATE devices SET number = n.number
    FROM (SELECT id, row_number() OVER (PARTITION BY card_id ORDER BY id) AS number FROM devices) n
    WHERE n.id = devices.id;

-- Scans of rotating codes read these, and nothing of what was revoked.
CREATE UNIQUE INDEX devices_good ON devices (card_id, number) WHERE revoked_at = 0;
