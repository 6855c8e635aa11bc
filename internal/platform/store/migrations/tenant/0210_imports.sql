-- +goose Up

-- A workbook on its way into the registry. version is the version of registry_state that its rows carry until the switch.
CREATE TABLE imports (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  file_name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('staging', 'staged', 'committing', 'committed', 'cancelled', 'failed')),
  mode TEXT NOT NULL,
  rows_total BIGINT NOT NULL,
  good BIGINT NOT NULL,
  bad BIGINT NOT NULL,
  written BIGINT NOT NULL,
  unchanged BIGINT NOT NULL,
  done BIGINT NOT NULL,
  total BIGINT NOT NULL,
  failure TEXT NOT NULL,
  job TEXT NOT NULL,
  version BIGINT NOT NULL,
  party_batch BIGINT NOT NULL,
  fact_batch BIGINT NOT NULL,
  account TEXT NOT NULL,
  grants TEXT NOT NULL,
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  ended_at TEXT NOT NULL
);

CREATE INDEX imports_by_time ON imports (created_at);

CREATE INDEX imports_by_hash ON imports (sha256);

-- The uploaded file in base64, kept only until its rows are staged.
CREATE TABLE import_parts (
  import TEXT NOT NULL REFERENCES imports (id),
  number BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (import, number)
);

-- A row of the workbook as it was understood, or why it was not. Kept only until the import ends, but for the bad ones.
CREATE TABLE import_rows (
  import TEXT NOT NULL REFERENCES imports (id),
  number BIGINT NOT NULL,
  line BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('good', 'bad')),
  entry TEXT NOT NULL,
  problems TEXT NOT NULL,
  PRIMARY KEY (import, number)
);

CREATE INDEX import_rows_by_state ON import_rows (import, state, number);

-- +goose Down
DROP TABLE import_rows;
DROP TABLE import_parts;
DROP TABLE imports;
