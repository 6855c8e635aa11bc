-- +goose Up

-- A certificate: of a licence, a recognition, an honour, a rating. fields (JSON) are those of the record that its holder has; details (JSON)
-- what it says of the holder besides name and code. valid_until empty: no end. stands_until: until when it is valid as things stand, which
-- is later than valid_until while a renewal that was requested in time is undecided (renewal: its case). live = 0: it is of the past.
-- expired is written when something else is written of it; a reader goes by stands_until.
CREATE TABLE certificates (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  scheme TEXT NOT NULL,
  scheme_title TEXT NOT NULL,
  kind TEXT NOT NULL,
  record TEXT NOT NULL,
  fields TEXT NOT NULL,
  party TEXT NOT NULL,
  holder TEXT NOT NULL,
  code TEXT NOT NULL,
  person INTEGER NOT NULL CHECK (person IN (0, 1)),
  details TEXT NOT NULL,
  level TEXT NOT NULL,
  department TEXT NOT NULL,
  town TEXT NOT NULL,
  issued_on TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  stands_until TEXT NOT NULL,
  term TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('valid', 'suspended', 'expired', 'revoked', 'surrendered')),
  renewal TEXT NOT NULL,
  live INTEGER NOT NULL CHECK (live IN (0, 1)),
  invented INTEGER NOT NULL CHECK (invented IN (0, 1)),
  version BIGINT NOT NULL
);

-- A party has one of a scheme.
CREATE UNIQUE INDEX certificates_live ON certificates (scheme, party) WHERE live = 1;

CREATE INDEX certificates_by_party ON certificates (party, id);

CREATE INDEX certificates_by_day ON certificates (issued_on, number);

CREATE INDEX certificates_by_end ON certificates (stands_until, number) WHERE live = 1;

-- What became of a certificate, in the order of position. on_date is the day from which it counts; told is the change in words.
CREATE TABLE certificate_changes (
  certificate TEXT NOT NULL REFERENCES certificates (id),
  position BIGINT NOT NULL,
  kind TEXT NOT NULL,
  on_date TEXT NOT NULL,
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL,
  case_id TEXT NOT NULL,
  case_number TEXT NOT NULL,
  decision TEXT NOT NULL,
  reason TEXT NOT NULL,
  cite TEXT NOT NULL,
  told TEXT NOT NULL,
  PRIMARY KEY (certificate, position)
);

CREATE INDEX certificate_changes_by_case ON certificate_changes (case_id);

-- The last number given of each series.
CREATE TABLE certificate_series (
  id TEXT PRIMARY KEY,
  last BIGINT NOT NULL
);

-- The certificate that a case is about, or that it led to.
ALTER TABLE cases ADD COLUMN certificate TEXT NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE cases DROP COLUMN certificate;

DROP TABLE certificate_series;

DROP TABLE certificate_changes;

DROP TABLE certificates;
