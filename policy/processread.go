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
	Starts string           `json:"starts"`          // 由申请人申报
	About  string           `json:"about,omitempty"` // 办理企业已有的一张证书
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

var roleWords = map[string]string{"applicant": "申请人", "officer": "经办人", "leader": "负责人", "finance": "财务", "administrator": "管理员"}

var needWords = map[string]string{
	"reason": "写明理由", "items": "一次写全要补正的事项", "amount": "核定金额（金额确定的不用填）", "opinion": "写明意见", "findings": "填写核查结果", stance: "给出意见和理由", stanceSum: "建议金额",
	"notice": "填写公示的标题", "visit": "写明谁去、可以选的时间", "answer": "写明答复", "rating": "评价（1至5分）", "places": "写明并列的先后", "sequence": "写明推荐的次序", "result": "核对上级公布的名单", "letter": "书面告知申请人", "confirm": "再次确认",
}

var guardWords = map[string]string{
	"complete": "事实、材料和承诺已齐全", "window_open": "在申报期内", "window_closed": "申报期已结束或提前截止", "no_open_objection": "没有尚未处理的异议",
	"notice_over": "公示期已满", "amount_set": "最高额的都已核定金额", "cases_ready": "要集中的申报都已办到这一步", "checks_back": "各部门的核查结果都已返回",
	"overdue": "期限已过", "returned": "追回的资金已还清或核销", "rated": "等级已由核实的得分定下、条件都符合", "visited": "现场核查都已办完、要核实的都已确认", "heard": "听证已举行，笔录已签字", "holds": "持有本条有效的证书", "holds_not": "没有本条有效的证书",
	"documents_issued": "起草的文书都已签发", "documents_delivered": "起草的文书都已送达",
	"budget_covers": "预算足够", "all_paid": "全部已兑付或写明理由不再兑付", "none_supported": "全部申报都已不予支持、撤回或不再兑付",
	"none_open": "已提交的申报都已办完",
	"scores_in": "专家的评分都已提交", "experts_short": "候补的专家已用完，还有评分没有人评", "minutes_signed": "评审会纪要已由组长签署", "result_in": "上级公布的名单已导入，等另一人核对",
	"facts_decide": "数据都已核实、没有争议、条件符合、金额确定",
}

var effectWords = map[string]string{
	"submit": "正式提交并编号", "propose": "由系统提名符合条件的", call: "召集应当办理的", remind: "催办", refer: "移送逾期没有提交的", verify: "核实清单", recordEffect: "把结果记为事实", "evaluate": "重新计算并存档", "findings": "存入核查结果", stance: "存入意见", silence: "逾期不答复算什么", "set_amount": "记下核定的金额", "exclude": "退出本批",
	"open_window": "发布通知、开放申报", "freeze": "冻结全部事实", "settle": "统一结算", "publish": "发布公示和汇总表", "renotice": "重新公示",
	"decide": "作出决定、占用预算", "order": "下达资金、交付支付", "release": "退回占用的预算", "claw_back": "追回已付的资金、记应收款",
	moveCases: "整批转阶段", sample: "随机抽查", "answer": "存入答复", "visit": "安排现场核查", marks: "核实得分并记为申报人的事实", "rating": "存入评价", "issue": "发证并编号", "amend": "变更证书", "request_renewal": "提出延续（届满前没有决定的，视为准予延续）", "renew": "延续证书",
	leaveOut: "没有得到的转阶段", "draw": "抽取评审专家", "score": "汇总专家评分", "places": "记下并列的先后", recommend: "形成推荐名单", conclude: "按上级公布的名单记下结果",
	"suspend": "暂停证书", "resume": "恢复证书", "revoke": "吊销或撤销证书", "surrender": "注销证书",
}

var endWords = map[string]string{"granted": "予以支持并已兑现", "refused": "不予支持", "withdrawn": "撤回、放弃或取消", "done": "办结"}

var waitWords = map[string]string{"paid": "款项到账"}

var startWords = map[string]string{"applicant": "由申请人申报", "system": "由系统提名，不用申报", "office": "由责任部门发起"}

var aboutWords = map[string]string{"certificate": "办理企业已有的一张证书"}

var conflictWords = map[string]string{"panel": "退出专家组", "case": "只回避有关的申报"}

var toneWords = map[string]string{"primary": "主要按钮", "plain": "普通按钮", "danger": "警示按钮"}

// processWord is the Chinese of a word of a process file in brackets, or empty.
func processWord(word string) string {
	for _, list := range []map[string]string{roleWords, startWords, aboutWords, needWords, guardWords, effectWords, endWords, waitWords, toneWords, passWords, silenceWords, dayWords, dayOffWords, conflictWords} {
		if text := list[word]; text != "" {
			text, _, _ = strings.Cut(text, "（")
			return "（" + text + "）"
		}
	}
	return ""
}

// Describe is the process as a person reads it.
func (p *Process) Describe() ProcessView {
	v := ProcessView{ID: p.ID, Title: p.Title, Starts: startWords[p.Starts], About: aboutWords[p.About], Flows: []FlowView{}, Notes: p.Notes}
	for _, f := range p.Flows {
		fv := FlowView{Key: f.Key, Title: flowWords[f.Key], Stages: []StageView{}, Rules: []string{}}
		for _, s := range f.Stages {
			fv.Stages = append(fv.Stages, StageView{Key: s.Key, Title: s.Title, Public: s.Public, Ends: s.Ends, Lines: p.readStage(f, s)})
		}
		if f.Panel != nil {
			fv.Rules = append(fv.Rules, f.Panel.Words())
		}
		if f.Key == flowCase {
			for _, l := range p.Lists {
				fv.Rules = append(fv.Rules, p.readList(l))
			}
		}
		for _, group := range f.Apart {
			var titles []string
			for _, key := range group {
				title := f.titleOf(key)
				if f.Stage(key) == nil {
					title = p.Flow(flowCase).titleOf(key)
				}
				titles = append(titles, title)
			}
			fv.Rules = append(fv.Rules, quoted(titles)+"不能由同一个人办理同一件申报。")
		}
		v.Flows = append(v.Flows, fv)
	}
	return v
}

// readStage is a line for each piece of work, and one for each thing that may be done.
func (p *Process) readStage(f *Flow, s *Stage) []string {
	lines := []string{}
	for _, t := range s.Tasks {
		name := ""
		if len(s.Tasks) > 1 {
			name = t.Title + "："
		}
		lines = append(lines, name+f.readTask(t))
		for _, a := range t.Actions {
			if a.Silent() {
				lines = append(lines, name+"逾期由系统"+p.readAction(f, a)+"。")
				continue
			}
			lines = append(lines, name+"可以"+p.readAction(f, a)+"。")
		}
	}
	for i, a := range s.AtOnce {
		if i == len(s.AtOnce)-1 {
			lines = append(lines, "都不是的，由系统当即办理"+p.readAction(f, a)+"。")
		} else {
			lines = append(lines, "由系统当即办理"+p.readAction(f, a)+"。")
		}
	}
	switch {
	case len(s.AtOnce) > 0:
	case s.Joint != nil:
		lines = append(lines, f.readJoint(s)...)
	case len(s.Tasks) > 1:
		lines = append(lines, "以上各项同时办理，都办完后转入“"+f.titleOf(s.Then)+"”。")
	case s.Waits != "":
		lines = append(lines, "等待"+waitWords[s.Waits]+"，然后自动转入“"+f.titleOf(s.Then)+"”。")
	case s.Ends != "":
		lines = append(lines, "到此结束："+endWords[s.Ends]+"。")
	case len(s.Tasks) == 0:
		lines = append(lines, p.readMoves(f, s)...)
	}
	for _, a := range f.Always {
		if slices.Contains(a.At, s.Key) {
			lines = append(lines, a.Who.read()+"随时可以"+p.readAction(f, a)+"。")
		}
	}
	return lines
}

// readMoves says which actions of the round take a waiting case on.
func (p *Process) readMoves(f *Flow, s *Stage) []string {
	round := p.Flow(flowRound)
	if round == nil {
		return nil
	}
	var lines []string
	for _, from := range round.Stages {
		for _, t := range from.Tasks {
			for _, a := range t.Actions {
				for _, e := range a.Do {
					if e.Name == sample && e.Args["from"] == s.Key {
						lines = append(lines, "等待抽查：在“"+from.Title+"”办了“"+a.Title+"”后，抽中"+e.Args["share"]+"转入“"+f.titleOf(e.Args["to"])+"”，其余转入“"+f.titleOf(e.Args["rest"])+"”。")
					}
					if e.Name == leaveOut && e.Args["from"] == s.Key {
						lines = append(lines, "等待整批：在“"+from.Title+"”办了“"+a.Title+"”后，结算下来没有得到的转入“"+f.titleOf(e.Args["to"])+"”。")
					}
					if e.Name == conclude && e.Args["from"] == s.Key {
						lines = append(lines, "等待上级公布结果，本级不能决定：在“"+from.Title+"”办了“"+a.Title+"”后，名单上有的转入“"+f.titleOf(e.Args["to"])+"”，没有的转入“"+f.titleOf(e.Args["rest"])+"”。")
					}
					if e.Name == moveCases && e.Args["from"] == s.Key {
						lines = append(lines, "等待整批：在“"+from.Title+"”办了“"+a.Title+"”后，一起转入“"+f.titleOf(e.Args["to"])+"”。")
					}
				}
			}
		}
	}
	return lines
}

// titleOf is the title of a stage; of one that is not there (a file with errors), its key.
func (f *Flow) titleOf(key string) string {
	if f != nil {
		if s := f.Stage(key); s != nil {
			return s.Title
		}
	}
	return key
}

// taskTitle is the title of a task at one of some stages, or its key.
func (f *Flow) taskTitle(at []string, key string) string {
	for _, stage := range at {
		if s := f.Stage(stage); s != nil {
			for _, t := range s.Tasks {
				if t.Key == key {
					return t.Title
				}
			}
		}
	}
	return key
}

func (f *Flow) readTask(t *TaskRule) string {
	w := t.Within
	if w == nil {
		return t.Who.read() + "办理，不限时。"
	}
	out := t.Who.read() + "在" + w.Text() + map[bool]string{false: "内"}[w.Dated()] + "办理（" + w.Source() + "）"
	if text := w.assumes(); text != "" {
		out += "，" + text
	}
	if len(w.Pauses) > 0 {
		var titles []string
		for _, key := range w.Pauses {
			titles = append(titles, f.titleOf(key))
		}
		out += "，" + quoted(titles) + "的时间不计"
	}
	if len(w.Reminders) > 0 {
		var days []string
		for _, d := range w.Reminders {
			days = append(days, d.String())
		}
		out += "；" + strings.Join(days, "、") + "由系统提醒"
	}
	if w.Lapse == "" {
		return out + "；逾期只提醒。"
	}
	title := w.Lapse
	for _, a := range t.Actions {
		if a.Key == w.Lapse {
			title = a.Title
		}
	}
	return out + "；逾期由系统按“" + title + "”处理。"
}

// readAction is one action: its condition, what it asks, what it brings about, and where it leads.
func (p *Process) readAction(f *Flow, a *Action) string {
	out := "“" + a.Title + "”"
	if words := wordsOf(a.If, guardWords); words != "" {
		out += "，前提是" + words
	}
	if words := wordsOf(a.Needs, needWords); words != "" {
		out += "，须" + words
	}
	if a.Period != nil {
		out += "，公示期一般" + a.Period.Text() + "（" + a.Period.Source() + "）"
	}
	if w := a.Within; w != nil {
		out += "，最晚在" + w.Text() + "（" + w.Source() + "）"
		if text := w.assumes(); text != "" {
			out += "，" + text
		}
	}
	if a.Many {
		out += "，可以批量办"
	}
	if x := a.Extends; x != nil {
		out += "；“" + f.taskTitle(a.At, x.Task) + "”的时限延长" + x.Within.Text() + "（" + x.Within.Source() + "）"
		if x.Times > 1 {
			out += fmt.Sprintf("，最多%d次", x.Times)
		} else {
			out += "，只能延长一次"
		}
	}
	for _, e := range a.Do {
		if e.Name == sample {
			c := p.Flow(flowCase)
			out += "；从“" + c.titleOf(e.Args["from"]) + "”的申报中随机抽取" + e.Args["share"] + "转入“" + c.titleOf(e.Args["to"]) + "”，其余转入“" + c.titleOf(e.Args["rest"]) + "”"
		} else if e.Name == leaveOut {
			c := p.Flow(flowCase)
			out += "；“" + c.titleOf(e.Args["from"]) + "”中结算下来没有得到的转入“" + c.titleOf(e.Args["to"]) + "”"
		} else if e.Name == recommend {
			out += "；“" + p.Flow(flowCase).titleOf(e.Args["from"]) + "”的申报形成推荐名单"
		} else if e.Name == conclude {
			c := p.Flow(flowCase)
			out += "；按上级公布的名单，“" + c.titleOf(e.Args["from"]) + "”中有的记入证书和记录、转入“" + c.titleOf(e.Args["to"]) + "”，没有的转入“" + c.titleOf(e.Args["rest"]) + "”" + e.source()
		} else if e.Name == moveCases {
			c := p.Flow(flowCase)
			out += "；“" + c.titleOf(e.Args["from"]) + "”的申报一起转入“" + c.titleOf(e.Args["to"]) + "”"
		} else if e.Name == silence {
			out += "；" + e.readSilence()
		} else if e.Name == remind {
			out += "；催办停在“" + p.Flow(flowCase).titleOf(e.Args["from"]) + "”的"
		} else if e.Name == refer {
			out += "；逾期没有提交的移送“" + e.Args["process"] + "”，每家一件"
		} else if l := p.List(e.Args["list"]); e.Name == verify && l != nil {
			out += "；核实清单“" + l.Title + "”"
		} else if e.Name == recordEffect {
			out += "；把结果记为事实：" + e.Args["what"] + "（" + e.readSays() + "）" + e.source()
		} else if s := p.Sheet(e.Args["sheet"]); e.Name == marks && s != nil {
			out += "；" + s.read()
		} else if c := p.Checklist(e.Args["checklist"]); e.Name == visit && c != nil {
			out += "；安排" + c.read()
		} else {
			out += "；" + effectWords[e.Name] + e.source()
		}
	}
	if a.Document != "" {
		out += "；起草《" + a.Document + "》"
	}
	if a.To != "" {
		out += "；转入“" + f.titleOf(a.To) + "”"
	}
	if a.Since != "" {
		out += "，时限从到“" + f.titleOf(a.Since) + "”起算"
	}
	if a.Stops {
		out += "，其他几项随即停止"
	}
	return out
}

func quoted(words []string) string { return "“" + strings.Join(words, "”“") + "”" }

func wordsOf(keys []string, words map[string]string) string {
	var out []string
	for _, k := range keys {
		out = append(out, words[k])
	}
	return strings.Join(out, "、")
}

// source is what an effect rests on, in brackets.
func (e *Effect) source() string {
	switch cite := e.Args["cite"]; cite {
	case "":
		return ""
	case notFound:
		return "（依据没有查到）"
	default:
		return "（" + cite + "）"
	}
}

// read is who acts: 窗口（条款责任部门的经办人）.
func (w Who) read() string {
	var of []string
	switch w.Department {
	case "":
	case "scheme":
		of = append(of, "条款责任部门")
	default:
		of = append(of, w.Department)
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
