-- +goose Up

-- Of which points that run out a merchant's server was told, or is about to be: of
-- each card and moment once.
CREATE TABLE reminded (
    expires_at bigint NOT NULL,
    card_id    uuid NOT NULL,
    PRIMARY KEY (card_id, expires_at)
);
