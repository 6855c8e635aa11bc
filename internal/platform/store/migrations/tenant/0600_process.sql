-- +goose Up

-- Process files as they were kept: written once, never changed. What runs finds its own by hash.
CREATE TABLE process_definitions (
  hash TEXT PRIMARY KEY,
  id TEXT NOT NULL,
  title TEXT NOT NULL,
  path TEXT NOT NULL,
  body TEXT NOT NULL,
  kept_at TEXT NOT NULL
);

-- A subject on its way along a flow. version rises with every action; history is the hash of its last step, which covers the one before.
CREATE TABLE process_instances (
  id TEXT PRIMARY KEY,
  flow TEXT NOT NULL,
  subject TEXT NOT NULL,
  number TEXT NOT NULL,
  title TEXT NOT NULL,
  party TEXT NOT NULL,
  party_name TEXT NOT NULL,
  town TEXT NOT NULL,
  department TEXT NOT NULL,
  scheme TEXT NOT NULL,
  round TEXT NOT NULL,
  definition TEXT NOT NULL REFERENCES process_definitions (hash),
  stage TEXT NOT NULL,
  since TEXT NOT NULL,
  version BIGINT NOT NULL,
  visit BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  started_at TEXT NOT NULL,
  steps BIGINT NOT NULL,
  history TEXT NOT NULL,
  UNIQUE (flow, subject)
);

CREATE INDEX process_instances_by_round ON process_instances (round, flow, stage);

CREATE INDEX process_instances_by_party ON process_instances (party, flow);

-- A piece of work, with the words of its subject, so that the inbox is one table. role, department and town say who acts.
-- due_on: the last day; due_at: the moment it lapses; both empty: no limit, or not known (unknown says why). remains: units left when it was closed; -1000: none.
CREATE TABLE process_tasks (
  id TEXT PRIMARY KEY,
  instance TEXT NOT NULL REFERENCES process_instances (id),
  flow TEXT NOT NULL,
  subject TEXT NOT NULL,
  number TEXT NOT NULL,
  subject_title TEXT NOT NULL,
  party TEXT NOT NULL,
  party_name TEXT NOT NULL,
  subject_town TEXT NOT NULL,
  subject_department TEXT NOT NULL,
  scheme TEXT NOT NULL,
  round TEXT NOT NULL,
  stage TEXT NOT NULL,
  stage_title TEXT NOT NULL,
  visit BIGINT NOT NULL,
  task_key TEXT NOT NULL,
  title TEXT NOT NULL,
  role TEXT NOT NULL,
  who TEXT NOT NULL,
  department TEXT NOT NULL,
  version BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'done', 'closed')),
  assignee TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  unit TEXT NOT NULL,
  due_on TEXT NOT NULL,
  due_at TEXT NOT NULL,
  unknown TEXT NOT NULL,
  remains BIGINT NOT NULL,
  overdue INTEGER NOT NULL CHECK (overdue IN (0, 1)),
  many INTEGER NOT NULL CHECK (many IN (0, 1)),
  closed_at TEXT NOT NULL,
  closed_by TEXT NOT NULL,
  action TEXT NOT NULL,
  action_title TEXT NOT NULL
);

CREATE INDEX process_tasks_open ON process_tasks (role, department, due_at, opened_at) WHERE state = 'open';

CREATE INDEX process_tasks_of_round ON process_tasks (round, role) WHERE state = 'open';

CREATE INDEX process_tasks_lapsing ON process_tasks (due_at) WHERE state = 'open' AND due_at <> '';

CREATE INDEX process_tasks_unknown ON process_tasks (opened_at) WHERE state = 'open' AND unknown <> '';

CREATE INDEX process_tasks_of_instance ON process_tasks (instance, visit);

CREATE INDEX process_tasks_of_department ON process_tasks (flow, subject, department);

CREATE INDEX process_tasks_done ON process_tasks (closed_by, closed_at) WHERE state = 'done';

-- What happened, in order. Written once; hash covers the step before.
CREATE TABLE process_steps (
  instance TEXT NOT NULL REFERENCES process_instances (id),
  seq BIGINT NOT NULL,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  account TEXT NOT NULL,
  role TEXT NOT NULL,
  who TEXT NOT NULL,
  task TEXT NOT NULL,
  task_title TEXT NOT NULL,
  action TEXT NOT NULL,
  action_title TEXT NOT NULL,
  stage_from TEXT NOT NULL,
  stage_to TEXT NOT NULL,
  reason TEXT NOT NULL,
  data TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (instance, seq)
);

CREATE INDEX process_steps_by_account ON process_steps (account, instance);

-- Filters of the inbox that somebody gave a name.
CREATE TABLE process_filters (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  filter TEXT NOT NULL,
  UNIQUE (account, name)
);

-- +goose Down
DROP TABLE process_filters;
DROP TABLE process_steps;
DROP TABLE process_tasks;
DROP TABLE process_instances;
DROP TABLE process_definitions;
