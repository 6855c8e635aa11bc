-- +goose Up

-- Official documents of cases. What they say is template (its whole file, as it was published when the document was drafted) and fields (JSON,
-- known by the rooms) and filled (JSON, by the drafter). mark, number and file are there from its issue on.
CREATE TABLE papers (
  id TEXT NOT NULL PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES cases (id),
  template TEXT NOT NULL,
  source TEXT NOT NULL,
  department TEXT NOT NULL,
  fields TEXT NOT NULL,
  filled TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('draft', 'reviewed', 'issued', 'delivered')),
  title TEXT NOT NULL,
  series TEXT NOT NULL,
  year BIGINT NOT NULL,
  number BIGINT NOT NULL,
  mark TEXT NOT NULL,
  file TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  drafted_at TEXT NOT NULL,
  drafted_by TEXT NOT NULL,
  reviewed_at TEXT NOT NULL,
  reviewed_by TEXT NOT NULL,
  issued_at TEXT NOT NULL,
  issued_by TEXT NOT NULL,
  issuer TEXT NOT NULL,
  delivered_on TEXT NOT NULL,
  delivered_how TEXT NOT NULL,
  delivered_to TEXT NOT NULL,
  delivered_by TEXT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX papers_case ON papers (case_id, id);
CREATE UNIQUE INDEX papers_number ON papers (department, series, year, number) WHERE number > 0;

-- The last number of each series; it is taken in the transaction that writes the document.
CREATE TABLE paper_series (
  department TEXT NOT NULL,
  series TEXT NOT NULL,
  year BIGINT NOT NULL,
  last BIGINT NOT NULL,
  PRIMARY KEY (department, series, year)
);

-- +goose Down

DROP TABLE paper_series;
DROP TABLE papers;
