package casework_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/casework"
	"shanglin/internal/platform/fault"
	"shanglin/policy"
)

// The whole way of an application to a decision, and of its round. The figures are X04 of the golden cases: an increase of 9.99 million yuan at
// 10.00 % gives at most 9 × 500 = 4,500 yuan; the officer sets 4,000.
//
// Mutations that turn this red: leave `number <> ”` out of caseScope (an officer reads a draft); settle without KnownOf's pins; decide what
// was never in the notice; let noticeOver pass on the last day; take apart out of the engine; leave mustRead
// out of ExportRounds; let objectionScope pass everybody; write the whole name of an objector into the workbook.
func TestTheWholeWay(t *testing.T) {
	each(t, func(c *county) {
		firm := c.party(1, "甲电器有限公司", "周巷镇")
		c.grows(firm)
		round := c.round("2026-01", c001)

		open, err := c.casework.Openings(c.firm(firm), firm)
		if err != nil || len(open) != 1 || open[0].Answer != policy.Met || open[0].Amount.High != 4500_00 {
			c.t.Fatalf("openings: %+v, %v", open, err)
		}
		id := c.drafted(round, c001, firm)
		if _, err := c.casework.Case(c.officer(economy, ""), id); fault.CodeOf(err) != fault.NotFound {
			c.t.Errorf("an officer reads a draft: %v", err)
		}
		c.do(c.firm(firm), id, "提交", "", nil)
		k, err := c.casework.Case(c.officer(economy, ""), id)
		if err != nil || k.Number != "2026-01-00001" || k.Assessment == nil || k.Assessment.Amount.High != 4500_00 || !k.Assessment.Verified {
			c.t.Fatalf("after submission: %+v, %v", k, err)
		}
		printed, err := c.casework.ApplicationOf(c.firm(firm), id)
		if err != nil || len(printed.Facts) == 0 || printed.Facts[0].Digest == "" || printed.Contact != "张三" {
			c.t.Errorf("printed: %+v, %v", printed, err)
		}

		// Each step by who may, and by nobody else.
		c.refused("the firm accepts itself", c.act(c.firm(firm), "case", id, "受理", "", nil), fault.Forbidden, "")
		c.refused("another department accepts", c.act(c.officer("市商务局", ""), "case", id, "受理", "", nil), fault.NotFound, "")
		c.refused("another town accepts", c.act(c.officer(economy, "观海卫镇"), "case", id, "受理", "", nil), fault.NotFound, "")
		c.do(c.officer(economy, "周巷镇"), id, "受理", "", nil)
		c.do(c.officer("市发改局", ""), id, "反馈核查结果", "无问题", clear())
		c.refused("twice", c.act(c.officer("市发改局", ""), "case", id, "反馈核查结果", "无问题", clear()), fault.Conflict, "")
		c.do(c.officer("市税务局", ""), id, "反馈核查结果", "", map[string]any{"findings": map[string]any{"hit": true, "detail": "有一笔滞纳金，已缴清"}})
		c.do(c.officer("市应急管理局", ""), id, "反馈核查结果", "无问题", clear())
		if got := c.stage(id); got != "部门联审" {
			c.t.Errorf("after three of four departments it stands at %s", got)
		}
		c.do(c.officer("市生态环境分局", ""), id, "反馈核查结果", "无问题", clear())
		found, err := c.casework.Findings(c.officer(economy, ""), id)
		if err != nil || len(found) != 4 {
			c.t.Errorf("findings: %+v, %v", found, err)
		}
		if _, err := c.casework.Findings(c.firm(firm), id); fault.CodeOf(err) != fault.Forbidden {
			c.t.Errorf("the firm reads what departments found: %v", err)
		}
		reviewer := c.officer(economy, "")
		c.refused("more than the ceiling", c.act(reviewer, "case", id, "通过", "", map[string]any{"amount": 4500_01, "reason": "太多"}), fault.Invalid, "4,500元")
		c.refused("no reason", c.act(reviewer, "case", id, "通过", "", map[string]any{"amount": 4000_00}), fault.Invalid, "理由")
		c.do(reviewer, id, "通过", "", map[string]any{"amount": 4000_00, "reason": "按预算比例核定"})

		// The round: closed, frozen and settled, published, decided.
		c.refused("before the window is over", c.act(reviewer, "round", round, "截止申报", "", nil), fault.Conflict, "2026-03-31")
		c.at("2026-04-01")
		c.doRound(reviewer, round, "截止申报", "", nil)
		c.refused("a late application", firstErr(c.casework.Begin(c.firm(firm), round, c001, c.party(2, "乙电器有限公司", "周巷镇"))), fault.Forbidden, "")
		c.doRound(reviewer, round, "冻结结算", "", nil)
		c.doRound(reviewer, round, "发布公示", "", nil)
		notices, err := c.casework.Notices(c.public(), true, "", 1, 20)
		if err != nil || len(notices.Items) != 1 || notices.Items[0].Total != 4000_00 {
			c.t.Fatalf("notices: %+v, %v", notices, err)
		}
		// Five working days from Wednesday 2026-04-01 (清明节: Saturday 4 to Monday 6 April are holidays): 2, 3, 7, 8, 9 April.
		notice := notices.Items[0]
		if got := notice.Until.String(); got != "2026-04-09" {
			c.t.Errorf("the notice ends on %s, want 2026-04-09", got)
		}
		c.at("2026-04-09")
		c.refused("on the last day", c.act(reviewer, "round", round, "提交决定", "", nil), fault.Conflict, "2026-04-09")

		// Somebody objects: not without a name, and while it is open nothing is decided.
		anonymous := casework.ObjectionDraft{Case: id, Kind: "person", Name: "匿名", Contact: "13900000000", Statement: "这家企业的营业收入与事实不符。"}
		_, err = c.casework.Object(c.public(), notice.ID, anonymous)
		c.refused("anonymous", err, fault.Invalid, "匿名的不予受理")
		named := anonymous
		named.Name = "李四"
		receipt, err := c.casework.Object(c.public(), notice.ID, named)
		if err != nil {
			c.t.Fatal(err)
		}
		c.at("2026-04-10")
		_, err = c.casework.Object(c.public(), notice.ID, named)
		c.refused("after the last day", err, fault.Conflict, "公示期已过")
		c.refused("while an objection is open", c.act(reviewer, "round", round, "提交决定", "", nil), fault.Conflict, "1份异议")
		list, err := c.casework.Objections(reviewer, casework.ObjectionFilter{State: "open"})
		if err != nil || len(list.Items) != 1 || list.Items[0].Name != "李*" || list.Items[0].Contact != "139****0000" {
			c.t.Fatalf("objections: %+v, %v", list, err)
		}
		if o, err := c.casework.Objections(c.leader("市商务局"), casework.ObjectionFilter{}); err != nil || len(o.Items) != 0 {
			c.t.Errorf("another department reads objections: %+v, %v", o, err)
		}
		objections := func(ctx context.Context) string {
			return c.workbook(func(w io.Writer) error { return c.casework.ExportObjections(ctx, casework.ObjectionFilter{}, w) })
		}
		if got := objections(reviewer); !strings.Contains(got, "李*|139****0000|这家企业的营业收入与事实不符。") {
			c.t.Errorf("the workbook of objections: %s", got)
		}
		if got := objections(c.leader(economy)); !strings.Contains(got, "李*|139****0000|") {
			c.t.Errorf("the workbook of a leader: %s", got)
		}
		if got := objections(c.leader("市商务局")); strings.Contains(got, "李") {
			c.t.Errorf("another department's workbook of objections: %s", got)
		}
		rounds := func(ctx context.Context, w io.Writer) error {
			return c.casework.ExportRounds(ctx, casework.RoundFilter{}, w)
		}
		if got := c.workbook(func(w io.Writer) error { return rounds(reviewer, w) }); !strings.Contains(got, "|5工作日|") || !strings.Contains(got, "|公示\n") {
			c.t.Errorf("the workbook of rounds: %s", got)
		}
		c.refused("rounds as a workbook for the public", rounds(c.public(), io.Discard), fault.Unauthenticated, "")
		o, err := c.casework.Admit(reviewer, list.Items[0].ID, list.Items[0].Version, true, "署名和依据齐全，予以受理")
		if err != nil {
			c.t.Fatal(err)
		}
		if _, err := c.casework.Dispose(reviewer, o.ID, o.Version, false, "经核对审计报告，数据属实"); err != nil {
			c.t.Fatal(err)
		}
		if mine, err := c.casework.Track(c.public(), receipt.Number, receipt.Secret); err != nil || mine.State != "dismissed" || mine.Name != "李*" {
			c.t.Errorf("tracking: %+v, %v", mine, err)
		}
		if _, err := c.casework.Track(c.public(), receipt.Number, "WRONG"); fault.CodeOf(err) != fault.NotFound {
			c.t.Errorf("tracking with a wrong secret: %v", err)
		}
		c.doRound(reviewer, round, "提交决定", "", nil)

		both := c.as("officer/"+economy+"/", reviewerGrants()...)
		c.refused("who reviewed decides", c.act(both, "round", round, "同意支持", "同意", nil), fault.Forbidden, "审核")
		c.refused("a leader of another department", c.act(c.leader("市商务局"), "round", round, "同意支持", "同意", nil), fault.NotFound, "")
		c.purse.limit = 3999_99
		c.refused("more than the budget", c.act(c.leader(economy), "round", round, "同意支持", "同意", nil), fault.Conflict, "预算")
		c.purse.limit = 4000_00
		c.doRound(c.leader(economy), round, "同意支持", "同意", nil)
		award := c.purse.committed[id]
		if award.Amount != 4000_00 || award.CaseNumber != "2026-01-00001" || !strings.Contains(award.Clause, "一(一)1") {
			c.t.Errorf("the award: %+v", award)
		}
		decisions, err := c.casework.Decisions(c.leader(economy), round)
		if err != nil || len(decisions) != 1 || decisions[0].Total != 4000_00 || !strings.Contains(strings.Join(decisions[0].Lines[0].Arithmetic, "\n"), "按预算比例核定") {
			c.t.Errorf("decisions: %+v, %v", decisions, err)
		}
		c.doRound(c.finance(), round, "下达资金", "", nil)
		c.refused("before it is paid", c.act(c.finance(), "round", round, "办结", "", nil), fault.Conflict, "1件没有兑付")
		if err := c.casework.Paid(c.system(), id, all(3999_99, date("2026-04-20"), "line 1")); fault.CodeOf(err) != fault.Conflict {
			c.t.Errorf("another sum than decided was paid: %v", err)
		}
		c.at("2026-04-20")
		if err := c.casework.Paid(c.system(), id, all(4000_00, date("2026-04-20"), "line 1")); err != nil {
			c.t.Fatal(err)
		}
		if err := c.casework.Paid(c.system(), id, all(4000_00, date("2026-04-20"), "line 1")); fault.CodeOf(err) != fault.Conflict {
			c.t.Errorf("paid twice: %v", err)
		}
		c.doRound(c.finance(), round, "办结", "", nil)
		k, err = c.casework.Case(c.firm(firm), id)
		if err != nil || k.Ended != "granted" || *k.Sum.Paid != 4000_00 || k.Stage != "已兑付" {
			c.t.Errorf("at the end: %+v, %v", k, err)
		}
		c.audited()
	})
}

func firstErr[T any](_ T, err error) error { return err }

// workbook is what a list says as a workbook: a row a line, its cells between bars.
func (c *county) workbook(export func(io.Writer) error) string {
	c.t.Helper()
	var file bytes.Buffer
	if err := export(&file); err != nil {
		c.t.Fatal(err)
	}
	f, err := excelize.OpenReader(&file)
	if err != nil {
		c.t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		c.t.Fatal(err)
	}
	var out strings.Builder
	for _, row := range rows {
		out.WriteString(strings.Join(row, "|") + "\n")
	}
	return out.String()
}
