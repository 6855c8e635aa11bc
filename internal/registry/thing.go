package registry

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Thing is something that a party has several of, and that clauses may be for: a project, a fair that it went to, a product. The zero Thing is the
// party itself.
type Thing struct {
	Kind string `json:"kind" doc:"as the vocabulary says whom or what a term describes"`
	Name string `json:"name" maxLength:"60" doc:"name or number by which the party and the office know it"`
}

// Things says whether a clause is for something that a party may have several of, rather than for the party.
func Things(scheme *policy.Scheme) bool {
	return !slices.Contains([]string{KindFirm, KindPerson, KindOrganisation}, scheme.Subject())
}

// NormalThing is a name as it is kept, or what is wrong with it. Written in full width or with other spaces it is the same name.
func NormalThing(name string) (string, *fault.Detail) {
	name = strings.Join(strings.Fields(norm.NFKC.String(name)), " ")
	var wrong fault.Detail
	switch {
	case utf8.RuneCountInString(name) > 60:
		wrong = fault.At("thing", "名称不能超过60个字")
	case !store.Plain(name):
		wrong = fault.At("thing", "名称含有不允许的字符")
	default:
		return name, nil
	}
	return "", &wrong
}

// A fact of a thing has the thing before its key: of:KIND:NAME｜KEY. A name in its normal form holds no ｜.
const (
	thingPrefix = "of:"
	thingEnd    = "｜"
)

func (t Thing) key(rest string) string {
	if t.Name == "" {
		return rest
	}
	return thingPrefix + t.Kind + ":" + t.Name + thingEnd + rest
}

// thing is what the row is said of, and the rest of its key.
func (f *factRow) thing() (Thing, string) {
	text, ok := strings.CutPrefix(f.RecordKey, thingPrefix)
	if !ok {
		return Thing{}, f.RecordKey
	}
	of, rest, _ := strings.Cut(text, thingEnd)
	kind, name, _ := strings.Cut(of, ":")
	return Thing{kind, name}, rest
}

// describes is whom or what a term or a kind of record describes; empty: it is not known.
func describes(v *policy.Vocabulary, term string) string {
	if t := v.Term(term); t != nil {
		return t.Of
	}
	if k := v.Record(term); k != nil {
		return k.Of
	}
	return ""
}

// concerning are the rows of one party that are read for a claim about a thing; the zero Thing: for the party as a whole.
//
// A claim about a thing reads of things of its kind what is said of this one and nothing else: what is said of the party without saying of which
// could be of another, and would count twice. Of kinds that a claim is not about, and for the party as a whole, the only one that is named
// is read beside what names none, its records in the place of such; where several are named, what names none is all there is to read.
//
// An award received counts for the party as a whole whatever it was for; a claim about a thing reads what was for this one, and what does not say
// for which of its kind it was.
func concerning(v *policy.Vocabulary, rows []factRow, about Thing) []factRow {
	named := map[string]map[string]bool{} // names by kind
	for i := range rows {
		if t, _ := rows[i].thing(); t.Name != "" && rows[i].Form != formReceived {
			if named[t.Kind] == nil {
				named[t.Kind] = map[string]bool{}
			}
			named[t.Kind][t.Name] = true
		}
	}
	if len(named) == 0 && about.Name == "" {
		return rows
	}
	only := map[string]bool{} // kinds of record
	for i := range rows {
		if t, _ := rows[i].thing(); t.Name != "" && len(named[t.Kind]) == 1 && rows[i].Form == formRecord {
			only[rows[i].Term] = true
		}
	}
	out := make([]factRow, 0, len(rows))
	for _, row := range rows {
		t, rest := row.thing()
		if row.Form == formReceived {
			switch {
			case about.Name == "" || t == about:
				out = append(out, row)
			case t.Kind != about.Kind: // to this kind it does not say for which
				row.RecordKey = rest
				out = append(out, row)
			}
			continue
		}
		kind := t.Kind
		if t.Name == "" {
			kind = describes(v, row.Term)
		}
		keep := t.Name == "" && !only[row.Term] || t.Name != "" && len(named[kind]) == 1
		if about.Name != "" && kind == about.Kind {
			keep = t.Name == about.Name
		}
		if keep {
			out = append(out, row)
		}
	}
	return out
}

// of says of the thing whatever statements say of things of its kind.
func (t Thing) of(v *policy.Vocabulary, statements []Statement) []Statement {
	out := slices.Clone(statements)
	for i := range out {
		if t.Name != "" && describes(v, out[i].Term) == t.Kind {
			out[i].Thing = t.Name
		}
	}
	return out
}
