-- +goose Up

-- Which of the party's things (its project) the case is about, where its scheme is for one; empty: none is named yet, or it is about the party.
ALTER TABLE cases ADD COLUMN thing TEXT NOT NULL DEFAULT '';

-- In a batch one application of a party for a scheme and one thing until it ends without an award; of a standing item one draft at a time.
DROP INDEX cases_live;
DROP INDEX cases_begun;
CREATE UNIQUE INDEX cases_live ON cases (round, scheme, party, thing) WHERE standing = 0 AND (ended = '' OR ended = 'granted');
CREATE UNIQUE INDEX cases_begun ON cases (round, scheme, party, thing) WHERE standing = 1 AND number = '' AND ended = '';

-- +goose Down

DROP INDEX cases_begun;
DROP INDEX cases_live;
CREATE UNIQUE INDEX cases_live ON cases (round, scheme, party) WHERE standing = 0 AND (ended = '' OR ended = 'granted');
CREATE UNIQUE INDEX cases_begun ON cases (round, scheme, party) WHERE standing = 1 AND number = '' AND ended = '';
ALTER TABLE cases DROP COLUMN thing;
