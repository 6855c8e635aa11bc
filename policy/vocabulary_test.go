package policy

import (
	"slices"
	"testing"
)

// Every word that the vocabularies of schemes/ declare, and all that a person judges or vouches for, is said in English: terms, records and
// their fields, what they may be, levels, sizes, units, awards, departments, kinds of subject.
// Turns red when a vocabulary gains a word without its English, or an english.yaml loses one.
func TestEveryWordHasEnglish(t *testing.T) {
	v := realLibrary(t).vocabulary
	need := func(what string, words ...string) {
		for _, w := range words {
			_, builtIn := englishUnits[w]
			if w != "" && w != "none" && w != unitMoney && w != unitPoints && !builtIn && v.english[w] == "" && englishWords[w] == "" {
				t.Errorf("%s %q has no English: write it beside the word, or in an english.yaml", what, w)
			}
		}
	}
	fields := func(list []Field) {
		for _, f := range list {
			need("the field", f.Name)
			need("the word", f.Options...)
		}
	}
	for _, x := range v.terms {
		need("the term", x.Name)
		need("of "+x.Name+":", x.Of, x.Every, x.From)
		need("the word", x.Options...)
	}
	for _, x := range v.records {
		need("the record", x.Name)
		need("of "+x.Name+":", x.Of, x.From, x.Complete)
		need("the verb of "+x.Name, x.Verb)
		fields(x.Fields)
	}
	for _, words := range v.levels {
		need("the level", words...)
	}
	for _, m := range []map[string]string{v.awards, v.judgements} {
		for w, who := range m {
			need("the award or judgement", w)
			need("the office", who)
		}
	}
	need("the department", sortedKeys(v.offices)...)
	need("the size", v.sizes...)
	units := make([]string, 0, len(v.units.base))
	for _, u := range v.units.base {
		units = append(units, u)
	}
	slices.Sort(units)
	need("the unit", slices.Compact(units)...)
}
