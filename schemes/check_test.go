package schemefiles_test

import (
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"shanglin/policy"
	schemefiles "shanglin/schemes"
)

// manifest is chain.json: the folders that each place inherits, and those that a folder of samples builds on.
type manifest struct {
	Chains  map[string][]string `json:"chains"`
	Samples map[string][]string `json:"samples"`
}

func readManifest(t *testing.T) manifest {
	t.Helper()
	data, err := fs.ReadFile(schemefiles.Files, "chain.json")
	if err != nil {
		t.Fatal(err)
	}
	var m manifest
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// read loads the files of some folders; every problem is a failure, warnings too.
func read(t *testing.T, folders []string) *policy.Library {
	t.Helper()
	var files []policy.File
	for _, folder := range folders {
		names, err := fs.Glob(schemefiles.Files, folder+"/*.yaml")
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
	}
	lib, problems := policy.Check(files)
	for _, p := range problems {
		t.Error(p)
	}
	return lib
}

// load reads the policy of the place that inherits most: no samples.
func load(t *testing.T) *policy.Library {
	t.Helper()
	var longest []string
	for _, chain := range readManifest(t).Chains {
		if len(chain) > len(longest) {
			longest = chain
		}
	}
	return read(t, longest)
}

// samples reads the folders of samples with what they build on.
func samples(t *testing.T) *policy.Library {
	t.Helper()
	var folders []string
	for _, chain := range readManifest(t).Samples {
		for _, folder := range chain {
			if !slices.Contains(folders, folder) {
				folders = append(folders, folder)
			}
		}
	}
	return read(t, folders)
}

// Turns red when a file has any problem, warnings too, or an example does not come out as it was worked by hand; also when a name of a
// sample is one of a place too, so that the two could not be read side by side, or a folder belongs to nothing.
func TestFilesAndExamples(t *testing.T) {
	m := readManifest(t)
	var chains [][]string
	var all []string
	for _, group := range []map[string][]string{m.Chains, m.Samples} {
		for _, chain := range group {
			chains = append(chains, chain)
			for _, folder := range chain {
				if !slices.Contains(all, folder) {
					all = append(all, folder)
				}
			}
		}
	}
	names, err := fs.Glob(schemefiles.Files, "*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !slices.Contains(all, path.Dir(name)) {
			t.Errorf("%s lies in a folder that chain.json does not name", name)
		}
	}
	for _, chain := range append(chains, all) {
		for _, p := range read(t, chain).CheckExamples() {
			t.Error(p)
		}
	}
}

// Samples show how clauses are written; they are the policy of no place. Turns red when a folder of samples is put into a chain.
func TestSamplesAreNoPolicy(t *testing.T) {
	m := readManifest(t)
	if len(m.Samples) == 0 {
		t.Fatal("there are no samples")
	}
	var shown []string
	for name, sample := range m.Samples {
		own := sample[len(sample)-1]
		shown = append(shown, own)
		for place, chain := range m.Chains {
			if slices.Contains(chain, own) || place == name {
				t.Errorf("%s is policy of %s", own, place)
			}
		}
	}
	for _, d := range samples(t).Documents() {
		if slices.Contains(shown, path.Dir(d.Path)) && !slices.ContainsFunc(d.Info().Notes, func(n policy.Interpretation) bool { return strings.Contains(n.Choice, "样例") }) {
			t.Errorf("%s does not say that it is a sample", d.ID)
		}
	}
}

// TestProcessesKeepTheRules: what the processes must have in common, and those of batches more than the others, whatever their stages are called. Turns red when, for example,
// notice_over is taken from the decision, or a time limit that no law sets does not say so.
func TestProcessesKeepTheRules(t *testing.T) {
	lib := load(t)
	rounds := 0
	for _, p := range lib.Processes() {
		did := map[string]bool{}
		limit := func(where string, w *policy.Within) {
			if w != nil && w.Cite == "" && !strings.Contains(w.Basis, "非法定") {
				t.Errorf("%s: %s: a time limit without a source does not say that no law sets it: %q", p.ID, where, w.Basis)
			}
		}
		together := p.Decides() && !p.DecidesAlone() // the cases of a batch are settled and decided together, after a public notice
		for _, f := range p.Flows {
			for _, s := range f.Stages {
				for i, a := range s.AtOnce { // what nobody decides rests on facts alone, and on money that is there
					if a.Does("decide") && !(i < len(s.AtOnce)-1 && slices.Contains(a.If, "facts_decide") && slices.Contains(a.If, "budget_covers")) {
						t.Errorf("%s: %s decides without the facts or the budget", p.ID, a.Key)
					}
				}
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
								if alone := guard == "notice_over" || guard == "no_open_objection" || e.Name == "publish"; alone && !together {
									continue
								}
								if !slices.Contains(a.If, guard) {
									t.Errorf("%s: %s is not guarded by %s", p.ID, e.Name, guard)
								}
							}
							if who := map[string]string{"decide": "leader", "order": "finance", "submit": "applicant"}[e.Name]; who != "" && who != task.Who.Role && (together || e.Name != "order") {
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
				if s.Waits == "paid" && together && f.Stage(s.Then).Ends != "granted" {
					t.Errorf("%s: paid leads to %s", p.ID, s.Then)
				}
			}
		}
		if p.Flow("round") == nil && did["submit"] == (p.Starts == "office") {
			t.Errorf("%s: starts by %s, does submit: %v", p.ID, p.Starts, did["submit"])
		}
		if !together {
			continue
		}
		rounds++
		for _, verb := range []string{"submit", "set_amount", "open_window", "freeze", "settle", "publish", "renotice", "decide", "order", "move_cases"} {
			if !did[verb] {
				t.Errorf("%s never does %s", p.ID, verb)
			}
		}
		if did["propose"] != (p.Starts == "system") {
			t.Errorf("%s: starts by %s", p.ID, p.Starts)
		}
	}
	if rounds != 3 {
		t.Errorf("%d processes with rounds", rounds)
	}
}

// The worked examples reach every condition both ways, every row, slice, cap and limit of every scheme, samples included.
// Turns red when a scheme gains a way that no example goes, or loses the example that went it.
func TestExamplesReachEverything(t *testing.T) {
	lib := read(t, []string{"*"})
	list, wrong := lib.Coverage()
	for _, p := range wrong {
		t.Error(p)
	}
	for _, c := range list {
		for _, m := range c.Missed {
			t.Errorf("%s:%d: %s: %s", m.File, m.Line, c.Scheme, m.Message)
		}
	}
}
