package server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/certificate"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/policy"
)

const (
	recognition       = "miit-2026-2/专精特新中小企业"
	recognitionRecord = "专精特新中小企业"
	recognitionOffice = "市经信局"
	recognitionAward  = "recognition-reader/首次认定奖励"
)

// newlyRecognized is a policy that pays whoever was recognized in the year. It is invented.
const newlyRecognized = `document: recognition-reader
title: 新认定企业奖励（虚构的示例）
number: not_found
body: 慈溪市经济和信息化局
dates: {published: 2026-01-01}
periods: {当年: A}
rounding: {to: 0.01元, mode: down}
schemes:
  首次认定奖励:
    title: 新认定专精特新中小企业奖励（虚构的示例）
    cite: not_found
    office: 市经信局
    for: 企业
    kind: money
    require: {has: 专精特新中小企业@当年, text: 当年认定的, cite: not_found}
    amount: {give: 20万元, text: 奖励20万元, cite: not_found}
    examples:
    #= 当年认定：20万元。
    - {A: 2026, given: {专精特新中小企业: 2026-07-01..2029-06-30}, expect: {answer: met, amount: 20万元}}
    #= 上一年认定的：不符合。
    - {A: 2026, given: {专精特新中小企业: 2025-12-31..2028-12-30}, expect: {answer: unmet}}
`

// recommending is a house with five firms that ask to be recommended to the province.
type recommending struct {
	*selecting
	codes []string
}

func firmName(n int) string { return fmt.Sprintf("申报%d号电器有限公司", n) }

var (
	economyOfficer = account.Grant{Role: account.RoleOfficer, Department: recognitionOffice}
	economyLeader  = account.Grant{Role: account.RoleLeader, Department: recognitionOffice}
)

func eachRecommending(t *testing.T, fn func(r *recommending)) {
	files := patternFiles(t).(fstest.MapFS)
	files["cixi/recognition-reader.yaml"] = &fstest.MapFile{Data: []byte(newlyRecognized)}
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		r := &recommending{selecting: &selecting{matrix: &matrix{house: newHouseOf(t, ctx, inst, files), ids: map[string]string{}, versions: map[string]int64{}}, experts: map[string]string{}}}
		r.at("2026-06-01")
		for _, login := range []string{"reviewer", "organiser", "checker"} {
			r.account(login, economyOfficer)
		}
		r.account("chief", economyLeader)
		for n := 1; n <= 5; n++ {
			r.firm(n)
		}
		fn(r)
	})
}

// firm registers the n-th firm, of which the office knows all that the recognition asks but what a person judges.
func (r *recommending) firm(n int) {
	r.t.Helper()
	system := r.in("east")
	code, _ := registry.CompleteCode(fmt.Sprintf("91330282%08d", 5000+n))
	p, err := r.rooms.Registry.Put(system, registry.Party{Kind: registry.KindFirm, Code: code, Name: firmName(n), Town: "甲镇", Industry: "电器机械和器材制造业", Size: "小型", Phone: "13800009999"})
	must(r.matrix, p, err)
	r.people, r.codes = append(r.people, p.ID), append(r.codes, code)
	r.account(fmt.Sprint("firm", n), r.speaks(n))
	state := func(term string, year int, value string, record *registry.RecordOf) {
		must(r.matrix, 0, firstErr(r.rooms.Registry.State(system, registry.Statement{Party: p.ID, Term: term, Year: year, Value: value, Record: record, Evidence: "测试用的材料"})))
	}
	state("科技型中小企业", 0, "", &registry.RecordOf{From: policy.NewDate(2026, 1, 1), Until: policy.NewDate(2026, 12, 31)})
	state("从事细分市场年限", 0, "3年", nil)
	state("营业收入", 2025, "3000万元", nil)
	state("营业收入", 2024, "2800万元", nil)
	state("主营业务收入", 2025, "2700万元", nil)
	state("资产负债率", 2025, "50%", nil)
	state("研发费用", 2025, "150万元", nil)
	state("研发费用", 2024, "140万元", nil)
	state("发展评价得分", 2025, "60分", nil)
	state("知识产权", 0, "", &registry.RecordOf{From: policy.NewDate(2024, 5, 1), Fields: map[string]string{"档": "Ⅰ类"}})
}

func (r *recommending) speaks(n int) account.Grant {
	return account.Grant{Role: account.RoleFirm, Party: r.people[n-1]}
}

func (r *recommending) office(login string) context.Context {
	return r.is(login, map[bool]account.Grant{true: economyLeader, false: economyOfficer}[login == "chief"])
}

// recommended brings the five to the province: the fifth is not recommended, the others are in the order 3, 1, 4, 2.
func (r *recommending) recommended() {
	r.t.Helper()
	v, err := r.rooms.Casework.MakeRound(r.office("organiser"), casework.RoundDraft{Number: "ZJTX2026", Title: "2026年专精特新中小企业推荐（测试）", Process: "推荐认定", Performance: 2026,
		Opens: clock.Today(r.ctx), Closes: policy.NewDate(2026, 6, 10), Department: recognitionOffice,
		Schemes: []casework.RoundSchemeDraft{{Scheme: recognition, Department: recognitionOffice, Materials: []casework.Material{{Key: "申请书", Title: "申请书", Required: true}}}}})
	r.round = must(r.matrix, v, err).ID
	r.step("round", r.round, "开放申报", "", "", r.office("organiser"))
	for n := 1; n <= 5; n++ {
		mine := r.is(fmt.Sprint("firm", n), r.speaks(n))
		k, err := r.rooms.Casework.Begin(mine, r.round, recognition, r.people[n-1])
		must(r.matrix, k, err)
		must(r.matrix, 0, firstErr(r.rooms.Casework.Attach(mine, k.ID, "申请书", "申请书.pdf", strings.NewReader(onePDF))))
		f, err := r.rooms.Casework.FormOf(mine, k.ID)
		must(r.matrix, f, err)
		must(r.matrix, 0, firstErr(r.rooms.Casework.Save(mine, k.ID, f.Version, casework.Draft{Commitment: true, Contact: "张三", Phone: "13800000000"})))
		r.step("case", k.ID, "提交", "", "", mine)
		k, err = r.rooms.Casework.Case(mine, k.ID)
		must(r.matrix, k, err)
		r.cases, r.numbers = append(r.cases, k.ID), append(r.numbers, k.Number)
		if n == 5 {
			r.step("case", k.ID, "不予推荐", "主导产品市场占有率不靠前", "", r.office("reviewer"))
			continue
		}
		r.step("case", k.ID, "审核通过", "市场占有率在全省前列", "", r.office("reviewer"))
	}
	r.step("round", r.round, "截止申报", "申报已齐", "", r.office("organiser"))
	r.step("round", r.round, "审核完毕", "", "", r.office("organiser"))
	order := func(list ...int) string {
		var out []string
		for _, n := range list {
			out = append(out, `"`+r.numbers[n-1]+`"`)
		}
		return `{"sequence":[` + strings.Join(out, ",") + `]}`
	}
	for what, wrong := range map[string][]int{"还没有排": {3, 1, 4}, "写了两次": {3, 1, 1, 4, 2}, "不在等待推荐的申报中": {3, 1, 4, 2, 5}} {
		r.named("an order", r.tryAs(r.office("organiser"), "round", r.round, "形成推荐名单", "", order(wrong...)), fault.Invalid, what)
	}
	r.step("round", r.round, "形成推荐名单", "按发展评价得分", order(3, 1, 4, 2), r.office("organiser"))
	r.step("round", r.round, "发布公示", "", `{}`, r.office("organiser"))
	r.refused("while the notice runs", r.tryAs(r.office("organiser"), "round", r.round, "提交审定", "", ""), fault.Conflict, "公示期到")
	r.at("2026-06-15")
	r.step("round", r.round, "提交审定", "", "", r.office("organiser"))
	r.refused("who is no leader", r.tryAs(r.office("organiser"), "round", r.round, "同意推荐上报", "同意", ""), fault.Forbidden, "")
	r.step("round", r.round, "同意推荐上报", "同意", "", r.office("chief"))
}

// named fails unless an error says something in one of its details.
func (r *recommending) named(what string, err error, code fault.Code, says string) {
	r.t.Helper()
	said := fmt.Sprint(err)
	for _, d := range fault.Public(err).Details {
		said += "\n" + d.Field + "：" + d.Message
	}
	if fault.CodeOf(err) != code || !strings.Contains(said, says) {
		r.t.Errorf("%s: %s, want %s with %q", what, said, code, says)
	}
}

// list is a published list as a workbook: a title, headings, and a line for each.
func (r *recommending) list(rows ...[]string) io.Reader {
	r.t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	set := func(line int, cells []string) {
		for i, c := range cells {
			at, _ := excelize.CoordinatesToCellName(i+1, line)
			must(r.matrix, 0, book.SetCellStr("Sheet1", at, c))
		}
	}
	set(1, []string{"2026年度第一批专精特新中小企业名单（虚构）"})
	set(2, []string{"序号", "企业名称", "统一社会信用代码", "证书编号"})
	for i, row := range rows {
		set(i+3, append([]string{fmt.Sprint(i + 1)}, row...))
	}
	var out bytes.Buffer
	must(r.matrix, 0, book.Write(&out))
	return &out
}

var published = casework.ResultDraft{Scheme: recognition, Issuer: "某省经济和信息化厅", Number: "虚构〔2026〕7号", Level: "省级", PublishedOn: "2026-07-01", ValidUntil: "2029-06-30"}

// reads reads a list in as somebody.
func (r *recommending) readIn(login string, d casework.ResultDraft, name string, content io.Reader) (*casework.Result, error) {
	file, err := casework.NewListFile(name, content)
	must(r.matrix, file, err)
	return r.rooms.Casework.ReadResult(r.office(login), r.round, d, file)
}

// held are the certificates of the recognition that there are, by the number of the firm.
func (r *recommending) held() map[int]certificate.Certificate {
	r.t.Helper()
	page, err := r.rooms.Register.Certificates(r.in("east"), certificate.Filter{Scheme: recognition, Page: 1, Per: 50})
	must(r.matrix, page, err)
	out := map[int]certificate.Certificate{}
	for _, c := range page.Items {
		out[slices.Index(r.people, c.Party)+1] = c
	}
	return out
}

func (r *recommending) standing(want ...string) {
	r.t.Helper()
	for n := 1; n <= 5; n++ {
		if got := r.stage(n); got != want[n-1] {
			r.t.Errorf("firm %d stands at %s, want %s", n, got, want[n-1])
		}
	}
}

// answers is what the policy of the year answers of a firm, where the office has said that it knows of every recognition.
func (r *recommending) answers(n int, want policy.Answer) {
	r.t.Helper()
	ctx := r.in("east")
	must(r.matrix, 0, firstErr(r.rooms.Registry.Cover(ctx, recognitionRecord, clock.Today(ctx), "公布的名单")))
	r.work()
	all, err := r.rooms.Matching.StandpointsOf(ctx, r.people[n-1], clock.Today(ctx), true)
	must(r.matrix, all, err)
	for _, g := range all.Items {
		if g.Scheme.ID == recognitionAward {
			if g.Answer != want || want == policy.Met && (!g.Verified || g.Amount.High != 200_000_00) {
				r.t.Errorf("firm %d: the policy answers %s (verified: %v, %v), want %s", n, g.Answer, g.Verified, g.Amount, want)
			}
			return
		}
	}
	if want == policy.Met {
		r.t.Errorf("firm %d: the policy is not among its answers", n)
	}
}

// A recognition recommended upward and returned. Five firms apply; the county does not recommend the fifth. The province publishes a list with the
// third and the first, who were recommended, the fifth, who was not, and one whom nobody here knows.
//
// Mutations that turn this red: leave the fifth out; let the lists that were looked at be any; leave out the check of names; let recommend take any order. That who
// read the list in may not confirm it stands twice, in the process (apart) and in conclude: one of them taken away changes nothing.
func TestARecognitionRecommendedUpwardAndReturned(t *testing.T) {
	eachRecommending(t, func(r *recommending) {
		r.recommended()
		r.standing("等待上级", "等待上级", "等待上级", "等待上级", "不予推荐")
		for n := 1; n <= 4; n++ {
			view, err := r.rooms.Engine.Of(r.office("chief"), "case", r.cases[n-1])
			if must(r.matrix, view, err); len(view.Tasks)+len(view.Always) != 0 {
				r.t.Errorf("somebody here may act on a case that waits for the province: %+v %+v", view.Tasks, view.Always)
			}
		}
		if line, n := r.noticed(); !slices.Equal(line, []int{3, 1, 4, 2}) || n.Title != "关于2026年专精特新中小企业推荐（测试）拟推荐名单的公示" || n.Total != 0 {
			r.t.Errorf("the notice names %v: %+v", line, n)
		}

		// What goes upward.
		var out bytes.Buffer
		must(r.matrix, 0, r.rooms.Casework.ExportRecommended(r.office("organiser"), r.round, &out))
		book, err := excelize.OpenReader(&out)
		must(r.matrix, book, err)
		rows, err := book.GetRows("推荐名单")
		if must(r.matrix, rows, err); len(rows) != 6 || !slices.Equal(rows[2][:5], []string{"1", firmName(3), r.codes[2], "甲镇", "电器机械和器材制造业"}) || rows[5][1] != firmName(2) ||
			rows[2][11] != recognitionOffice || rows[2][12] != "按发展评价得分" {
			r.t.Errorf("the workbook: %v", rows)
		}

		r.at("2026-07-01")
		out.Reset()
		must(r.matrix, 0, r.rooms.Casework.RecommendationLetter(r.office("organiser"), r.round, "某市经济和信息化局", &out))
		letter := inDOCX(r.t.(*testing.T), out.Bytes())
		for _, says := range []string{"关于报送2026年专精特新中小企业推荐（测试）名单的报告", "某市经济和信息化局：", "共收到申报5件", "2026年6月1日至2026年6月8日公示", "现推荐4家", firmName(3), r.codes[1], recognitionOffice} {
			if !strings.Contains(letter, says) {
				r.t.Errorf("the letter does not say %q: %s", says, letter)
			}
		}

		// What is not read in, and why. Nothing of any of them is left.
		other, _ := registry.CompleteCode("9133020000000123")
		good := [][]string{{firmName(3), r.codes[2], ""}, {firmName(1), r.codes[0], ""}, {firmName(5), r.codes[4], ""}, {"外县某某有限公司", other, ""}}
		with := func(i int, row ...string) io.Reader { return r.list(slices.Insert(slices.Clone(good), i, row)...) }
		for _, x := range []struct {
			says    string
			content io.Reader
		}{
			{"第4行“统一社会信用代码”（C4）：统一社会信用代码校验位不符", with(1, firmName(2), wrongDigit(r.codes[1]), "")},
			{"第4行“统一社会信用代码”（C4）：没有填写", with(1, firmName(2), "", "")},
			{"第3行“企业名称”（B3）：没有填写", with(0, "", r.codes[1], "")},
			{"第5行“统一社会信用代码”（C5）：与第3行是同一家企业", with(2, firmName(3), r.codes[2], "")},
			{"第4行“企业名称”（B4）：代码是推荐的“申报2号电器有限公司”的，名称不一致", with(1, "别的名称有限公司", r.codes[1], "")},
			{"第7行“统一社会信用代码”（C7）：名称与推荐的“申报4号电器有限公司”相同，代码不同", with(4, firmName(4), mustCode("9133020000000456"), "")},
			{"第5行“证书编号”（D5）：与第4行的编号相同", r.list([]string{firmName(3), r.codes[2], ""}, []string{firmName(1), r.codes[0], "ZS-1"}, []string{firmName(5), r.codes[4], "ZS-1"})},
			{"没有找到表头", strings.NewReader("")},
		} {
			_, err := r.readIn("organiser", published, "名单.xlsx", x.content)
			if x.says == "没有找到表头" {
				_, err = r.readIn("organiser", published, "名单.csv", strings.NewReader("企业,代码\n甲,乙\n"))
			}
			r.named("a list", err, fault.Invalid, x.says)
		}
		for says, change := range map[string]func(d *casework.ResultDraft){
			"number：请填写文号": func(d *casework.ResultDraft) { d.Number = "" }, "level：请选择级别": func(d *casework.ResultDraft) { d.Level = "很高" },
			"published_on：请填写公布日期": func(d *casework.ResultDraft) { d.PublishedOn = "" }, "published_on：公布日期晚于今天": func(d *casework.ResultDraft) { d.PublishedOn = "2026-07-02" },
			"valid_until：有效期截止日早于起始日": func(d *casework.ResultDraft) { d.ValidUntil = "2026-06-30" }, "issuer：请填写公布机关": func(d *casework.ResultDraft) { d.Issuer = "" },
		} {
			d := published
			change(&d)
			_, err := r.readIn("organiser", d, "名单.xlsx", r.list(good...))
			r.named("a document", err, fault.Invalid, says)
		}
		_, err = r.rooms.Casework.ReadResult(r.is("clerk", selectionOfficer), r.round, published, must(r.matrix, &casework.ListFile{}, nil))
		r.refused("another department's officer", err, fault.Forbidden, "只有组织部门的经办人员")
		r.refused("without a list", r.tryAs(r.office("organiser"), "round", r.round, "提交核对", "", ""), fault.Conflict, "还没有导入")
		if list, err := r.rooms.Casework.Results(r.office("organiser"), r.round); err != nil || len(list.Items) != 0 || !list.Waits || !slices.Equal(list.Levels, []string{"区县级", "市级", "省级", "国家级"}) {
			r.t.Errorf("after what was refused: %+v, %v", list, err)
		}

		// It is read in, by one; CSV as the office's own program writes it is read as well.
		csv := "\ufeff序号,单位名称,社会信用代码\r\n1," + firmName(3) + "," + r.codes[2] + "\r\n\r\n2,\"" + firmName(1) + "\"," + r.codes[0] + "\r\n"
		first, err := r.readIn("organiser", published, "名单.csv", strings.NewReader(csv))
		if must(r.matrix, first, err); first.Listed != 2 || first.Recommended != 2 || first.Missing != 2 {
			r.t.Errorf("the list as text: %+v", first)
		}
		marked := slices.Clone(good)
		marked[1] = []string{firmName(1), r.codes[0], "ZS-2026-1"}
		x, err := r.readIn("organiser", published, "名单.xlsx", r.list(marked...))
		must(r.matrix, x, err)
		if x.Listed != 4 || x.Recommended != 2 || x.Missing != 2 || x.Known != 1 || x.Unknown != 1 || x.Held != 0 || !x.Mine || x.State != "read" {
			r.t.Errorf("the list: %+v", x)
		}
		var standings []string
		for _, l := range x.Lines {
			standings = append(standings, fmt.Sprintf("%d %s %s", l.Line, l.Name, l.Standing))
		}
		if !slices.Equal(standings, []string{"3 " + firmName(3) + " recommended", "4 " + firmName(1) + " recommended", "5 " + firmName(5) + " known", "6 外县某某有限公司 unknown",
			"0 " + firmName(4) + " missing", "0 " + firmName(2) + " missing"}) {
			r.t.Errorf("who is who: %q", standings)
		}
		if len(r.held()) != 0 {
			r.t.Error("certificates before anybody confirmed")
		}

		// Another confirms it, who has seen this list.
		r.step("round", r.round, "提交核对", "", "", r.office("organiser"))
		yes := func(id string) string { return fmt.Sprintf(`{"results":[%q]}`, id) }
		r.refused("who read it in", r.tryAs(r.office("organiser"), "round", r.round, "核对无误", "与公布的一致", yes(x.ID)), fault.Forbidden, "")
		r.refused("a list that is no more", r.tryAs(r.office("checker"), "round", r.round, "核对无误", "与公布的一致", yes(first.ID)), fault.Conflict, "已经重新导入")

		// A row that cannot be written leaves nothing of the others.
		must(r.matrix, 0, firstErr(r.rooms.Register.Issue(r.in("east"), certificate.Issue{Scheme: "none/none", SchemeTitle: "别的", Kind: "recognition", Grant: &policy.Grant{Record: "DCMM上级试点"},
			Party: r.parties["east/b"], Holder: "eastb电器有限公司", Department: recognitionOffice, Town: "乙镇", Number: "ZS-2026-1"}, certificate.Basis{Decision: "测试"})))
		r.refused("a number that is taken", r.tryAs(r.office("checker"), "round", r.round, "核对无误", "与公布的一致", yes(x.ID)), fault.Invalid, "名单第4行“申报1号电器有限公司”：这个编号已经用过")
		if held := r.held(); len(held) != 0 {
			r.t.Errorf("of a list that failed there are left: %v", held)
		}
		r.standing("等待上级", "等待上级", "等待上级", "等待上级", "不予推荐")
		r.answers(3, policy.Unmet)
		_, err = r.readIn("organiser", published, "名单.xlsx", r.list(marked...))
		r.named("a number that is taken", err, fault.Invalid, "第4行“证书编号”（D4）：这个编号已经用过")

		// Read in anew while the other looks: what is confirmed is what was seen.
		again, err := r.readIn("organiser", published, "名单.xlsx", r.list(good...))
		must(r.matrix, again, err)
		r.refused("a list that is no more", r.tryAs(r.office("checker"), "round", r.round, "核对无误", "与公布的一致", yes(x.ID)), fault.Conflict, "已经重新导入")
		var wait sync.WaitGroup
		failed := make([]error, 2)
		for i := range failed {
			wait.Go(func() {
				failed[i] = r.tryAs(r.office([]string{"checker", "reviewer"}[i]), "round", r.round, "核对无误", "与公布的一致", yes(again.ID))
			})
		}
		wait.Wait()
		if (failed[0] == nil) == (failed[1] == nil) {
			r.t.Errorf("of two who confirm at the same moment one does: %v", failed)
		}
		r.standing("已认定", "未认定", "已认定", "未认定", "不予推荐")
		held := r.held()
		if len(held) != 3 || held[2].ID+held[4].ID != "" {
			r.t.Fatalf("recognized: %v", held)
		}
		for n, number := range map[int]string{1: "虚构〔2026〕7号-4", 3: "虚构〔2026〕7号-3", 5: "虚构〔2026〕7号-5"} {
			c := held[n]
			if c.Number != number || c.ValidFrom.String() != "2026-07-01" || c.ValidUntil.String() != "2029-06-30" || c.Source != "某省经济和信息化厅 虚构〔2026〕7号（省级，2026-07-01公布）" ||
				c.Holder != firmName(n) || c.Department != recognitionOffice {
				r.t.Errorf("the certificate of %d: %+v", n, c)
			}
			facts, err := r.rooms.Registry.Facts(r.in("east"), c.Party)
			must(r.matrix, facts, err)
			if !slices.ContainsFunc(facts, func(f registry.Fact) bool {
				return f.Term == recognitionRecord && f.Verified && strings.Contains(f.Evidence, "虚构〔2026〕7号（省级，2026-07-01公布）") && f.Record.From.String() == "2026-07-01" && f.Record.Until.String() == "2029-06-30"
			}) {
				r.t.Errorf("the record of %d: %+v", n, facts)
			}
		}
		r.wasTold("已认定", "firm1", "firm3")
		r.wasTold("未认定", "firm2", "firm4")
		r.refused("once more", firstErr(r.readIn("organiser", published, "名单.xlsx", r.list(good...))), fault.Conflict, "没有等上级公布结果的申报")

		// The next day the year's policy finds them, and the system proposes them.
		r.at("2026-07-02")
		for n, want := range map[int]policy.Answer{1: policy.Met, 2: policy.Unmet, 3: policy.Met, 4: policy.Unmet, 5: policy.Met} {
			r.answers(n, want)
		}
		award, err := r.rooms.Casework.MakeRound(r.office("organiser"), casework.RoundDraft{Number: "JL2026", Title: "新认定奖励（测试）", Process: "免申即享", Performance: 2026, Opens: clock.Today(r.ctx),
			Closes: policy.NewDate(2026, 7, 31), Department: recognitionOffice, Schemes: []casework.RoundSchemeDraft{{Scheme: recognitionAward, Department: recognitionOffice}}})
		must(r.matrix, award, err)
		r.step("round", award.ID, "开始提名", "", "", r.office("organiser"))
		cases, err := r.rooms.Casework.Cases(r.office("organiser"), casework.CaseFilter{Round: award.ID, Page: 1, Per: 50})
		must(r.matrix, cases, err)
		var proposed []int
		for _, k := range cases.Items {
			proposed = append(proposed, slices.Index(r.people, k.Party)+1)
		}
		slices.Sort(proposed)
		if !slices.Equal(proposed, []int{1, 3, 5}) {
			r.t.Errorf("proposed: %v", proposed)
		}
		found, err := audit.Verify(r.in("east"))
		if must(r.matrix, found, err); len(found.Problems) != 0 {
			r.t.Errorf("the log: %+v", found.Problems)
		}
	})
}

func mustCode(first string) string {
	code, _ := registry.CompleteCode(first)
	return code
}

// noticed are the numbers of who is in the last notice, in its order.
func (r *recommending) noticed() (out []int, n casework.Notice) {
	r.t.Helper()
	public := account.WithActor(r.in("east"), &account.Actor{})
	list, err := r.rooms.Casework.Notices(public, false, r.round, 1, 10)
	must(r.matrix, list, err)
	whole, err := r.rooms.Casework.Notice(public, list.Items[0].ID)
	must(r.matrix, whole, err)
	for _, l := range whole.Lines {
		out = append(out, slices.Index(r.cases, l.Case)+1)
	}
	return out, *whole
}
