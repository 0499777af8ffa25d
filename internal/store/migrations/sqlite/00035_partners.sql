-- +goose Up

-- Merchants whose tills honour the cards of another merchant's program. What a
-- partnership did stands in the ledger: a row only says from when to when it is one.
CREATE TABLE partners (
    invited_at  integer NOT NULL,
    since       integer NOT NULL, -- 0: invited, not accepted
    until       integer NOT NULL, -- 0: not ended
    program_id  blob NOT NULL REFERENCES programs,
    merchant_id blob NOT NULL REFERENCES merchants,
    PRIMARY KEY (program_id, merchant_id)
) WITHOUT ROWID;
-- What a till asks at a scan where there are coalitions.
CREATE INDEX partners_merchant ON partners (merchant_id);
