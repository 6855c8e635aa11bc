package policy

import (
	"cmp"
	"slices"
)

// jointLimit is a limit of one party that counts several clauses: of them all together no more than is left.
type jointLimit struct {
	key   string
	count bool
	left  Fen // or how many awards
}

// Together says how much of what each clause comes to counts when they are summed for one party: of clauses that exclude each other as many as
// their limit lets through, the most money first, and of those that share a sum no more than it. `of` is what a clause comes to alone.
func Together(results []*Result, of func(*Result) Fen) []Fen {
	out := make([]Fen, len(results))
	order := make([]int, len(results))
	for i, r := range results {
		out[i], order[i] = of(r), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(out[b], out[a]) })
	for _, count := range []bool{true, false} { // as settlement does: who gets it, then how much
		left := map[string]Fen{}
		for _, i := range order {
			if results[i].Left == nil || out[i] <= 0 {
				continue
			}
			mine := slices.DeleteFunc(slices.Clone(results[i].Left.joint), func(l jointLimit) bool { return l.count != count })
			for _, l := range mine {
				if _, begun := left[l.key]; !begun {
					left[l.key] = l.left
				}
				switch {
				case !count:
					out[i] = min(out[i], left[l.key])
				case left[l.key] <= 0:
					out[i] = 0
				}
			}
			for _, l := range mine {
				switch {
				case !count:
					left[l.key] -= out[i]
				case out[i] > 0:
					left[l.key]--
				}
			}
		}
	}
	return out
}

// Due is what a clause surely or at most comes to, as far as the limits of its party leave it: of one without a top the least.
func (r *Result) Due() Fen {
	switch a := r.Amount; {
	case r.Answer != Met || a.Kind == NoAmount:
		return 0
	case a.Open:
		return r.Left.Of(a.Low)
	default:
		return r.Left.Of(a.High)
	}
}
