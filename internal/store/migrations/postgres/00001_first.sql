-- What holds for every table:
--   Times are bigint microseconds since 1970 UTC and 0 for none, so that they are
--   exact in the hash chain and the same as in SQLite. An id that names nothing is
--   NULL. Whatever has 16 bytes (ids, nonces, scans, purchase keys) is a uuid: a
--   fixed width without a header. Small numbers are those of internal/loyalty.
--   In the tables that scans write, wide columns come first: rows without padding.
--
-- Foreign keys stand where the office writes. The tables that every scan writes
-- have none: their rows follow from a card that is locked at that moment, and a
-- check per row, with its lock on the row referred to, would be paid by each scan.

-- +goose Up
CREATE TABLE merchants (
    id         uuid PRIMARY KEY,
    created_at bigint NOT NULL,
    name       text NOT NULL
);

CREATE TABLE locations (
    id          uuid PRIMARY KEY,
    merchant_id uuid NOT NULL REFERENCES merchants,
    name        text NOT NULL,
    zone        text NOT NULL, -- IANA
    UNIQUE (merchant_id, id)
);

CREATE TABLE tills (
    id               uuid PRIMARY KEY,
    merchant_id      uuid NOT NULL REFERENCES merchants,
    location_id      uuid NOT NULL,
    name             text NOT NULL,
    token_hash       bytea NOT NULL,
    revoked_at       bigint NOT NULL DEFAULT 0,
    pin_failures     integer NOT NULL DEFAULT 0, -- wrong PINs in a row
    pin_locked_until bigint NOT NULL DEFAULT 0,
    created_at       bigint NOT NULL,
    UNIQUE (merchant_id, id),
    FOREIGN KEY (merchant_id, location_id) REFERENCES locations (merchant_id, id)
);

CREATE TABLE staff (
    id          uuid PRIMARY KEY,
    merchant_id uuid NOT NULL REFERENCES merchants,
    role        smallint NOT NULL,
    name        text NOT NULL,
    pin_mac     bytea NOT NULL, -- under a key of the deployment: no two of a merchant share a PIN
    created_at  bigint NOT NULL,
    UNIQUE (merchant_id, pin_mac)
);

CREATE TABLE api_keys (
    id          uuid PRIMARY KEY,
    merchant_id uuid NOT NULL REFERENCES merchants,
    name        text NOT NULL,
    scope       text NOT NULL,
    secret_hash bytea NOT NULL,
    revoked_at  bigint NOT NULL DEFAULT 0,
    created_at  bigint NOT NULL,
    UNIQUE (merchant_id, id)
);

CREATE TABLE programs (
    id              uuid PRIMARY KEY,
    merchant_id     uuid NOT NULL REFERENCES merchants,
    current_version integer NOT NULL,
    created_at      bigint NOT NULL,
    UNIQUE (merchant_id, id)
);

-- Written once, never changed: every process keeps what it has read.
CREATE TABLE program_versions (
    program_id uuid NOT NULL REFERENCES programs,
    version    integer NOT NULL,
    rules      jsonb NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (program_id, version)
);

-- The row that every scan locks and updates. No index but the primary key, and
-- room on the page: then an update writes no index (a HOT update).
CREATE TABLE cards (
    created_at  bigint NOT NULL,
    balance     bigint NOT NULL,
    lifetime    bigint NOT NULL,
    cycle       bigint NOT NULL,
    seq         bigint NOT NULL,
    floor       bigint NOT NULL,
    last_earn   bigint NOT NULL,
    active_at   bigint NOT NULL,
    day_from    bigint NOT NULL,
    day_units   bigint NOT NULL,
    day         integer NOT NULL,
    wallet_gen  integer NOT NULL,
    print_gen   integer NOT NULL,
    id          uuid PRIMARY KEY,
    merchant_id uuid NOT NULL,
    program_id  uuid NOT NULL,
    head        bytea NOT NULL,
    blocked     boolean NOT NULL,
    may_owe     boolean NOT NULL,
    FOREIGN KEY (merchant_id, program_id) REFERENCES programs (merchant_id, id),
    CONSTRAINT cards_balance CHECK (balance >= 0 OR may_owe)
) WITH (fillfactor = 75);

-- Append-only: no statement of Stempel updates or deletes a row.
CREATE TABLE entries (
    seq         bigint NOT NULL,
    units       bigint NOT NULL,
    balance     bigint NOT NULL,
    captured_at bigint NOT NULL,
    posted_at   bigint NOT NULL,
    version     integer NOT NULL,
    kind        smallint NOT NULL,
    method      smallint NOT NULL,
    id          uuid PRIMARY KEY,
    merchant_id uuid NOT NULL,
    operator_id uuid NOT NULL,
    card_id     uuid NOT NULL,
    program_id  uuid NOT NULL,
    location_id uuid,
    till_id     uuid,
    staff_id    uuid,
    origin_id   uuid,
    reward_id   uuid,
    voucher_id  uuid,
    hash        bytea NOT NULL,
    commitment  bytea,
    UNIQUE (card_id, seq)
);
-- Kind 6 is void: an entry is taken back once.
CREATE UNIQUE INDEX entries_void ON entries (origin_id) WHERE kind = 6;

-- Bytes, not jsonb: the entry's commitment is over exactly these.
CREATE TABLE details (
    entry_id uuid PRIMARY KEY,
    salt     uuid NOT NULL,
    body     bytea NOT NULL
);

CREATE TABLE vouchers (
    threshold  bigint NOT NULL,
    spent      bigint NOT NULL,
    issued_at  bigint NOT NULL,
    expires_at bigint NOT NULL,
    id         uuid PRIMARY KEY,
    card_id    uuid NOT NULL,
    reward_id  uuid NOT NULL,
    entry_id   uuid NOT NULL,
    state      smallint NOT NULL
);
CREATE INDEX vouchers_card ON vouchers (card_id);
-- Issued and reserved ones: a card has few, however long its history.
CREATE INDEX vouchers_live ON vouchers (card_id) WHERE state IN (1, 2);

CREATE TABLE stock (
    reward_id uuid PRIMARY KEY,
    remaining bigint NOT NULL CHECK (remaining >= 0)
) WITH (fillfactor = 50);

CREATE TABLE tallies (
    card_id   uuid NOT NULL,
    reward_id uuid NOT NULL,
    count     bigint NOT NULL,
    PRIMARY KEY (card_id, reward_id)
) WITH (fillfactor = 75);

-- The last wall against using a credential twice.
CREATE TABLE spent (
    used_at    bigint NOT NULL,
    expires_at bigint NOT NULL,
    nonce      uuid NOT NULL,
    card_id    uuid NOT NULL,
    scan_id    uuid NOT NULL,
    till_id    uuid,
    entry_id   uuid NOT NULL,
    action     smallint NOT NULL,
    PRIMARY KEY (nonce, action)
) WITH (autovacuum_vacuum_insert_threshold = -1, autovacuum_analyze_scale_factor = 10);

-- Rows of spent and requests live for hours and are found by key alone: freezing
-- and analysing them would only take the processors from the scans.

-- The answers of requests with an Idempotency-Key.
CREATE TABLE requests (
    expires_at bigint NOT NULL,
    status     integer NOT NULL,
    card_id    uuid,
    id         bytea PRIMARY KEY,
    body_hash  bytea NOT NULL,
    answer     bytea NOT NULL
) WITH (autovacuum_vacuum_insert_threshold = -1, autovacuum_analyze_scale_factor = 10,
        toast_tuple_target = 8160); -- answers are short-lived and half of them noise: not worth compressing

-- Which purchase a program has credited, and with which entry.
CREATE TABLE purchases (
    key        uuid NOT NULL,
    program_id uuid NOT NULL,
    entry_id   uuid NOT NULL,
    PRIMARY KEY (key, program_id)
);
CREATE UNIQUE INDEX purchases_entry ON purchases (entry_id);

-- One row.
CREATE TABLE keyring (
    id      smallint PRIMARY KEY CHECK (id = 1),
    version bigint NOT NULL,
    sealed  bytea NOT NULL
);
