-- +goose Up

-- What a card's holder wishes to redeem next, packed: see row_choice.go. Nearly always
-- there is nothing. It stands on the card because whoever scans reads that anyway.
ALTER TABLE cards ADD COLUMN choice blob;
