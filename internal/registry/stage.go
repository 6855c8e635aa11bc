package registry

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Sheets of the template that hold no data.
const (
	sheetHelp    = "填写说明"
	sheetOptions = "选项"
)

// errStopped says that the import is no longer in the state in which its job began: somebody cancelled it.
var errStopped = errors.New("registry: the import was stopped")

// stage is the job that reads an uploaded workbook into staged rows. It may be run again from the start after a crash.
func (r *Registry) stage(ctx context.Context, j *jobs.Job) error {
	return r.Stage(ctx, j.Key, j.Progress)
}

// Progress is told how far work is.
type Progress func(ctx context.Context, done, total int64, note string) error

// Stage reads the workbook of an import. A workbook that cannot be read makes the import failed, which is no error.
func (r *Registry) Stage(ctx context.Context, id string, progress Progress) error {
	s := &stager{r: r, id: id, progress: progress, claims: map[string]claimant{}}
	err := s.run(ctx)
	var f *fault.Error
	switch {
	case errors.Is(err, errStopped):
		return nil
	case errors.As(err, &f) && f.Code != fault.Unavailable && f.Code != fault.Internal:
		return failImport(ctx, id, ImportStaging, f)
	default:
		return err
	}
}

// failImport ends an import with a reason for people, and clears what it staged.
func failImport(ctx context.Context, id, from string, f *fault.Error) error {
	err := store.Write(ctx, func(ctx context.Context) error {
		text, err := json.Marshal(failureText{f.Message, f.Details})
		if err != nil {
			return err
		}
		at, _ := statedNow(ctx)
		done, err := store.Tx(ctx).NewRaw(`UPDATE imports SET state = 'failed', failure = ?, ended_at = ? WHERE id = ? AND state = ?`, string(text), at, id, from).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		row, err := findImport(ctx, id)
		if err != nil {
			return err
		}
		return row.audit(ctx, "import.fail")
	})
	if err != nil {
		return err
	}
	return clearStaged(ctx, id, "")
}

// clearStaged deletes the upload and the staged rows of a state (or all) in small transactions.
func clearStaged(ctx context.Context, id, state string) error {
	for {
		var n int64
		err := store.Write(ctx, func(ctx context.Context) error {
			query, args := `SELECT number FROM import_rows WHERE import = ?`, []any{id}
			if state != "" {
				query, args = query+` AND state = ?`, append(args, state)
			}
			done, err := store.Tx(ctx).NewRaw(`DELETE FROM import_rows WHERE import = ? AND number IN (`+query+` ORDER BY number LIMIT 2000)`,
				append([]any{id}, args...)...).Exec(ctx)
			if err != nil {
				return err
			}
			if n, err = done.RowsAffected(); err != nil || n > 0 {
				return err
			}
			_, err = store.Tx(ctx).NewRaw(`DELETE FROM import_parts WHERE import = ?`, id).Exec(ctx)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
	}
}

// claimant is the first row that stated something.
type claimant struct {
	number  int64
	line    int
	content string
}

type stager struct {
	r        *Registry
	id       string
	progress Progress
	imp      importRow
	in       *intake
	claims   map[string]claimant
	clash    []clash                    // earlier rows that a later one contradicts
	figures  map[figureKey]statedFigure // that have a part or are one, by the code of the party

	rows      []stagedRow
	entries   []entry // of rows
	found     [][]Problem
	number    int64
	good, bad int64
}

type clash struct {
	number      int64
	line, other int
}

func (s *stager) run(ctx context.Context) error {
	var data []byte
	err := store.Read(ctx, func(ctx context.Context) error {
		var err error
		if s.imp, err = findImport(ctx, s.id); err != nil {
			return err
		}
		var parts []string
		if err := store.Tx(ctx).NewRaw(`SELECT body FROM import_parts WHERE import = ? ORDER BY number`, s.id).Scan(ctx, &parts); err != nil {
			return err
		}
		for _, p := range parts {
			b, err := base64.StdEncoding.DecodeString(p)
			if err != nil {
				return err
			}
			data = append(data, b...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if s.imp.State != ImportStaging {
		return errStopped
	}
	if err := s.restart(ctx); err != nil {
		return err
	}
	ctx = s.imp.actor(ctx)
	v, err := s.r.vocabulary(ctx)
	if err != nil {
		return err
	}
	l, err := s.r.layoutOf(ctx, s.imp.Kind, []int{2000}) // headings bring their own years
	if err != nil {
		return err
	}
	book, err := spreadsheet.Open(bytes.NewReader(data), int64(len(data)), spreadsheet.UploadLimits)
	if err != nil {
		return err
	}
	sheet, err := l.pick(book.Sheets)
	if err != nil {
		return err
	}
	a := account.ActorFrom(ctx)
	s.in = &intake{v: v, today: clock.Today(ctx), layout: l, sheet: sheet.Name, lim: spreadsheet.UploadLimits, mine: func(department string) bool {
		list, all := a.Departments()
		return all || slices.Contains(list, department)
	}}
	whole, before := book.Size(sheet), book.Taken()
	merges, err := book.Rows(sheet, func(line int, hidden bool, cells []spreadsheet.Cell) error {
		if s.in.columns == nil {
			return s.in.readHeader(line, cells)
		}
		e, problems, skip := s.in.readRow(line, hidden, cells)
		if skip {
			return nil
		}
		s.take(line, e, problems)
		if len(s.rows) < chunk {
			return nil
		}
		// How many rows there will be is guessed from how far into the sheet the reader is.
		return s.flush(ctx, max(s.number, int64(float64(s.number)*float64(whole)/float64(max(1, book.Taken()-before)))))
	})
	if err != nil {
		return err
	}
	if s.in.columns == nil {
		return unreadable("工作表是空的；请使用下载的模板")
	}
	if s.number == 0 {
		return unreadable("表头下面没有数据")
	}
	if err := s.flush(ctx, s.number); err != nil {
		return err
	}
	return s.finish(ctx, merges)
}

// stillRunning turns a conditional UPDATE that found nothing into errStopped.
func stillRunning(done sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := done.RowsAffected()
	if err == nil && n == 0 {
		return errStopped
	}
	return err
}

// restart forgets what an earlier run of the job staged.
func (s *stager) restart(ctx context.Context) error {
	return store.Write(ctx, func(ctx context.Context) error {
		done, err := store.Tx(ctx).NewRaw(`UPDATE imports SET rows_total = 0, good = 0, bad = 0, done = 0 WHERE id = ? AND state = 'staging'`, s.id).Exec(ctx)
		if err := stillRunning(done, err); err != nil {
			return err
		}
		_, err = store.Tx(ctx).NewRaw(`DELETE FROM import_rows WHERE import = ?`, s.id).Exec(ctx)
		return err
	})
}

// pick is the one sheet that holds the data: the template's by name, or the only one that can be seen.
func (l *layout) pick(sheets []spreadsheet.Sheet) (spreadsheet.Sheet, error) {
	var data []spreadsheet.Sheet
	for _, s := range sheets {
		if s.Name == sheetHelp || s.Name == sheetOptions {
			continue
		}
		if s.Hidden {
			return spreadsheet.Sheet{}, unreadable("工作簿里有隐藏的工作表；请取消隐藏，或删去后再上传")
		}
		data = append(data, s)
	}
	switch {
	case len(data) == 0:
		return spreadsheet.Sheet{}, unreadable("工作簿里没有数据工作表；请使用下载的模板")
	case len(data) > 1:
		return spreadsheet.Sheet{}, unreadable("工作簿里有%d张数据工作表；请只留一张再上传", len(data))
	}
	return data[0], nil
}

// take keeps a row until the next flush, and finds rows that state the same.
func (s *stager) take(line int, e entry, problems []Problem) {
	s.number++
	for _, k := range e.keys {
		first, taken := s.claims[k.key]
		switch {
		case e.Code == "":
		case !taken:
			s.claims[k.key] = claimant{s.number, line, k.content}
		case first.content == k.content:
			problems = append(problems, Problem{s.in.sheet, e.cell, "", fmt.Sprintf("与第%d行重复", first.line)})
		default:
			problems = append(problems, Problem{s.in.sheet, e.cell, "", fmt.Sprintf("与第%d行是同一项数据，内容不同；请只留一行", first.line)})
			s.clash = append(s.clash, clash{first.number, first.line, line})
		}
		if taken {
			break
		}
	}
	for _, f := range e.figures {
		key := func(term string) figureKey { return figureKey{e.Code, term, f.row.Period, f.row.RecordKey} }
		for _, term := range related(s.in.v, f.row) {
			other, ok := s.figures[key(term)]
			if e.Code == "" || !ok {
				continue
			}
			if part, whole, beyond := beyondWhole(s.in.v, f, other); beyond {
				problems = append(problems, Problem{s.in.sheet, f.cell, "", fmt.Sprintf("%s %s（%s）大于%s %s（%s），而它是其中的一部分，请核对",
					part.row.Term, policy.ShowValue(s.in.v, part.row.Term, part.row.Value), part.cell, whole.row.Term, policy.ShowValue(s.in.v, whole.row.Term, whole.row.Value), whole.cell)})
			}
		}
		if s.figures == nil {
			s.figures = map[figureKey]statedFigure{}
		}
		s.figures[key(f.row.Term)] = f
	}
	s.rows = append(s.rows, stagedRow{Import: s.id, Number: s.number, Line: int64(line)})
	s.entries = append(s.entries, e)
	s.found = append(s.found, problems)
}

// flush looks up the parties of the rows taken, and writes them in one small transaction.
func (s *stager) flush(ctx context.Context, guess int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var good, bad int64
	err := store.Write(ctx, func(ctx context.Context) error {
		good, bad = 0, 0
		// First, so that of two workers that both believe to have the job only the one that staged the rows before goes on.
		done, err := store.Tx(ctx).NewRaw(`UPDATE imports SET rows_total = ?, done = ?, total = ? WHERE id = ? AND state = 'staging' AND rows_total = ?`,
			s.number, s.number, guess, s.id, s.number-int64(len(s.rows))).Exec(ctx)
		if err := stillRunning(done, err); err != nil {
			return err
		}
		if s.imp.Kind != ImportFirms {
			if err := resolve(ctx, s.in.v, s.entries, s.complain); err != nil {
				return err
			}
		} else if err := s.checkTowns(ctx); err != nil {
			return err
		}
		if err := s.agree(ctx); err != nil {
			return err
		}
		for i := range s.rows {
			row := &s.rows[i]
			row.State = "good"
			if len(s.found[i]) > 0 {
				row.State = "bad"
				bad++
			} else {
				good++
			}
			var err error
			if row.Entry, err = jsonText(s.entries[i]); err != nil {
				return err
			}
			if row.Problems, err = jsonText(s.found[i]); err != nil {
				return err
			}
		}
		if len(s.rows) > 0 {
			if _, err := store.Tx(ctx).NewInsert().Model(&s.rows).ModelTableExpr("import_rows").Exec(ctx); err != nil {
				return err
			}
		}
		if _, err := store.Tx(ctx).NewRaw(`UPDATE imports SET good = ?, bad = ? WHERE id = ?`, s.good+good, s.bad+bad, s.id).Exec(ctx); err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.good, s.bad = s.good+good, s.bad+bad
	s.rows, s.entries, s.found = s.rows[:0], s.entries[:0], s.found[:0]
	return s.progress(ctx, s.number, guess, "读取工作簿")
}

// agree holds the figures of the rows that are flushed against what the same office said before. A row of a workbook that has a column for each
// figure says all of them; where each figure has a row, the other one may still come.
func (s *stager) agree(ctx context.Context) error {
	if !s.in.wide() {
		return nil
	}
	var rows []factRow
	var of []int
	var cells []string
	for i, e := range s.entries {
		for _, f := range e.figures {
			if e.ID == "" || len(s.found[i]) > 0 {
				continue
			}
			f.row.Party, f.row.Source = e.ID, vouchedBy(s.in.v, f.row.Term)
			rows, of, cells = append(rows, f.row), append(of, i), append(cells, f.cell)
		}
	}
	wrong, err := contradicting(ctx, s.in.v, rows)
	for _, c := range wrong {
		s.found[of[c.row]] = append(s.found[of[c.row]], Problem{s.in.sheet, cells[c.row], "", c.says})
	}
	return err
}

// complain adds a problem to a row that is being flushed, once.
func (s *stager) complain(i int, message string) {
	p := Problem{s.in.sheet, s.entries[i].cell, "", message}
	if message == wrongName {
		p.Cell = s.entries[i].named
	}
	if !slices.Contains(s.found[i], p) {
		s.found[i] = append(s.found[i], p)
	}
}

func jsonText(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

const wrongName = "企业名称与登记的不一致；请核对代码"

// resolve looks up the parties of entries that have a right code, within the actor's scope, and says what the actor may not state about them.
func resolve(ctx context.Context, v *policy.Vocabulary, entries []entry, complain func(i int, message string)) error {
	var codes []string
	for _, e := range entries {
		if e.Code != "" {
			codes = append(codes, e.Code)
		}
	}
	if len(codes) == 0 {
		return nil
	}
	cond, args := scope(ctx, "p")
	var rows []partyRow
	if err := store.Tx(ctx).NewRaw(`SELECT p.id, p.code, p.name, p.town FROM parties AS p WHERE p.code IN (?) AND `+cond, append([]any{bun.List(codes)}, args...)...).
		Scan(ctx, &rows); err != nil {
		return err
	}
	known := make(map[string]partyRow, len(rows))
	for _, row := range rows {
		known[row.Code] = row
	}
	a := account.ActorFrom(ctx)
	for i := range entries {
		e := &entries[i]
		if e.Code == "" {
			continue
		}
		p, ok := known[e.Code]
		if !ok {
			complain(i, "没有登记这家企业，或不在您的辖区；请先导入企业名录")
			continue
		}
		e.ID = p.ID
		if e.Name != "" && foldName(e.Name) != foldName(p.Name) {
			complain(i, wrongName)
		}
		for _, f := range e.Says {
			if from := vouchedBy(v, f.Term); !a.MayVouch(from, p.Town) {
				complain(i, fmt.Sprintf("“%s”由%s认可，您的部门或辖区不能导入", f.Term, from))
			}
		}
		e.Name = p.Name
	}
	return nil
}

// FoldName is a name without what names that are the same differ in: width, brackets and blanks.
func FoldName(s string) string { return foldName(s) }

// foldName makes names equal that differ in width and brackets only.
func foldName(s string) string {
	return strings.NewReplacer("（", "(", "）", ")", " ", "", "　", "").Replace(NormalCode(s))
}

// checkTowns says which rows of firms lie outside the actor's towns, as they stand or as the row would have them.
func (s *stager) checkTowns(ctx context.Context) error {
	parties := make([]Party, len(s.entries))
	for i, e := range s.entries {
		parties[i] = *e.Party
	}
	return eachForbidden(ctx, parties, func(i int) { s.complain(i, "该镇街不在您的辖区，或这家企业登记在别的辖区") })
}

// eachForbidden calls fn for every party that the actor may not state, given how it stands.
func eachForbidden(ctx context.Context, parties []Party, fn func(i int)) error {
	var codes []string
	for _, p := range parties {
		codes = append(codes, p.Code)
	}
	var rows []partyRow
	if err := store.Tx(ctx).NewRaw(`SELECT p.id, p.code, p.town FROM parties AS p WHERE p.code IN (?)`, bun.List(codes)).Scan(ctx, &rows); err != nil {
		return err
	}
	known := make(map[string]partyRow, len(rows))
	for _, row := range rows {
		known[row.Code] = row
	}
	for i, p := range parties {
		before, ok := known[p.Code]
		if p.Code != "" && mayKeepParty(ctx, before.Town, p.Town, ok) != nil {
			fn(i)
		}
	}
	return nil
}

// finish marks what could only be known at the end, and opens the import for a decision.
func (s *stager) finish(ctx context.Context, merges []spreadsheet.Merge) error {
	good, bad := s.good, s.bad
	return store.Write(ctx, func(ctx context.Context) error {
		s.good, s.bad = good, bad
		for _, c := range s.clash {
			err := s.spoil(ctx, `number = ?`, []any{c.number}, func(row stagedRow) Problem {
				return Problem{s.in.sheet, spreadsheet.CellName(s.in.codeAt(), c.line), "", fmt.Sprintf("与第%d行是同一项数据，内容不同；请只留一行", c.other)}
			})
			if err != nil {
				return err
			}
		}
		for _, m := range merges {
			if m.Line2 <= s.in.header {
				return unreadable("表头里有合并单元格；请使用下载的模板")
			}
			err := s.spoil(ctx, `line >= ? AND line <= ?`, []any{m.Line1, m.Line2}, func(row stagedRow) Problem {
				at := spreadsheet.CellName(m.Column1, int(row.Line))
				return Problem{s.in.sheet, at, s.in.columns[m.Column1].heading, "这一行有合并单元格；请取消合并，逐格填写"}
			})
			if err != nil {
				return err
			}
		}
		if _, err := store.Tx(ctx).NewRaw(`DELETE FROM import_parts WHERE import = ?`, s.id).Exec(ctx); err != nil {
			return err
		}
		done, err := store.Tx(ctx).NewRaw(`UPDATE imports SET state = 'staged', good = ?, bad = ?, done = rows_total, total = rows_total WHERE id = ? AND state = 'staging'`,
			s.good, s.bad, s.id).Exec(ctx)
		return stillRunning(done, err)
	})
}

// spoil adds a problem to staged rows.
func (s *stager) spoil(ctx context.Context, where string, args []any, why func(stagedRow) Problem) error {
	var rows []stagedRow
	if err := store.Tx(ctx).NewRaw(`SELECT import, number, line, state, entry, problems FROM import_rows WHERE import = ? AND `+where,
		append([]any{s.id}, args...)...).Scan(ctx, &rows); err != nil {
		return err
	}
	for _, row := range rows {
		var problems []Problem
		if err := json.Unmarshal([]byte(row.Problems), &problems); err != nil {
			return err
		}
		text, err := jsonText(append(problems, why(row)))
		if err != nil {
			return err
		}
		if row.State == "good" {
			s.good, s.bad = s.good-1, s.bad+1
		}
		if _, err := store.Tx(ctx).NewRaw(`UPDATE import_rows SET state = 'bad', problems = ? WHERE import = ? AND number = ?`, text, s.id, row.Number).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// show is a staged row for the preview.
func (row stagedRow) show(v *policy.Vocabulary) StagedRow {
	out := StagedRow{Number: row.Number, Line: row.Line, State: row.State, Says: []Said{}, Problems: []Problem{}}
	var e entry
	_ = json.Unmarshal([]byte(row.Entry), &e) // written by flush
	_ = json.Unmarshal([]byte(row.Problems), &out.Problems)
	if out.Problems == nil {
		out.Problems = []Problem{}
	}
	out.Code, out.Name = e.Code, e.Name
	if p := e.Party; p != nil {
		m := p.masked()
		for _, said := range []Said{{"所在镇街", m.Town}, {"行业", m.Industry}, {"规模", m.Size}, {"联系人", m.Contact}, {"联系电话", m.Phone}, {"备注", m.Note}} {
			if said.Value != "" {
				out.Says = append(out.Says, said)
			}
		}
	}
	for _, f := range e.Says {
		what, value := f.Term, policy.ShowValue(v, f.Term, f.Value)
		if f.Year != 0 {
			what = fmt.Sprintf("%s@%d", f.Term, f.Year)
		}
		if rec := f.Record; rec != nil {
			value = rec.show()
		}
		out.Says = append(out.Says, Said{what, value})
	}
	return out
}

// show is a record in a few words.
func (r *RecordOf) show() string {
	var parts []string
	switch {
	case r.From != 0 && r.Until != 0:
		parts = append(parts, r.From.String()+" 至 "+r.Until.String())
	case r.From != 0:
		parts = append(parts, r.From.String()+" 起")
	case r.Until != 0:
		parts = append(parts, "至 "+r.Until.String())
	}
	if r.Number != "" {
		parts = append(parts, "编号 "+r.Number)
	}
	names := make([]string, 0, len(r.Fields))
	for name := range r.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		parts = append(parts, name+" "+r.Fields[name])
	}
	return strings.Join(parts, "，")
}
