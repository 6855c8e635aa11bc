package schemes

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"shanglin/policy"
)

// Figures is what a passer-by typed. It is evaluated and forgotten.
type Figures struct {
	Facts       map[string]string
	On          policy.Date
	Performance int              // 0: each document's own
	Schemes     []*policy.Scheme // empty: every scheme in force on the day
	Lang        policy.Lang
}

// FigureProblem is one line that could not be read: which, and why. The value is never repeated.
type FigureProblem struct {
	Field   string `json:"field" doc:"the key of the line, or facts[n], counted from 1 in the order of the keys, if that is not a plausible key"`
	Message string `json:"message"`
}

// Sum is money over many schemes, in fen.
type Sum struct {
	Owed    policy.Fen `json:"owed" doc:"fen; exact amounts of conditions met and the least of those that say at least, within the limits of the party"`
	Ceiling policy.Fen `json:"ceiling" doc:"fen; the most that amounts said as 最高 or as a range may come to"`
}

// SumOf counts the amounts of what one party meets as far as its limits leave them: exact money is owed and so is the least of an open amount,
// of 最高 and ranges the upper end is only a ceiling. Of clauses that exclude each other only the most counts.
func SumOf(results ...*policy.Result) Sum {
	var s Sum
	for i, fen := range policy.Together(results, (*policy.Result).Due) {
		if a := results[i].Amount; a.Open || a.Kind == policy.Exact {
			s.Owed += fen
		} else {
			s.Ceiling += fen
		}
	}
	return s
}

// Answered is one scheme with its result.
type Answered struct {
	Scheme      Lite                `json:"scheme"`
	Result      *policy.Result      `json:"result"`
	Explanation *policy.Explanation `json:"explanation"`
}

// Calculation is the calculator's answer.
type Calculation struct {
	On       policy.Date     `json:"on"`
	Results  []Answered      `json:"results" nullable:"false"`
	Ask      []policy.Need   `json:"ask" nullable:"false"`
	Problems []FigureProblem `json:"problems" nullable:"false"`
	Total    Sum             `json:"total"`
}

// Calculate evaluates figures against the compiled set with reasons. It touches no database and keeps nothing.
func (c *Compiled) Calculate(f Figures) *Calculation {
	out := &Calculation{On: f.On, Results: []Answered{}, Ask: []policy.Need{}, Problems: []FigureProblem{}}
	facts := policy.NewFacts(c.Library.Vocabulary())
	keys := make([]string, 0, len(f.Facts))
	for k := range f.Facts {
		keys = append(keys, k)
	}
	slices.Sort(keys) // a record before its fields, and the same input always in the same order
	for i, k := range keys {
		if strings.TrimSpace(f.Facts[k]) == "" {
			continue // a field left empty says nothing
		}
		if err := facts.Set(k, f.Facts[k], policy.Source{}); err != nil {
			out.Problems = append(out.Problems, FigureProblem{fieldName(k, i+1), err.Error()})
		}
	}
	var chosen []*policy.Scheme
	if len(f.Schemes) == 0 {
		for _, s := range c.Library.Schemes() {
			if s.Document().StandingOn(f.On) == policy.InForce {
				chosen = append(chosen, s)
			}
		}
	}
	for _, s := range f.Schemes {
		if !slices.Contains(chosen, s) {
			chosen = append(chosen, s)
		}
	}
	results := make([]*policy.Result, 0, len(chosen))
	for _, s := range chosen {
		r := s.Evaluate(policy.Question{Facts: facts, On: f.On, Performance: f.Performance, Explain: true, Changes: true, Lang: f.Lang})
		results = append(results, r)
		out.Results = append(out.Results, Answered{c.LiteOf(s, f.On), r, s.Explanation(r, f.Lang)})
	}
	out.Total = SumOf(results...)
	if ask := policy.Ask(results); ask != nil {
		out.Ask = ask
	}
	return out
}

// fieldName is the key if it could be one, so that a page can show the problem beside its field; else its number.
func fieldName(key string, n int) string {
	if len(key) <= 200 && strings.IndexFunc(key, unicode.IsControl) < 0 {
		return key
	}
	return "facts[" + strconv.Itoa(n) + "]"
}
