package server

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/paper"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/treasury"
)

// loose are the tables, the columns of other tables, and (table.*) the rows that may go missing, of which no record of the log speaks, and
// why that is right.
var loose = map[string]string{
	"answers": computed, "match_dirty": computed, "match_parties": computed, "match_state": computed, "search_entries": computed,
	"jobs":                   "work that waits: what it does is logged where it is done",
	"notifications":          "a message about what stands in the log, and whether it was read",
	"deliveries":             "how messages about what stands in the log fared on their way",
	"file_owners":            counter,
	"payment_numbers":        counter,
	"registry_state":         "which rows are in force: each of them stands in the log",
	"imports":                staged,
	"import_parts":           staged,
	"import_rows":            staged,
	"audit_checkpoints.*":    "that one is missing shows beside those that are kept outside",
	"demo":                   "how far making invented data has come",
	"audit_secret":           "hashes names for the log; whoever can write it can read the names too",
	"scheme_levels":          "the folders of the seed, made with the tenant: how its files are grouped",
	"scheme_above":           "how far this tenant has read what is published above",
	"scheme_adopted":         "what was last offered from elsewhere, so that it is not offered again",
	"scheme_current":         "which publication counts: each of them stands in the log, with what came before it",
	"accounts.login":         private,
	"accounts.name":          private,
	"cases.version":          lock,
	"objections.version":     lock,
	"rounds.version":         lock,
	"rounds.cases":           counter,
	"round_years":            counter,
	"reaches.code_hash":      "of a code that waits: it opens nothing but the address that the log knows",
	"reaches.code_until":     "of a code that waits",
	"reaches.tries":          counter,
	"reaches.codes":          counter,
	"reaches.codes_since":    counter,
	"reaches.failed":         "how the last message fared",
	"certificate_series":     counter,
	"paper_series":           counter,
	"cases.draft_version":    lock,
	"round_schemes.position": "the order in which they are shown",
	"accounts.created_at":    said, "accounts.created_by": said, "accounts.changed_at": said, "grants.granted_at": said, "grants.granted_by": said,
	"registry_batches.last_id":      "where its rows are looked for: each of them stands in its digest",
	"registry_batches.touched":      counter,
	"scheme_publication_files.path": "the version that it names has its path, and that one is read",
}

const (
	computed = "computed anew from facts, schemes and cases"
	counter  = "a counter: unique indexes keep what is counted apart"
	staged   = "a workbook that waits: what is taken over stands in the digest of its batch"
	lock     = "counts writings, so that nobody overwrites what they have not seen"
	private  = "private, and opens nothing: the log knows the account by its id"
	said     = "when and by whom is what the record in the log says itself"
)

// Whatever somebody changes in the database behind the system's back, the verification finds: in a county where everything has happened,
// each column of each table is edited, each row that was tried is taken away, and the log is verified after each. A table, or a column,
// that is not found stands in loose with a reason; a new one that nobody thought of turns this red, and so does one in which the county has
// no row.
//
// Mutations: leave a column out of any digest; do not register a kind; take an entry out of loose, or put one in → red.
func TestAnythingEditedBehindTheSystemIsFound(t *testing.T) {
	choices := checkedValues(t)
	forEach(t, func(h *house) {
		m := furnish(h)
		everything(m)
		ctx := m.in("east")
		if report, err := audit.Verify(ctx); err != nil || !report.OK() {
			t.Fatalf("before: %+v, %v", report, err)
		}
		used := map[string]bool{}
		for _, table := range tables(h, ctx) {
			columns, rows := content(h, ctx, table)
			if loose[table] != "" {
				used[table] = true
				continue
			}
			used[table+".*"] = true
			if len(rows) == 0 {
				h.t.Errorf("%s: the county has no row", table)
			}
			if h.inst.Kind() == "postgres" {
				rows = rows[:min(1, len(rows))] // digests are the same code over both
			}
			for n, row := range rows {
				found := func(what, query string, args ...any) (found, refused bool) {
					err := store.Write(ctx, func(ctx context.Context) error {
						if _, err := store.Tx(ctx).NewRaw(query+where(columns, row), append(args, row...)...).Exec(ctx); err != nil {
							refused = true
							return err
						}
						report, err := audit.Verify(ctx)
						// What cannot even be read is found as well; of a row it is said which it is, and of one that is gone too.
						found = err != nil && strings.HasPrefix(query, "UPDATE") || slices.ContainsFunc(report.Problems, func(p audit.Problem) bool {
							return p.Kind != "" && p.ID != "" || strings.HasPrefix(table, "audit_")
						})
						return errUndo
					})
					if !refused && !errors.Is(err, errUndo) {
						h.t.Fatalf("%s: %v", what, err)
					}
					return found, refused
				}
				for i, column := range columns {
					name := table + "." + column
					why := loose[name]
					if why != "" {
						used[name] = true
					}
					tried := false
					for _, value := range others(row[i], choices[name], rows, i) {
						seen, refused := found(name, `UPDATE `+table+` SET `+column+` = ?`, value)
						if refused {
							continue // the database itself does not take it
						}
						if tried = true; seen == (why != "") {
							h.t.Errorf("%s of row %d, %.60v → %.60v: found %t (%s)", name, n, row[i], value, seen, why)
						}
						break
					}
					if !tried && why != "" {
						h.t.Errorf("%s cannot be edited and stands in loose", name)
					}
				}
				if seen, refused := found(table, `DELETE FROM `+table); !refused && seen == (loose[table+".*"] != "") {
					h.t.Errorf("%s: row %d was deleted: found %t (%s): %.200v", table, n, seen, loose[table+".*"], row)
				}
			}
		}
		for name := range loose {
			if !used[name] {
				h.t.Errorf("%s stands in loose and is no more", name)
			}
		}
	})
}

var errUndo = errors.New("undo")

// everything does what is still missing for every table to have rows.
func everything(m *matrix) {
	ctx := m.in("east")
	finance := func(id string) context.Context {
		return account.WithActor(ctx, &account.Actor{AccountID: id, Name: id, Tenant: "east", Grants: []account.Grant{{Role: account.RoleFinance}}})
	}
	// The bank pays one and refuses the other.
	b := m.parties["east/b"]
	bank, err := m.rooms.Treasury.SetBankAccount(ctx, b, treasury.AccountDraft{Holder: "eastb电器有限公司", Bank: "乙银行", Number: "6222020000000000009"})
	must(m, bank, err)
	must(m, 0, firstErr(m.rooms.Treasury.ConfirmBankAccount(finance("二"), bank.ID, "开户许可证")))
	batch, err := m.rooms.Treasury.Prepare(ctx, treasury.BatchOrder{Round: m.ids["rounds"], Town: "乙镇", DocumentDate: clock.Today(ctx), Title: "第二批"})
	must(m, batch, err)
	batch, err = m.rooms.Treasury.Approve(finance("二"), batch.ID, batch.Version)
	must(m, batch, err)
	must(m, 0, firstErr(m.rooms.Treasury.Send(finance("一"), batch.ID)))
	lines, _, err := m.rooms.Treasury.BatchLines(ctx, batch.ID, treasury.LineFilter{}, treasury.Page{Number: 1, Size: 20})
	must(m, lines, err)
	var book bytes.Buffer
	must(m, 0, spreadsheet.Write(&book, spreadsheet.Table{Sheet: "付款", Columns: []spreadsheet.Column{{Heading: "付款编号", Width: 20}, {Heading: "处理结果", Width: 20},
		{Heading: "银行流水号", Width: 20}, {Heading: "付款日期", Width: 20}}, Rows: func(emit spreadsheet.Emit) error {
		return emit(lines[0].Code, "成功", "S1", m.today())
	}}))
	result, err := m.rooms.Treasury.Upload(finance("一"), batch.ID, "回执.xlsx", &book)
	must(m, result, err)
	must(m, 0, firstErr(m.rooms.Treasury.Apply(finance("一"), result.ID, treasury.AllOrNone)))
	// A case is asked for what is missing, and the firm attaches it.
	m.do("case", m.ids["cases"], "一次性告知补正", "", `{"items":[{"text":"请补交承诺书"}]}`, matrixGrants["office"])
	as := func(id string, g account.Grant) context.Context {
		return account.WithActor(ctx, &account.Actor{AccountID: id, Name: id, Tenant: "east", Grants: []account.Grant{g}})
	}
	firm := as("firma", account.Grant{Role: account.RoleFirm, Party: m.parties["east/a"]})
	must(m, 0, firstErr(m.rooms.Casework.Attach(firm, m.ids["cases"], casework.Others, "承诺书.pdf", strings.NewReader(onePDF))))
	must(m, 0, firstErr(m.rooms.Engine.Save(as("o", matrixGrants["office"]), "我的", process.Filter{Late: true})))
	// A share of the round's cases was drawn to be looked at.
	drawn := []string{"S-1", m.ids["rounds"], "10%", strings.Repeat("0", 64), "1", "1", m.today(), "一"}
	line := []string{m.ids["cases"], "演-1", "1"}
	must(m, 0, store.Write(ctx, func(ctx context.Context) error {
		if _, err := store.Tx(ctx).NewRaw(`INSERT INTO samples (id, round, share, seed, cases, drawn, drawn_at, drawn_by) VALUES (?, ?, ?, ?, 1, 1, ?, ?)`,
			drawn[0], drawn[1], drawn[2], drawn[3], drawn[6], drawn[7]).Exec(ctx); err != nil {
			return err
		}
		if _, err := store.Tx(ctx).NewRaw(`INSERT INTO sample_lines (sample, case_id, number, drawn) VALUES (?, ?, ?, 1)`, drawn[0], line[0], line[1]).Exec(ctx); err != nil {
			return err
		}
		return audit.Append(ctx, audit.Event{Action: "round.sampled", Kind: "sample", ID: drawn[0], Digest: audit.Digest(append(drawn, line...)...)})
	}))
	// A case began with what was found in the round and handed on.
	handed := []string{"R-1", m.ids["rounds"], "", m.parties["east/a"], m.ids["cases"], "逾期没有提交", `[]`, m.today(), "一", "o"}
	must(m, 0, store.Write(ctx, func(ctx context.Context) error {
		if _, err := store.Tx(ctx).NewRaw(`INSERT INTO case_referrals (id, round, what, party, case_id, title, grounds, referred_at, referred_by, account) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			handed[0], handed[1], handed[2], handed[3], handed[4], handed[5], handed[6], handed[7], handed[8], handed[9]).Exec(ctx); err != nil {
			return err
		}
		return audit.Append(ctx, audit.Event{Action: "case.referred", Kind: "referral", ID: handed[0], Digest: audit.Digest(handed...)})
	}))
	// A document is written and delivered with its receipt.
	draft, err := m.rooms.Papers.Save(as("o", matrixGrants["office"]), m.ids["preview-paper"], m.versions["preview-paper"], paper.Content{Values: map[string]string{"联系人": "甲"}})
	must(m, draft, err)
	got, err := m.rooms.Papers.Receive(firm, m.ids["papers"], m.versions["papers"])
	must(m, got, err)
	// How far a source reaches is stated, sign-up opened, the log signed.
	must(m, 0, firstErr(m.rooms.Registry.Cover(ctx, "规上数字经济制造业名录", clock.Today(ctx), "测试")))
	must(m, 0, firstErr(m.rooms.Accounts.SetSignUp(ctx, true)))
	_, key, err := ed25519.GenerateKey(nil)
	must(m, key, err)
	must(m, 0, firstErr(audit.Sign(ctx, key)))
}

func firstErr[T any](_ T, err error) error { return err }

// tables are all tables of the county's database but the record of migrations and the parts of a full-text index.
func tables(h *house, ctx context.Context) (names []string) {
	h.t.Helper()
	query := `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name`
	if h.inst.Kind() == "postgres" {
		query = `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name`
	}
	if err := store.Read(ctx, func(ctx context.Context) error { return store.Tx(ctx).NewRaw(query).Scan(ctx, &names) }); err != nil {
		h.t.Fatal(err)
	}
	return slices.DeleteFunc(names, func(n string) bool { return n == "migrations" })
}

// content is the columns of a table, and the first and the last of its rows.
func content(h *house, ctx context.Context, table string) (columns []string, rows [][]any) {
	h.t.Helper()
	err := store.Read(ctx, func(ctx context.Context) error {
		found, err := store.Tx(ctx).QueryContext(ctx, `SELECT * FROM `+table)
		if err != nil {
			return err
		}
		defer found.Close()
		if columns, err = found.Columns(); err != nil {
			return err
		}
		for found.Next() {
			row, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range row {
				into[i] = &row[i]
			}
			if err := found.Scan(into...); err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return found.Err()
	})
	if err != nil {
		h.t.Fatalf("%s: %v", table, err)
	}
	if len(rows) > 2 {
		rows = [][]any{rows[0], rows[len(rows)-1]}
	}
	return columns, rows
}

func where(columns []string, row []any) string {
	var b strings.Builder
	for i, c := range columns {
		b.WriteString(map[bool]string{true: " WHERE ", false: " AND "}[i == 0] + c + " = ?")
	}
	return b.String()
}

// others are values that a cell may be given instead of its own.
func others(value any, checked []string, rows [][]any, column int) (out []any) {
	switch v := value.(type) {
	case int64:
		out = []any{v + 1, v - 1}
	case string:
		out = []any{v + "x"}
		for _, c := range checked {
			if c != v {
				out = append(out, c)
			}
		}
		for _, row := range rows {
			if row[column] != value {
				out = append(out, row[column])
			}
		}
		if v != "" {
			out = append(out, "")
		}
	default:
		panic(fmt.Sprintf("a cell of %T", value))
	}
	return out
}

// checkedValues are the words that the tables let a column have, by table.column.
func checkedValues(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("../platform/store/migrations/tenant/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(len(files), err)
	}
	out := map[string][]string{}
	made, check := regexp.MustCompile(`CREATE TABLE (\w+)`), regexp.MustCompile(`CHECK \((\w+) IN \(('[^)]*)\)\)`)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		table := ""
		for _, line := range strings.Split(string(text), "\n") {
			if m := made.FindStringSubmatch(line); m != nil {
				table = m[1]
			}
			if m := check.FindStringSubmatch(line); m != nil {
				for _, word := range strings.Split(m[2], ", ") {
					out[table+"."+m[1]] = append(out[table+"."+m[1]], strings.Trim(word, "'"))
				}
			}
		}
	}
	return out
}
