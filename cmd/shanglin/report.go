package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"shanglin/policy"
)

// The wording of `shanglin evaluate`, for a reader who has never programmed.

const disclaimer = "注：写明“最高”的，金额是上限，实际数额由主管部门在上限内核定；本测算只供参考，以主管部门认定为准。"

var groupTitles = map[policy.Answer]string{
	policy.Met:           "符合",
	policy.Unknown:       "尚缺资料，不能判断",
	policy.Manual:        "需要人工判断",
	policy.Unmet:         "不符合",
	policy.NotApplicable: "不适用",
}

// marks stand before a condition.
var marks = map[policy.Answer]string{
	policy.Met: "✓", policy.Unmet: "✗", policy.Unknown: "？", policy.Manual: "人工", policy.NotApplicable: "－",
}

// lines writes text and remembers the first error.
type lines struct {
	w   io.Writer
	err error
}

func (l *lines) say(indent int, format string, a ...any) {
	if l.err == nil {
		_, l.err = fmt.Fprintf(l.w, strings.Repeat("  ", indent)+format+"\n", a...)
	}
}

func (r *report) write(w io.Writer) error {
	l := &lines{w: w}
	if r.Party != "" {
		l.say(0, "%s", r.Party)
	}
	l.say(0, "评估日期：%s", r.On)
	l.say(0, "%s", r.Total.sentence(r.Results))
	last, ceiling, number := -1, false, 0
	for _, got := range r.Results {
		if g := groupOf(got.Result.Answer); g != last {
			last = g
			n := 0
			for _, other := range r.Results {
				if groupOf(other.Result.Answer) == g {
					n++
				}
			}
			l.say(0, "")
			l.say(0, "【%s】%d项", groupTitles[got.Result.Answer], n)
		}
		number++
		got.write(l, number)
		ceiling = ceiling || got.Description.Ceiling
	}
	r.writeAsk(l)
	r.writeStanding(l)
	r.writeNotes(l)
	if ceiling {
		l.say(0, "")
		l.say(0, "%s", disclaimer)
	}
	return l.err
}

func (t reportTotal) sentence(results []reported) string {
	if len(results) == 0 {
		return "这一天没有正在施行的政策。"
	}
	var parts []string
	switch {
	case t.Floor > 0 && t.less:
		parts = append(parts, "可得至多"+t.Owed.String(), "另有不低于"+t.Floor.String()+"的")
	case t.Floor > 0:
		parts = append(parts, "可得至少"+(t.Owed+t.Floor).String())
	case t.Owed > 0 && t.less:
		parts = append(parts, "可得至多"+t.Owed.String())
	case t.Owed > 0:
		parts = append(parts, "可得"+t.Owed.String())
	}
	switch {
	case t.Least > 0 && len(parts) > 0:
		parts = append(parts, "另可得"+t.Least.String()+"至"+t.Ceiling.String()+"（由主管部门在此范围内核定）")
	case t.Least > 0:
		parts = append(parts, "可得"+t.Least.String()+"至"+t.Ceiling.String()+"（由主管部门在此范围内核定）")
	case t.Ceiling > 0:
		parts = append(parts, "上限合计"+t.Ceiling.String()+"（由主管部门在上限内核定）")
	}
	if t.Recovered > 0 {
		parts = append(parts, "预付的多于应得，须追回"+t.Recovered.String())
	}
	if t.Potential > 0 {
		parts = append(parts, "补充资料后至多还可得"+t.Potential.String())
	}
	if len(parts) == 0 {
		return fmt.Sprintf("共测算%d项政策。", len(results))
	}
	limited := ""
	if slices.ContainsFunc(results, func(got reported) bool {
		l := got.Result.Left
		return got.Result.Answer == policy.Met && (len(got.Result.Shared) > 0 || l != nil && !l.Sure)
	}) {
		limited = "（有的条款另有限额：此前已得的和大家共用的没有扣除，见各项）"
	}
	return fmt.Sprintf("共测算%d项政策：%s%s。", len(results), strings.Join(parts, "；"), limited)
}

func documentName(d policy.DocumentInfo) string {
	if d.NumberKnown {
		return fmt.Sprintf("%s（%s）", policy.Titled(d.Title), d.Number)
	}
	return policy.Titled(d.Title) + "（文号未查到）"
}

func known(office string) string {
	if office == "" {
		return "资料未写明"
	}
	return office
}

func usedUp(l *policy.Left) bool { return l != nil && l.Bound && l.Most == 0 }

// reachText is the most that a clause may come to once everything is known, as far as the limits of the applicant leave it.
func reachText(r *policy.Result) string {
	if l := r.Left; l != nil && l.Reach != "" {
		return l.Reach
	}
	return r.Potential.Text
}

func (g reported) write(l *lines, number int) {
	d, r := g.Description, g.Result
	amount := ""
	switch {
	case r.Answer == policy.Met && r.Amount.Kind != policy.NoAmount:
		amount = "  " + r.Amount.Text
		if g.Explanation != nil {
			amount = "  " + g.Explanation.Worth
		}
		if r.Potential.Kind != policy.NoAmount && r.Potential != r.Amount && len(r.Missing) > 0 && !usedUp(r.Left) {
			amount += "（补充资料后可达：" + reachText(r) + "）"
		}
	case r.Answer == policy.Unknown && r.Potential.Kind != policy.NoAmount && r.Potential.Text != "":
		if amount = "  若符合：" + reachText(r); usedUp(r.Left) {
			amount = "  限额已用完：符合也不能再得"
		}
		if r.Supposes != "" {
			amount += "（按" + r.Supposes + "给，没有计入合计）"
		}
	}
	l.say(0, "")
	l.say(0, "%d. %s%s", number, d.Title, amount)
	cite := d.Cite
	if cite == "" {
		cite = "条款出处未查到"
	}
	l.say(1, "依据：%s %s", documentName(d.Document), cite)
	l.say(1, "主管：%s    编号：%s    年度：%d", known(d.Office), g.Scheme, r.Performance)
	if r.Standing != policy.InForce {
		l.say(1, "效力：%s%s", r.Standing.Label(), standingSince(d.Document, r.Standing))
	}
	if r.Doubt != "" {
		l.say(1, "效力：%s", r.Doubt)
	}
	if level := r.Level; level != nil {
		switch {
		case level.Low == "":
			l.say(1, "等级：还不能定，至多为%s", level.High)
		case level.Low != level.High:
			l.say(1, "等级：在%s与%s之间，补充资料后可定", level.Low, level.High)
		case level.Next != "":
			l.say(1, "等级：%s，再得%s为%s", level.High, level.Short, level.Next)
		default:
			l.say(1, "等级：%s", level.High)
		}
	}
	if r.Reasons != nil {
		l.say(1, "条件：")
		writeNode(l, r.Reasons, 2)
	}
	for i, gap := range r.Gaps {
		if i == 0 {
			l.say(1, "还差：")
		}
		l.say(2, "· %s：%s", gap.Condition, gap.Short)
		for _, move := range gap.Moves {
			l.say(3, "%s", move)
		}
	}
	if len(r.Missing) > 0 {
		if r.Supposes != "" {
			l.say(1, "这一条是给%s的，资料里没有%s；有的请补充：", r.Supposes, r.Supposes)
		} else {
			l.say(1, "缺少：")
		}
		for _, need := range r.Missing {
			l.say(2, "· %s", needLine(need))
		}
	}
	if len(r.Working) > 0 && (r.Answer == policy.Met || r.Answer == policy.Unknown) {
		l.say(1, "计算：")
		for _, line := range r.Working {
			l.say(2, "%s", line)
		}
	}
	if r.Answer == policy.Met {
		for i, p := range r.Payments {
			if i == 0 {
				l.say(1, "支付：")
			}
			l.say(2, "· %s", paymentLine(p))
		}
	}
	limits := d.Limits
	if r.Left != nil {
		limits = append(slices.Clone(r.Left.Limits), r.Shared...)
	}
	for i, limit := range limits {
		if i == 0 {
			l.say(1, "另有限额：")
		}
		l.say(2, "· %s", limit)
	}
	if ends := d.Document.Ends(policy.Chinese); ends != "" && r.Standing != policy.Expired {
		l.say(1, "注意：%s", ends)
	}
	if !r.TurnsOn.IsZero() {
		l.say(1, "注意：到%s，即使情况不变，结果也会改变", r.TurnsOn)
	}
	if r.Disputed {
		l.say(1, "注意：所依据的资料有争议或前后不一")
	}
	for _, note := range d.Interpretations {
		writeNote(l, 1, note)
	}
}

func paymentLine(p policy.Payment) string {
	line := p.Text
	if p.On != "" {
		line = p.On + "：" + line
	}
	if p.Payee != "" {
		line += "，付给" + p.Payee
	}
	for _, f := range p.Funds {
		line += "，" + f.Fund + f.String()
	}
	return line
}

func writeNote(l *lines, indent int, note policy.Interpretation) {
	l.say(indent, "%s：%s（%s）", interpretationWord(note.Status), note.Choice, note.By)
}

// writeNotes writes what was assumed of each document as a whole, once.
func (r *report) writeNotes(l *lines) {
	seen := map[string]bool{}
	for _, got := range r.Results {
		d := got.Description.Document
		if seen[d.ID] || len(d.Notes) == 0 {
			continue
		}
		if len(seen) == 0 {
			l.say(0, "")
			l.say(0, "【对文件整体的理解】")
		}
		seen[d.ID] = true
		l.say(1, "%s", documentName(d))
		for _, note := range d.Notes {
			writeNote(l, 2, note)
		}
	}
}

func interpretationWord(status string) string {
	if status == "confirmed" {
		return "口径"
	}
	return "假设"
}

func standingSince(d policy.DocumentInfo, s policy.Standing) string {
	switch {
	case s == policy.Upcoming && !d.InForce.IsZero():
		return "，自" + d.InForce.In(policy.Chinese) + "起施行"
	case s == policy.Expired && !d.Replaced.IsZero():
		return "，自" + d.Replaced.String() + "起被新文件代替"
	case s == policy.Expired && !d.ValidUntil.IsZero():
		return "，有效期至" + d.ValidUntil.In(policy.Chinese)
	}
	return ""
}

// writeNode writes a condition and what it came to; a group that says nothing of its own gives way to its parts.
func writeNode(l *lines, n *policy.Node, indent int) {
	text := n.Text
	if text == "" {
		text = n.Read
	}
	line := marks[n.Answer] + " " + text
	var detail []string
	if n.Actual != "" {
		detail = append(detail, "实际"+n.Actual)
	}
	if n.Threshold != "" {
		detail = append(detail, "要求"+n.Threshold)
	}
	if n.Gap != nil && n.Gap.Short != "" {
		detail = append(detail, n.Gap.Short)
	}
	if n.Answer == policy.Manual && n.Office != "" {
		detail = append(detail, "由"+known(n.Office)+"判断")
	}
	if n.Cite != "" {
		detail = append(detail, n.Cite)
	}
	if len(detail) > 0 {
		line += "（" + strings.Join(detail, "，") + "）"
	}
	l.say(indent, "%s", line)
	for _, c := range n.Children {
		writeNode(l, c, indent+1)
	}
}

func needLine(n policy.Need) string {
	line := fmt.Sprintf("%s（写作 %s", n.Label, n.Key)
	switch {
	case len(n.Options) > 0:
		line += "，可选：" + strings.Join(n.Options, "、")
	case n.Unit != "":
		line += "，单位" + n.Unit
	}
	line += "）"
	if n.Office != "" {
		line += " " + n.Office
	}
	return line
}

const askAtMost = 10

func (r *report) writeAsk(l *lines) {
	for i, need := range r.Ask {
		if i == 0 {
			l.say(0, "")
			l.say(0, "【先补充这些，最能见分晓】")
		}
		if i == askAtMost {
			l.say(1, "……另有%d项", len(r.Ask)-i)
			return
		}
		l.say(1, "%d. %s", i+1, needLine(need))
	}
}

func (r *report) writeStanding(l *lines) {
	for i, s := range r.Standing {
		if i == 0 {
			l.say(0, "")
			l.say(0, "【未测算：不在施行期内】（用 --all 一并测算，或用 --scheme 指定）")
		}
		d := s.Description
		l.say(1, "%s  %s  %s  %s%s", s.Scheme, d.Title, d.Document.Number, s.Standing.Label(), standingSince(d.Document, s.Standing))
	}
}
