-- +goose Up

-- Money is in fen. A budget is what one source gives to a round, for one scheme or (scheme '') for any that has none of its own.
-- total, committed and paid are running totals of its ledger lines: committed holds everything promised and not given back, paid or
-- not. version counts what finance did to the budget itself, so that the same click twice raises it once.
CREATE TABLE budgets (
  id TEXT PRIMARY KEY,
  round TEXT NOT NULL,
  scheme TEXT NOT NULL,
  source TEXT NOT NULL,
  department TEXT NOT NULL,
  place BIGINT NOT NULL,
  note TEXT NOT NULL,
  total BIGINT NOT NULL,
  committed BIGINT NOT NULL,
  paid BIGINT NOT NULL,
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE (round, scheme, source),
  CHECK (paid >= 0 AND committed >= paid AND total >= committed)
);

-- What a case was decided to receive. batch is the live payment batch it stands in, or ''.
CREATE TABLE awards (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  case_number TEXT NOT NULL,
  round TEXT NOT NULL,
  scheme TEXT NOT NULL,
  department TEXT NOT NULL,
  party TEXT NOT NULL,
  party_name TEXT NOT NULL,
  town TEXT NOT NULL,
  clause TEXT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount > 0),
  state TEXT NOT NULL CHECK (state IN ('committed', 'paid', 'released')),
  batch TEXT NOT NULL,
  reason TEXT NOT NULL,
  committed_at TEXT NOT NULL,
  committed_by TEXT NOT NULL,
  ended_at TEXT NOT NULL
);

CREATE UNIQUE INDEX awards_of_case ON awards (case_id) WHERE state <> 'released';

CREATE INDEX awards_by_round ON awards (round, state, case_number);

CREATE INDEX awards_by_party ON awards (party, id);

CREATE INDEX awards_by_scheme ON awards (scheme, id);

-- Which budgets an award is taken from.
CREATE TABLE award_shares (
  award TEXT NOT NULL REFERENCES awards (id),
  number BIGINT NOT NULL,
  budget TEXT NOT NULL REFERENCES budgets (id),
  amount BIGINT NOT NULL CHECK (amount > 0),
  PRIMARY KEY (award, number)
);

CREATE INDEX award_shares_by_budget ON award_shares (budget);

-- The ledger. Rows are written once. The lines of an entry sum to zero; a line with a positive amount adds to its account.
CREATE TABLE ledger_entries (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('appropriate', 'reduce', 'commit', 'release', 'order', 'pay', 'fail', 'correct')),
  round TEXT NOT NULL,
  award TEXT NOT NULL,
  line TEXT NOT NULL,
  document TEXT NOT NULL,
  on_date TEXT NOT NULL,
  reason TEXT NOT NULL,
  corrects TEXT NOT NULL,
  posted_at TEXT NOT NULL,
  posted_by TEXT NOT NULL,
  posted_name TEXT NOT NULL
);

CREATE UNIQUE INDEX ledger_entries_corrected ON ledger_entries (corrects) WHERE corrects <> '';

CREATE INDEX ledger_entries_by_award ON ledger_entries (award, id) WHERE award <> '';

CREATE INDEX ledger_entries_by_round ON ledger_entries (round, id);

CREATE TABLE ledger_lines (
  entry TEXT NOT NULL REFERENCES ledger_entries (id),
  number BIGINT NOT NULL,
  budget TEXT NOT NULL REFERENCES budgets (id),
  account TEXT NOT NULL CHECK (account IN ('appropriated', 'available', 'committed', 'payable', 'paid')),
  amount BIGINT NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (entry, number)
);

CREATE INDEX ledger_lines_by_budget ON ledger_lines (budget, account, amount);

-- A bank account of a party, written anew with every change; one is live, the others are replaced.
-- why: for which of new, changed, shared, failed it is held, with blanks between.
CREATE TABLE bank_accounts (
  id TEXT PRIMARY KEY,
  party TEXT NOT NULL,
  holder TEXT NOT NULL,
  bank TEXT NOT NULL,
  number TEXT NOT NULL,
  supersedes TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('held', 'confirmed', 'replaced')),
  why TEXT NOT NULL,
  held_by TEXT NOT NULL,
  entered_at TEXT NOT NULL,
  entered_by TEXT NOT NULL,
  entered_name TEXT NOT NULL,
  confirmed_at TEXT NOT NULL,
  confirmed_by TEXT NOT NULL,
  confirmed_name TEXT NOT NULL,
  evidence TEXT NOT NULL,
  UNIQUE (party, supersedes)
);

CREATE UNIQUE INDEX bank_accounts_live ON bank_accounts (party) WHERE state <> 'replaced';

CREATE INDEX bank_accounts_by_number ON bank_accounts (number);

-- What the numbers of batches were last counted up to in a year.
CREATE TABLE payment_numbers (
  year BIGINT PRIMARY KEY,
  last BIGINT NOT NULL
);

-- A payment batch: the awards of a round that one funding document orders to be paid. department and town say whose awards, '' all.
CREATE TABLE payment_batches (
  id TEXT PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  round TEXT NOT NULL,
  department TEXT NOT NULL,
  town TEXT NOT NULL,
  document TEXT NOT NULL,
  document_date TEXT NOT NULL,
  title TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('draft', 'approved', 'sent', 'done', 'cancelled')),
  lines BIGINT NOT NULL,
  total BIGINT NOT NULL,
  reason TEXT NOT NULL,
  prepared_at TEXT NOT NULL,
  prepared_by TEXT NOT NULL,
  prepared_name TEXT NOT NULL,
  approved_at TEXT NOT NULL,
  approved_by TEXT NOT NULL,
  approved_name TEXT NOT NULL,
  sent_at TEXT NOT NULL,
  sent_by TEXT NOT NULL,
  sent_name TEXT NOT NULL,
  version BIGINT NOT NULL
);

CREATE INDEX payment_batches_by_round ON payment_batches (round, id);

-- One payment to one party. account is pinned when the batch goes to the bank; why says what held it, failed it or took it out.
CREATE TABLE payment_lines (
  id TEXT PRIMARY KEY,
  batch TEXT NOT NULL REFERENCES payment_batches (id),
  number BIGINT NOT NULL,
  code TEXT NOT NULL UNIQUE,
  award TEXT NOT NULL REFERENCES awards (id),
  party TEXT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount > 0),
  account TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'paid', 'failed', 'held', 'dropped')),
  why TEXT NOT NULL,
  bank_serial TEXT NOT NULL,
  paid_on TEXT NOT NULL,
  result TEXT NOT NULL,
  UNIQUE (batch, number)
);

-- An award is never in two payments at once, and never paid twice.
CREATE UNIQUE INDEX payment_lines_live ON payment_lines (award) WHERE state IN ('waiting', 'sent', 'paid');

CREATE INDEX payment_lines_by_award ON payment_lines (award, id);

CREATE INDEX payment_lines_by_party ON payment_lines (party, batch);

CREATE INDEX payment_lines_by_serial ON payment_lines (bank_serial) WHERE bank_serial <> '';

-- A result workbook of the bank, and its rows as they were understood.
CREATE TABLE bank_results (
  id TEXT PRIMARY KEY,
  batch TEXT NOT NULL REFERENCES payment_batches (id),
  file_name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('staged', 'applied', 'cancelled')),
  good BIGINT NOT NULL,
  bad BIGINT NOT NULL,
  uploaded_at TEXT NOT NULL,
  uploaded_by TEXT NOT NULL,
  uploaded_name TEXT NOT NULL,
  ended_at TEXT NOT NULL,
  ended_by TEXT NOT NULL,
  ended_name TEXT NOT NULL
);

CREATE UNIQUE INDEX bank_results_once ON bank_results (batch, sha256) WHERE state <> 'cancelled';

CREATE TABLE bank_result_rows (
  result TEXT NOT NULL REFERENCES bank_results (id),
  number BIGINT NOT NULL,
  sheet_line BIGINT NOT NULL,
  line TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('', 'paid', 'failed')),
  bank_serial TEXT NOT NULL,
  on_date TEXT NOT NULL,
  failure TEXT NOT NULL,
  problems TEXT NOT NULL,
  PRIMARY KEY (result, number)
);

-- +goose Down
DROP TABLE bank_result_rows;
DROP TABLE bank_results;
DROP TABLE payment_lines;
DROP TABLE payment_batches;
DROP TABLE payment_numbers;
DROP TABLE bank_accounts;
DROP TABLE ledger_lines;
DROP TABLE ledger_entries;
DROP TABLE award_shares;
DROP TABLE awards;
DROP TABLE budgets;
