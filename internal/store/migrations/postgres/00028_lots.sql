-- +goose Up

-- Points with dates of their own: only for programs that have lots. A row per entry
-- that brought units in; what is left of it changes, its dates never do.
CREATE TABLE lots (
    units        bigint NOT NULL CHECK (remaining >= 0 AND expired >= 0 AND units >= remaining + expired),
    remaining    bigint NOT NULL,
    expired      bigint NOT NULL,
    seq          bigint NOT NULL,
    available_at bigint NOT NULL,
    expires_at   bigint NOT NULL,
    card_id      uuid NOT NULL,
    entry_id     uuid NOT NULL, -- of what was there before lots: the card
    PRIMARY KEY (card_id, entry_id)
);
-- What can be spent: a card has few such lots, however long its history.
CREATE INDEX lots_live ON lots (card_id) WHERE remaining > 0;
-- What falls due at night.
CREATE INDEX lots_due ON lots (expires_at, card_id) WHERE remaining > 0 AND expires_at > 0;

-- How much of a purchase was refunded, by the entry that it earned.
CREATE TABLE refunds (
    units    bigint NOT NULL,
    amount   bigint NOT NULL,
    entry_id uuid PRIMARY KEY,
    lines    bytea NOT NULL -- a bit for each item
);

-- Work that one process does for all: until when it has it.
CREATE TABLE turns (
    name   text PRIMARY KEY,
    holder uuid NOT NULL,
    until  bigint NOT NULL
);
