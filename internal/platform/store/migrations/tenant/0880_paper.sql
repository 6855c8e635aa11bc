-- +goose Up

-- Official documents of cases. What one says is its template (source, the whole file as it was published when the case began; receipt is the one of
-- its delivery receipt, or empty), what the rooms know (fields, JSON) and what was written in drafting (content, JSON). mark, number, file and
-- sha256 are there from its issue on.
CREATE TABLE papers (
  id TEXT NOT NULL PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES cases (id),
  case_number TEXT NOT NULL,
  party TEXT NOT NULL,
  party_name TEXT NOT NULL,
  department TEXT NOT NULL,
  town TEXT NOT NULL,
  template TEXT NOT NULL,
  source TEXT NOT NULL,
  receipt TEXT NOT NULL,
  action TEXT NOT NULL,
  fields TEXT NOT NULL,
  content TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('draft', 'review', 'sign', 'issued', 'delivered', 'void')),
  remark TEXT NOT NULL,
  title TEXT NOT NULL,
  series TEXT NOT NULL,
  year BIGINT NOT NULL,
  number BIGINT NOT NULL,
  mark TEXT NOT NULL,
  file TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  receipt_file TEXT NOT NULL,
  receipt_sha256 TEXT NOT NULL,
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL,
  drafted_at TEXT NOT NULL,
  drafted_by TEXT NOT NULL,
  reviewed_at TEXT NOT NULL,
  reviewed_by TEXT NOT NULL,
  issued_at TEXT NOT NULL,
  issued_by TEXT NOT NULL,
  issuer TEXT NOT NULL,
  delivered_on TEXT NOT NULL,
  delivered_how TEXT NOT NULL,
  delivered_place TEXT NOT NULL,
  delivered_to TEXT NOT NULL,
  delivered_note TEXT NOT NULL,
  delivered_by TEXT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX papers_case ON papers (case_id, id);
CREATE INDEX papers_office ON papers (department, state, id);
CREATE INDEX papers_sha ON papers (sha256);
CREATE UNIQUE INDEX papers_number ON papers (department, series, year, number) WHERE number > 0;

-- What was written in drafting a document, every time that it was kept.
CREATE TABLE paper_versions (
  paper TEXT NOT NULL REFERENCES papers (id),
  n BIGINT NOT NULL,
  content TEXT NOT NULL,
  written_at TEXT NOT NULL,
  written_by TEXT NOT NULL,
  PRIMARY KEY (paper, n)
);

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
DROP TABLE paper_versions;
DROP TABLE papers;
