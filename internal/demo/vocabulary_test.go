package demo

import (
	"io/fs"
	"strings"
	"testing"

	"shanglin/internal/registry"
	"shanglin/policy"
	schemefiles "shanglin/schemes"
)

func library(t *testing.T) *policy.Library {
	t.Helper()
	names, err := fs.Glob(schemefiles.Files, "*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var files []policy.File
	for _, name := range names {
		data, err := fs.ReadFile(schemefiles.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, policy.File{Path: name, Data: data})
	}
	lib, problems := policy.Load(files)
	for _, p := range problems {
		if p.Severity == policy.SeverityError {
			t.Fatal(p.String())
		}
	}
	return lib
}

// factsOf reads a firm's facts as the scheme language does.
func factsOf(t *testing.T, lib *policy.Library, c *County, f Firm) *policy.Facts {
	t.Helper()
	facts := policy.NewFacts(lib.Vocabulary())
	for _, x := range f.Facts {
		src := policy.Source{Origin: x.Source, Evidence: x.Evidence, Verified: x.Verified}
		var err error
		switch scheme, isAward := strings.CutPrefix(x.Term, award); {
		case isAward:
			if lib.Scheme(scheme) == nil {
				t.Fatalf("%s: no scheme %s", f.Name, scheme)
			}
		case x.Record:
			err = facts.Record(x.Term, policy.RecordFact{From: x.From, Until: x.Until, Fields: x.Fields, Source: src})
		default:
			err = facts.Value(x.Term, x.Year, x.Value, src)
		}
		if err != nil {
			t.Fatalf("%s: %s %d %q %v: %v", f.Name, x.Term, x.Year, x.Value, x.Fields, err)
		}
	}
	coverage, err := c.Coverage(policy.NewDate(2026, 11, 23))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range coverage {
		facts.Cover(v.Kind, v.Through)
	}
	facts.CoverReceived(c.Awards.Covered.Date)
	return facts
}

// played are the schemes of the documents that the county plays.
func played(t *testing.T, lib *policy.Library, c *County) (out []*policy.Scheme) {
	t.Helper()
	for _, id := range c.Played {
		d := lib.Document(id)
		if d == nil {
			t.Fatalf("played: there is no document %s", id)
		}
		for _, s := range d.Schemes() {
			if s.Subject() == registry.KindFirm { // the county's parties; it has no projects or products
				out = append(out, s)
			}
		}
	}
	return out
}

// TestFactsSpeakTheVocabulary: everything that is said of a demo firm is a fact that the scheme files know, by the department that
// vouches for it; and everything that the documents it plays ask of a firm is said of some firm.
func TestFactsSpeakTheVocabulary(t *testing.T) {
	lib, c := library(t), county(t)
	vocab := lib.Vocabulary()
	said := map[string]bool{}
	for _, f := range firms(t, c, 1, 2000) {
		factsOf(t, lib, c, f)
		for _, x := range f.Facts {
			said[x.Term] = true
		}
	}
	for _, f := range c.Figures {
		if term := vocab.Term(f.Term); term == nil || term.Yearly() == f.Once || term.From != f.Source {
			t.Errorf("figure %s: not in the vocabulary, or another department vouches for it, or it is wrongly once", f.Term)
		}
	}
	for _, r := range c.Records {
		kind := vocab.Record(r.Kind)
		if kind == nil || kind.From != r.Source {
			t.Errorf("record %s: not in the vocabulary, or another department vouches for it", r.Kind)
			continue
		}
		if r.Through != "" && kind.Complete != r.Source {
			t.Errorf("record %s: %s cannot declare it complete", r.Kind, r.Source)
		}
	}
	for _, s := range played(t, lib, c) {
		for _, need := range s.Describe().Uses {
			if need.Term != "" && !said[need.Term] && (vocab.Term(need.Term) != nil || vocab.Record(need.Term) != nil) {
				t.Errorf("%s asks for %s, which is said of no firm", s.ID(), need.Term)
			}
		}
	}
}

// TestAnswersDiffer: the county is worth looking at: money is due under every scheme it plays that gives any, but not to everybody.
func TestAnswersDiffer(t *testing.T) {
	lib, c := library(t), county(t)
	on := policy.NewDate(2026, 11, 23)
	counts := map[string]map[policy.Answer]int{}
	for _, f := range firms(t, c, 1, 2000) {
		facts := factsOf(t, lib, c, f)
		for _, s := range played(t, lib, c) {
			if counts[s.ID()] == nil {
				counts[s.ID()] = map[policy.Answer]int{}
			}
			counts[s.ID()][s.Evaluate(policy.Question{Facts: facts, On: on}).Answer]++
		}
	}
	for _, s := range played(t, lib, c) {
		n := counts[s.ID()]
		persons := n[policy.Manual] == 2000 // what it asks stands in a document that is not here
		if s.Describe().Kind == "money" && !persons && (n[policy.Unmet] == 0 || n[policy.Met] == 0) {
			t.Errorf("%s: every firm meets it, or none does: %v", s.ID(), n)
		}
		t.Logf("%-28s %v", s.ID(), counts[s.ID()])
	}
}
