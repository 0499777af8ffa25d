-- +goose Up

-- Points with dates of their own: only for programs that have lots. A row per entry
-- that brought units in; what is left of it changes, its dates never do.
CREATE TABLE lots (
    card_id      blob NOT NULL,
    entry_id     blob NOT NULL, -- of what was there before lots: the card
    units        integer NOT NULL CHECK (remaining >= 0 AND expired >= 0 AND units >= remaining + expired),
    remaining    integer NOT NULL,
    expired      integer NOT NULL,
    seq          integer NOT NULL,
    available_at integer NOT NULL,
    expires_at   integer NOT NULL,
    PRIMARY KEY (card_id, entry_id)
) WITHOUT ROWID;
-- What can be spent: a card has few such lots, however long its history.
CREATE INDEX lots_live ON lots (card_id) WHERE remaining > 0;
-- What falls due at night.
CREATE INDEX lots_due ON lots (expires_at, card_id) WHERE remaining > 0 AND expires_at > 0;

-- How much of a purchase was refunded, by the entry that it earned.
CREATE TABLE refunds (
    entry_id blob PRIMARY KEY,
    units    integer NOT NULL,
    amount   integer NOT NULL,
    lines    blob NOT NULL -- a bit for each item
) WITHOUT ROWID;

-- Work that one process does for all: until when it has it.
CREATE TABLE turns (
    name   text PRIMARY KEY,
    holder blob NOT NULL,
    until  integer NOT NULL
) WITHOUT ROWID;
