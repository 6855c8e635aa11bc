-- +goose Up

-- Parties and facts are rows that are written once. A row is visible while since <= version < till, and version is the
-- one number of registry_state: a bulk import writes its rows in chunks under the next version, and one UPDATE of this
-- row makes all of them visible and all that they replace invisible. What is not replaced has till 9000000000000000.
CREATE TABLE registry_state (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  version BIGINT NOT NULL,
  committing TEXT NOT NULL,
  batches BIGINT NOT NULL
);

INSERT INTO registry_state (one, version, committing, batches) VALUES (1, 1, '', 0);

-- A batch is the rows of one bulk write; the audit log keeps one digest over all of them.
-- Row ids rise with time, so first_id and last_id find the rows of a batch without another index.
CREATE TABLE registry_batches (
  id TEXT PRIMARY KEY,
  number BIGINT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('party', 'fact')),
  origin TEXT NOT NULL,
  rows_written BIGINT NOT NULL,
  first_id TEXT NOT NULL,
  last_id TEXT NOT NULL,
  touched BIGINT NOT NULL,
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL
);

-- A version of a party. id stays for life; row_id names the version; supersedes names the version before it.
CREATE TABLE party_rows (
  row_id TEXT PRIMARY KEY,
  id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('企业', '个人', '组织')),
  code TEXT NOT NULL,
  exception TEXT NOT NULL,
  name TEXT NOT NULL,
  town TEXT NOT NULL,
  industry TEXT NOT NULL,
  size TEXT NOT NULL,
  contact TEXT NOT NULL,
  phone TEXT NOT NULL,
  id_number TEXT NOT NULL,
  invented INTEGER NOT NULL,
  note TEXT NOT NULL,
  stated_at TEXT NOT NULL,
  stated_by TEXT NOT NULL,
  supersedes TEXT NOT NULL,
  batch BIGINT NOT NULL,
  since BIGINT NOT NULL,
  till BIGINT NOT NULL,
  UNIQUE (id, supersedes)
);

CREATE UNIQUE INDEX party_rows_open ON party_rows (id) WHERE till = 9000000000000000;

CREATE UNIQUE INDEX party_rows_code ON party_rows (code) WHERE till = 9000000000000000 AND code <> '';

CREATE INDEX party_rows_by_code ON party_rows (code);

CREATE INDEX party_rows_by_name ON party_rows (name, id);

CREATE INDEX party_rows_by_town ON party_rows (town, name);

CREATE VIEW parties AS
  SELECT p.row_id, p.id, p.kind, p.code, p.exception, p.name, p.town, p.industry, p.size, p.contact, p.phone, p.id_number,
    p.invented, p.note, p.stated_at, p.stated_by, p.supersedes, p.batch, p.since, p.till
  FROM party_rows AS p JOIN registry_state AS s ON p.since <= s.version AND p.till > s.version;

-- A fact. Its key is (party, term, period, source, record_key): a newer fact of the same key names the one it supersedes.
-- A predecessor can be superseded once, and a key can begin once: that is the unique index, which is also how a party's
-- facts are read. withdrawn = 1 says that what the key said before is no longer claimed.
CREATE TABLE fact_rows (
  id TEXT PRIMARY KEY,
  party TEXT NOT NULL,
  term TEXT NOT NULL,
  period TEXT NOT NULL,
  source TEXT NOT NULL,
  record_key TEXT NOT NULL,
  supersedes TEXT NOT NULL,
  form INTEGER NOT NULL CHECK (form IN (0, 1, 2)),
  value TEXT NOT NULL,
  from_date TEXT NOT NULL,
  until_date TEXT NOT NULL,
  fields TEXT NOT NULL,
  verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
  withdrawn INTEGER NOT NULL CHECK (withdrawn IN (0, 1)),
  evidence TEXT NOT NULL,
  stated_at TEXT NOT NULL,
  stated_by TEXT NOT NULL,
  verified_by TEXT NOT NULL,
  batch BIGINT NOT NULL,
  since BIGINT NOT NULL,
  till BIGINT NOT NULL,
  UNIQUE (party, term, period, source, record_key, supersedes)
);

CREATE VIEW facts AS
  SELECT f.id, f.party, f.term, f.period, f.source, f.record_key, f.supersedes, f.form, f.value, f.from_date, f.until_date, f.fields,
    f.verified, f.withdrawn, f.evidence, f.stated_at, f.stated_by, f.verified_by, f.batch, f.since, f.till
  FROM fact_rows AS f JOIN registry_state AS s ON f.since <= s.version AND f.till > s.version
  WHERE f.withdrawn = 0;

-- Through which day a source declares a kind of record to be complete: up to then, absence is a fact.
-- invented = 1 is a declaration made up for a demonstration: it speaks of invented parties only.
CREATE TABLE coverage_rows (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  through_date TEXT NOT NULL,
  evidence TEXT NOT NULL,
  invented INTEGER NOT NULL,
  stated_at TEXT NOT NULL,
  stated_by TEXT NOT NULL,
  supersedes TEXT NOT NULL,
  UNIQUE (kind, source, invented, supersedes)
);

-- A firm says that a fact about it is wrong; an officer decides with a reason.
CREATE TABLE disputes (
  id TEXT PRIMARY KEY,
  fact TEXT NOT NULL REFERENCES fact_rows (id),
  party TEXT NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'upheld', 'corrected')),
  opened_at TEXT NOT NULL,
  opened_by TEXT NOT NULL,
  decision TEXT NOT NULL,
  resolved_at TEXT NOT NULL,
  resolved_by TEXT NOT NULL,
  correction TEXT NOT NULL
);

CREATE UNIQUE INDEX disputes_open ON disputes (fact) WHERE state = 'open';

CREATE INDEX disputes_by_party ON disputes (party, opened_at);

-- +goose Down
DROP TABLE disputes;
DROP TABLE coverage_rows;
DROP VIEW facts;
DROP TABLE fact_rows;
DROP VIEW parties;
DROP TABLE party_rows;
DROP TABLE registry_batches;
DROP TABLE registry_state;
