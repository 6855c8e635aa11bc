package store_test

import (
	"bytes"
	"context"
	"testing"

	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
)

// A tenant from before there were leaders and finance keeps its grants, in place and through a backup, and may then have the new roles.
// Mutation: leave the INSERT … SELECT, the index or the foreign key out of 0110_roles.sql → red.
func TestGrantsOfAnOlderDatabaseAreKept(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, from *store.Installation) {
		db, err := store.CreateOlder(ctx, from, "older", 100)
		if err != nil {
			t.Fatal(err)
		}
		old := store.In(ctx, db)
		for _, id := range []string{"a", "b"} {
			exec(t, old, `INSERT INTO accounts (id, login, name, disabled, created_at, created_by, changed_at) VALUES (?, ?, '', 0, '', '', '')`, id, id)
		}
		grant := `INSERT INTO grants (account, role, department, town, party, granted_at, granted_by) VALUES (?, ?, ?, ?, ?, '', '')`
		exec(t, old, grant, "a", "officer", "tax", "A", "")
		exec(t, old, grant, "a", "auditor", "", "", "")
		exec(t, old, grant, "b", "firm", "", "", "p1")
		if err := try(old, grant, "b", "leader", "", "", ""); !store.IsCheck(err) {
			t.Fatalf("the older database takes a leader: %v", err)
		}
		archive := backup(t, ctx, from)
		look := func(where string, inst *store.Installation) {
			t.Helper()
			db, err := inst.Tenant(ctx, "older")
			if err != nil {
				t.Fatal(err)
			}
			now := store.In(ctx, db)
			wantTexts(t, now, []string{"a auditor   ", "a officer tax A ", "b firm   p1"},
				`SELECT account || ' ' || role || ' ' || department || ' ' || town || ' ' || party FROM grants ORDER BY account, role`)
			exec(t, now, grant, "b", "leader", "tax", "", "")
			exec(t, now, grant, "b", "finance", "", "", "")
			for what, refused := range map[string]struct {
				args []any
				is   func(error) bool
			}{
				"the same once more":    {[]any{"b", "leader", "tax", "", ""}, store.IsUnique},
				"a firm without party":  {[]any{"b", "firm", "", "", ""}, store.IsCheck},
				"a leader with a party": {[]any{"b", "leader", "", "", "p1"}, store.IsCheck},
				"nobody's":              {[]any{"x", "leader", "", "", ""}, store.IsForeignKey},
			} {
				if err := try(now, grant, refused.args...); !refused.is(err) {
					t.Errorf("%s: %s: %v", where, what, err)
				}
			}
			exec(t, now, `DELETE FROM accounts WHERE id = 'b'`)
			wantTexts(t, now, []string{"a", "a"}, `SELECT account FROM grants`)
		}
		for _, kind := range storetest.Kinds {
			url := storetest.URL(t, kind)
			if err := store.Restore(ctx, url, bytes.NewReader(archive)); err != nil {
				t.Fatalf("to %s: %v", kind, err)
			}
			look("restored to "+kind, storetest.Open(t, ctx, url))
		}
		if err := from.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		look("in place", from)
	})
}

// A case from before there were standing items has what its round had, and its round is a batch, in place and through a backup.
// Mutation: leave the UPDATE out of 0855_standing.sql → red.
func TestCasesOfAnOlderDatabaseHaveWhatTheirRoundHad(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, from *store.Installation) {
		db, err := store.CreateOlder(ctx, from, "older", 850)
		if err != nil {
			t.Fatal(err)
		}
		old := store.In(ctx, db)
		for i, id := range []string{"r1", "r2"} {
			exec(t, old, `INSERT INTO rounds (id, number, title, process, publication, set_hash, performance, batch, opens, closes, department, body, notice_days, notice_unit, open,
				frozen_at, frozen_on, cases, invented, created_at, created_by, version) VALUES (?, ?, '', ?, ?, ?, ?, ?, '', '', '', '', 0, '', 1, '', '', 0, 0, '', '', 1)`,
				id, id, "process-"+id, "publication-"+id, "set-"+id, 2024+i, "batch-"+id)
			exec(t, old, `INSERT INTO cases (id, number, round, scheme, party, party_name, party_code, town, department, draft, draft_version, origin, started_at, started_by,
				saved_at, submitted_at, submitted_by, evaluation, answer, low, high, amount_kind, amount_text, judged, decided, decided_reason, decided_by, settled, cuts, awarded, paid,
				paid_on, stage, ended, lacking, version) VALUES (?, ?, ?, 's', 'p', '', '', '', '', '{}', 1, 'applicant', '', '', '', '', '', '', '', 0, 0, '', '', 0, -1, '', '', -1, '[]',
				-1, -1, '', '', '', '[]', 1)`, "c-"+id, "n-"+id, id)
		}
		archive := backup(t, ctx, from)
		look := func(inst *store.Installation) {
			t.Helper()
			db, err := inst.Tenant(ctx, "older")
			if err != nil {
				t.Fatal(err)
			}
			now := store.In(ctx, db)
			wantTexts(t, now, []string{"c-r1 process-r1 publication-r1 set-r1 2024 batch-r1 0", "c-r2 process-r2 publication-r2 set-r2 2025 batch-r2 0"},
				`SELECT id || ' ' || process || ' ' || publication || ' ' || set_hash || ' ' || CAST(performance AS TEXT) || ' ' || batch || ' ' || CAST(standing AS TEXT) FROM cases ORDER BY id`)
			wantTexts(t, now, []string{"r1 0", "r2 0"}, `SELECT id || ' ' || CAST(standing AS TEXT) FROM rounds ORDER BY id`)
			again := `INSERT INTO cases (id, number, round, scheme, party, party_name, party_code, town, department, draft, draft_version, origin, started_at, started_by,
				saved_at, submitted_at, submitted_by, evaluation, answer, low, high, amount_kind, amount_text, judged, decided, decided_reason, decided_by, settled, cuts, awarded, paid,
				paid_on, stage, ended, lacking, version) SELECT id || '2', number || '2', round, scheme, party, '', '', '', '', '{}', 1, 'applicant', '', '', '', '', '', '', '', 0, 0, '', '', 0, -1, '',
				'', -1, '[]', -1, -1, '', '', '', '[]', 1 FROM cases WHERE id = 'c-r1'`
			if err := try(now, again); !store.IsUnique(err) {
				t.Errorf("a second live application in a batch: %v", err)
			}
		}
		for _, kind := range storetest.Kinds {
			url := storetest.URL(t, kind)
			if err := store.Restore(ctx, url, bytes.NewReader(archive)); err != nil {
				t.Fatalf("to %s: %v", kind, err)
			}
			look(storetest.Open(t, ctx, url))
		}
		if err := from.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		look(from)
	})
}
