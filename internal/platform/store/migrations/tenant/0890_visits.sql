-- +goose Up

-- A visit on the spot (现场核查) that an action of a case planned by a checklist of its process. offered (JSON) are the dates that the party may
-- choose from, wish what it asks for instead, at the date that is set. A visit that is done or cancelled does not change any more: what comes in
-- from a phone afterwards is kept as late.
CREATE TABLE visits (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  checklist TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('planned', 'set', 'done', 'cancelled')),
  offered TEXT NOT NULL,
  wish TEXT NOT NULL,
  at TEXT NOT NULL,
  place TEXT NOT NULL,
  planned_at TEXT NOT NULL,
  planned_by TEXT NOT NULL,
  reason TEXT NOT NULL,
  closed_at TEXT NOT NULL,
  version BIGINT NOT NULL
);

CREATE INDEX visits_by_case ON visits (case_id, id);

-- Who goes. signed is the digest of what was signed; it counts while nothing has changed since.
CREATE TABLE visit_officers (
  visit TEXT NOT NULL REFERENCES visits (id),
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  signed TEXT NOT NULL,
  signed_at TEXT NOT NULL,
  PRIMARY KEY (visit, account)
);

CREATE INDEX visit_officers_by_account ON visit_officers (account, visit);

-- What somebody said of an item on the spot. id is made on the phone, so that what is sent twice is kept once; nothing is changed or taken away:
-- seen (JSON) are the entries of the item that its author had before them and replaces.
CREATE TABLE visit_entries (
  id TEXT PRIMARY KEY,
  visit TEXT NOT NULL REFERENCES visits (id),
  item TEXT NOT NULL,
  answer TEXT NOT NULL,
  note TEXT NOT NULL,
  seen TEXT NOT NULL,
  said_at TEXT NOT NULL,
  said_by TEXT NOT NULL,
  account TEXT NOT NULL,
  received_at TEXT NOT NULL,
  late INTEGER NOT NULL CHECK (late IN (0, 1))
);

CREATE INDEX visit_entries_by_visit ON visit_entries (visit, id);

CREATE TABLE visit_photos (
  id TEXT PRIMARY KEY,
  visit TEXT NOT NULL REFERENCES visits (id),
  item TEXT NOT NULL,
  file TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  note TEXT NOT NULL,
  taken_at TEXT NOT NULL,
  taken_by TEXT NOT NULL,
  account TEXT NOT NULL,
  received_at TEXT NOT NULL,
  late INTEGER NOT NULL CHECK (late IN (0, 1))
);

CREATE INDEX visit_photos_by_visit ON visit_photos (visit, id);

-- +goose Down

DROP TABLE visit_photos;

DROP TABLE visit_entries;

DROP TABLE visit_officers;

DROP TABLE visits;
