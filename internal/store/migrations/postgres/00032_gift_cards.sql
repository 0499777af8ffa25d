-- +goose Up
-- Gift cards: what a voucher was issued with and has left, in minor units. And which
-- till holds a reserved voucher, until when.
ALTER TABLE vouchers
    ADD COLUMN value bigint NOT NULL DEFAULT 0 CHECK (value >= 0),
    ADD COLUMN remaining bigint NOT NULL DEFAULT 0 CHECK (remaining >= 0),
    ADD COLUMN held_by uuid,
    ADD COLUMN held_until bigint NOT NULL DEFAULT 0;
