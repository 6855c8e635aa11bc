package policy

import "slices"

// A clause may be for something else than the party: a project, a park, a standard. Until a fact says that the party has one, what the clause may
// come to is nothing that the party may expect, and stands in no total.

// supposes says that the clause reads figures or records of the thing it is for, and that of such a thing nothing is known, though of others there is.
func (s *Scheme) supposes(f *Facts) bool {
	return s.own && len(f.of) > 0 && !slices.Contains(f.of, s.subject)
}

// readsOwn says whether a clause reads any figure or record of the thing that it is for.
func (s *Scheme) readsOwn() bool {
	found := false
	var look func(x expr)
	look = func(x expr) {
		switch y := x.(type) {
		case *termExpr:
			found = found || y.term.Of == s.subject
		case *recordExpr:
			found = found || y.kind.Of == s.subject
		case *callExpr:
			look(y.arg)
		}
	}
	w := &walker{seen: map[*definition]bool{}, onExpr: look}
	w.condition(s.doc.common)
	w.condition(s.require)
	w.value(s.amount)
	s.across(w)
	return found
}

// about notes the kind of thing that something is stated of.
func (f *Facts) about(kind string) {
	if !slices.Contains(f.of, kind) {
		f.of = append(f.of, kind)
	}
}

// Reach is the most that a clause may add to what the party gets once everything unknown comes out well.
func (r *Result) Reach() Fen {
	if r.Answer == Unmet || r.Answer == NotApplicable || r.Potential.Open || r.Supposes != "" {
		return 0
	}
	return r.Left.Of(r.Potential.High)
}
