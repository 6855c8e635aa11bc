package policy

import (
	"math/big"
	"slices"
	"strings"
)

// Panel (评审专家组) is how experts score the cases of a round: how many are drawn and from whom, what they score, and what becomes of their
// scores.
type Panel struct {
	Experts  int
	Pool     string   // "scheme": those whom the department in charge keeps; empty: those of every department
	Fields   []string // experts of at least one of these; empty: of any
	Sheet    []SheetItem
	Step     string // points are given in multiples of it: 1, 0.5, 0.1
	Blind    bool   // experts see codes, and neither who applies nor the names of files
	Highest  int    // how many of the highest scores of a case are dropped
	Lowest   int    // of the lowest
	To       string // the mean is rounded to it: 0.01
	Mode     string // down, half_up, up
	Conflict string // who declares a conflict of interest leaves: panel, or case
}

// SheetItem is one thing that experts score, and the most points that it is worth.
type SheetItem struct {
	Title string
	Most  string // a decimal number
}

// panelConflicts are from what somebody with a conflict of interest withdraws.
var panelConflicts = []string{"panel", "case"}

// maxExperts and maxSheet are more than any panel has, or could fill in.
const (
	maxExperts = 99
	maxSheet   = 50
)

// panel reads how experts score.
func (r *processReader) panel(n node) *Panel {
	if !n.is() {
		return nil
	}
	r.keys(n, "panel")
	p := &Panel{Blind: r.yes(n.get("blind")), Conflict: "panel", Step: "1"}
	p.Experts = r.count(n, "experts", 1, maxExperts)
	if pool := n.get("pool"); pool.is() {
		if p.Pool = pool.text(); p.Pool != "scheme" {
			r.errorAt(pool, "pool: 只写 scheme（条款责任部门的专家库）；不写就是各部门的专家库。")
		}
	}
	for _, f := range n.get("field").oneOrMore() {
		r.word(f, f.text())
		p.Fields = append(p.Fields, f.text())
	}
	items := n.get("sheet")
	for _, e := range items.entries() {
		r.word(e.at, e.key)
		p.Sheet = append(p.Sheet, SheetItem{e.key, r.points(e.value, "满分")})
	}
	if len(p.Sheet) == 0 || len(p.Sheet) > maxSheet {
		r.errorAt(n, "请写 sheet:，评分表的各项和满分，1至%d项，例如 {技能水平: 60分, 创新成果: 40分}。", maxSheet)
	}
	if s := n.get("step"); s.is() {
		p.Step = r.points(s, "step: ")
		for i, item := range p.Sheet {
			if !multiple(item.Most, p.Step) {
				r.errorAt(items.entries()[i].value, "满分应是 step: 的整数倍。")
			}
		}
	}
	if d := n.get("drop"); d.is() {
		r.keys(d, "panel_drop")
		p.Highest, p.Lowest = r.count(d, "highest", 0, maxExperts), r.count(d, "lowest", 0, maxExperts)
		if p.Experts > 0 && p.Highest+p.Lowest >= p.Experts {
			r.errorAt(d, "去掉最高分、最低分以后一个分也不剩，专家应多于去掉的个数。")
		}
	}
	mean := n.get("mean")
	if !mean.is() {
		r.errorAt(n, "请写 mean:，平均分保留到多少、怎样取舍，例如 {to: 0.01分, mode: half_up}。")
	} else {
		r.keys(mean, "panel_mean")
		p.To = r.points(mean.get("to"), "to: ")
		if p.Mode = mean.get("mode").text(); !slices.Contains([]string{"down", "half_up", "up"}, p.Mode) {
			r.errorAt(mean, "mode: 应为 down（舍去）、half_up（四舍五入）或 up（进位）。")
		}
	}
	if c := n.get("conflict"); c.is() {
		p.Conflict = r.known(c, "conflict", panelConflicts)
	}
	return p
}

// count is a whole number of a map within bounds; the least if it is not written.
func (r *processReader) count(n node, key string, least, most int) int {
	text := n.get(key).text()
	if text == "" && least == 0 {
		return 0
	}
	out := 0
	for _, c := range text {
		if c < '0' || c > '9' || out > most {
			out = most + 1
			break
		}
		out = out*10 + int(c-'0')
	}
	if text == "" || out < least || out > most {
		r.errorAt(n, "%s: 应写%d至%d的一个整数。", key, least, most)
		return 0
	}
	return out
}

// points is a number of points as a file writes it: 40分. It is above nothing.
func (r *processReader) points(n node, what string) string {
	text := strings.TrimSuffix(n.text(), "分")
	if p, ok := PointsOf(text); !ok || p.Sign() == 0 {
		r.errorAt(n, "%s应写大于0的分数，最多四位小数，例如 40分、0.5分。", what)
		return "1"
	}
	return text
}

// PointsOf is a number of points as somebody writes it: 8, 8.5; not below nothing, with four decimals at most.
func PointsOf(text string) (*big.Rat, bool) {
	whole, rest, _ := strings.Cut(text, ".")
	digits := strings.Trim(whole+rest, "0123456789") == ""
	if whole == "" || len(whole) > 6 || len(rest) > 4 || !digits || strings.HasSuffix(text, ".") {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

func multiple(text, of string) bool {
	a, _ := PointsOf(text)
	b, ok := PointsOf(of)
	return a != nil && ok && b.Sign() > 0 && new(big.Rat).Quo(a, b).IsInt()
}

// Wrong says what is wrong with the points given for an item; empty: nothing.
func (p *Panel) Wrong(item SheetItem, text string) string {
	points, ok := PointsOf(text)
	most, _ := PointsOf(item.Most)
	switch {
	case !ok:
		return "请填写分数"
	case points.Cmp(most) > 0:
		return "最高" + item.Most + "分"
	case !multiple(text, p.Step):
		return "应是" + p.Step + "分的整数倍"
	}
	return ""
}

// Most is what all items together are worth.
func (p *Panel) Most() *big.Rat {
	sum := new(big.Rat)
	for _, item := range p.Sheet {
		if most, ok := PointsOf(item.Most); ok {
			sum.Add(sum, most)
		}
	}
	return sum
}

// Mean is what the totals that the experts gave a case come to: without the highest and the lowest as the file says, the exact mean of the
// rest, and that mean rounded as a decimal. Dropped says of each total whether it was left out: of equal ones the first. No mean unless every expert
// of the panel gave one.
func (p *Panel) Mean(totals []*big.Rat) (mean *big.Rat, rounded string, dropped []bool, ok bool) {
	dropped = make([]bool, len(totals))
	if len(totals) != p.Experts || p.Highest+p.Lowest >= len(totals) {
		return nil, "", dropped, false
	}
	order := make([]int, len(totals))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return totals[a].Cmp(totals[b]) })
	mean = new(big.Rat)
	for k, i := range order {
		if dropped[i] = k < p.Lowest || k >= len(order)-p.Highest; !dropped[i] {
			mean.Add(mean, totals[i])
		}
	}
	mean.Quo(mean, new(big.Rat).SetInt64(int64(len(totals)-p.Highest-p.Lowest)))
	to, ok := PointsOf(p.To)
	if !ok || to.Sign() == 0 {
		return nil, "", dropped, false
	}
	steps := new(big.Rat).Quo(mean, to)
	whole, rest := new(big.Int).QuoRem(steps.Num(), steps.Denom(), new(big.Int))
	half := new(big.Int).Lsh(rest, 1).Cmp(steps.Denom()) >= 0
	if rest.Sign() > 0 && (p.Mode == "up" || p.Mode == "half_up" && half) {
		whole.Add(whole, big.NewInt(1))
	}
	_, decimals, _ := strings.Cut(p.To, ".")
	return mean, new(big.Rat).Mul(new(big.Rat).SetInt(whole), to).FloatString(len(decimals)), dropped, true
}

// checkPanel checks that the words about experts stand together.
func (r *processReader) checkPanel(n node, f *Flow) {
	draws := f.Has(func(a *Action) bool { return a.Does("draw") })
	scores := f.Has(func(a *Action) bool { return a.Does("score") && slices.Contains(a.If, "scores_in") })
	switch {
	case f.Panel == nil && (draws || f.Has(func(a *Action) bool { return a.Does("score") })):
		r.errorAt(n, "写了 draw（抽取专家）、score（汇总评分）的流程，请在 round: 里写 panel:，专家怎样组成、怎样评分。")
	case f.Panel != nil && !draws:
		r.errorAt(n.get("panel"), "写了 panel: 的流程，请在抽取专家的动作里写 do: {draw: {from: 从哪个阶段的申报}}。")
	case f.Panel != nil && !scores:
		r.errorAt(n.get("panel"), "写了 panel: 的流程，请在汇总评分的动作里写 if: scores_in 和 do: score。")
	}
}

// Words says in words how experts score.
func (p *Panel) Words() string {
	from := "各部门的专家库"
	if p.Pool == "scheme" {
		from = "条款责任部门的专家库"
	}
	out := "评审专家" + intNum(int64(p.Experts)).String() + "人，从" + from + "中"
	if len(p.Fields) > 0 {
		out += "“" + strings.Join(p.Fields, "”“") + "”专业的专家里"
	}
	out += "随机抽取；与申报人同一单位或有已登记关系的不参加抽取；声明应当回避的，" +
		conflictWords[p.Conflict] + "，由抽签次序在后的依次递补。"
	var items []string
	for _, s := range p.Sheet {
		items = append(items, s.Title+s.Most+"分")
	}
	out += "评分：" + strings.Join(items, "、") + "，每" + p.Step + "分一档"
	if p.Blind {
		out += "，盲评"
	}
	if p.Highest+p.Lowest > 0 {
		out += "；去掉" + intNum(int64(p.Highest)).String() + "个最高分、" + intNum(int64(p.Lowest)).String() + "个最低分"
	}
	return out + "；取平均分，保留到" + p.To + "分（" + map[string]string{"down": "舍去", "half_up": "四舍五入", "up": "进位"}[p.Mode] + "）。"
}
