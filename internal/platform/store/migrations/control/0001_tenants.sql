-- +goose Up

-- The tenants of the installation. state is 'creating' until the tenant's own database is complete.
CREATE TABLE tenants (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('creating', 'ready')),
  created_at TEXT NOT NULL
);
