-- +goose Up
-- How many codes a till has given out of late, and which. Claiming a code changes
-- neither column: it stays an update without an index.
CREATE INDEX claims_till ON claims (till_id, issued_at, id);

-- The phones of cards that were merged go along, as those of later merges do:
-- except from a blocked card, and to another person's.
WITH RECURSIVE chain (device_id, first_id, card_id, next_id) AS (
    SELECT d.id, c.id, c.id, CASE WHEN c.blocked THEN NULL ELSE c.merged_into END
    FROM devices d JOIN cards c ON c.id = d.card_id
    UNION ALL
    SELECT n.device_id, n.first_id, c.id, CASE WHEN c.blocked THEN NULL ELSE c.merged_into END
    FROM chain n JOIN cards c ON c.id = n.next_id
)
UPDATE devices SET card_id = (SELECT n.card_id FROM chain n WHERE n.device_id = devices.id AND n.next_id IS NULL)
WHERE EXISTS (SELECT 1 FROM chain n WHERE n.device_id = devices.id AND n.next_id IS NULL) AND NOT EXISTS (
    SELECT 1 FROM chain n JOIN card_members a ON a.card_id = n.first_id JOIN card_members b ON b.card_id = n.card_id
    WHERE n.device_id = devices.id AND n.next_id IS NULL AND a.member_id <> b.member_id);
