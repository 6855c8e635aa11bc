package treasury_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"shanglin/internal/platform/audit"
	"shanglin/internal/treasury"
)

// A live row edited behind the system's back is found, whichever it is. Mutations: leave a column out of a digest; leave one of the kinds
// out of RegisterRow or RegisterList → red.
func TestAnEditedRowIsFound(t *testing.T) {
	each(t, func(r *room) {
		r.budget("r1", "", "上级资金", 1, yuan(150))
		r.budget("r1", "", "本级财政", 2, yuan(1000))
		r.must(r.Commit(r.sys, []treasury.Award{r.award(1, "a", yuan(100)), r.award(2, "b", yuan(200)), r.award(3, "c", yuan(300))}))
		r.ready("a", "0001")
		r.ready("b", "0002")
		batch := r.sent()
		lines := r.lines(batch.ID)
		r.apply(batch.ID, paid(lines[0], "S1"), failed(lines[1], "户名不符"))
		r.result(r.secondBatch().ID, paid(r.lines(r.second)[0], "S2"))
		r.sound()
		for _, edit := range []string{
			`UPDATE budgets SET total = total + 1 WHERE place = 2`,
			`UPDATE budgets SET committed = committed - 1 WHERE place = 2`,
			`UPDATE budgets SET paid = paid - 1 WHERE paid > 0`,
			`UPDATE budgets SET source = 'x' WHERE place = 2`,
			`UPDATE ledger_lines SET amount = amount + 1 WHERE number = 0`,
			`UPDATE ledger_lines SET account = 'available' WHERE account = 'committed'`,
			`UPDATE ledger_lines SET budget = (SELECT MAX(id) FROM budgets)`,
			`DELETE FROM ledger_lines WHERE number = 1`,
			`UPDATE ledger_entries SET reason = 'x' WHERE kind = 'fail'`,
			`UPDATE ledger_entries SET posted_by = 'x' WHERE kind = 'pay'`,
			`UPDATE ledger_entries SET document = 'x' WHERE kind = 'pay'`,
			`UPDATE awards SET amount = amount + 1 WHERE case_number = 'A001'`,
			`UPDATE awards SET party = 'x' WHERE case_number = 'A001'`,
			`UPDATE awards SET clause = 'x' WHERE case_number = 'A001'`,
			`UPDATE awards SET state = 'committed' WHERE state = 'paid'`,
			`UPDATE awards SET batch = '' WHERE case_number = 'A001'`,
			`UPDATE award_shares SET amount = amount + 1 WHERE number = 0`,
			`UPDATE award_shares SET budget = (SELECT MAX(id) FROM budgets)`,
			`UPDATE bank_accounts SET number = '99999999999' WHERE state = 'confirmed'`,
			`UPDATE bank_accounts SET bank = 'x' WHERE state = 'confirmed'`,
			`UPDATE bank_accounts SET holder = 'x' WHERE state = 'confirmed'`,
			`UPDATE bank_accounts SET state = 'confirmed' WHERE state = 'held'`,
			`UPDATE bank_accounts SET why = '' WHERE state = 'held'`,
			`UPDATE bank_accounts SET entered_by = 'x' WHERE state = 'held'`,
			`UPDATE payment_batches SET total = total + 1`,
			`UPDATE payment_batches SET document = 'x'`,
			`UPDATE payment_batches SET approved_by = 'x'`,
			`UPDATE payment_batches SET state = 'done' WHERE state = 'sent'`,
			`UPDATE payment_lines SET amount = amount + 1 WHERE state = 'paid'`,
			`UPDATE payment_lines SET account = 'x' WHERE state = 'paid'`,
			`UPDATE payment_lines SET bank_serial = 'x' WHERE state = 'paid'`,
			`UPDATE payment_lines SET paid_on = '2026-11-01' WHERE state = 'paid'`,
			`UPDATE payment_lines SET party = 'x' WHERE state = 'paid'`,
			`UPDATE bank_result_rows SET outcome = 'failed' WHERE outcome = 'paid'`,
			`UPDATE bank_result_rows SET bank_serial = 'x' WHERE outcome = 'paid'`,
			`UPDATE bank_results SET state = 'cancelled' WHERE state = 'staged'`,
			`DELETE FROM bank_result_rows WHERE number = 1`,
		} {
			if r.tamper(edit) == 0 {
				r.t.Errorf("not found: %s", edit)
			}
		}
		for kind, insert := range map[string]string{
			"budget":  `INSERT INTO budgets SELECT 'x', round, 's1', source, department, place, note, 0, 0, 0, created_at, created_by, version FROM budgets WHERE place = 1`,
			"entry":   `INSERT INTO ledger_entries SELECT 'x', kind, round, award, line, document, on_date, reason, '', posted_at, posted_by, posted_name FROM ledger_entries WHERE kind = 'pay'`,
			"award":   `INSERT INTO awards SELECT 'x', 'x', case_number, round, scheme, department, party, party_name, town, clause, amount, state, batch, reason, committed_at, committed_by, ended_at, part, milestone, due, evidence, due_by, payee, payee_name, thing_kind, thing FROM awards WHERE case_number = 'A001'`,
			"account": `INSERT INTO bank_accounts SELECT 'x', 'x', holder, bank, number, '', state, why, held_by, entered_at, entered_by, entered_name, confirmed_at, confirmed_by, confirmed_name, evidence FROM bank_accounts WHERE state = 'confirmed' AND number LIKE '%0001'`,
			"line":    `INSERT INTO payment_lines SELECT 'x', batch, 99, 'x', award, party, amount, account, 'dropped', why, bank_serial, paid_on, result FROM payment_lines WHERE state = 'paid'`,
			"batch":   `INSERT INTO payment_batches SELECT 'x', 'x', round, department, town, document, document_date, title, state, lines, total, reason, prepared_at, prepared_by, prepared_name, approved_at, approved_by, approved_name, sent_at, sent_by, sent_name, version FROM payment_batches WHERE state = 'done'`,
			"result":  `INSERT INTO bank_results SELECT 'x', batch, file_name, 'x', state, good, bad, uploaded_at, uploaded_by, uploaded_name, ended_at, ended_by, ended_name FROM bank_results WHERE state = 'staged'`,
		} {
			if r.tamper(insert) == 0 {
				r.t.Errorf("a %s that nobody logged is not found", kind)
			}
		}
	})
}

// secondBatch is another batch that the bank has, of c's award.
func (r *room) secondBatch() treasury.Batch {
	r.t.Helper()
	r.ready("c", "0003")
	b, err := r.Prepare(r.one(), treasury.BatchOrder{Round: "r1", Awards: []string{r.awardOf(3).ID}})
	r.must(err)
	b, err = r.Approve(r.two(), b.ID, b.Version)
	r.must(err)
	b, err = r.Send(r.one(), b.ID)
	r.must(err)
	r.second = b.ID
	return b
}

// The ledger is written once: no statement of the room changes or deletes a row of it. Mutation: write one → red.
func TestTheLedgerIsWrittenOnce(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	change := regexp.MustCompile(`(?i)(UPDATE|DELETE\s+FROM)\s+ledger_`)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := change.Find(text); found != nil {
			t.Errorf("%s: %s", name, found)
		}
	}
}

// Every record of the treasury is about something that has a name, and a party's are found by the party. Mutations: forget one of the
// kinds in said.go; read another column in RowsOf → red.
func TestTheLogInWords(t *testing.T) {
	each(t, func(r *room) {
		batch := r.paidOnce()
		list, err := audit.List(r.sys, audit.Filter{Limit: 500})
		r.must(err)
		rows := map[string][]string{}
		for _, e := range list {
			rows[e.Kind] = append(rows[e.Kind], e.ID)
			if words := audit.WordsOf()[e.Kind]; words.Label == "" || words.Actions[e.Action] == "" {
				r.t.Errorf("no words for %s of %s", e.Action, e.Kind)
			}
		}
		for kind, label := range map[string]string{"budget": "“上级资金”（s1）", "ledger_entry": "已支付 A001 a电器有限公司", "award": "A001 a电器有限公司 100元",
			"bank_account": "a电器有限公司 收款账户 ****0001", "payment_batch": "P2026-0001 测财〔2026〕1号", "payment_line": "P2026-0001-00001 a电器有限公司", "bank_result": "回执.xlsx"} {
			about, err := audit.About(r.sys, kind, rows[kind])
			r.must(err)
			found := false
			for _, id := range rows[kind] {
				if about[id].Label == "" || about[id].ID == "" {
					r.t.Errorf("a %s is about nothing", kind)
				}
				found = found || about[id].Label == label
			}
			if !found {
				r.t.Errorf("no %s is called %q: %+v", kind, label, about)
			}
		}
		of, err := audit.RowsOf(r.sys, r.parties["a"])
		r.must(err)
		for _, id := range []string{r.awardOf(1).ID, r.lines(batch.ID)[0].ID, r.entry(treasury.KindPay)} {
			if !slices.Contains(of, id) {
				r.t.Errorf("%s is not found by its party", id)
			}
		}
		if slices.Contains(of, r.awardOf(2).ID) {
			r.t.Error("another party's award is found")
		}
	})
}
