package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/certificate"
	"shanglin/internal/matching"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// The rating of the tests is invented: three indicators in two categories, of 40, 30 and 30 points, lines at 90, 75 and 60. The economy's
// office verifies the first two, the second of which is scored on the spot; safety verifies the third.
const (
	ratingScheme = "rating-test/测评"
	ratingOffice = "市经信局"
	safetyOffice = "市应急管理局"

	ratingWords = `vocabulary: 测评的指标
levels:
  测评等级: [一档, 二档, 三档]
terms:
  测评_规划: {of: 企业, unit: 分, every: 年, at_least: 0分, at_most: 40分, from: 市经信局, help: 有成文的规划}
  测评_现场: {of: 企业, unit: 分, every: 年, at_least: 0分, at_most: 30分, from: 市经信局, help: 现场整洁}
  测评_安全: {of: 企业, unit: 分, every: 年, at_least: 0分, at_most: 30分, from: 市应急管理局, help: 责任到岗}
records:
  测评: {of: 企业, from: 市经信局, complete: 市经信局, fields: {等级: 测评等级}, help: 评定的等级。}
`
	ratingDocument = `document: rating-test
title: 测评（虚构的示例）
number: not_found
body: 示例
dates: {published: 2025-01-01}
periods: {当年: P}
rounding: {to: 0.01元, mode: down}
define:
  测评分_管理:
    sum:
    - {give: 测评_规划@当年, cite: '1.1', text: 规划}
    - {give: 测评_现场@当年, cite: '1.2', text: 现场}
    text: 管理（70分）
  测评分_安全:
    sum:
    - {give: 测评_安全@当年, cite: '2.1', text: 安全}
    text: 安全（30分）
  测评总分: {sum: [测评分_管理, 测评分_安全]}
schemes:
  测评:
    title: 测评
    cite: not_found
    office: 市经信局
    for: 企业
    kind: rating
    level: {field: 等级, words: 测评等级, by: 测评总分, at_least: {90分: 三档, 75分: 二档, 60分: 一档}}
    grants: {what: 测评证书, series: {prefix: 测评示例, year: 是}}
    valid: 2年
    process: 测评办理
    examples:
    #= 40+30+20 = 90，恰好三档。
    - {P: 2025, given: {测评_规划@2025: 40分, 测评_现场@2025: 30分, 测评_安全@2025: 20分}, expect: {answer: met, level: 三档}}
  测评奖励:
    title: 测评奖励（虚构）
    cite: not_found
    office: 市经信局
    for: 企业
    kind: money
    require: {has: 测评@有效, where: {等级: {at_least: 三档}}, text: 三档}
    amount: {give: 1万元, text: 奖励1万元, cite: not_found}
    examples:
    #= 恰好三档：1万元。
    - {P: 2025, given: {测评.等级: 三档}, expect: {answer: met, amount: 1万元}}
`
	ratingProcess = `process: 测评办理
title: 测评（虚构的示例）
starts: applicant
checklists:
  现场评分:
    officers: 2
    basis: 示例，非法定
    items:
    - {ask: 现场（满分30分）, kind: figure, unit: 分, scores: 测评_现场}
marks:
  综合: {terms: [测评_规划, 测评_现场], evidence: [测评_规划]}
  安全: {terms: [测评_安全]}
case:
  stages:
    填报:
      public: 正在自评。
      who: applicant
      actions:
        提交: {to: 受理, if: [complete, window_open], do: submit}
    受理:
      public: 正在受理。
      who: {role: officer, department: scheme}
      actions:
        安排评分: {needs: visit, do: {visit: {checklist: 现场评分}}}
        转核实: {to: 核实, if: visited}
        跳过现场: {to: 核实}
    核实:
      public: 正在核实得分。
      tasks:
        综合: {who: {role: officer, department: scheme}, actions: {综合核实完毕: {do: {marks: {sheet: 综合}}}}}
        安全: {who: {role: officer, department: 市应急管理局}, actions: {安全核实完毕: {do: {marks: {sheet: 安全}}}}}
      then: 拟定
    拟定:
      public: 正在拟定等级。
      who: {role: officer, department: scheme}
      actions:
        拟定等级: {to: 待公示, if: rated, many: 是}
        退回核实: {to: 核实, needs: reason}
        未达等级: {to: 未评上, needs: reason}
    待公示:
      public: 等待公示。
    公示中:
      public: 正在公示。
    待评定:
      public: 等待评定。
      who: {role: leader, department: scheme}
      actions:
        评定: {to: 已评定, if: rated, needs: opinion, do: {issue: {cite: not_found}}, many: 是}
    已评定:
      public: 已评定。
      ends: granted
    未评上:
      public: 没有评上。
      ends: refused
  always:
    退出: {who: {role: officer, department: scheme}, at: 核实, to: 未评上, needs: reason}
    重新核实: {who: {role: officer, department: scheme}, at: [待公示, 公示中], to: 核实, needs: reason}
round:
  stages:
    筹备:
      public: 筹备。
      who: {role: officer, department: scheme}
      actions:
        开放: {to: 核实, do: open_window}
    核实:
      public: 正在核实。
      who: {role: officer, department: scheme}
      actions:
        发布公示: {to: 公示, if: cases_ready, needs: notice, period: {time: 5日, basis: 示例}, do: [freeze, publish, {move_cases: {from: 待公示, to: 公示中}}]}
    公示:
      public: 正在公示。
      who: {role: officer, department: scheme}
      actions:
        提交评定: {to: 评定, if: [notice_over, cases_ready], do: {move_cases: {from: 公示中, to: 待评定}}}
        重新公示: {to: 公示, if: cases_ready, needs: [notice, reason], period: {time: 5日, basis: 示例}, do: [renotice, {move_cases: {from: 待公示, to: 公示中}}]}
    评定:
      public: 正在评定。
      who: {role: officer, department: scheme}
      actions:
        办结: {to: 办结, if: none_open}
    办结:
      public: 办结。
      ends: done
`
)

var ratingFiles = map[string]string{"cixi/rating-test-vocabulary.yaml": ratingWords, "cixi/rating-test.yaml": ratingDocument, "cixi/process-rating-test.yaml": ratingProcess}

type ratingHouse struct {
	*recommending
	phones int
}

func eachRating(t *testing.T, fn func(r *ratingHouse)) {
	files := patternFiles(t).(fstest.MapFS)
	for path, text := range ratingFiles {
		files[path] = &fstest.MapFile{Data: []byte(text)}
	}
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		r := &ratingHouse{recommending: &recommending{selecting: &selecting{matrix: &matrix{house: newHouseOf(t, ctx, inst, files), ids: map[string]string{}, versions: map[string]int64{}}, experts: map[string]string{}}}}
		r.at("2026-06-01")
		r.account("organiser", economyOfficer)
		r.account("chief", economyLeader)
		r.account("safety", account.Grant{Role: account.RoleOfficer, Department: safetyOffice})
		r.account("commerce", account.Grant{Role: account.RoleOfficer, Department: "市商务局"})
		for n := 1; n <= 3; n++ {
			r.firm(n)
		}
		v, err := r.rooms.Casework.MakeRound(r.office("organiser"), casework.RoundDraft{Number: "CP2026", Title: "测评（测试）", Process: "测评办理", Performance: 2025,
			Opens: clock.Today(r.ctx), Closes: policy.NewDate(2026, 6, 30), Department: ratingOffice, Schemes: []casework.RoundSchemeDraft{{Scheme: ratingScheme, Department: ratingOffice}}})
		r.round = must(r.matrix, v, err).ID
		r.step("round", r.round, "开放", "", "", r.office("organiser"))
		fn(r)
	})
}

func (r *ratingHouse) own(n int) context.Context { return r.is(fmt.Sprint("firm", n), r.speaks(n)) }

func (r *ratingHouse) safety() context.Context {
	return r.is("safety", account.Grant{Role: account.RoleOfficer, Department: safetyOffice})
}

// typed saves what the n-th firm scores itself, and gives the form.
func (r *ratingHouse) typed(n int, id string, points ...string) *casework.Form {
	r.t.Helper()
	f, err := r.rooms.Casework.FormOf(r.own(n), id)
	must(r.matrix, f, err)
	d := casework.Draft{Commitment: true, Contact: "张三", Phone: "13800000000"}
	for i, p := range points {
		d.Marks = append(d.Marks, casework.SelfMark{Term: []string{"测评_规划", "测评_现场", "测评_安全"}[i], Points: p, Note: "自评的说明"})
	}
	f, err = r.rooms.Casework.Save(r.own(n), id, f.Version, d)
	return must(r.matrix, f, err)
}

func (r *ratingHouse) begins(n int) string {
	r.t.Helper()
	k, err := r.rooms.Casework.Begin(r.own(n), r.round, ratingScheme, r.people[n-1])
	return must(r.matrix, k, err).ID
}

// handedIn hands in the own scores of the n-th firm.
func (r *ratingHouse) handedIn(n int, points ...string) string {
	r.t.Helper()
	id := r.begins(n)
	r.typed(n, id, points...)
	must(r.matrix, 0, firstErr(r.rooms.Casework.Attach(r.own(n), id, "得分/测评_规划", "规划.pdf", strings.NewReader(onePDF))))
	r.step("case", id, "提交", "", "", r.own(n))
	return id
}

// onTheSpot has two officers score the second indicator where it is.
func (r *ratingHouse) onTheSpot(n int, id, points string) {
	r.t.Helper()
	office := account.Grant{Role: account.RoleOfficer, Department: ratingOffice}
	who := r.goers(ratingOffice)
	text := fmt.Sprintf(`{"visit":{"dates":["%s"],"officers":["%s","%s"],"place":"甲路1号"}}`, clock.Now(r.ctx).Add(24*time.Hour).Format(time.RFC3339), r.ids["goer walker"], r.ids["goer driver"])
	r.step("case", id, "安排评分", "", text, r.is("organiser", office))
	list, err := r.rooms.Casework.VisitsOf(r.own(n), id)
	must(r.matrix, list, err)
	visit := list.Items[0]
	must(r.matrix, 0, firstErr(r.rooms.Casework.AnswerVisit(r.own(n), visit.ID, visit.Offered[0], "")))
	r.phones += 10
	say := func(answer string) error {
		return firstErr(r.rooms.Casework.KeepEntries(who[0], visit.ID, []casework.NewVisitEntry{{ID: phoneID(r.phones), Item: "1", Answer: answer, Note: "看到的", SaidAt: clock.Now(r.ctx).Format(time.RFC3339)}}))
	}
	r.named("above the full mark on the spot", say("30.01"), fault.Invalid, "不能是30.01分：满分30分")
	must(r.matrix, 0, say(points))
	for _, w := range who {
		v, err := r.rooms.Casework.Visit(w, visit.ID)
		must(r.matrix, v, err)
		must(r.matrix, 0, firstErr(r.rooms.Casework.SignVisit(w, visit.ID, v.Content)))
	}
}

func (r *ratingHouse) marks(ctx context.Context, id string) *casework.Marks {
	r.t.Helper()
	m, err := r.rooms.Casework.MarksOf(ctx, id)
	return must(r.matrix, m, err)
}

// sets verifies scores: a term, its points and the reason, three by three.
func (r *ratingHouse) sets(ctx context.Context, id string, list ...string) error {
	var out []casework.NewMark
	for i := 0; i < len(list); i += 3 {
		out = append(out, casework.NewMark{Term: "测评_" + list[i], Points: list[i+1], Reason: list[i+2]})
	}
	return firstErr(r.rooms.Casework.SetMarks(ctx, id, out))
}

func (r *ratingHouse) factsOf(n int, term string) (out []registry.Fact) {
	r.t.Helper()
	page, err := r.rooms.Registry.Facts(r.in("east"), r.people[n-1])
	for _, f := range must(r.matrix, page, err) {
		if f.Term == term {
			out = append(out, f)
		}
	}
	return out
}

func (r *ratingHouse) opens(who context.Context, id, file string) error {
	_, content, err := r.rooms.Casework.OpenFile(who, id, file)
	if err == nil {
		err = content.Close()
	}
	return err
}

// levels checks what the last notice says of the first two firms.
func (r *ratingHouse) levels(first, second string) {
	r.t.Helper()
	list, err := r.rooms.Casework.Notices(r.office("chief"), false, r.round, 1, 10)
	must(r.matrix, list, err)
	n, err := r.rooms.Casework.Notice(r.office("chief"), list.Items[0].ID)
	must(r.matrix, n, err)
	if len(n.Lines) != 2 || n.Lines[0].Level != first || n.Lines[1].Level != second || n.Title != "关于测评（测试）拟评定等级名单的公示" {
		r.t.Errorf("the notice: %+v", n)
	}
}

func (r *ratingHouse) item(m *casework.Marks, term string) casework.MarkItem {
	for _, g := range m.Groups {
		for _, x := range g.Items {
			if x.Term == "测评_"+term {
				return x
			}
		}
	}
	return casework.MarkItem{}
}

// The firm scores itself: what it typed is added up by category and in all, and says which level it would reach by itself, from to while some
// is missing. By hand: 40 of 70 leaves 40 to 70 in the first category and 40 to 100 in all, so from none to the third level; 40 + 30 + 20 = 90.
//
// Mutations that turn this red: let pointsOf take what is above the full mark; declare the own scores as facts at submit; leave lackOfMarks out.
func TestAFirmScoresItself(t *testing.T) {
	eachRating(t, func(r *ratingHouse) {
		id := r.begins(1)
		f := r.typed(1, id, "40")
		m := f.Marks
		if m.Self != "40分至100分" || m.SelfLevel != "不到最低一级至三档" || m.Full != "100分" || m.Groups[0].Self != "40分至70分" || m.Groups[0].Full != "70分" || m.Groups[0].Title != "管理（70分）" || m.Verified != "0分至100分" {
			t.Errorf("incomplete: %+v", m)
		}
		if x := r.item(m, "规划"); x.Full != "40分" || x.Help != "有成文的规划" || x.Department != ratingOffice || !x.Evidence || x.Self != "40分" || !r.item(m, "现场").OnSpot {
			t.Errorf("the indicator: %+v", x)
		}
		if len(f.Asked) != 0 {
			t.Errorf("asked once more: %+v", f.Asked)
		}
		lacks := func(f *casework.Form, says string) bool {
			return slices.ContainsFunc(f.Missing, func(g casework.Gap) bool { return strings.Contains(g.Text, says) })
		}
		if !lacks(f, "请自评现场、安全") || !lacks(f, "请上传佐证：规划") {
			t.Errorf("missing: %+v", f.Missing)
		}
		f = r.typed(1, id, "40", "30.01", "20")
		if !lacks(f, "“现场”不能是30.01分：满分30分") {
			t.Errorf("above the full mark: %+v", f.Missing)
		}
		r.refused("above the full mark", r.tryAs(r.own(1), "case", id, "提交", "", ""), fault.Invalid, "")
		// Nothing claimed, nothing to prove.
		if f = r.typed(1, id, "0", "30", "30"); lacks(f, "佐证") || f.Marks.Self != "60分" || f.Marks.SelfLevel != "一档" {
			t.Errorf("60 by itself: %+v, missing %+v", f.Marks, f.Missing)
		}
		if f = r.typed(1, id, "0", "30", "29.99"); f.Marks.Self != "59.99分" || f.Marks.SelfLevel != "不到最低一级" {
			t.Errorf("59.99 by itself: %+v", f.Marks)
		}
		f = r.typed(1, id, "40", "30", "20")
		if f.Marks.Self != "90分" || f.Marks.SelfLevel != "三档" || f.Marks.Groups[1].Self != "20分" {
			t.Errorf("90 by itself: %+v", f.Marks)
		}
		r.refused("no evidence", r.tryAs(r.own(1), "case", id, "提交", "", ""), fault.Invalid, "")
		must(r.matrix, 0, firstErr(r.rooms.Casework.Attach(r.own(1), id, "得分/测评_规划", "规划.pdf", strings.NewReader(onePDF))))
		r.step("case", id, "提交", "", "", r.own(1))

		// It counts for nothing: no fact was stated, and the evaluation knows of no score.
		k, err := r.rooms.Casework.Case(r.own(1), id)
		if must(r.matrix, k, err).Assessment.Answer != policy.Unknown {
			t.Errorf("the own score counts: %v", k.Assessment.Answer)
		}
		if facts := r.factsOf(1, "测评_规划"); len(facts) != 0 {
			t.Errorf("facts of an own score: %+v", facts)
		}
	})
}

// The whole way. The first firm: verified 40 + 29.99 + 20 = 89.99, which is 0.01 below the third level: the second. The second firm: 40 + 30 + 20 =
// 90, the third level exactly. Both scored themselves at 100.
//
// Mutations that turn this red: let markEvidence keep what was declared; count rows that are not sealed; leave out differs; take Level out of the
// notice's same; let sheetsNow give every sheet; show the firm rows that are not sealed; leave the spot out of what a score is compared with.
func TestARatingOnVerifiedScores(t *testing.T) {
	eachRating(t, func(r *ratingHouse) {
		office := r.office("organiser")
		first, second := r.handedIn(1, "40", "30", "30"), r.handedIn(2, "40", "30", "30")
		r.cases = []string{first, second}

		// Before it was scored on the spot nobody verifies what is to be seen there.
		third := r.handedIn(3, "40", "30", "30")
		r.step("case", third, "跳过现场", "", "", office)
		r.named("not seen yet", r.sets(office, third, "现场", "30", ""), fault.Invalid, "要先现场评分")

		r.refused("no visit", r.tryAs(office, "case", first, "转核实", "", ""), fault.Conflict, "还没有现场核查")
		r.onTheSpot(1, first, "25")
		r.refused("before its stage", r.sets(office, first, "规划", "40", ""), fault.Forbidden, "")
		r.step("case", first, "转核实", "", "", office)

		r.named("above the full mark", r.sets(office, first, "规划", "40.01", ""), fault.Invalid, "“规划”不能是40.01分：满分40分")
		r.named("no points", r.sets(office, first, "规划", "很好", ""), fault.Invalid, "应填分数")
		r.named("another's indicator", r.sets(office, first, "安全", "20", "x"), fault.Forbidden, "由市应急管理局")
		r.named("the other way round", r.sets(r.safety(), first, "规划", "40", ""), fault.Forbidden, "由市经信局")
		r.named("differs from both", r.sets(office, first, "现场", "29.99", ""), fault.Invalid, "“现场”与自评的30分、现场评的25分不同，请写明理由")
		r.named("as scored by itself, not as on the spot", r.sets(office, first, "现场", "30", ""), fault.Invalid, "与现场评的25分不同")
		must(r.matrix, 0, r.sets(office, first, "规划", "40", "", "现场", "29.99", "整改后复看"))

		// Done is what is whole, and only then anything counts.
		if m := r.marks(office, first); m.Verified != "69.99分至99.99分" || m.Level != "一档至三档" || r.item(m, "规划").Counts {
			t.Errorf("half verified: %+v", m)
		}
		r.refused("not whole", r.tryAs(r.safety(), "case", first, "安全核实完毕", "", ""), fault.Conflict, "“安全”还没有核实得分")
		if m := r.marks(r.own(1), first); m.Begun || r.item(m, "规划").Verified != "" || r.item(m, "现场").Spot != "" {
			t.Errorf("the firm reads too early: %+v", m)
		}
		r.step("case", first, "综合核实完毕", "", "", office)
		if m := r.marks(r.own(1), first); r.item(m, "规划").Verified != "40分" || r.item(m, "现场").Reason != "整改后复看" || r.item(m, "现场").Spot != "25分" || r.item(m, "现场").By != "" || r.item(m, "安全").Verified != "" {
			t.Errorf("the firm reads what is done: %+v", m)
		}
		r.refused("after its task", r.sets(office, first, "规划", "39", "改"), fault.Forbidden, "")

		// A department sees its own indicator, and nothing of the others; one that is not asked nothing at all.
		m := r.marks(r.safety(), first)
		if len(m.Groups) != 1 || len(m.Groups[0].Items) != 1 || m.Groups[0].Items[0].Term != "测评_安全" || m.Self != "" || m.Level != "" || !m.Mine {
			t.Errorf("safety sees %+v", m)
		}
		e, err := r.rooms.Casework.EvaluationOf(r.safety(), first)
		must(r.matrix, e, err)
		if text := fmt.Sprintf("%+v", e.Explanation); strings.Contains(text, "29.99") || strings.Contains(text, "69.99") {
			t.Errorf("the evaluation tells safety: %s", text)
		}
		files, err := r.rooms.Casework.Materials(office, first)
		must(r.matrix, files, err)
		for _, f := range files {
			if f.Mark == "测评_规划" {
				must(r.matrix, 0, r.opens(office, first, f.Files[0].ID))
				r.refused("another's evidence", r.opens(r.safety(), first, f.Files[0].ID), fault.NotFound, "")
			}
		}
		for who, ctx := range map[string]context.Context{"another firm": r.own(2), "another department": r.is("commerce", account.Grant{Role: account.RoleOfficer, Department: "市商务局"}), "an expert": r.in("east")} {
			if who == "an expert" {
				ctx = r.is("safety", account.Grant{Role: account.RoleExpert})
			}
			_, err := r.rooms.Casework.MarksOf(ctx, first)
			r.refused(who, err, fault.NotFound, "")
			r.refused(who, r.sets(ctx, first, "安全", "20", ""), fault.NotFound, "")
		}

		// One left: the level is from to, and cannot be decided.
		must(r.matrix, 0, r.sets(r.safety(), first, "安全", "20", "责任书不全"))
		r.step("case", first, "安全核实完毕", "", "", r.safety())
		if m := r.marks(office, first); m.Verified != "89.99分" || m.Level != "二档" || m.Self != "100分" || m.SelfLevel != "三档" || !slices.Equal(m.Costliest, []string{"测评_安全", "测评_现场"}) || r.item(m, "安全").Lost != "10分" {
			t.Errorf("0.01 below: %+v", m)
		}
		r.step("case", first, "拟定等级", "", "", office)

		// What the firm declares of itself elsewhere changes nothing here, nor what was verified in another case.
		must(r.matrix, 0, firstErr(r.rooms.Registry.State(r.own(2), registry.Statement{Party: r.people[1], Term: "测评_安全", Year: 2025, Value: "30分"})))
		r.onTheSpot(2, second, "30")
		r.step("case", second, "转核实", "", "", office)
		must(r.matrix, 0, r.sets(office, second, "规划", "40", "", "现场", "30", ""))
		r.step("case", second, "综合核实完毕", "", "", office)
		if m := r.marks(office, second); m.Verified != "70分至100分" || m.Level != "一档至三档" {
			t.Errorf("what is declared counts: %+v", m)
		}
		k, err := r.rooms.Casework.Case(office, second)
		if must(r.matrix, k, err).Assessment.Verified != true {
			t.Error("the evaluation rests on what is declared")
		}
		must(r.matrix, 0, r.sets(r.safety(), second, "安全", "20", "责任书不全"))
		r.step("case", second, "安全核实完毕", "", "", r.safety())
		r.step("case", second, "拟定等级", "", "", office)
		if facts := r.factsOf(2, "测评_规划"); len(facts) != 1 || !facts[0].Verified || facts[0].Source != ratingOffice || facts[0].Value != "40分" || facts[0].VerifiedBy != "organiser" || facts[0].Evidence != "核实得分："+k.Number {
			t.Errorf("the verified score is no fact: %+v", facts)
		}

		// The third was never seen: it cannot be decided.
		must(r.matrix, 0, r.sets(r.safety(), third, "安全", "30", ""))
		r.refused("never whole", r.tryAs(office, "case", third, "综合核实完毕", "", ""), fault.Conflict, "还没有核实得分")
		r.refused("others wait", r.tryAs(office, "round", r.round, "发布公示", "", `{}`), fault.Conflict, "")
		r.step("case", third, "退出", "没有到现场评分", "", office)

		// Publicly known, with the level; a score that changes afterwards needs a notice anew.
		r.step("round", r.round, "发布公示", "", `{}`, office)
		r.levels("二档", "三档")
		r.step("case", second, "重新核实", "有异议", "", office)
		must(r.matrix, 0, r.sets(r.safety(), second, "安全", "19.99", "再看一次"))
		r.step("case", second, "综合核实完毕", "", "", office)
		r.step("case", second, "安全核实完毕", "", "", r.safety())
		r.step("case", second, "拟定等级", "", "", office)
		r.at("2026-06-10")
		r.refused("changed since", r.tryAs(office, "round", r.round, "提交评定", "", ""), fault.Conflict, "")
		r.step("round", r.round, "重新公示", "一家的等级有变", `{}`, office)
		r.levels("二档", "二档")
		r.step("case", second, "重新核实", "再次核对", "", office)
		must(r.matrix, 0, r.sets(r.safety(), second, "安全", "20", "核对无误"))
		r.step("case", second, "综合核实完毕", "", "", office)
		r.step("case", second, "安全核实完毕", "", "", r.safety())
		r.step("case", second, "拟定等级", "", "", office)
		r.step("round", r.round, "重新公示", "一家的等级有变", `{}`, office)
		r.levels("二档", "三档")

		// All of them in one go, by who verified none.
		r.at("2026-06-20")
		r.step("round", r.round, "提交评定", "", "", office)
		for _, id := range r.cases {
			r.step("case", id, "评定", "同意", "", r.office("chief"))
		}
		page, err := r.rooms.Register.Certificates(r.in("east"), certificate.Filter{Scheme: ratingScheme, Page: 1, Per: 50})
		must(r.matrix, page, err)
		got := map[string]string{}
		for _, c := range page.Items {
			got[c.Party] = c.Level
		}
		if got[r.people[0]] != "二档" || got[r.people[1]] != "三档" {
			t.Errorf("granted: %v", got)
		}
		// The next policy reads the level.
		r.work()
		for n, want := range map[int]bool{1: false, 2: true} {
			all, err := r.rooms.Matching.StandpointsOf(r.in("east"), r.people[n-1], clock.Today(r.ctx), true)
			must(r.matrix, all, err)
			met := slices.ContainsFunc(all.Items, func(g matching.Standpoint) bool {
				return g.Scheme.ID == "rating-test/测评奖励" && g.Answer == policy.Met
			})
			if met != want {
				t.Errorf("firm %d: the award is met: %v", n, met)
			}
		}
		found, err := audit.Verify(r.in("east"))
		if must(r.matrix, found, err); len(found.Problems) > 0 {
			t.Errorf("the log: %+v", found.Problems)
		}
	})
}
