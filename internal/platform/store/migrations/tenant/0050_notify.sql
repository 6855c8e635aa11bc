-- +goose Up

-- What somebody is told in the app. link is a page below the tenant's, empty for none; read_at is empty until it was read.
CREATE TABLE notifications (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  kind TEXT NOT NULL,
  link TEXT NOT NULL,
  note_key TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  told_at TEXT NOT NULL,
  read_at TEXT NOT NULL
);

-- Nobody is told twice of one thing before having read it. It also counts what somebody has not read.
CREATE UNIQUE INDEX notifications_unread ON notifications (account, kind, link, note_key) WHERE read_at = '';

CREATE INDEX notifications_of ON notifications (account, told_at, id);

CREATE INDEX notifications_read ON notifications (read_at) WHERE read_at <> '';
