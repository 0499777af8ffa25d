-- +goose Up
-- What monthly caps and rules on the n-th visit count: the month of a card's last
-- earn as yyyymm, the seq of its first one, its units; and how often it earned.
ALTER TABLE cards ADD COLUMN month INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cards ADD COLUMN month_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cards ADD COLUMN month_units INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cards ADD COLUMN visits INTEGER NOT NULL DEFAULT 0;
UPDATE cards SET visits = (
    SELECT count(*) FROM entries e
    WHERE e.card_id = cards.id AND e.kind = 1
        AND NOT EXISTS (SELECT 1 FROM entries v WHERE v.origin_id = e.id AND v.kind = 6)
) WHERE seq > 0;
