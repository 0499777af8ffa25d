-- +goose Up
-- Gift cards: what a voucher was issued with and has left, in minor units. And which
-- till holds a reserved voucher, until when.
ALTER TABLE vouchers ADD COLUMN value INTEGER NOT NULL DEFAULT 0 CHECK (value >= 0);
ALTER TABLE vouchers ADD COLUMN remaining INTEGER NOT NULL DEFAULT 0 CHECK (remaining >= 0);
ALTER TABLE vouchers ADD COLUMN held_by BLOB;
ALTER TABLE vouchers ADD COLUMN held_until INTEGER NOT NULL DEFAULT 0;
