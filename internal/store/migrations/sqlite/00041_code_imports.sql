-- +goose Up

-- Imports of codes: those that are on their way (0), whose codes nobody sees yet; those
-- of which codes can be handed out (1); and those that ended halfway (2), whose codes are
-- to be removed. One of which nothing is left to hand out has no row. So one row makes
-- all codes of an import visible, however many transactions have written them.
CREATE TABLE code_imports (
    reward_id  blob NOT NULL,
    import_id  blob NOT NULL,
    state      integer NOT NULL CHECK (state BETWEEN 0 AND 2),
    renewed_at integer NOT NULL,
    PRIMARY KEY (reward_id, state, import_id)
) WITHOUT ROWID;

INSERT INTO code_imports (reward_id, import_id, state, renewed_at)
SELECT reward_id, import_id, 1, max(imported_at) FROM codes WHERE state = 0 GROUP BY reward_id, import_id;

-- Within an import, in the order in which they are handed out.
DROP INDEX codes_free;
CREATE INDEX codes_free ON codes (import_id, expires_at, id) WHERE state = 0;
