-- +goose Up

-- What an upper body published of those who were recommended to it, as one officer read it in and another confirms it. listed is how many
-- the document names, sha256 that of the list that was read.
CREATE TABLE results (
  id TEXT PRIMARY KEY,
  round TEXT NOT NULL REFERENCES rounds (id),
  scheme TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('read', 'confirmed', 'dropped')),
  issuer TEXT NOT NULL,
  number TEXT NOT NULL,
  level TEXT NOT NULL,
  published_on TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  file_name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  listed BIGINT NOT NULL,
  read_at TEXT NOT NULL,
  read_by TEXT NOT NULL,
  reader TEXT NOT NULL,
  closed_at TEXT NOT NULL,
  closed_by TEXT NOT NULL,
  closer TEXT NOT NULL,
  version BIGINT NOT NULL
);

-- There is one that counts.
CREATE UNIQUE INDEX results_current ON results (round, scheme) WHERE state <> 'dropped';

CREATE INDEX results_by_round ON results (round, read_at);

-- Everybody whom the document names, and (line 0) everybody who was recommended and is not named. mark is the number of the certificate that
-- the document gives.
CREATE TABLE result_lines (
  result TEXT NOT NULL REFERENCES results (id),
  position BIGINT NOT NULL,
  line BIGINT NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  mark TEXT NOT NULL,
  standing TEXT NOT NULL CHECK (standing IN ('recommended', 'missing', 'known', 'held', 'unknown')),
  case_id TEXT NOT NULL,
  party TEXT NOT NULL,
  certificate TEXT NOT NULL,
  PRIMARY KEY (result, position)
);

CREATE INDEX result_lines_by_case ON result_lines (case_id);

-- The document of the upper body by which a certificate was granted.
ALTER TABLE certificates ADD COLUMN source TEXT NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE certificates DROP COLUMN source;

DROP TABLE result_lines;

DROP TABLE results;
