-- +goose Up

-- The folders whose files this tenant reads, from the top down; the last is its own.
CREATE TABLE scheme_levels (
  position BIGINT PRIMARY KEY,
  folder TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL
);

-- A version of a file: written once, never changed and never deleted.
CREATE TABLE scheme_versions (
  id TEXT PRIMARY KEY,
  path TEXT NOT NULL,
  hash TEXT NOT NULL,
  document TEXT NOT NULL,
  body TEXT NOT NULL,
  origin TEXT NOT NULL,
  published_by TEXT NOT NULL,
  approved_by TEXT NOT NULL,
  published_at TEXT NOT NULL,
  UNIQUE (path, hash)
);

-- A publication is a whole set of files; the set it replaced is named, and can be replaced only once.
CREATE TABLE scheme_publications (
  id TEXT PRIMARY KEY,
  previous TEXT NOT NULL UNIQUE,
  set_hash TEXT NOT NULL,
  origin TEXT NOT NULL,
  note TEXT NOT NULL,
  published_by TEXT NOT NULL,
  approved_by TEXT NOT NULL,
  published_at TEXT NOT NULL,
  added BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  removed BIGINT NOT NULL
);

CREATE TABLE scheme_publication_files (
  publication TEXT NOT NULL REFERENCES scheme_publications (id),
  path TEXT NOT NULL,
  version TEXT NOT NULL REFERENCES scheme_versions (id),
  PRIMARY KEY (publication, path)
);

-- The set in use. One row; a publisher replaces it only if it is still the set he started from.
CREATE TABLE scheme_current (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  publication TEXT NOT NULL REFERENCES scheme_publications (id),
  set_hash TEXT NOT NULL
);

-- What each origin (the seed, a tenant above) last gave for a path, so that the same file twice changes nothing
-- and a seed never undoes what was published here since.
CREATE TABLE scheme_adopted (
  origin TEXT NOT NULL,
  path TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (origin, path)
);

-- The tenant from which the upper folders are copied down, and the last of its sets that was looked at.
CREATE TABLE scheme_above (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  tenant TEXT NOT NULL,
  seen TEXT NOT NULL
);

-- +goose Down
DROP TABLE scheme_above;
DROP TABLE scheme_adopted;
DROP TABLE scheme_current;
DROP TABLE scheme_publication_files;
DROP TABLE scheme_publications;
DROP TABLE scheme_versions;
DROP TABLE scheme_levels;
