-- +goose Up

-- Of long lists nobody reads more than the beginning: each kind of scope has an index that gives its rows in the order of the list, and
-- whether a row is in the rest of the scope is read from the index.

DROP INDEX process_tasks_inbox;
DROP INDEX process_tasks_open;

-- The inbox of a role: in a department, in a town, in all.
CREATE INDEX process_tasks_inbox_department ON process_tasks (role, scope_department, due_at, id, assignee, party) WHERE state = 'open';
CREATE INDEX process_tasks_inbox_town ON process_tasks (role, town, due_at, id, scope_department, assignee, party) WHERE state = 'open';
CREATE INDEX process_tasks_inbox ON process_tasks (role, due_at, id, assignee, party) WHERE state = 'open';

-- What readers see without acting on it: of a department, of a town, of all; and what their department was asked of others' subjects.
CREATE INDEX process_tasks_open_department ON process_tasks (department, due_at, id) WHERE state = 'open' AND number <> '';
CREATE INDEX process_tasks_open_town ON process_tasks (town, due_at, id, department) WHERE state = 'open' AND number <> '';
CREATE INDEX process_tasks_open ON process_tasks (due_at, id) WHERE state = 'open' AND number <> '';
CREATE INDEX process_tasks_open_asked ON process_tasks (role, scope_department, due_at, id) WHERE state = 'open' AND scope_department <> department;
CREATE INDEX process_tasks_unnumbered ON process_tasks (role, due_at, id) WHERE state = 'open' AND number = '';

-- The subjects of others that a department has or had a task of.
CREATE INDEX process_tasks_asked ON process_tasks (scope_department, subject) WHERE scope_department <> '' AND scope_department <> department;

DROP INDEX cases_by_submission;
CREATE INDEX cases_by_submission ON cases (submitted_at, id) WHERE number <> '';
CREATE INDEX cases_by_department ON cases (department, submitted_at, id) WHERE number <> '';
CREATE INDEX cases_by_town ON cases (town, submitted_at, id) WHERE number <> '';
CREATE INDEX cases_by_code ON cases (party_code) WHERE party_code <> '';

-- Nothing is looked up by this.
DROP INDEX round_schemes_by_scheme;
