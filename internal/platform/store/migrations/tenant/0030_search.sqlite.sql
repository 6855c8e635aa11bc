-- +goose Up

-- The text search: a to d hold the terms of a thing's fields in falling weight, as search.Terms makes them. n is made from the id.
CREATE TABLE search_entries (
  n INTEGER PRIMARY KEY,
  collection TEXT NOT NULL,
  id TEXT NOT NULL,
  a TEXT NOT NULL,
  b TEXT NOT NULL,
  c TEXT NOT NULL,
  d TEXT NOT NULL,
  UNIQUE (collection, id)
);

-- The index holds no text of its own; search keeps it in step with search_entries.
CREATE VIRTUAL TABLE search_text USING fts5 (a, b, c, d, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0');
