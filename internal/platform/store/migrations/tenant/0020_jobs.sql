-- +goose Up

-- Work that happens after a commit. A running job is somebody's as long as lease_until lies ahead; lease names the claim, so that
-- a worker whose lease lapsed and was taken over can no longer write.
CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  job_key TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
  run_at TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  lease TEXT NOT NULL,
  lease_until TEXT NOT NULL,
  cancelling INTEGER NOT NULL CHECK (cancelling IN (0, 1)),
  done BIGINT NOT NULL,
  total BIGINT NOT NULL,
  note TEXT NOT NULL,
  failure TEXT NOT NULL,
  actor TEXT NOT NULL,
  created_at TEXT NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT NOT NULL
);

-- Requests of the same kind and key that wait are one; and of those that run there is one at a time.
CREATE UNIQUE INDEX jobs_waiting ON jobs (kind, job_key) WHERE state = 'waiting';

CREATE UNIQUE INDEX jobs_running ON jobs (kind, job_key) WHERE state = 'running';

CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'waiting';

CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'running';

CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at <> '';

CREATE INDEX jobs_by_time ON jobs (created_at);
