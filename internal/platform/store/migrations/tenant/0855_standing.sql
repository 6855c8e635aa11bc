-- +goose Up

-- standing = 1: the round has no end and no batch: each of its cases is dealt with by what was published on the day it was begun.
-- closes is empty while nobody has said when it ends; performance is 0: the year is the case's.
ALTER TABLE rounds ADD COLUMN standing INTEGER NOT NULL DEFAULT 0;

-- What a case is dealt with by. Of a batch it is what the round has, of a standing item what was published when the case was begun.
ALTER TABLE cases ADD COLUMN publication TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN set_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN process TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN performance BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN batch TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN standing INTEGER NOT NULL DEFAULT 0;

UPDATE cases SET
  publication = (SELECT r.publication FROM rounds AS r WHERE r.id = cases.round),
  set_hash = (SELECT r.set_hash FROM rounds AS r WHERE r.id = cases.round),
  process = (SELECT r.process FROM rounds AS r WHERE r.id = cases.round),
  performance = (SELECT r.performance FROM rounds AS r WHERE r.id = cases.round),
  batch = (SELECT r.batch FROM rounds AS r WHERE r.id = cases.round);

-- In a batch one application of a party for a scheme until it ends without an award; of a standing item one draft at a time.
DROP INDEX cases_live;
CREATE UNIQUE INDEX cases_live ON cases (round, scheme, party) WHERE standing = 0 AND (ended = '' OR ended = 'granted');
CREATE UNIQUE INDEX cases_begun ON cases (round, scheme, party) WHERE standing = 1 AND number = '' AND ended = '';

-- A standing item numbers its cases by the year of their submission.
CREATE TABLE round_years (
  round TEXT NOT NULL REFERENCES rounds (id),
  year BIGINT NOT NULL,
  cases BIGINT NOT NULL,
  PRIMARY KEY (round, year)
);

-- +goose Down

DROP TABLE round_years;
DROP INDEX cases_begun;
DROP INDEX cases_live;
CREATE UNIQUE INDEX cases_live ON cases (round, scheme, party) WHERE ended = '' OR ended = 'granted';
ALTER TABLE cases DROP COLUMN standing;
ALTER TABLE cases DROP COLUMN batch;
ALTER TABLE cases DROP COLUMN performance;
ALTER TABLE cases DROP COLUMN process;
ALTER TABLE cases DROP COLUMN set_hash;
ALTER TABLE cases DROP COLUMN publication;
ALTER TABLE rounds DROP COLUMN standing;
