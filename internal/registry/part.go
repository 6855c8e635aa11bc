package registry

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// A figure that the vocabulary declares to be a part of another cannot be larger than it (policy.Vocabulary.Beyond). What is stated is held against
// what the same source says of the other figure, in the same breath or before; what a party says of itself also against what an office has
// verified and nobody disputes. Two offices are not held against each other: each vouches for its own. What contradicts already is in nobody's
// way: either figure may be corrected, as long as it is not made worse.

// contradiction is what is wrong with a row that is stated; empty: nothing.
type contradiction struct {
	row  int
	says string
}

// figureKey is where a figure of a term stands, whoever states it.
type figureKey struct{ party, term, period, record string }

func (f factRow) figure() figureKey { return figureKey{f.Party, f.Term, f.Period, f.RecordKey} }

// related are the terms whose figures a row is held against: its whole, and its parts.
func related(v *policy.Vocabulary, row factRow) []string {
	if row.Form != formValue || row.Withdrawn != 0 {
		return nil
	}
	out := v.Parts(row.Term)
	if whole := v.Whole(row.Term); whole != "" {
		out = append(out, whole)
	}
	return out
}

// contradicting reads what stands and says which of the rows to be stated contradict, in one query for some hundred parties.
func contradicting(ctx context.Context, v *policy.Vocabulary, rows []factRow) ([]contradiction, error) {
	terms := map[string]bool{}
	parties := map[string]bool{}
	for _, row := range rows {
		for _, t := range related(v, row) {
			terms[t], terms[row.Term], parties[row.Party] = true, true, true
		}
	}
	if len(terms) == 0 {
		return nil, nil
	}
	var standing []factRow
	for some := range slices.Chunk(slices.Sorted(maps.Keys(parties)), chunk) {
		var found []factRow
		if err := store.Tx(ctx).NewRaw(`SELECT `+factColumns+` FROM facts AS f WHERE f.party IN (?) AND f.term IN (?)`, bun.List(some), bun.List(slices.Sorted(maps.Keys(terms)))).
			Scan(ctx, &found); err != nil {
			return nil, err
		}
		standing = append(standing, found...)
	}
	var disputed map[string]bool
	if slices.ContainsFunc(rows, func(f factRow) bool { return f.Source == Declared }) { // an office is not held against others
		one := ""
		if len(parties) == 1 {
			one = slices.Collect(maps.Keys(parties))[0]
		}
		var err error
		if disputed, err = openDisputes(ctx, one); err != nil {
			return nil, err
		}
	}
	return contradictions(v, rows, standing, disputed), nil
}

// mustAgree refuses rows that contradict; the details name the value of each, under at(its position).
func mustAgree(ctx context.Context, v *policy.Vocabulary, rows []factRow, at func(row int) string) error {
	wrong, err := contradicting(ctx, v, rows)
	if err != nil || len(wrong) == 0 {
		return err
	}
	details := make([]fault.Detail, len(wrong))
	for i, c := range wrong {
		details[i] = fault.At(at(c.row), "%s", c.says)
	}
	return fault.New(fault.Invalid, "请更正标出的内容", details...)
}

// contradictions says which of the rows to be stated contradict each other or what stands.
func contradictions(v *policy.Vocabulary, rows, standing []factRow, disputed map[string]bool) []contradiction {
	before, others, stated := map[factKey]factRow{}, map[figureKey][]factRow{}, map[factKey]factRow{}
	for _, f := range standing {
		before[f.key()] = f
		others[f.figure()] = append(others[f.figure()], f)
	}
	for _, f := range rows {
		stated[f.key()] = f
	}
	var out []contradiction
	for i, row := range rows {
		said := false
		against := func(term string, other factRow, was string) {
			part, whole, oldPart, oldWhole := row, other, before[row.key()].Value, was
			if term != v.Whole(row.Term) {
				part, whole, oldPart, oldWhole = other, row, was, before[row.key()].Value
			}
			if said || other.Withdrawn != 0 || !v.Worse(part.Value, whole.Value, oldPart, oldWhole) {
				return
			}
			said = true
			text := fmt.Sprintf("%s %s大于%s %s，而它是其中的一部分，请核对", part.Term, policy.ShowValue(v, part.Term, part.Value), whole.Term, policy.ShowValue(v, whole.Term, whole.Value))
			if row.Period != "" {
				text = row.Period + "年" + text
			}
			switch {
			case other.Source != row.Source:
				text += fmt.Sprintf("；%s是%s核实的，认为不对的请先提出异议", other.Term, other.Source)
			case other.ID != "":
				text += fmt.Sprintf("；两个数都要改的，请先改%s", map[bool]string{true: whole.Term, false: part.Term}[term == v.Whole(row.Term)])
			}
			out = append(out, contradiction{i, text})
		}
		for _, term := range related(v, row) {
			k := row.key()
			k.term = term
			other, now := stated[k]
			if !now {
				other, now = before[k]
			}
			if now {
				against(term, other, before[k].Value)
			}
			if row.Source != Declared {
				continue
			}
			at := row.figure()
			at.term = term
			for _, f := range others[at] {
				if f.Source != Declared && f.Verified != 0 && !disputed[f.ID] {
					against(term, f, f.Value)
				}
			}
		}
	}
	return out
}

// beyondWhole tells which of two related figures is the part, and whether it is larger than the whole.
func beyondWhole(v *policy.Vocabulary, a, b statedFigure) (part, whole statedFigure, beyond bool) {
	if v.Whole(a.row.Term) != b.row.Term {
		a, b = b, a
	}
	return a, b, v.Beyond(a.row.Value, b.row.Value)
}
