-- +goose Up
-- What holds a secret of a card: the kind of device, the number that it has among
-- those of its card for ever, and its how-manieth secret is good. Of an erased
-- device the number stays, so that nothing it has made is good for another one.
ALTER TABLE devices
    ADD COLUMN home_id uuid, -- the card it was added to: of that one's numbers it has one
    ADD COLUMN kind   smallint NOT NULL DEFAULT 1, -- 1 phone, 2 web, 3 google; 0 erased
    ADD COLUMN number integer NOT NULL DEFAULT 0,  -- from 1 to 65535
    ADD COLUMN epoch  integer NOT NULL DEFAULT 1;
UPDATE devices SET home_id = card_id, number = n.number
    FROM (SELECT id, row_number() OVER (PARTITION BY card_id ORDER BY id) AS number FROM devices) n
    WHERE n.id = devices.id;
ALTER TABLE devices ALTER COLUMN home_id SET NOT NULL;

-- No number of a card is ever had twice, and the last of them is found at once.
CREATE UNIQUE INDEX devices_number ON devices (home_id, number);

-- Scans of rotating codes read these, and nothing of what was revoked.
CREATE INDEX devices_good ON devices (home_id) WHERE revoked_at = 0;
