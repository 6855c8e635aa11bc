package certificate

import (
	"strings"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Print is one time that a certificate was issued on paper, under the number that it keeps. An amendment and a renewal issue it again, and
// replace what was printed before.
type Print struct {
	N   int         `json:"n" doc:"1 for the first"`
	On  policy.Date `json:"on"`
	Why string      `json:"why" doc:"发证, 延续, or which of its entries were changed; not what they said"`
}

// holderLabel is what a change of the holder's name is called.
const holderLabel = "名称"

// print is the last time that a certificate was issued, as what became of it tells.
func (row *certificateRow) print(changes []changeRow, details []Detail) (Print, error) {
	out := Print{N: 1, Why: changeLabels[changeIssue]}
	var err error
	if out.On, err = policy.ParseDate(row.IssuedOn); err != nil {
		return out, err
	}
	for _, c := range changes {
		if c.Kind != changeAmend && c.Kind != changeRenew {
			continue
		}
		at, err := store.ParseStamp(c.MadeAt)
		if err != nil {
			return out, err
		}
		out = Print{N: out.N + 1, On: clock.DayOf(at), Why: changeLabels[c.Kind]}
		if c.Kind == changeAmend {
			out.Why += strings.Join(c.amended(details), "、")
		}
	}
	return out, nil
}

// amended are the labels of what an amendment changed.
func (c changeRow) amended(details []Detail) []string {
	var out []string
	for _, label := range append([]string{holderLabel}, labelsOf(details)...) {
		if begins := label + "由“"; strings.HasPrefix(c.Told, begins) || strings.Contains(c.Told, "”；"+begins) {
			out = append(out, label)
		}
	}
	return out
}

func labelsOf(details []Detail) []string {
	out := make([]string, len(details))
	for i, d := range details {
		out[i] = d.Label
	}
	return out
}
