-- +goose Up

-- Phones that want to be told when an Apple pass changes.
CREATE TABLE registrations (
    created_at bigint NOT NULL,
    changed_at bigint NOT NULL, -- when its phone was last to be told of the pass; rises with each change among all of the phone's
    device     bytea NOT NULL,  -- SHA-256 of the id that Apple gave the phone: who knows the id may list its passes
    pass_id    uuid NOT NULL REFERENCES passes ON DELETE CASCADE,
    push_token text NOT NULL,
    PRIMARY KEY (device, pass_id)
);
CREATE INDEX registrations_pass ON registrations (pass_id, created_at);

-- The certificates that sign passes until there is one of Apple's: the same for
-- every process and after every start. They open nothing.
CREATE TABLE test_chains (
    id    smallint PRIMARY KEY CHECK (id = 1),
    chain text NOT NULL -- PEM
);
