package policy

// A figure that is declared to be a part of another (part_of) is not larger than it, where neither can be below zero.

// Whole is the figure that a term is a part of and never larger than; empty: there is none, or one of the two may be below zero.
func (v *Vocabulary) Whole(term string) string {
	t := v.terms[term]
	if t == nil || t.partOf == nil || t.within.lo.cmp(at(Num{})) < 0 || t.partOf.within.lo.cmp(at(Num{})) < 0 {
		return ""
	}
	return t.partOf.Name
}

// Parts are the terms of which a term is the Whole, in order.
func (v *Vocabulary) Parts(term string) []string {
	var out []string
	for _, name := range sortedKeys(v.terms) {
		if v.Whole(name) == term {
			out = append(out, name)
		}
	}
	return out
}

// Beyond says whether a part is larger than its whole, both as written with their units; what cannot be read is not.
func (v *Vocabulary) Beyond(part, whole string) bool { return v.beyond(part, whole).Sign() > 0 }

// Worse says whether a part is larger than its whole, and by more than it was before: what already contradicts may be corrected step by step.
func (v *Vocabulary) Worse(part, whole, oldPart, oldWhole string) bool {
	by, was := v.beyond(part, whole), v.beyond(oldPart, oldWhole)
	return by.Sign() > 0 && by.Cmp(was) > 0
}

// beyond is by how much a part is larger than its whole; nothing where it is not, or one of them cannot be read.
func (v *Vocabulary) beyond(part, whole string) Num {
	p, _, ok := v.units.number(part)
	w, _, known := v.units.number(whole)
	if !ok || !known || p.Cmp(w) <= 0 {
		return Num{}
	}
	return p.Sub(w)
}
