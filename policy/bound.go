package policy

import "slices"

// Bound is a limit as it stands over schemes, for who has to know what is settled together without settling it.
type Bound struct {
	Scheme  string   // the scheme that states it
	Text    string   // what it says
	Schemes []string // whose awards it counts together, through all their issues
	Party   bool     // it is settled for each party by itself
	Fund    string   // the fund whose sum a round has to give; empty: it needs none
}

// Bounds are the limits that count awards of any of these schemes, stated in their documents, in the library's order.
func (l *Library) Bounds(schemes []string) []Bound {
	documents := map[*Document]bool{}
	for _, id := range schemes {
		if s := l.byScheme[id]; s != nil {
			documents[s.doc] = true
		}
	}
	var out []Bound
	for _, s := range l.schemes {
		if !documents[s.doc] {
			continue
		}
		for i := range s.limits {
			limit := &s.limits[i]
			b := Bound{Scheme: s.id, Text: limit.read(chinese), Schemes: l.issues(limit.of), Party: limit.party(s), Fund: limit.fund}
			if slices.ContainsFunc(schemes, func(id string) bool { return slices.Contains(b.Schemes, id) }) {
				out = append(out, b)
			}
		}
	}
	return out
}
