package schemefiles_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"shanglin/policy"
	schemefiles "shanglin/schemes"
)

// load reads every scheme file of this folder.
func load(t *testing.T) *policy.Library {
	t.Helper()
	var files []policy.File
	names, err := fs.Glob(schemefiles.Files, "*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(schemefiles.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, policy.File{Path: name, Data: data})
	}
	lib, problems := policy.Check(files)
	for _, p := range problems {
		t.Error(p)
	}
	return lib
}

// Turns red when a file has any problem, warnings too, or an example does not come out as it was worked by hand.
func TestFilesAndExamples(t *testing.T) {
	for _, p := range load(t).CheckExamples() {
		t.Error(p)
	}
}

// TestProcessesKeepTheRules: what the two processes must have in common, whatever their stages are called. Turns red when, for example,
// notice_over is taken from the decision, or a time limit that no law sets does not say so.
func TestProcessesKeepTheRules(t *testing.T) {
	lib := load(t)
	if got := len(lib.Processes()); got != 2 {
		t.Errorf("%d processes", got)
	}
	for _, p := range lib.Processes() {
		did := map[string]bool{}
		limit := func(where string, w *policy.Within) {
			if w != nil && w.Cite == "" && !strings.Contains(w.Basis, "非法定") {
				t.Errorf("%s: %s: a time limit without a source does not say that no law sets it: %q", p.ID, where, w.Basis)
			}
		}
		for _, f := range p.Flows {
			for _, s := range f.Stages {
				for _, task := range s.Tasks {
					limit(s.Key, task.Within)
					for _, a := range task.Actions {
						limit(a.Key, a.Period)
						for _, e := range a.Do {
							did[e.Name] = true
							for _, guard := range map[string][]string{
								"submit": {"complete"}, "settle": {"cases_ready", "amount_set"}, "publish": {"cases_ready", "amount_set"},
								"decide": {"notice_over", "no_open_objection", "budget_covers"},
							}[e.Name] {
								if !slices.Contains(a.If, guard) {
									t.Errorf("%s: %s is not guarded by %s", p.ID, e.Name, guard)
								}
							}
							if who := map[string]string{"decide": "leader", "order": "finance", "submit": "applicant"}[e.Name]; who != "" && who != task.Who.Role {
								t.Errorf("%s: %s is for %s", p.ID, e.Name, task.Who.Role)
							}
							if e.Name == "decide" && !slices.ContainsFunc(f.Apart, func(group []string) bool { return slices.Contains(group, s.Key) }) {
								t.Errorf("%s: who reviewed may decide", p.ID)
							}
							if e.Name == "publish" && (a.Period.N != 5 || a.Period.Unit != "工作日" || !strings.Contains(a.Period.Cite, "2023年3月23日")) {
								t.Errorf("%s: the public notice runs %+v", p.ID, a.Period)
							}
							if e.Name == "set_amount" && !slices.Contains(a.Needs, "amount") {
								t.Errorf("%s: nobody is asked for the amount", p.ID)
							}
						}
					}
				}
				if s.Waits == "paid" && f.Stage(s.Then).Ends != "granted" {
					t.Errorf("%s: paid leads to %s", p.ID, s.Then)
				}
			}
		}
		for _, verb := range []string{"submit", "set_amount", "open_window", "freeze", "settle", "publish", "renotice", "decide", "order", "move_cases"} {
			if !did[verb] {
				t.Errorf("%s never does %s", p.ID, verb)
			}
		}
		if did["propose"] != (p.Starts == "system") {
			t.Errorf("%s: starts by %s", p.ID, p.Starts)
		}
	}
}
