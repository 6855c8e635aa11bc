package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Reading a process back: what a file says, in Chinese sentences, for the portal and for whoever approves it.

// ProcessView is a process as a person reads it.
type ProcessView struct {
	ID     string           `json:"id"`
	Title  string           `json:"title"`
	Starts string           `json:"starts"` // 由申请人申报
	Flows  []FlowView       `json:"flows"`
	Notes  []Interpretation `json:"notes"`
}

// FlowView is one flow of it.
type FlowView struct {
	Key    string      `json:"key" enum:"case,round"`
	Title  string      `json:"title"` // 一件申报, 一批申报
	Stages []StageView `json:"stages"`
	Rules  []string    `json:"rules"` // what holds over several stages
}

// StageView is one stage: what it means for the applicant, and who may do what.
type StageView struct {
	Key    string   `json:"key"`
	Title  string   `json:"title"`
	Public string   `json:"public"`
	Ends   string   `json:"ends,omitempty" enum:",granted,refused,withdrawn,done"`
	Lines  []string `json:"lines"`
}

var flowWords = map[string]string{flowCase: "一件申报", flowRound: "一批申报"}

var roleWords = map[string]string{"applicant": "申请人", "officer": "经办人", "leader": "负责人", "finance": "财务", "administrator": "管理员", roleSystem: "系统"}

var needWords = map[string]string{
	"reason": "写明理由", "items": "一次写全要补正的事项", "amount": "核定金额（金额确定的不用填）", "opinion": "写明意见", "findings": "填写核查结果",
	"notice": "填写公示的标题和期限", "confirm": "再次确认",
}

var guardWords = map[string]string{
	"complete": "事实、材料和承诺已齐全", "window_open": "在申报期内", "window_closed": "申报期已结束或提前截止", "no_open_objection": "没有尚未处理的异议",
	"notice_over": "公示期已满", "amount_set": "最高额的都已核定金额", "cases_ready": "要集中的申报都已办到这一步", "checks_back": "各部门的核查结果都已返回",
	"budget_covers": "预算足够", "all_paid": "全部已兑付或写明理由不再兑付",
}

var effectWords = map[string]string{
	"submit": "正式提交并编号", "propose": "由系统提名符合条件的", "evaluate": "重新计算并存档", "set_amount": "记下核定的金额", "exclude": "退出本批",
	"open_window": "发布通知、开放申报", "freeze": "冻结全部事实", "settle": "统一结算", "publish": "发布公示和汇总表", "renotice": "重新公示",
	"decide": "作出决定、占用预算", "order": "下达资金、交付支付", "release": "退回占用的预算",
}

var endWords = map[string]string{"granted": "予以支持", "refused": "不予支持", "withdrawn": "撤回或放弃", "done": "办结"}

var eventWords = map[string]string{"paid": "款项到账"}

var toneWords = map[string]string{"primary": "主要按钮", "plain": "普通按钮", "danger": "警示按钮"}

// processWord is the Chinese of a word of a process file in brackets, or empty.
func processWord(word string) string {
	for _, list := range []map[string]string{roleWords, needWords, guardWords, effectWords, endWords, eventWords, toneWords} {
		if text := list[word]; text != "" {
			text, _, _ = strings.Cut(text, "（")
			return "（" + text + "）"
		}
	}
	if word == "move_cases" {
		return "（整批转阶段）"
	}
	return ""
}

// Describe is the process as a person reads it.
func (p *Process) Describe() ProcessView {
	v := ProcessView{ID: p.ID, Title: p.Title, Starts: map[string]string{"applicant": "由申请人申报", roleSystem: "由系统提名，不用申报"}[p.Starts],
		Flows: []FlowView{}, Notes: p.Notes}
	for _, f := range p.Flows {
		fv := FlowView{Key: f.Key, Title: flowWords[f.Key], Stages: []StageView{}, Rules: []string{}}
		for _, s := range f.Stages {
			fv.Stages = append(fv.Stages, p.describeStage(f, s))
		}
		for _, group := range f.Apart {
			fv.Rules = append(fv.Rules, "同一件申报，“"+strings.Join(group, "”“")+"”不能由同一个人办理。")
		}
		v.Flows = append(v.Flows, fv)
	}
	return v
}

func (p *Process) describeStage(f *Flow, s *Stage) StageView {
	v := StageView{Key: s.Key, Title: s.Title, Public: s.Public, Ends: s.Ends, Lines: []string{}}
	for _, t := range s.Tasks {
		v.Lines = append(v.Lines, f.readTask(s, t))
	}
	if len(s.Tasks) > 1 {
		v.Lines = append(v.Lines, "以上各项并行办理，都办完后转入“"+f.titleOf(s.Then)+"”。")
	}
	if len(s.Tasks) == 0 && s.Ends == "" {
		v.Lines = append(v.Lines, p.readWaiting(f, s))
	}
	for _, a := range f.Always {
		if !slices.Contains(a.At, s.Key) {
			continue
		}
		if a.On != "" {
			v.Lines = append(v.Lines, eventWords[a.On]+"后，系统自动"+f.readAction(a)+"。")
		} else {
			v.Lines = append(v.Lines, a.Who.read()+"随时可以"+f.readAction(a)+"。")
		}
	}
	if s.Ends != "" {
		v.Lines = append(v.Lines, "到此结束："+endWords[s.Ends]+"。")
	}
	return v
}

// readWaiting says which actions of the round take a case on.
func (p *Process) readWaiting(f *Flow, s *Stage) string {
	round := p.Flow(flowRound)
	var by []string
	if round != nil && f.Key == flowCase {
		for _, rs := range round.Stages {
			for _, t := range rs.Tasks {
				for _, a := range t.Actions {
					for _, e := range a.Do {
						if e.Name == "move_cases" && e.Args["from"] == s.Key {
							by = append(by, "整批在“"+rs.Title+"”办了“"+a.Title+"”后，一起转入“"+f.titleOf(e.Args["to"])+"”")
						}
					}
				}
			}
		}
	}
	if len(by) == 0 {
		return "等待，不用办理。"
	}
	return "等待整批办理：" + strings.Join(by, "；") + "。"
}

func (f *Flow) titleOf(key string) string {
	if s := f.Stage(key); s != nil {
		return s.Title
	}
	return key
}

func (f *Flow) readTask(s *Stage, t *TaskRule) string {
	out := t.Who.read()
	if len(s.Tasks) > 1 {
		out = t.Title + "：" + out
	}
	if t.Within != nil {
		out += "在" + t.Within.Text() + "内办理" + t.Within.source()
	} else {
		out += "办理，不限时"
	}
	var can []string
	for _, a := range t.Actions {
		text := f.readAction(a)
		if a.Stops {
			text += "，其他任务随即停止"
		}
		can = append(can, text)
	}
	out += "，可以" + strings.Join(can, "；") + "。"
	if w := t.Within; w != nil {
		if w.Lapse != "" {
			title := w.Lapse
			for _, a := range t.Actions {
				if a.Key == w.Lapse {
					title = a.Title
				}
			}
			out += "逾期未办的，系统按“" + title + "”处理。"
		} else {
			out += "逾期只提醒，不自动处理。"
		}
		if len(w.Pauses) > 0 {
			out += "“" + strings.Join(w.Pauses, "”“") + "”的时间不计在内。"
		}
	}
	return out
}

// readAction is one action: its condition, what it asks, what it brings about, and where it leads.
func (f *Flow) readAction(a *Action) string {
	out := "“" + a.Title + "”"
	var more []string
	if words := wordsOf(a.If, guardWords); words != "" {
		more = append(more, "前提是"+words)
	}
	if words := wordsOf(a.Needs, needWords); words != "" {
		more = append(more, "须"+words)
	}
	if a.Period != nil {
		more = append(more, "公示一般"+a.Period.Text()+a.Period.source())
	}
	if a.Many {
		more = append(more, "可以批量办")
	}
	if len(more) > 0 {
		out += "（" + strings.Join(more, "；") + "）"
	}
	var does []string
	for _, e := range a.Do {
		if w := effectWords[e.Name]; w != "" {
			does = append(does, w)
		}
	}
	if len(does) > 0 {
		out += "，" + strings.Join(does, "、")
	}
	if a.To != "" {
		out += "，转入“" + f.titleOf(a.To) + "”"
	}
	for _, e := range a.Do {
		if e.Name == "move_cases" {
			out += "，“" + e.Args["from"] + "”的申报一起转入“" + e.Args["to"] + "”"
		}
	}
	return out
}

func wordsOf(keys []string, words map[string]string) string {
	var out []string
	for _, k := range keys {
		out = append(out, words[k])
	}
	return strings.Join(out, "、")
}

// read is who acts: 窗口（条款责任部门、申请人所在镇街的经办人）.
func (w Who) read() string {
	var of []string
	switch w.Department {
	case "":
	case "scheme":
		of = append(of, "条款责任部门")
	default:
		of = append(of, w.Department)
	}
	if w.Town != "" {
		of = append(of, "申请人所在镇街")
	}
	role := roleWords[w.Role]
	if len(of) > 0 {
		role = strings.Join(of, "、") + "的" + role
	}
	if w.Label == "" || w.Label == roleWords[w.Role] {
		return role
	}
	return w.Label + "（" + role + "）"
}

// Text is the time as a reader expects it: 5个工作日, 30日, 24小时, 3个月.
func (w *Within) Text() string {
	unit := w.Unit
	if unit == "工作日" || unit == "月" {
		unit = "个" + unit
	}
	return fmt.Sprintf("%d%s", w.N, unit)
}

// source is what the time rests on, in brackets.
func (w *Within) source() string {
	switch {
	case w.Cite == "":
		return "（" + w.Basis + "）"
	case w.Basis == "":
		return "（依据：" + w.Cite + "）"
	}
	return "（依据：" + w.Cite + "；" + w.Basis + "）"
}
