package registry_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/policy"
)

func TestStateIsChecked(t *testing.T) {
	rec := func(from, until string, fields map[string]string) *registry.RecordOf {
		r := &registry.RecordOf{Fields: fields}
		if from != "" {
			r.From = date(from)
		}
		if until != "" {
			r.Until = date(until)
		}
		return r
	}
	cases := []struct {
		name  string
		s     registry.Statement
		field string // complained about; empty: accepted
		value string // as it is kept
	}{
		{"money", registry.Statement{Term: "营业收入", Year: 2025, Value: "9990万元"}, "", "99900000元"},
		{"money in wide digits", registry.Statement{Term: "营业收入", Year: 2024, Value: "９９９０万元"}, "", "99900000元"},
		{"a ratio", registry.Statement{Term: "资产负债率", Year: 2025, Value: "45.60%"}, "", "45.6%"},
		{"a word", registry.Statement{Term: "主导产品领域", Value: "其他"}, "", "其他"},
		{"a day", registry.Statement{Term: "成立日期", Value: "2001-02-28"}, "", "2001-02-28"},
		{"yes", registry.Statement{Term: "有研发机构", Value: "是"}, "", "是"},
		{"no such term", registry.Statement{Term: "营业收人", Year: 2025, Value: "1元"}, "term", ""},
		{"no year", registry.Statement{Term: "营业收入", Value: "1元"}, "year", ""},
		{"next year", registry.Statement{Term: "营业收入", Year: 2027, Value: "1元"}, "year", ""},
		{"a year too many", registry.Statement{Term: "成立日期", Year: 2025, Value: "2001-02-28"}, "year", ""},
		{"no unit", registry.Statement{Term: "营业收入", Year: 2025, Value: "100"}, "value", ""},
		{"wrong unit", registry.Statement{Term: "从业人数", Year: 2025, Value: "100元"}, "value", ""},
		{"below zero", registry.Statement{Term: "营业收入", Year: 2025, Value: "-1元"}, "value", ""},
		{"above the bound", registry.Statement{Term: "资产负债率", Year: 2025, Value: "300.01%"}, "value", ""},
		{"no such word", registry.Statement{Term: "主导产品领域", Value: "别的"}, "value", ""},
		{"no such day", registry.Statement{Term: "成立日期", Value: "2001-02-29"}, "value", ""},
		{"empty", registry.Statement{Term: "营业收入", Year: 2025}, "value", ""},
		{"a record for a term", registry.Statement{Term: "营业收入", Year: 2025, Record: rec("2025-01-01", "", nil)}, "record", ""},
		{"long evidence", registry.Statement{Term: "有研发机构", Value: "是", Evidence: strings.Repeat("长", 201)}, "evidence", ""},
		{"NUL in evidence", registry.Statement{Term: "有研发机构", Value: "是", Evidence: "a\x00"}, "evidence", ""},
		{"a record", registry.Statement{Term: "科技奖励", Record: rec("2024-05-01", "", map[string]string{"级别": "省级", "奖金": "10万元", "牵头": "是"})}, "", ""},
		{"a record with an end only", registry.Statement{Term: "高新技术企业", Record: rec("", "2027-05-01", nil)}, "", ""},
		{"no record", registry.Statement{Term: "科技奖励", Value: "是"}, "record", ""},
		{"no date", registry.Statement{Term: "科技奖励", Record: rec("", "", nil)}, "from", ""},
		{"ends before it begins", registry.Statement{Term: "科技奖励", Record: rec("2024-05-01", "2024-04-30", nil)}, "until", ""},
		{"no such level", registry.Statement{Term: "科技奖励", Record: rec("2024-05-01", "", map[string]string{"级别": "村级"})}, "fields.级别", ""},
		{"no such field", registry.Statement{Term: "科技奖励", Record: rec("2024-05-01", "", map[string]string{"名次": "1"})}, "fields.名次", ""},
		{"an award", registry.Statement{Term: "received(cx2022/C027)", Value: "10.01万元", On: date("2023-01-02")}, "", "100100元"},
		{"an award on no day", registry.Statement{Term: "received:cx2022/C027", Value: "10万元"}, "on", ""},
		{"an award tomorrow", registry.Statement{Term: "received:cx2022/C027", Value: "10万元", On: date("2026-11-24")}, "on", ""},
		{"an award in parts of a fen", registry.Statement{Term: "received:cx2022/C027", Value: "0.001元", On: date("2023-01-02")}, "value", ""},
		{"an award without unit", registry.Statement{Term: "received:cx2022/C027", Value: "1e9", On: date("2023-01-02")}, "value", ""},
		{"an award too large", registry.Statement{Term: "received:cx2022/C027", Value: "99999999999亿元", On: date("2023-01-02")}, "value", ""},
	}
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		party := r.party(1, "东镇")
		for _, c := range cases {
			c.s.Party = party
			before := r.count(`SELECT COUNT(*) FROM fact_rows`)
			f, err := r.State(r.sys, c.s)
			if c.field == "" {
				if err != nil || f.Value != c.value || !f.Verified {
					t.Errorf("%s: %+v, %v", c.name, f, err)
				}
				continue
			}
			wantCode(t, c.name, err, fault.Invalid)
			if p := fault.Public(err); p == nil || len(p.Details) == 0 || p.Details[0].Field != c.field {
				t.Errorf("%s: complaint %+v, want one about %s", c.name, p, c.field)
			}
			if n := r.count(`SELECT COUNT(*) FROM fact_rows`); n != before {
				t.Errorf("%s: a row was written", c.name)
			}
		}
		r.intact()
	})
}

// Mutation: say Verified = 1 for a firm, or skip MayVouch in speakAs → red.
func TestWhoStates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		party, other := r.party(1, "东镇"), r.party(2, "西镇")
		revenue := func(party string) registry.Statement {
			return registry.Statement{Party: party, Term: "营业收入", Year: 2025, Value: "100万元"}
		}
		for _, c := range []struct {
			who    string
			ctx    context.Context
			s      registry.Statement
			want   fault.Code
			source string
		}{
			{"the public", r.public(), revenue(party), fault.NotFound, ""},
			{"the firm", r.firm(party), revenue(party), "", "企业申报"},
			{"another firm", r.firm(other), revenue(party), fault.NotFound, ""},
			{"the department", r.officer("统计局", ""), revenue(party), "", "统计局"},
			{"the department in the town", r.officer("统计局", "东镇"), revenue(party), "", "统计局"},
			{"the department in another town", r.officer("统计局", "西镇"), revenue(party), fault.NotFound, ""},
			{"another department", r.officer("税务局", ""), revenue(party), fault.Forbidden, ""},
			{"any department", r.officer("", "东镇"), revenue(party), "", "统计局"},
			{"an auditor", r.as("auditor", account.Grant{Role: account.RoleAuditor}), revenue(party), fault.Forbidden, ""},
			{"the firm of its own award", r.firm(party), registry.Statement{Party: party, Term: "received:x/y", Value: "1元", On: date("2025-01-01")}, fault.Forbidden, ""},
			{"a term of no department, by a department", r.officer("统计局", ""), registry.Statement{Party: party, Term: "无主指标", Year: 2025, Value: "1元"}, fault.Forbidden, ""},
			{"a term of no department", r.officer("", ""), registry.Statement{Party: party, Term: "无主指标", Year: 2025, Value: "1元"}, "", "登记部门"},
			{"nobody's party", r.sys, revenue("nobody"), fault.NotFound, ""},
			{"a scope of two grants that does not add up", r.as("two", account.Grant{Role: account.RoleOfficer, Department: "税务局"},
				account.Grant{Role: account.RoleOfficer, Department: "统计局", Town: "西镇"}), revenue(party), fault.Forbidden, ""},
		} {
			f, err := r.State(c.ctx, c.s)
			wantCode(t, c.who, err, c.want)
			if c.want == "" && (f.Source != c.source || f.Verified != (c.source != registry.Declared)) {
				t.Errorf("%s: %+v", c.who, f)
			}
		}
	})
}

// Mutations: UPDATE the old row's value instead of inserting; close rows of every source → red.
func TestFactsAreSupersededNeverOverwritten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		party := r.party(1, "东镇")
		s := registry.Statement{Party: party, Term: "营业收入", Year: 2025, Value: "100万元", Evidence: "年报"}
		first, err := r.State(r.officer("统计局", ""), s)
		r.must(err)
		same, err := r.State(r.officer("统计局", ""), registry.Statement{Party: party, Term: "营业收入", Year: 2025, Value: "1000000元"})
		r.must(err)
		if same.ID != first.ID {
			t.Error("an equal statement made a new fact")
		}
		own, err := r.State(r.firm(party), registry.Statement{Party: party, Term: "营业收入", Year: 2025, Value: "120万元"})
		r.must(err)
		s.Value = "110万元"
		second, err := r.State(r.officer("统计局", ""), s)
		r.must(err)
		now, err := r.Facts(r.sys, party)
		r.must(err)
		if len(now) != 2 || second.Supersedes != first.ID {
			t.Fatalf("current facts %+v", now)
		}
		history, err := r.FactHistory(r.sys, party)
		r.must(err)
		byID := map[string]registry.Fact{}
		for _, f := range history {
			byID[f.ID] = f
		}
		if len(history) != 3 || byID[first.ID].Value != "1000000元" || byID[first.ID].SupersededBy != second.ID || byID[own.ID].SupersededBy != "" {
			t.Errorf("history %+v", history)
		}
		// Facts of different sources stand side by side in the language: the verified one counts.
		if got := r.value(party, "营业收入 at_least 115万元"); got != policy.Unmet {
			t.Errorf("answer %v: the declared figure outranks the verified one", got)
		}
		r.intact()
	})
}

// value answers a condition on this party in 2025, or about its records.
func (r *room) value(party, condition string) policy.Answer {
	r.t.Helper()
	left, right, _ := strings.Cut(condition, " ")
	op, threshold, _ := strings.Cut(right, " ")
	node := fmt.Sprintf("{of: %s@当年, %s: %s}", left, op, threshold)
	if left == "has" {
		node = fmt.Sprintf("{has: %s}", right)
	}
	doc := fmt.Sprintf("document: d\ntitle: 测试\nnumber: not_found\nbody: 测试\ndates: {published: 2020-01-01, performance: not_found}\nperiods: {当年: P, 近三年: P-2..P, 往年: ..P}\nschemes:\n  s: {title: 测试, for: 企业, kind: recognition, cite: not_found, require: %s}\n", node)
	lib, problems := policy.Load([]policy.File{{Path: "national/words.yaml", Data: []byte(words)}, {Path: "national/d.yaml", Data: []byte(doc)}})
	if policy.HasErrors(problems) {
		r.t.Fatal(problems)
	}
	facts, err := r.FactsOf(r.sys, lib.Vocabulary(), party)
	r.must(err)
	one := lib.Scheme("d/s").Evaluate(policy.Question{Facts: facts, On: date("2026-06-30"), Performance: 2025}).Answer
	bulk := policy.Answer(99)
	r.must(r.EachFacts(r.sys, lib.Vocabulary(), "", 1000, func(id string, facts *policy.Facts) error {
		if id == party {
			bulk = lib.Scheme("d/s").Evaluate(policy.Question{Facts: facts, On: date("2026-06-30"), Performance: 2025}).Answer
		}
		return nil
	}))
	if one != bulk {
		r.t.Errorf("%s: %v alone, %v in bulk", condition, one, bulk)
	}
	return one
}

func TestRecordsAndAwards(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		party := r.party(1, "东镇")
		state := func(s registry.Statement) registry.Fact {
			t.Helper()
			s.Party = party
			f, err := r.State(r.sys, s)
			r.must(err)
			return f
		}
		prize := func(from, level, no string) registry.Statement {
			return registry.Statement{Term: "科技奖励", Record: &registry.RecordOf{Number: no, From: date(from), Fields: map[string]string{"级别": level}}}
		}
		// Records are told apart by their number, else by what they say.
		a := state(prize("2024-05-01", "省级", "浙奖 2024-1"))
		state(prize("2024-05-01", "市级", ""))
		state(prize("2024-05-01", "市级", ""))
		if b := state(prize("2024-06-01", "国家级", "浙奖 2024-1")); b.Supersedes != a.ID || b.Record.Number != "浙奖 2024-1" {
			t.Errorf("the numbered record was not superseded: %+v", b)
		}
		facts, err := r.Facts(r.sys, party)
		r.must(err)
		if len(facts) != 2 {
			t.Fatalf("%d records, want 2: %+v", len(facts), facts)
		}
		// A record without a number is corrected by naming it.
		var unnumbered registry.Fact
		for _, f := range facts {
			if f.Record.Number == "" {
				unnumbered = f
			}
		}
		s := prize("2024-05-02", "区县级", "")
		s.Replaces = unnumbered.ID
		state(s)
		if n := r.count(`SELECT COUNT(*) FROM facts`); n != 2 {
			t.Errorf("%d records after a correction", n)
		}
		if got := r.value(party, "has 科技奖励@近三年"); got != policy.Met {
			t.Errorf("has a prize: %v", got)
		}
		// Absence is a fact only under coverage.
		if got := r.value(party, "has 高新技术企业@有效"); got != policy.Unknown {
			t.Errorf("absent without coverage: %v", got)
		}
		_, err = r.Cover(r.officer("科技局", ""), "高新技术企业", date("2026-10-31"), "名录")
		r.must(err)
		if got := r.value(party, "has 高新技术企业@有效"); got != policy.Unmet {
			t.Errorf("absent under coverage: %v", got)
		}
		// Withdrawing is a statement too.
		_, err = r.State(r.sys, registry.Statement{Party: party, Term: "科技奖励", Replaces: facts[0].ID, Withdraw: true})
		if fault.CodeOf(err) == fault.NotFound { // superseded above: take the one that stands
			facts, _ = r.Facts(r.sys, party)
			_, err = r.State(r.sys, registry.Statement{Party: party, Term: "科技奖励", Replaces: facts[0].ID, Withdraw: true})
		}
		r.must(err)
		if n := r.count(`SELECT COUNT(*) FROM facts`); n != 1 {
			t.Errorf("%d records after one was withdrawn", n)
		}
		_, err = r.State(r.sys, registry.Statement{Party: party, Term: "营业收入", Year: 2020, Withdraw: true})
		wantCode(t, "withdrawing what nobody said", err, fault.Invalid)
		// An award, twice on different days, corrected on the same day.
		state(registry.Statement{Term: "received:cx2022/C027", Value: "10万元", On: date("2023-01-02")})
		state(registry.Statement{Term: "received:cx2022/C027", Value: "5万元", On: date("2024-01-02")})
		if f := state(registry.Statement{Term: "received(cx2022/C027)", Value: "6万元", On: date("2024-01-02")}); f.Value != "60000元" || f.Shown != "6万元" || f.On != date("2024-01-02") {
			t.Errorf("award %+v", f)
		}
		if n := r.count(`SELECT COUNT(*) FROM facts WHERE form = 2`); n != 2 {
			t.Errorf("%d awards", n)
		}
		r.intact()
	})
}

func TestVerify(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		party := r.party(1, "东镇")
		own, err := r.State(r.firm(party), registry.Statement{Party: party, Term: "营业收入", Year: 2025, Value: "120万元"})
		r.must(err)
		for who, c := range map[string]context.Context{"the firm": r.firm(party), "another department": r.officer("税务局", "")} {
			_, err := r.Verify(c, own.ID, "")
			wantCode(t, who, err, fault.Forbidden)
		}
		done, err := r.Verify(r.officer("统计局", "东镇"), own.ID, "实地核查")
		r.must(err)
		if !done.Verified || done.Source != registry.Declared || done.Value != own.Value || done.Supersedes != own.ID || done.VerifiedBy == "" || done.StatedBy != own.StatedBy {
			t.Errorf("verified %+v", done)
		}
		_, err = r.Verify(r.officer("统计局", ""), own.ID, "")
		wantCode(t, "verifying what is no longer current", err, fault.NotFound)
		again, err := r.Verify(r.officer("统计局", ""), done.ID, "")
		if err != nil || again.ID != done.ID {
			t.Errorf("verifying twice: %+v, %v", again, err)
		}
		r.intact()
	})
}

func TestPersonalTermIsMasked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		party := r.party(1, "东镇")
		f, err := r.State(r.sys, registry.Statement{Party: party, Term: "经办电话", Value: "13812345678"})
		r.must(err)
		facts, err := r.Facts(r.sys, party)
		r.must(err)
		events, err := audit.List(r.sys, audit.Filter{})
		r.must(err)
		if s := fmt.Sprintf("%+v %+v %+v", f, facts, events); strings.Contains(s, "3812345678") {
			t.Errorf("the number is shown: %s", s)
		}
	})
}

// Of a term that the vocabulary dropped nobody knows whether it was personal: words are masked on the page, in the history and in the workbook, also
// those that begin with digits; a figure in a unit that is still known, a day, and yes or no stand as they stood. A unit that was dropped too is a word.
// Mutations: mask only what the vocabulary calls personal; take any digits with something behind them for a figure → red.
func TestDroppedTermIsMasked(t *testing.T) {
	lib, problems := policy.Load([]policy.File{{Path: "national/words.yaml", Data: []byte(strings.Replace(words, "terms:", `terms:
  旧电话: {of: 企业, type: word, personal: 是}
  旧联系人: {of: 企业, type: word, personal: 是}
  旧住址: {of: 企业, type: word, personal: 是}
  旧证号: {of: 企业, type: word, personal: 是}
  旧人数: {of: 企业, unit: 人, at_least: 0人}
  旧占比: {of: 企业, unit: '%'}
  旧面积: {of: 企业, unit: 亩}
  旧日期: {of: 企业, type: date}
  旧情况: {of: 企业, type: bool}`, 1))}, {Path: "national/units.yaml", Data: []byte("vocabulary: 旧单位\nunits: {亩: {}}\n")}})
	if policy.HasErrors(problems) {
		t.Fatal(problems)
	}
	said := map[string][2]string{"旧电话": {"13812345678", "1**********"}, "旧联系人": {"13812345678张三", "1************"}, "旧住址": {"88号院", "8***"},
		"旧证号": {"330282199001011234", "3*****************"}, "旧人数": {"1200人", "1200人"}, "旧占比": {"12.5%", "12.5%"}, "旧面积": {"7亩", "7*"},
		"旧日期": {"2020-01-02", "2020-01-02"}, "旧情况": {"是", "是"}}
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		party := r.party(1, "东镇")
		for term, x := range said {
			_, err := r.StateIn(r.sys, lib.Vocabulary(), registry.Statement{Party: party, Term: term, Value: x[0]})
			r.must(err)
		}
		facts, err := r.Facts(r.firm(party), party)
		r.must(err)
		if len(facts) != len(said) {
			t.Errorf("%d facts", len(facts))
		}
		for _, f := range facts {
			want := said[f.Term]
			if !f.Dropped || f.Shown != want[1] || want[0] != want[1] && f.Value != "" {
				t.Errorf("%s: %q, shown %q, dropped %v", f.Term, f.Value, f.Shown, f.Dropped)
			}
		}
		var book bytes.Buffer
		r.must(r.ExportFacts(r.firm(party), party, "", &book))
		cells := sheetOf(t, &book)
		for term, x := range said {
			if strings.Contains(cells, x[0]) != (x[0] == x[1]) {
				t.Errorf("%s in the workbook: %s", term, cells)
			}
		}
	})
}

// Mutations: leave the dispute's audit event out, or drop the condition state = 'open' of the UPDATE → red.
func TestDispute(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		party, other := r.party(1, "东镇"), r.party(2, "西镇")
		f, err := r.State(r.officer("统计局", ""), registry.Statement{Party: party, Term: "营业收入", Year: 2025, Value: "100万元"})
		r.must(err)
		own, err := r.State(r.firm(party), registry.Statement{Party: party, Term: "从业人数", Year: 2025, Value: "10人"})
		r.must(err)
		_, err = r.Dispute(r.firm(other), f.ID, "不是我家的")
		wantCode(t, "another firm", err, fault.NotFound)
		_, err = r.Dispute(r.officer("统计局", ""), f.ID, "替它说")
		wantCode(t, "an officer", err, fault.Forbidden)
		_, err = r.Dispute(r.firm(party), own.ID, "我说错了")
		wantCode(t, "its own entry", err, fault.Invalid)
		_, err = r.Dispute(r.firm(party), f.ID, " ")
		wantCode(t, "without a reason", err, fault.Invalid)
		d, err := r.Dispute(r.firm(party), f.ID, "漏了第四季度")
		r.must(err)
		_, err = r.Dispute(r.firm(party), f.ID, "再说一次")
		wantCode(t, "twice", err, fault.Conflict)
		facts, err := r.Facts(r.firm(party), party)
		r.must(err)
		for _, x := range facts {
			if x.Disputed != (x.ID == f.ID) {
				t.Errorf("disputed: %+v", x)
			}
		}
		for who, c := range map[string]struct {
			ctx  context.Context
			n    int
			mine bool
		}{"the firm": {r.firm(party), 1, false}, "another firm": {r.firm(other), 0, false}, "the department": {r.officer("统计局", ""), 1, true},
			"another department": {r.officer("税务局", ""), 1, false}, "another town": {r.officer("统计局", "西镇"), 0, false}} {
			items, n, err := r.Disputes(c.ctx, registry.DisputeFilter{State: "open"}, registry.Page{})
			if err != nil || n != c.n || len(items) != c.n || c.n > 0 && items[0].Mine != c.mine {
				t.Errorf("%s sees %d: %+v, %v", who, n, items, err)
			}
		}
		upheld := registry.Resolution{Decision: "upheld", Reason: "年报已含第四季度"}
		_, err = r.Resolve(r.officer("税务局", ""), d.ID, upheld)
		wantCode(t, "another department", err, fault.Forbidden)
		_, err = r.Resolve(r.firm(party), d.ID, upheld)
		wantCode(t, "the firm itself", err, fault.Forbidden)
		_, err = r.Resolve(r.officer("统计局", ""), d.ID, registry.Resolution{Decision: "corrected", Reason: "改正"})
		wantCode(t, "corrected without a value", err, fault.Invalid)
		_, err = r.Resolve(r.officer("统计局", ""), d.ID, registry.Resolution{Decision: "corrected", Reason: "改正", Correction: &registry.Statement{Value: "abc"}})
		wantCode(t, "corrected with a wrong value", err, fault.Invalid)
		done, err := r.Resolve(r.officer("统计局", "东镇"), d.ID, registry.Resolution{Decision: "corrected", Reason: "漏报，已改正", Correction: &registry.Statement{Value: "130万元"}})
		r.must(err)
		if done.State != "corrected" || done.Correction == "" || done.ResolvedBy == "" {
			t.Errorf("resolved %+v", done)
		}
		_, err = r.Resolve(r.officer("统计局", ""), d.ID, upheld)
		wantCode(t, "resolving twice", err, fault.Conflict)
		facts, err = r.Facts(r.sys, party)
		r.must(err)
		for _, x := range facts {
			if x.Term == "营业收入" && (x.ID != done.Correction || x.Value != "1300000元" || x.Source != "统计局" || !x.Verified || x.Disputed) {
				t.Errorf("after the correction: %+v", x)
			}
		}
		d, err = r.Dispute(r.firm(party), done.Correction, "还是不对")
		r.must(err)
		_, err = r.Resolve(r.officer("统计局", ""), d.ID, upheld)
		r.must(err)
		r.intact()
	})
}

func TestCoverage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		for _, c := range []struct {
			what    string
			ctx     context.Context
			kind    string
			through string
			why     string
			want    fault.Code
		}{
			{"the public", r.public(), "高新技术企业", "2026-01-01", "", fault.Forbidden},
			{"another department", r.officer("统计局", ""), "高新技术企业", "2026-01-01", "", fault.Forbidden},
			{"one town's officer", r.officer("科技局", "东镇"), "高新技术企业", "2026-01-01", "", fault.Forbidden},
			{"tomorrow", r.officer("科技局", ""), "高新技术企业", "2026-11-24", "", fault.Invalid},
			{"no source is complete", r.officer("经信局", ""), "股权融资", "2026-01-01", "", fault.Invalid},
			{"no such kind", r.officer("", ""), "别的", "2026-01-01", "", fault.Invalid},
			{"the department", r.officer("科技局", ""), "高新技术企业", "2026-01-01", "", ""},
			{"the same again", r.officer("科技局", ""), "高新技术企业", "2026-01-01", "", ""},
			{"later", r.officer("科技局", ""), "高新技术企业", "2026-11-23", "", ""},
			{"back without a reason", r.officer("科技局", ""), "高新技术企业", "2026-02-01", "", fault.Invalid},
			{"back with a reason", r.officer("科技局", ""), "高新技术企业", "2026-02-01", "名录撤回", ""},
			{"awards by a department", r.officer("科技局", ""), "received", "2026-02-01", "", fault.Forbidden},
			{"awards", r.officer("", ""), "received", "2026-02-01", "", ""},
		} {
			_, err := r.Cover(c.ctx, c.kind, date(c.through), c.why)
			wantCode(t, c.what, err, c.want)
		}
		list, err := r.Coverages(r.firm("x"))
		if err != nil || len(list) != 2 || list[1].Through != date("2026-02-01") || !list[1].Counts {
			t.Errorf("coverage %+v, %v", list, err)
		}
		_, err = r.Coverages(r.public())
		wantCode(t, "the public", err, fault.Unauthenticated)
		_, err = r.Coverages(r.as("anybody who signed up"))
		wantCode(t, "an account without a role", err, fault.Forbidden)
		if n := r.count(`SELECT COUNT(*) FROM coverage_rows`); n != 4 {
			t.Errorf("%d declarations are kept, want 4", n)
		}
		r.intact()
	})
}

// Mutation: call tell after the transaction, or forget it in one of the writers → red.
func TestEveryChangeIsTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		party := r.party(1, "东镇")
		heard := func(what string, want ...string) {
			t.Helper()
			if len(r.told) != 1 || strings.Join(r.told[0], " ") != strings.Join(want, " ") || (r.told[0] == nil) != (want == nil) {
				t.Errorf("%s: told %v, want [%v]", what, r.told, want)
			}
			r.told = nil
		}
		heard("a new party", party)
		f, err := r.State(r.officer("统计局", ""), registry.Statement{Party: party, Term: "营业收入", Year: 2025, Value: "100万元"})
		r.must(err)
		heard("a fact", party)
		_, err = r.State(r.officer("统计局", ""), registry.Statement{Party: party, Term: "营业收入", Year: 2025, Value: "100万元"})
		r.must(err)
		if r.told != nil {
			t.Error("told of a statement that changes nothing")
		}
		d, err := r.Dispute(r.firm(party), f.ID, "不对")
		r.must(err)
		heard("a dispute", party)
		_, err = r.Resolve(r.sys, d.ID, registry.Resolution{Decision: "upheld", Reason: "没错"})
		r.must(err)
		heard("its end", party)
		_, err = r.Cover(r.sys, "高新技术企业", date("2026-01-01"), "")
		r.must(err)
		heard("coverage")
		// What listens can refuse, and then nothing is written.
		r.refuse = fault.New(fault.Conflict, "不行")
		before := r.count(`SELECT COUNT(*) FROM fact_rows`) + r.count(`SELECT COUNT(*) FROM audit_events`)
		_, err = r.State(r.sys, registry.Statement{Party: party, Term: "营业收入", Year: 2024, Value: "1元"})
		wantCode(t, "refused", err, fault.Conflict)
		if after := r.count(`SELECT COUNT(*) FROM fact_rows`) + r.count(`SELECT COUNT(*) FROM audit_events`); after != before {
			t.Error("something was written although a listener refused")
		}
	})
}

func TestBulk(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		var parties []registry.Party
		for n := range 30 {
			parties = append(parties, registry.Party{Kind: registry.KindFirm, Code: code(n), Name: fmt.Sprintf("企业%02d", n), Town: "东镇"})
		}
		parties, err := r.PutParties(r.sys, parties)
		r.must(err)
		var statements []registry.Statement
		for _, p := range parties {
			for year := 2021; year <= 2025; year++ {
				statements = append(statements, registry.Statement{Party: p.ID, Term: "营业收入", Year: year, Value: fmt.Sprintf("%d万元", year), Source: "统计局", Verified: true})
			}
			statements = append(statements, registry.Statement{Party: p.ID, Term: "营业收入", Year: 2025, Value: "1元", Source: registry.Declared})
		}
		statements[0].Disputed = "不是这个数"
		n, err := r.PutFacts(r.sys, statements)
		if err != nil || n != 180 {
			t.Fatal(n, err)
		}
		n, err = r.PutFacts(r.sys, statements)
		if err != nil || n != 0 {
			t.Errorf("the same again wrote %d, %v", n, err)
		}
		statements[5].Value, statements[5].Disputed = "2元", ""
		n, err = r.PutFacts(r.sys, statements)
		if err != nil || n != 1 {
			t.Errorf("one change wrote %d, %v", n, err)
		}
		again, err := r.PutParties(r.sys, parties)
		if err != nil || again[3].ID != parties[3].ID || r.count(`SELECT COUNT(*) FROM party_rows`) != 30 {
			t.Errorf("the same parties again: %v", err)
		}
		if n := r.count(`SELECT COUNT(*) FROM disputes WHERE state = 'open'`); n != 1 {
			t.Errorf("%d disputes", n)
		}
		before := r.count(`SELECT COUNT(*) FROM fact_rows`)
		for what, s := range map[string]registry.Statement{
			"a party that is not there": {Party: "nobody", Term: "营业收入", Year: 2025, Value: "1元", Source: "统计局"},
			"no source":                 {Party: parties[0].ID, Term: "营业收入", Year: 2025, Value: "1元"},
			"a wrong value":             {Party: parties[0].ID, Term: "营业收入", Year: 2025, Value: "1", Source: "统计局"},
		} {
			good := registry.Statement{Party: parties[0].ID, Term: "从业人数", Year: 2025, Value: "1人", Source: "统计局"}
			if _, err := r.PutFacts(r.sys, []registry.Statement{good, s}); err == nil {
				t.Errorf("%s: accepted", what)
			}
		}
		a := registry.Statement{Party: parties[0].ID, Term: "从业人数", Year: 2025, Value: "1人", Source: "统计局"}
		b := a
		b.Value = "2人"
		_, err = r.PutFacts(r.sys, []registry.Statement{a, b})
		wantCode(t, "the same key with two values", err, fault.Conflict)
		if n := r.count(`SELECT COUNT(*) FROM fact_rows`); n != before {
			t.Errorf("%d rows, want %d: a refused batch wrote something", n, before)
		}
		r.intact()
	})
}

// Each tampering must be found. Mutations: let digest() leave a column out; drop a check of till; drop a RegisterList → the row
// of that name turns red.
func TestTamperingIsFound(t *testing.T) {
	cases := map[string]string{
		"a value":                      `UPDATE fact_rows SET value = '1元' WHERE batch = 0 AND term = '营业收入'`,
		"a value of a batch":           `UPDATE fact_rows SET value = '1元' WHERE batch <> 0`,
		"a source of a batch":          `UPDATE fact_rows SET source = '税务局' WHERE batch <> 0`,
		"an assurance":                 `UPDATE fact_rows SET verified = 1, verified_by = '系统' WHERE source = '企业申报'`,
		"a fact hidden":                `UPDATE fact_rows SET till = 1 WHERE batch = 0 AND till > 1`,
		"a fact of a batch hidden":     `UPDATE fact_rows SET till = 1 WHERE batch <> 0 AND till > 1`,
		"a superseded fact shown":      `UPDATE fact_rows SET till = 9000000000000000 WHERE till < 9000000000000000`,
		"a fact of a batch removed":    `DELETE FROM fact_rows WHERE batch <> 0 AND period = '2024'`,
		"a fact slipped into a batch":  `INSERT INTO fact_rows SELECT id || 'x', party, '从业人数', period, source, record_key, supersedes, form, '1人', from_date, until_date, fields, verified, withdrawn, evidence, stated_at, stated_by, verified_by, batch, since, till FROM fact_rows WHERE batch <> 0 AND period = '2024'`,
		"a fact of no batch":           `INSERT INTO fact_rows SELECT id || 'x', party, '从业人数', period, source, record_key, supersedes, form, '1人', from_date, until_date, fields, verified, withdrawn, evidence, stated_at, stated_by, verified_by, 0, since, till FROM fact_rows WHERE batch <> 0 AND period = '2024'`,
		"a fact of an invented batch":  `INSERT INTO fact_rows SELECT id || 'x', party, '从业人数', period, source, record_key, supersedes, form, '1人', from_date, until_date, fields, verified, withdrawn, evidence, stated_at, stated_by, verified_by, 99, since, till FROM fact_rows WHERE batch <> 0 AND period = '2024'`,
		"a fact moved between batches": `UPDATE fact_rows SET batch = 0 WHERE batch <> 0 AND period = '2024'`,
		"a party's name":               `UPDATE party_rows SET name = '别名' WHERE batch = 0`,
		"a party's town in a batch":    `UPDATE party_rows SET town = '西镇' WHERE batch <> 0`,
		"a party of a batch hidden":    `UPDATE party_rows SET till = 1 WHERE batch <> 0`,
		"a party removed":              `DELETE FROM party_rows WHERE batch <> 0 AND name = '乙'`,
		"a batch made smaller":         `UPDATE registry_batches SET first_id = last_id WHERE kind = 'fact'`,
		"a dispute closed":             `UPDATE disputes SET state = 'upheld', resolved_by = '系统'`,
		"coverage moved":               `UPDATE coverage_rows SET through_date = '2026-11-01'`,
	}
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		party := r.party(0, "东镇")
		parties, err := r.PutParties(r.sys, []registry.Party{{Kind: registry.KindFirm, Code: code(1), Name: "甲", Town: "东镇"}, {Kind: registry.KindFirm, Code: code(2), Name: "乙", Town: "东镇"}})
		r.must(err)
		_, err = r.PutFacts(r.sys, []registry.Statement{
			{Party: parties[0].ID, Term: "营业收入", Year: 2024, Value: "5元", Source: "统计局", Verified: true},
			{Party: parties[0].ID, Term: "营业收入", Year: 2025, Value: "6元", Source: "统计局", Verified: true}})
		r.must(err)
		for _, c := range []context.Context{r.firm(party), r.officer("统计局", "")} {
			for _, v := range []string{"7元", "8元"} {
				_, err := r.State(c, registry.Statement{Party: party, Term: "营业收入", Year: 2025, Value: v})
				r.must(err)
			}
		}
		facts, err := r.Facts(r.sys, parties[0].ID)
		r.must(err)
		_, err = r.Dispute(r.firm(parties[0].ID), facts[0].ID, "不对")
		r.must(err)
		_, err = r.Cover(r.sys, "科技奖励", date("2026-01-01"), "")
		r.must(err)
		r.intact()
		for name, tamper := range cases {
			if n := r.tamper(tamper); n == 0 {
				t.Errorf("%s was not found", name)
			}
		}
		r.intact()
	})
}
