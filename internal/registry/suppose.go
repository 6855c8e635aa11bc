package registry

import (
	"context"
	"fmt"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Suppose is what would be known of a party, for a claim about one of its things or none, if it declared the statements: each takes the place of what the party itself said under the
// same key, and stands beside what others say. Nothing is written. The details name what is wrong with a statement as
// statements[n].FIELD; a wrong one is left out of the facts. NotFound if the actor may not see the party.
func (r *Registry) Suppose(ctx context.Context, v *policy.Vocabulary, party string, about Thing, statements []Statement) (*policy.Facts, []fault.Detail, error) {
	var out *policy.Facts
	var wrong []fault.Detail
	err := store.Read(ctx, func(ctx context.Context) error {
		wrong = nil
		p, err := visibleParty(ctx, party)
		if err != nil {
			return err
		}
		set, err := newFactSet(ctx, v, party)
		if err != nil {
			return err
		}
		var rows []factRow
		if err := store.Tx(ctx).NewRaw(`SELECT `+factColumns+` FROM facts AS f WHERE f.party = ? ORDER BY f.term, f.period, f.source, f.record_key`,
			party).Scan(ctx, &rows); err != nil {
			return err
		}
		today := clock.Today(ctx)
		instead := map[factKey]factRow{}
		var supposed []factRow
		var of []int // the statement of each
		for i, s := range about.of(v, statements) {
			s.Party = party
			row, details := s.check(v, today)
			for _, d := range details {
				wrong = append(wrong, fault.At(statementField(i)+"."+d.Field, "%s", d.Message))
			}
			if len(details) > 0 {
				continue
			}
			if row.Form == formReceived {
				wrong = append(wrong, fault.At(statementField(i)+".term", "已兑付的奖补由财政记账，企业不能自行申报"))
				continue
			}
			row.Source = Declared
			instead[row.key()] = row
			if row.Withdrawn == 0 {
				supposed, of = append(supposed, row), append(of, i)
			}
		}
		for _, c := range contradictions(v, supposed, rows, set.disputed) {
			wrong = append(wrong, fault.At(statementField(of[c.row])+".value", "%s", c.says))
		}
		awarded, err := r.awarded(ctx, party)
		if err != nil {
			return err
		}
		out = set.empty(p.Invented)
		awarded(party, out)
		rows = slices.DeleteFunc(rows, func(row factRow) bool {
			_, replaced := instead[row.key()]
			return replaced
		})
		for _, row := range supposed {
			if instead[row.key()] == row { // of two under one key the later counts
				rows = append(rows, row)
			}
		}
		for _, row := range concerning(v, rows, about) {
			src := sourceOf(&row)
			if row.ID == "" {
				src = policy.Source{Origin: Declared, Evidence: row.Evidence}
			}
			set.add(out, &row, src)
		}
		return nil
	})
	return out, wrong, err
}

// Declare states what a party says of itself and of a thing of its own, all in the transaction of ctx, as Suppose read it in the same vocabulary. Errors as State, with
// the details named statements[n].FIELD.
func (r *Registry) Declare(ctx context.Context, v *policy.Vocabulary, party string, about Thing, statements []Statement) error {
	if !account.ActorFrom(ctx).Speaks(party) {
		return fault.New(fault.Forbidden, "只有企业自己的账号可以申报数据")
	}
	return store.Write(ctx, func(ctx context.Context) error {
		statements := about.of(v, statements)
		rows, of := []factRow{}, []int{}
		for i, s := range statements {
			s.Party = party
			if row, details := s.check(v, clock.Today(ctx)); len(details) == 0 {
				row.Source = Declared
				rows, of = append(rows, row), append(of, i)
			}
		}
		// All of them together: a part and its whole may both grow.
		if err := mustAgree(ctx, v, rows, func(i int) string { return statementField(of[i]) + ".value" }); err != nil {
			return err
		}
		for i, s := range statements {
			s.Party = party
			if _, err := r.stateIn(ctx, v, s, false); err != nil {
				return fault.Under(err, statementField(i))
			}
		}
		return nil
	})
}

func statementField(i int) string { return fmt.Sprintf("statements[%d]", i) }
