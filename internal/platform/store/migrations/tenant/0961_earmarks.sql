-- +goose Up

-- Money of a case that may be used for some purposes alone (a JSON list, the file's words), and who receives it and so tells of its use.
CREATE TABLE earmarks (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL UNIQUE,
  case_number TEXT NOT NULL,
  scheme TEXT NOT NULL,
  department TEXT NOT NULL,
  town TEXT NOT NULL,
  receiver TEXT NOT NULL,
  receiver_name TEXT NOT NULL,
  clause TEXT NOT NULL,
  purposes TEXT NOT NULL,
  made_at TEXT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX earmarks_by_receiver ON earmarks (receiver, id);
CREATE INDEX earmarks_by_department ON earmarks (department, id);

-- What the receiver used of it: how much, when, for which purpose, on what, by which paper; accepted or returned by the department in charge.
CREATE TABLE earmark_uses (
  id TEXT PRIMARY KEY,
  earmark TEXT NOT NULL REFERENCES earmarks (id),
  amount BIGINT NOT NULL CHECK (amount > 0),
  on_date TEXT NOT NULL,
  purpose TEXT NOT NULL,
  spent TEXT NOT NULL,
  paper TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('stated', 'accepted', 'returned', 'withdrawn')),
  stated_at TEXT NOT NULL,
  stated_by TEXT NOT NULL,
  stated_name TEXT NOT NULL,
  decided_at TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  decided_name TEXT NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX earmark_uses_by_earmark ON earmark_uses (earmark, id);

-- +goose Down

DROP TABLE earmark_uses;
DROP TABLE earmarks;
