-- +goose Up

-- Members who joined by a work address and of whom nothing else is known: whoever reads
-- mail to it may have their cards. Of those before it is not known any more.
ALTER TABLE affiliations ADD COLUMN alone integer NOT NULL DEFAULT 0;
