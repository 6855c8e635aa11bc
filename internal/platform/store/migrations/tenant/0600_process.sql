-- +goose Up

-- A process file as it was published: written once, never changed and never deleted. What runs names it by its hash.
CREATE TABLE process_definitions (
  hash TEXT PRIMARY KEY,
  id TEXT NOT NULL,
  title TEXT NOT NULL,
  path TEXT NOT NULL,
  body TEXT NOT NULL,
  kept_at TEXT NOT NULL,
  kept_by TEXT NOT NULL
);

-- A subject on its way along a flow. Every change of an instance, its tasks or its steps holds this row.
-- version rises with every action; visit with every stage it comes to; outcome is empty while it runs.
CREATE TABLE process_instances (
  id TEXT PRIMARY KEY,
  definition TEXT NOT NULL REFERENCES process_definitions (hash),
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
  stage TEXT NOT NULL,
  since TEXT NOT NULL,
  version BIGINT NOT NULL,
  visit BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  started_at TEXT NOT NULL,
  started_by TEXT NOT NULL,
  UNIQUE (flow, subject)
);

CREATE INDEX process_instances_round ON process_instances (round, stage) WHERE round <> '';

-- A task of one visit to a stage. open; done: somebody took an action that finished it; closed: the instance left the stage.
-- What lists are narrowed by is copied from the subject. scope_department: which department's work it is; empty: any.
-- due_at: the moment from which it is late, far away when there is no limit or it is not known (unknown then says why). The limit is
-- n units from begins; after a pause that is what was left. late: that it lapsed has been dealt with.
CREATE TABLE process_tasks (
  id TEXT PRIMARY KEY,
  instance TEXT NOT NULL REFERENCES process_instances (id),
  visit BIGINT NOT NULL,
  stage TEXT NOT NULL,
  stage_title TEXT NOT NULL,
  task TEXT NOT NULL,
  task_title TEXT NOT NULL,
  role TEXT NOT NULL,
  who TEXT NOT NULL,
  scope_department TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'done', 'closed')),
  version BIGINT NOT NULL,
  assignee TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  begins TEXT NOT NULL,
  n BIGINT NOT NULL,
  unit TEXT NOT NULL,
  due TEXT NOT NULL,
  due_at TEXT NOT NULL,
  unknown TEXT NOT NULL,
  late INTEGER NOT NULL CHECK (late IN (0, 1)),
  done_at TEXT NOT NULL,
  done_by TEXT NOT NULL,
  action TEXT NOT NULL,
  definition TEXT NOT NULL,
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
  UNIQUE (instance, visit, task)
);

-- The inbox of a role, what is due first at the top; whether it is in somebody's scope is read from the index.
CREATE INDEX process_tasks_inbox ON process_tasks (role, due_at, id, scope_department, town, party, assignee) WHERE state = 'open';

-- The same for those who see more than they act on.
CREATE INDEX process_tasks_open ON process_tasks (due_at, id, department, town) WHERE state = 'open';

-- The tasks of a subject.
CREATE INDEX process_tasks_subject ON process_tasks (subject, scope_department);

CREATE INDEX process_tasks_party ON process_tasks (party, due_at) WHERE state = 'open' AND party <> '';

CREATE INDEX process_tasks_round ON process_tasks (round, due_at) WHERE state = 'open' AND round <> '';

CREATE INDEX process_tasks_assignee ON process_tasks (assignee, due_at) WHERE state = 'open' AND assignee <> '';

CREATE INDEX process_tasks_done ON process_tasks (done_by, done_at) WHERE state = 'done';

-- What the clock has to look at, and nothing else.
CREATE INDEX process_tasks_lapsing ON process_tasks (due_at, id) WHERE state = 'open' AND late = 0;

CREATE INDEX process_tasks_unknown ON process_tasks (begins, n, unit) WHERE state = 'open' AND unknown <> '';

-- What happened, in order; rows are only added. to_stage: the stage that it led to; empty when the instance stayed. version: of the task, or of the instance for an action of the whole instance, that the
-- actor had seen. data: what else was given, as JSON.
CREATE TABLE process_steps (
  instance TEXT NOT NULL REFERENCES process_instances (id),
  seq BIGINT NOT NULL,
  at TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('start', 'act', 'lapse', 'move', 'assign', 'release', 'overdue')),
  actor TEXT NOT NULL,
  role TEXT NOT NULL,
  who TEXT NOT NULL,
  task TEXT NOT NULL,
  task_title TEXT NOT NULL,
  version BIGINT NOT NULL,
  action TEXT NOT NULL,
  action_title TEXT NOT NULL,
  from_stage TEXT NOT NULL,
  to_stage TEXT NOT NULL,
  reason TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (instance, seq)
);

CREATE TABLE process_filters (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  saved_at TEXT NOT NULL,
  UNIQUE (account, name)
);

-- +goose Down
DROP TABLE process_filters;
DROP TABLE process_steps;
DROP TABLE process_tasks;
DROP TABLE process_instances;
DROP TABLE process_definitions;
