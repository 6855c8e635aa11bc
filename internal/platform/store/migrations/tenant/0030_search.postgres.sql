-- +goose Up

-- The text search: a to d hold the terms of a thing's fields in falling weight, as search.Terms makes them. n is made from the id.
CREATE TABLE search_entries (
  n BIGINT PRIMARY KEY,
  collection TEXT NOT NULL,
  id TEXT NOT NULL,
  a TEXT NOT NULL,
  b TEXT NOT NULL,
  c TEXT NOT NULL,
  d TEXT NOT NULL,
  terms TSVECTOR NOT NULL GENERATED ALWAYS AS (
    setweight(to_tsvector('simple', a), 'A') || setweight(to_tsvector('simple', b), 'B') ||
    setweight(to_tsvector('simple', c), 'C') || setweight(to_tsvector('simple', d), 'D')) STORED,
  UNIQUE (collection, id)
);

CREATE INDEX search_terms ON search_entries USING gin (terms);
