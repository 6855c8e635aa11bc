-- +goose Up

-- The subjects of others that a department has or had a task of. Whose it is stands in the index as one value, so that a database knows how
-- few they are and does not read what the department does itself.
DROP INDEX process_tasks_asked;
CREATE INDEX process_tasks_asked ON process_tasks ((CASE WHEN scope_department <> department THEN scope_department ELSE '' END), subject);

-- +goose Down

DROP INDEX process_tasks_asked;
CREATE INDEX process_tasks_asked ON process_tasks (scope_department, subject) WHERE scope_department <> '' AND scope_department <> department;
