-- +goose Up

-- A file that somebody attached. owner is the room and the thing it belongs to, as that room writes it. pinned = 1: it has become part
-- of something that is kept and can no longer be deleted.
CREATE TABLE files (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  size BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  chunks BIGINT NOT NULL,
  pinned INTEGER NOT NULL CHECK (pinned IN (0, 1)),
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL
);

CREATE INDEX files_by_owner ON files (owner, id);

-- The content in base64, from chunk 1 on.
CREATE TABLE file_chunks (
  file TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (file, number)
);

-- How much an owner holds: one row to count up under a condition, so that many who upload at once cannot exceed a limit together.
CREATE TABLE file_owners (
  owner TEXT PRIMARY KEY,
  files BIGINT NOT NULL,
  bytes BIGINT NOT NULL
);
