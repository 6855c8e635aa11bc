package casework

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// A process may let the party list firms that it deals with, a row each (policy.List). Rows are typed into the draft as statements; handed in,
// each is a record of the party, declared, whose number is the year and the code of the firm that it speaks of: to hand in once more replaces
// it, and what is no longer listed is withdrawn.

// FormList is a list that the form asks for.
type FormList struct {
	Key    string         `json:"key" doc:"the kind of record that a row is stated as"`
	Title  string         `json:"title"`
	Names  string         `json:"names" doc:"the field with the code of the firm a row speaks of"`
	On     policy.Date    `json:"on" doc:"the day of which the rows speak"`
	None   string         `json:"none" doc:"what a party says that has nothing to list"`
	Fields []policy.Field `json:"fields" nullable:"false"`
}

// CaseList is what a party has listed in a case.
type CaseList struct {
	Title   string      `json:"title"`
	On      policy.Date `json:"on" doc:"the day of which the rows speak"`
	None    string      `json:"none,omitempty" doc:"what the party says that has nothing to list"`
	Columns []string    `json:"columns" nullable:"false"`
	Rows    []ListRow   `json:"rows" nullable:"false"`
}

// ListRow is a row that was handed in.
type ListRow struct {
	Values   []string `json:"values" nullable:"false" doc:"as the columns say"`
	Known    string   `json:"known,omitempty" doc:"the name under which the firm is registered; absent: it is not"`
	Verified bool     `json:"verified"`
}

// CaseLists are the lists of a case.
type CaseLists struct {
	Items []CaseList `json:"items" nullable:"false"`
}

// lists are what the process of a case lets its party list.
func (r *caseRow) lists(set *schemes.Compiled) []*policy.List {
	if p := processOf(set, r.Process); p != nil {
		return p.Lists
	}
	return nil
}

// statements are what a draft states, the rows of its lists as of their day and under the number that tells them apart.
func (r *caseRow) statements(set *schemes.Compiled, d *Draft) []registry.Statement {
	out := d.statements(r.Party)
	for _, l := range r.lists(set) {
		for i := range out {
			s := &out[i]
			if s.Term != l.Key {
				continue
			}
			rec := registry.RecordOf{From: l.On(int(r.Performance)), Until: l.On(int(r.Performance))}
			if s.Record != nil {
				rec.Fields = maps.Clone(s.Record.Fields)
			}
			if code := registry.NormalCode(rec.Fields[l.Names]); code != "" {
				rec.Fields[l.Names], rec.Number = code, rowNumber(int(r.Performance), code)
			}
			s.Record, s.Replaces, s.Withdraw = &rec, "", false
		}
	}
	return out
}

func rowNumber(year int, code string) string { return strconv.Itoa(year) + "-" + code }

// gone withdraws the rows that the party stated before and lists no more.
func (c *Casework) gone(ctx context.Context, row *caseRow, set *schemes.Compiled, now []registry.Statement) ([]registry.Statement, error) {
	var out []registry.Statement
	for _, l := range row.lists(set) {
		was, err := c.registry.ListedOn(ctx, l.Key, []string{row.Party}, l.On(int(row.Performance)))
		if err != nil {
			return nil, err
		}
		for _, f := range was {
			listed := slices.ContainsFunc(now, func(s registry.Statement) bool { return s.Term == l.Key && s.Record.Number == f.Number })
			if f.Source == registry.Declared && f.Number != "" && !listed {
				out = append(out, registry.Statement{Party: row.Party, Term: l.Key, Withdraw: true, Record: &registry.RecordOf{Number: f.Number}})
			}
		}
	}
	return out, nil
}

// listRows tells the place of each statement that is a row of a list, by the place of the statement.
func listRows(lists []*policy.List, statements []registry.Statement) map[int]string {
	out := map[int]string{}
	for _, l := range lists {
		n := 0
		for i, s := range statements {
			if s.Term == l.Key {
				n++
				out[i] = fmt.Sprintf("“%s”第%d行：", l.Title, n)
			}
		}
	}
	return out
}

// placed says of what is wrong with a row of a list which row it is.
func placed(wrong []fault.Detail, rows map[int]string) {
	for i := range wrong {
		var n int
		if _, err := fmt.Sscanf(wrong[i].Field, "statements[%d]", &n); err == nil && rows[n] != "" {
			wrong[i].Message = rows[n] + wrong[i].Message
		}
	}
}

// askLists adds the lists of the process to the form, and what is missing in them.
func (f *Form) askLists(row *caseRow, set *schemes.Compiled, d *Draft, statements []registry.Statement) {
	f.Lists = []FormList{}
	rows := listRows(row.lists(set), statements)
	for _, l := range row.lists(set) {
		k := set.Library.Vocabulary().Record(l.Key)
		if k == nil {
			continue
		}
		f.Lists = append(f.Lists, FormList{Key: l.Key, Title: l.Title, Names: l.Names, On: l.On(int(row.Performance)), None: l.None, Fields: k.Fields})
		gap := func(i int, format string, a ...any) {
			f.Missing = append(f.Missing, Gap{fmt.Sprintf("statements[%d]", i), rows[i] + fmt.Sprintf(format, a...)})
		}
		count, seen := 0, map[string]bool{}
		for i, s := range statements {
			if s.Term != l.Key {
				continue
			}
			count++
			var empty []string
			for _, field := range k.Fields {
				if strings.TrimSpace(s.Record.Fields[field.Name]) == "" {
					empty = append(empty, field.Name)
				}
			}
			code := s.Record.Fields[l.Names]
			switch {
			case len(empty) > 0:
				gap(i, "请填写%s", strings.Join(empty, "、"))
			case registry.CheckCode(code) != nil:
				gap(i, "%s：%s", l.Names, fault.Public(registry.CheckCode(code)).Message)
			case code == row.PartyCode:
				gap(i, "写的是本单位自己的代码")
			case seen[code]:
				gap(i, "这一家已在上面写过，请合并成一行")
			}
			seen[code] = true
		}
		switch said := slices.Contains(d.None, l.Key); {
		case count == 0 && !said:
			f.Missing = append(f.Missing, Gap{"lists." + l.Key, fmt.Sprintf("请填写“%s”，一家一行；没有的请勾选“%s”", l.Title, l.None)})
		case count > 0 && said:
			f.Missing = append(f.Missing, Gap{"lists." + l.Key, fmt.Sprintf("“%s”已有%d行，又勾选了“%s”，请改正一处", l.Title, count, l.None)})
		}
	}
}

// verifyList is the effect verify: every row of the list is verified as it stands, by whoever acts.
func (c *Casework) verifyList(ctx context.Context, m process.Move, row *caseRow) error {
	set, err := row.rules(ctx)
	if err != nil {
		return err
	}
	p := processOf(set, row.Process)
	l := p.List(m.Args["list"])
	if l == nil {
		return fmt.Errorf("casework: case %s: no list %q", row.ID, m.Args["list"])
	}
	rows, err := c.registry.ListedOn(ctx, l.Key, []string{row.Party}, l.On(int(row.Performance)))
	if err != nil {
		return err
	}
	for _, f := range rows {
		if f.Verified || f.Source != registry.Declared {
			continue
		}
		if _, err := c.registry.Verify(ctx, f.ID, row.Number); err != nil {
			return err
		}
	}
	return nil
}

// ListsOf are the lists that were handed in with a case; none before it is. NotFound if the actor may not see the case.
func (c *Casework) ListsOf(ctx context.Context, id string) ([]CaseList, error) {
	out := []CaseList{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		row, err := visibleCase(ctx, id)
		if err != nil {
			return err
		}
		set, err := row.rules(ctx)
		if err != nil || row.SubmittedAt == "" {
			return err
		}
		draft, err := row.readDraft()
		if err != nil {
			return err
		}
		for _, l := range row.lists(set) {
			k := set.Library.Vocabulary().Record(l.Key)
			if k == nil {
				continue
			}
			facts, err := c.registry.ListedOn(ctx, l.Key, []string{row.Party}, l.On(int(row.Performance)))
			if err != nil {
				return err
			}
			facts = counted(facts, l.Names)
			codes := make([]string, len(facts))
			for i, f := range facts {
				codes[i] = f.Fields[l.Names]
			}
			known, err := c.registry.ByCodes(ctx, codes)
			if err != nil {
				return err
			}
			x := CaseList{Title: l.Title, On: l.On(int(row.Performance)), Columns: []string{}, Rows: []ListRow{}}
			for _, field := range k.Fields {
				x.Columns = append(x.Columns, field.Name)
			}
			for i, f := range facts {
				r := ListRow{Values: []string{}, Known: known[codes[i]].Name, Verified: f.Verified}
				for _, name := range x.Columns {
					r.Values = append(r.Values, f.Fields[name])
				}
				x.Rows = append(x.Rows, r)
			}
			if len(x.Rows) == 0 && slices.Contains(draft.None, l.Key) {
				x.None = l.None
			}
			out = append(out, x)
		}
		return nil
	})
	return out, err
}

// counted are the rows that count: of two that one party has of the same firm, what is verified goes before what is not, and what an office says
// before what the party says.
func counted(facts []registry.Listed, names string) []registry.Listed {
	at := map[[2]string]int{}
	var out []registry.Listed
	for _, f := range facts {
		key := [2]string{f.Party, registry.NormalCode(f.Fields[names])}
		i, there := at[key]
		switch {
		case !there:
			at[key] = len(out)
			out = append(out, f)
		case f.Verified && !out[i].Verified, f.Verified == out[i].Verified && out[i].Source == registry.Declared:
			out[i] = f
		}
	}
	return out
}

// desk says whether the actor is one of an office, leaders and auditors whose scope has a department and a town; town empty: only a scope of all
// towns has it.
func desk(ctx context.Context, department, town string) bool {
	return slices.ContainsFunc(account.ActorFrom(ctx).Grants, func(g account.Grant) bool {
		return deskGrant(g, department) && (g.Town == "" || g.Town == town && town != "")
	})
}

func deskGrant(g account.Grant, department string) bool {
	return (g.Role == account.RoleOfficer || g.Role == account.RoleLeader || g.Role == account.RoleAuditor) && (g.Department == "" || g.Department == department)
}
