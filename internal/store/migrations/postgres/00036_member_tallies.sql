-- +goose Up

-- What members have had, how often, with cards that are theirs no more. With the cards
-- that they have, it is what those have had: see tallies. Posting reads it where a
-- reward is counted by member, and writes it only when cards are merged.
CREATE TABLE member_tallies (
    member_id uuid NOT NULL REFERENCES members,
    card_id   uuid NOT NULL,
    reward_id uuid NOT NULL,
    count     bigint NOT NULL,
    PRIMARY KEY (member_id, card_id, reward_id)
);
CREATE INDEX member_tallies_card ON member_tallies (card_id);
