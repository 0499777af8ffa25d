-- +goose Up
-- How a merchant's cards look; no row for those who have chosen nothing. Colours
-- are #rrggbb, all of them or none.
CREATE TABLE brands (
    changed_at  bigint NOT NULL,
    merchant_id uuid PRIMARY KEY REFERENCES merchants,
    name        text NOT NULL,
    background  text NOT NULL,
    foreground  text NOT NULL,
    label       text NOT NULL,
    accent      text NOT NULL,
    logo        bytea, -- hash of its image
    icon        bytea  -- likewise
);

-- Pictures as we encoded them. hash is SHA-256 of png.
CREATE TABLE images (
    added_at    bigint NOT NULL,
    width       bigint NOT NULL,
    height      bigint NOT NULL,
    merchant_id uuid NOT NULL REFERENCES merchants,
    hash        bytea NOT NULL,
    png         bytea NOT NULL,
    PRIMARY KEY (merchant_id, hash)
);

-- Where a shop is, in millionths of a degree; both 0: not known.
ALTER TABLE locations
    ADD COLUMN latitude bigint NOT NULL DEFAULT 0,
    ADD COLUMN longitude bigint NOT NULL DEFAULT 0;
