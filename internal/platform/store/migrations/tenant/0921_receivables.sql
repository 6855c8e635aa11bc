-- +goose Up

-- What a party owes back of an award. due is the last day to pay ('' none is set); rate (a percentage) for days days, counted from starts
-- (exclusive) on what is not repaid; rate '' no interest. repaid and interest are what was confirmed of principal and interest.
CREATE TABLE receivables (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  case_number TEXT NOT NULL,
  scheme TEXT NOT NULL,
  department TEXT NOT NULL,
  town TEXT NOT NULL,
  party TEXT NOT NULL,
  party_name TEXT NOT NULL,
  principal BIGINT NOT NULL CHECK (principal > 0),
  repaid BIGINT NOT NULL CHECK (repaid >= 0),
  interest BIGINT NOT NULL CHECK (interest >= 0),
  due TEXT NOT NULL,
  rate TEXT NOT NULL,
  days BIGINT NOT NULL,
  starts TEXT NOT NULL,
  cite TEXT NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'partly', 'settled', 'written_off')),
  reminded TEXT NOT NULL,
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL,
  version BIGINT NOT NULL,
  CHECK (repaid <= principal)
);

CREATE INDEX receivables_by_party ON receivables (party, id);
CREATE INDEX receivables_by_case ON receivables (case_id);
CREATE INDEX receivables_by_due ON receivables (state, due);

-- Money that came back: stated by one, confirmed by another. bank_serial is the bank's.
CREATE TABLE repayments (
  id TEXT PRIMARY KEY,
  receivable TEXT NOT NULL REFERENCES receivables (id),
  amount BIGINT NOT NULL CHECK (amount > 0),
  on_date TEXT NOT NULL,
  bank_serial TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('stated', 'confirmed', 'refused')),
  stated_at TEXT NOT NULL,
  stated_by TEXT NOT NULL,
  stated_name TEXT NOT NULL,
  decided_at TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  decided_name TEXT NOT NULL
);

CREATE INDEX repayments_by_receivable ON repayments (receivable, id);
CREATE UNIQUE INDEX repayments_serial ON repayments (bank_serial) WHERE state <> 'refused';

-- The ledger of receivables, written once: each row takes an amount from one account (credit) to another (debit), and so balances.
CREATE TABLE receivable_entries (
  id TEXT PRIMARY KEY,
  receivable TEXT NOT NULL REFERENCES receivables (id),
  kind TEXT NOT NULL CHECK (kind IN ('claim', 'interest', 'repay', 'write_off')),
  debit TEXT NOT NULL CHECK (debit IN ('owed', 'returned', 'lost')),
  credit TEXT NOT NULL CHECK (credit IN ('awarded', 'earned', 'owed')),
  amount BIGINT NOT NULL CHECK (amount > 0),
  on_date TEXT NOT NULL,
  repayment TEXT NOT NULL,
  posted_at TEXT NOT NULL,
  posted_by TEXT NOT NULL
);

CREATE INDEX receivable_entries_by_receivable ON receivable_entries (receivable, id);

-- +goose Down
DROP TABLE receivable_entries;
DROP TABLE repayments;
DROP TABLE receivables;
