-- +goose Up

-- What members have had, how often, with cards that are theirs no more. With the cards
-- that they have, it is what those have had: see tallies. Posting reads it where a
-- reward is counted by member, and writes it only when cards are merged.
CREATE TABLE member_tallies (
    member_id blob NOT NULL REFERENCES members,
    card_id   blob NOT NULL,
    reward_id blob NOT NULL,
    count     integer NOT NULL,
    PRIMARY KEY (member_id, card_id, reward_id)
) WITHOUT ROWID;
CREATE INDEX member_tallies_card ON member_tallies (card_id);
