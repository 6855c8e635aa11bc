package casework_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/platform/fault"
	"shanglin/internal/registry"
	"shanglin/policy"
)

const (
	dispatchList  = "派遣用工"
	ratioScheme   = "labour-dispatch/用工单位派遣比例"
	inspectorate  = "劳务派遣监督检查"
	contractStaff = "订立劳动合同人数"
)

// listed is a row that an agency reports: a using firm's code, its name and how many were there at the year's end.
func listed(n int, name, people string) registry.FactBody {
	return registry.FactBody{Term: dispatchList, Record: &registry.RecordBody{Fields: map[string]string{"用工单位代码": code(n), "用工单位名称": name, "派遣人数": people}}}
}

// campaign calls all agencies in for the year 2025, and opens the item that takes what is handed on.
func (c *county) campaign(take bool) string {
	c.t.Helper()
	office := c.officer(labour, "")
	r, err := c.casework.MakeRound(office, casework.RoundDraft{Number: "2026-年报", Title: "年度报告", Process: callProcess, Performance: 2025,
		Opens: date("2026-03-02"), Closes: date("2026-12-31"), Department: labour, Schemes: []casework.RoundSchemeDraft{{Scheme: reportDuty, Department: labour}}})
	if err != nil {
		c.t.Fatal(err)
	}
	c.doRound(office, r.ID, "召集", "", nil)
	if take {
		item, err := c.casework.MakeRound(office, casework.RoundDraft{Number: "2026-查", Title: "监督检查", Standing: true, Process: inspectorate, Opens: date("2026-01-01"), Department: labour,
			Schemes: []casework.RoundSchemeDraft{{Scheme: ratioScheme}, {Scheme: reportDuty}}})
		if err != nil {
			c.t.Fatal(err)
		}
		if _, err := c.casework.OpenRound(office, item.ID, item.Version); err != nil {
			c.t.Fatal(err)
		}
	}
	return r.ID
}

// saves types a report and gives its form.
func (c *county) saves(party, id string, none bool, rows ...registry.FactBody) *casework.Form {
	c.t.Helper()
	form, err := c.casework.FormOf(c.firm(party), id)
	if err != nil {
		c.t.Fatal(err)
	}
	d := casework.Draft{Commitment: true, Contact: "张三", Phone: "13800000000", Statements: rows}
	if none {
		d.None = []string{dispatchList}
	}
	if form, err = c.casework.Save(c.firm(party), id, form.Version, d); err != nil {
		c.t.Fatal(err)
	}
	return form
}

func (c *county) reports(party, id string, rows ...registry.FactBody) {
	c.t.Helper()
	if form := c.saves(party, id, len(rows) == 0, rows...); len(form.Missing) > 0 {
		c.t.Fatalf("missing: %+v", form.Missing)
	}
	c.do(c.firm(party), id, "提交", "", nil)
}

func (c *county) tally(ctx context.Context, round string) map[string]casework.TallyRow {
	c.t.Helper()
	t, err := c.casework.Tally(ctx, round, dispatchList, casework.TallyFilter{Per: 200})
	if err != nil {
		c.t.Fatal(err)
	}
	out := map[string]casework.TallyRow{}
	for _, x := range t.Items {
		out[x.Name] = x
	}
	return out
}

// What two agencies report of one firm is added up, and compared exactly: of 90 with a contract and 6 + 4 dispatched, 10/100 is the tenth that is
// allowed; of 90 and 11, 11/101 is more; of 899 and 100, 100/999 = 10.01 % is more although it is 10.0 % to one place; of 89999 and 10000,
// 10000/99999 = 10.0001 % is more although it is 10.00 % to two. Who has no headcount, or is not registered, is unknown and says what is missing.
// The worst come first. Who has not reported is counted: nobody's sum has them.
//
// Mutations that turn this red: add up the rows of the first agency alone; let what is missing be met; count the withdrawn row; count a row that an
// office states beside the party's own twice; leave the town out of desk; take the headcount of another year.
func TestWhatIsListedOfAFirmIsAddedUpAndComparedExactly(t *testing.T) {
	each(t, func(c *county) {
		office := c.officer(labour, "")
		one, two := c.licensed(1, "甲劳务有限公司", "2027-03-31"), c.licensed(2, "乙劳务有限公司", "2027-03-31")
		silent := c.licensed(3, "丙劳务有限公司", "2027-03-31")
		staff := func(n int, name, town, year, people string) {
			p := c.party(n, name, town)
			if people != "" {
				c.state(p, registry.Statement{Term: contractStaff, Year: map[string]int{"": 2025, "2024": 2024}[year], Value: people})
			}
		}
		staff(11, "恰好电器", "周巷镇", "", "90人")
		staff(12, "超过电器", "周巷镇", "", "90人")
		staff(13, "一位小数", "周巷镇", "", "899人")
		staff(14, "两位小数", "观海卫镇", "", "89999人")
		staff(15, "上年的数", "周巷镇", "2024", "9000人")
		staff(16, "没有人数", "周巷镇", "", "")
		round := c.campaign(false)
		got := c.called(round)
		if form := c.saves(one, got[one].ID, false); len(form.Missing) != 1 || !strings.Contains(form.Missing[0].Text, "一家一行") || len(form.Lists) != 1 || form.Lists[0].On != date("2025-12-31") {
			t.Errorf("nothing listed: %+v, %+v", form.Missing, form.Lists)
		}
		for _, wrong := range []struct {
			row  registry.FactBody
			want string
		}{{listed(11, "恰好电器", ""), "第1行：请填写派遣人数"}, {listed(11, "恰好电器", "0人"), "第1行：派遣人数：不能小于1人"}, {listed(11, "恰好电器", "1.5人"), "第1行：派遣人数：应是整数"},
			{listed(1, "甲劳务有限公司", "3人"), "写的是本单位自己的代码"},
			{registry.FactBody{Term: dispatchList, Record: &registry.RecordBody{Fields: map[string]string{"用工单位代码": "91330282", "用工单位名称": "短", "派遣人数": "3人"}}}, "应为18位"}} {
			form := c.saves(one, got[one].ID, false, wrong.row)
			text := ""
			for _, g := range form.Missing {
				text += g.Text
			}
			if !strings.Contains(text, wrong.want) {
				t.Errorf("%s: %s", wrong.want, text)
			}
		}
		if form := c.saves(one, got[one].ID, false, listed(11, "恰好电器", "6人"), listed(11, "恰好电器", "1人")); len(form.Missing) != 1 || !strings.Contains(form.Missing[0].Text, "第2行：这一家已在上面写过") {
			t.Errorf("twice: %+v", form.Missing)
		}
		c.reports(one, got[one].ID, listed(11, "恰好电器", "6人"), listed(12, "超过电器", "7人"), listed(13, "一位小数", "100人"), listed(14, "两位小数", "10000人"),
			listed(15, "上年的数", "1人"), listed(16, "没有人数", "5人"), listed(99, "没有登记的厂", "2人"), listed(17, "又不报了", "50人"))
		c.reports(two, got[two].ID, listed(11, "恰好电器", "4人"), listed(12, "超过电器", "4人"))

		// Sent back, one firm is listed no more.
		c.do(office, got[one].ID, "退回更正", "", map[string]any{"items": []map[string]string{{"text": "请核对"}}})
		form := c.saves(one, got[one].ID, false, listed(11, "恰好电器", "6人"), listed(12, "超过电器", "7人"), listed(13, "一位小数", "100人"), listed(14, "两位小数", "10000人"),
			listed(15, "上年的数", "1人"), listed(16, "没有人数", "5人"), listed(99, "没有登记的厂", "2人"))
		if len(form.Missing) > 0 || len(c.tally(office, round)) != 8 {
			t.Errorf("what is only typed counts: %+v, %+v", form.Missing, c.tally(office, round))
		}
		c.do(c.firm(one), got[one].ID, "重新提交", "", nil)
		c.do(office, got[one].ID, "核验通过", "相符", nil)
		// The office states a row of its own beside what the agency says: it is one row, not two.
		c.state(two, registry.Statement{Term: dispatchList, Record: &registry.RecordOf{Number: "台账1", From: date("2025-12-31"), Fields: map[string]string{"用工单位代码": code(12), "用工单位名称": "超过电器", "派遣人数": "4人"}}})

		rows := c.tally(office, round)
		for name, want := range map[string]struct {
			answer policy.Answer
			sum    string
			sure   string
		}{"恰好电器": {policy.Met, "10人", "6人"}, "超过电器": {policy.Unmet, "11人", "11人"}, "一位小数": {policy.Unmet, "100人", "100人"}, "两位小数": {policy.Unmet, "10000人", "10000人"},
			"上年的数": {policy.Unknown, "1人", "1人"}, "没有人数": {policy.Unknown, "5人", "5人"}, "没有登记的厂": {policy.Unknown, "2人", "2人"}} {
			x, ok := rows[name]
			if !ok || x.Answer != want.answer || x.Sum != want.sum || x.Verified != want.sure || (x.Answer == policy.Unknown) != (len(x.Lacks) > 0) {
				t.Errorf("%s: %+v", name, x)
			}
		}
		if len(rows) != 7 {
			t.Errorf("%d firms: %+v", len(rows), rows)
		}
		if x := rows["上年的数"]; len(x.Lacks) != 1 || x.Lacks[0] != "2025年订立劳动合同人数" {
			t.Errorf("what is missing: %+v", x.Lacks)
		}
		if x := rows["恰好电器"]; len(x.From) != 2 || x.Actual != "10%" || len(x.Beside) != 1 || x.Beside[0].Value != "90人" {
			t.Errorf("at the limit: %+v", x)
		}
		page, err := c.casework.Tally(office, round, dispatchList, casework.TallyFilter{Per: 200})
		if err != nil {
			t.Fatal(err)
		}
		var order []string
		for _, x := range page.Items {
			order = append(order, x.Answer.String())
		}
		if got := strings.Join(order, " "); got != "unmet unmet unmet unknown unknown unknown met" || page.Items[0].Name != "超过电器" || page.Counts != (casework.TallyCounts{Unmet: 3, Unknown: 3, Met: 1}) || page.Missing != 1 {
			t.Errorf("the order: %s, %+v, %d have not reported", got, page.Counts, page.Missing)
		}
		if few, err := c.casework.Tally(office, round, dispatchList, casework.TallyFilter{Answer: "unknown", Per: 2}); err != nil || few.Total != 3 || len(few.Items) != 2 || few.Items[0].Answer != policy.Unknown {
			t.Errorf("the unknown: %+v, %v", few, err)
		}

		// An officer of a town reads the firms of the town, and of who listed them those of the town by name: one and two are of 周巷镇.
		town := c.tally(c.officer(labour, "观海卫镇"), round)
		if x := town["两位小数"]; len(town) != 1 || x.Sum != "10000人" || len(x.From) != 1 || x.From[0].Case != "" || x.From[0].Party != "不在您辖区的1家" {
			t.Errorf("by town: %+v", town)
		}
		_, err = c.casework.Tally(c.officer(economy, ""), round, dispatchList, casework.TallyFilter{})
		c.refused("another department", err, fault.Forbidden, labour)
		_, err = c.casework.Tally(c.firm(silent), round, dispatchList, casework.TallyFilter{})
		c.refused("a firm", err, fault.Forbidden, "")
		_, err = c.casework.Tally(c.as("finance", account.Grant{Role: account.RoleFinance}), round, dispatchList, casework.TallyFilter{})
		c.refused("finance", err, fault.Forbidden, "")
		if list, err := c.casework.Tallies(c.officer(economy, ""), round); err != nil || len(list) != 0 {
			t.Errorf("another department's tallies: %+v, %v", list, err)
		}
		var book bytes.Buffer
		if err := c.casework.ExportTally(office, round, dispatchList, casework.TallyFilter{}, &book); err != nil {
			t.Fatal(err)
		}
		sheet, err := excelize.OpenReader(&book)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := sheet.GetRows(sheet.GetSheetName(0))
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(lines[len(lines)-1], "|"); len(lines) < 8 || !strings.Contains(text, "恰好电器") || !strings.Contains(text, "10人|6人") || !strings.Contains(text, "符合") {
			t.Errorf("the workbook: %v", lines)
		}

		lists, err := c.casework.ListsOf(office, got[one].ID)
		if err != nil || len(lists) != 1 || len(lists[0].Rows) != 7 || !lists[0].Rows[0].Verified {
			t.Errorf("what was listed: %+v, %v", lists, err)
		}
		if before, err := c.casework.ListsOf(office, got[silent].ID); err != nil || len(before) != 0 {
			t.Errorf("before it is handed in: %+v, %v", before, err)
		}
		c.audited()
	})
}

// A firm of the tally is handed on: a case about it begins with the figures and who said them, once, however often and by how many at the same
// moment it is pressed; what keeps the rule, is unknown or not registered is not handed on. Agencies that are late and silent are handed on from
// the round, each once, those put down by hand among them; whoever is excused or handed in late is not.
//
// Mutations that turn this red: leave out the look for an earlier referral in ReferSum; leave out the condition on answer; leave Covers out; refer
// whoever handed in; leave the second half of `ended IN`; leave out PutFacts (the case is then unknown and not unmet).
func TestWhatIsFoundIsHandedOnOnce(t *testing.T) {
	each(t, func(c *county) {
		office := c.officer(labour, "")
		one := c.licensed(1, "甲劳务有限公司", "2027-03-31")
		late, lazy, down, excused := c.licensed(2, "乙劳务有限公司", "2027-03-31"), c.licensed(3, "丙劳务有限公司", "2027-03-31"), c.licensed(4, "丁劳务有限公司", "2027-03-31"), c.licensed(5, "戊劳务有限公司", "2027-03-31")
		over, fine := c.party(12, "超过电器", "周巷镇"), c.party(11, "恰好电器", "周巷镇")
		for _, p := range []string{over, fine} {
			c.state(p, registry.Statement{Term: contractStaff, Year: 2025, Value: "90人"})
		}
		c.party(16, "没有人数", "周巷镇")
		round := c.campaign(false)
		got := c.called(round)
		c.reports(one, got[one].ID, listed(11, "恰好电器", "10人"), listed(12, "超过电器", "11人"), listed(16, "没有人数", "5人"), listed(99, "没有登记的厂", "2人"))
		hand := func(ctx context.Context, n int) (*casework.Case, error) {
			return c.casework.ReferSum(ctx, round, dispatchList, code(n))
		}
		_, err := hand(office, 12)
		c.refused("nobody takes it", err, fault.Conflict, "还没有受理移送的事项")
		item, err := c.casework.MakeRound(office, casework.RoundDraft{Number: "2026-查", Title: "监督检查", Standing: true, Process: inspectorate, Opens: date("2026-01-01"), Department: labour,
			Schemes: []casework.RoundSchemeDraft{{Scheme: ratioScheme}, {Scheme: reportDuty}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.casework.OpenRound(office, item.ID, item.Version); err != nil {
			t.Fatal(err)
		}
		_, err = hand(office, 11)
		c.refused("the rule is kept", err, fault.Conflict, "符合")
		_, err = hand(office, 16)
		c.refused("unknown", err, fault.Conflict, "未知")
		_, err = hand(office, 99)
		c.refused("not registered", err, fault.Conflict, "登记库中没有")
		_, err = hand(c.officer(labour, "观海卫镇"), 12)
		c.refused("another town", err, fault.NotFound, "")
		_, err = hand(c.leader(labour), 12)
		c.refused("a leader", err, fault.Forbidden, "经办人员")

		ids := make([]string, 2)
		var wait sync.WaitGroup
		for i := range ids {
			wait.Go(func() {
				if k, err := hand(office, 12); err != nil {
					t.Error(err)
				} else {
					ids[i] = k.ID
				}
			})
		}
		wait.Wait()
		again, err := hand(office, 12)
		if err != nil || ids[0] != ids[1] || again.ID != ids[0] {
			t.Fatalf("handed on twice: %v, %+v, %v", ids, again, err)
		}
		if again.Party != over || again.Origin != "office" || again.Assessment == nil || again.Assessment.Answer != policy.Unmet || again.Number != "2026-查-2026-00001" {
			t.Errorf("the case: %+v", again)
		}
		list, err := c.casework.ReferralsOf(office, again.ID)
		if err != nil || len(list) != 1 || list[0].Round.ID != round || len(list[0].Grounds) != 4 || list[0].Grounds[0].Label != "甲劳务有限公司报送的派遣人数" || list[0].Grounds[0].Value != "11人" ||
			list[0].Grounds[0].Digest == "" || list[0].Grounds[1].Value != "11人" || list[0].Grounds[2].Value != "90人" || list[0].Grounds[2].Source == "" || !strings.HasPrefix(list[0].Grounds[3].Value, "10.8911%") || list[0].Grounds[2].Digest == "" {
			t.Errorf("the grounds: %+v, %v", list, err)
		}
		if x := c.tally(office, round)["超过电器"]; x.Case != again.ID || x.Number != again.Number {
			t.Errorf("the row: %+v", x)
		}
		c.do(office, again.ID, "责令改正", "请在期限内降到10%以下", nil)

		c.at("2026-03-31")
		c.refused("nobody is late", c.act(office, "round", round, "移送逾期未报的", "", nil), fault.Conflict, "没有要移送的")
		c.do(office, got[excused].ID, "不用报告", "没有经营", nil)
		c.at("2026-04-01")
		c.reports(late, got[late].ID)
		c.do(office, got[down].ID, "记为逾期未报", "没有报", nil)
		c.doRound(office, round, "移送逾期未报的", "", nil)
		page, err := c.casework.Cases(office, casework.CaseFilter{Round: item.ID, Scheme: reportDuty, Per: 50})
		if err != nil {
			t.Fatal(err)
		}
		who := map[string]bool{}
		for _, k := range page.Items {
			who[k.Party] = true
		}
		if len(page.Items) != 2 || !who[lazy] || !who[down] {
			t.Errorf("handed on: %+v", page.Items)
		}
		c.refused("once", c.act(office, "round", round, "移送逾期未报的", "", nil), fault.Conflict, "都已移送")
		c.audited()
	})
}
