package demo

import (
	"context"
	"fmt"

	"shanglin/internal/account"
	"shanglin/internal/registry"
)

// listing is what the firms of a round's cases list: each some firms of the county with a number of its own, and what else is known of those.
type listing struct {
	Kind   string `yaml:"kind"`   // the kind of record of a row
	Code   string `yaml:"code"`   // its field with the code of the firm
	Name   string `yaml:"name"`   // and with its name
	Count  string `yaml:"count"`  // and with the number
	Unit   string `yaml:"unit"`   // of the number
	Each   int    `yaml:"each"`   // how many firms each lists
	Most   int    `yaml:"most"`   // the largest number
	Firms  int    `yaml:"firms"`  // how many firms of the county are listed, from the first that is invented
	Beside beside `yaml:"beside"` // what is known of a firm beside
}

// beside is a figure of each listed firm: so many times what all have listed of it.
type beside struct {
	Term     string `yaml:"term"`
	Source   string `yaml:"source"`
	Evidence string `yaml:"evidence"`
	Times    []int  `yaml:"times"` // of the first firms; 0: nobody states it
	Rest     int    `yaml:"rest"`  // of the others
}

// listings are the rows of the cases of a round as they are made: the sums of all.
type listings struct {
	of    *listing
	firms []Firm
	sums  []int // of each firm
}

// listings begins the rows of a round's cases. They name firms of the county: those of the trade that lists are not among them.
func (m *maker) listings(s *state, r Round) (*listings, error) {
	out := &listings{of: r.Lists}
	if r.Lists == nil {
		return out, nil
	}
	cohort := map[string]bool{}
	for _, c := range m.county.Cohorts {
		cohort[c.Industry] = true
	}
	err := m.county.Generate(s.Seed, int(s.Firms), func(f Firm) error {
		if f.Invented && f.Code != "" && f.ID == "" && f.Flaw == "" && !cohort[f.Industry] && len(out.firms) < r.Lists.Firms {
			out.firms = append(out.firms, f)
		}
		return nil
	})
	out.sums = make([]int, len(out.firms))
	return out, err
}

// rows are what the case at a place lists: firms one after the other, so that all are listed and most by several.
func (l *listings) rows(place int) []registry.FactBody {
	if l.of == nil || len(l.firms) < l.of.Each {
		return nil
	}
	var out []registry.FactBody
	for i := range l.of.Each {
		at := (place*l.of.Each + i) % len(l.firms)
		n := (place*7+i*5)%l.of.Most + 1
		l.sums[at] += n
		f := l.firms[at]
		out = append(out, registry.FactBody{Term: l.of.Kind, Record: &registry.RecordBody{Fields: map[string]string{l.of.Code: f.Code, l.of.Name: f.Name, l.of.Count: fmt.Sprintf("%d%s", n, l.of.Unit)}}})
	}
	return out
}

// besides states what is known of the listed firms beside the lists.
func (m *maker) besides(ctx context.Context, s *state, r Round, l *listings) error {
	if l.of == nil {
		return nil
	}
	var facts []registry.Statement
	for i, f := range l.firms {
		times := l.of.Beside.Rest
		if i < len(l.of.Beside.Times) {
			times = l.of.Beside.Times[i]
		}
		if times == 0 || l.sums[i] == 0 {
			continue
		}
		facts = append(facts, registry.Statement{Party: partyID(s.Seed, f), Term: l.of.Beside.Term, Year: r.Performance, Value: fmt.Sprintf("%d%s", times*l.sums[i], l.of.Unit),
			Source: l.of.Beside.Source, Evidence: l.of.Beside.Evidence, Verified: true})
	}
	_, err := m.registry.PutFacts(account.System(ctx), facts)
	return err
}
