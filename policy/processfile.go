package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a process: more than any office could follow.
const (
	maxStages   = 100
	maxWithin   = 1000
	maxWordRune = 20
)

// processReader reads one process file. The keys of every stage are known before any stage is read, so that whatever names a stage is
// checked where it stands.
type processReader struct {
	*checker
	p      *Process
	stages map[string][]string // the stages of each flow, in the order of the file
	at     map[any]node        // where a *Flow, *Stage, *TaskRule or *Action stands
	moves  []caseMove
	unsure bool             // some move of cases is not known, so nothing can be said of what is never reached
	broken map[*Action]bool // leads to a stage that nobody could have meant
	sinces []sinceAt
}

// caseMove is what an action of the round does to the cases of a stage.
type caseMove struct {
	verb     string
	from, to string
	at       node
}

// ReadProcess reads one process by itself, as it was stored: what it names outside itself (departments) is not checked again.
// It is nil when some problem is an error.
func ReadProcess(f File) (*Process, []Problem) {
	return readAlone(f, "process", "这里应是一个办理流程，请以 process: 开头。", (*checker).readProcess)
}

// readAlone reads a file of one kind without those around it; nil when some problem is an error.
func readAlone[T any](f File, kind, other string, read func(*checker, node, File) *T) (*T, []Problem) {
	c := newChecker()
	c.alone = true
	root, ok := readYAML(f, &c.ps)
	if !ok {
		return nil, c.ps.sorted()
	}
	c.roots = append(c.roots, root)
	if !root.get(kind).is() {
		c.errorAt(root, "%s", other)
		return nil, c.ps.sorted()
	}
	out := read(c, root, f)
	c.silence()
	if HasErrors(c.ps.list) {
		return nil, c.ps.sorted()
	}
	return out, c.ps.sorted()
}

func (c *checker) readProcess(root node, f File) *Process {
	sum := sha256.Sum256(f.Data)
	r := &processReader{checker: c, stages: map[string][]string{}, at: map[any]node{}, broken: map[*Action]bool{}}
	p := &Process{ID: root.get("process").text(), Title: root.get("title").text(), Path: f.Path, Source: f.Data, Hash: hex.EncodeToString(sum[:]),
		Notes: []Interpretation{}}
	r.p = p
	c.keys(root, "process")
	r.word(root.get("process"), p.ID)
	if p.Title == "" {
		c.errorAt(root, "请写 title:，这个办理流程叫什么。")
	}
	if s := root.get("starts"); s.is() {
		p.Starts = r.known(s, "starts", ProcessStarts)
	} else {
		c.errorAt(root, "请写 starts:，谁发起：applicant（申请人申报）、system（系统提名）或 office（责任部门发起）。")
	}
	if a := root.get("about"); a.is() {
		p.About = r.known(a, "about", ProcessAbouts)
		if p.Starts == "system" {
			c.errorAt(a, "系统提名的流程不办理已有的证书，请删去 about:。")
		}
	} else if p.Starts == "office" && !root.get(flowRound).is() && !c.alone {
		c.local = append(c.local, func() {
			if !c.referred[p.ID] {
				c.errorAt(root.get("starts"), "由部门发起的，要选定办理哪一张证书，请写 about: certificate；成批召集的，请写 round:，并在其中写 do: call；办别的流程移送来的，请在那个流程里写 process: %s。", p.ID)
			}
		})
	}
	for _, item := range root.get("notes").oneOrMore() {
		if x := c.interpretation(item); x != nil {
			p.Notes = append(p.Notes, *x)
		}
	}
	for _, key := range []string{flowCase, flowRound} {
		for i, e := range root.get(key).get("stages").entries() {
			if i < maxStages {
				r.stages[key] = append(r.stages[key], e.key)
			}
		}
	}
	r.checklists(root.get("checklists"))
	r.sheets(root.get("marks"))
	r.lists(root.get("lists"))
	for _, key := range []string{flowCase, flowRound} {
		if n := root.get(key); n.is() {
			r.flow(key, n)
		}
	}
	if !root.get(flowCase).is() {
		c.errorAt(root, "请写 case:，一件申报怎样办理。")
	}
	r.checkProcess()
	r.noteLimits()
	if from := root.get("from"); from.is() {
		p.From = from.text()
		c.local = append(c.local, func() { r.checkLocal(from) })
	}
	return p
}

// word refuses a name that no button or timeline could carry.
func (r *processReader) word(n node, text string) {
	if !isName(text) || utf8.RuneCountInString(text) > maxWordRune {
		r.errorAt(n, "名称应以汉字或字母开头，只含汉字、字母、数字和下划线，不超过%d个字。", maxWordRune)
	}
}

// known is a word of a closed list; anything else is reported and read as the nearest, so that one slip is one problem.
func (r *processReader) known(n node, key string, list []string) string {
	text := n.text()
	if slices.Contains(list, text) {
		return text
	}
	var all []string
	for _, w := range list {
		all = append(all, w+processWord(w))
	}
	hint := "，可以写：" + strings.Join(all, "、") + "。"
	near := nearest(text, list)
	if text == "" {
		r.errorAt(n, "%s: 应写一个词%s", key, hint)
	} else if near != "" {
		r.errorAt(n, "%s: 不认识“%s”，是否应为“%s”？", key, clip(text), near)
	} else {
		r.errorAt(n, "%s: 不认识“%s”%s", key, clip(text), hint)
	}
	return near
}

// manyKnown is a list of words of a closed list, or one of them.
func (r *processReader) manyKnown(n node, key, flow string, list []string) []string {
	var out []string
	for _, item := range n.oneOrMore() {
		w := r.known(item, key, list)
		switch {
		case w == "":
		case slices.Contains(out, w):
			r.errorAt(item, "“%s”写了两次，请删去一个。", w)
		default:
			r.belongs(item, w, flow)
			out = append(out, w)
		}
	}
	return out
}

// belongs refuses a word in a flow where it means nothing.
func (r *processReader) belongs(n node, word, flow string) {
	if own := onlyIn[word]; own != "" && own != flow {
		r.errorAt(n, "%s%s只能写在 %s: 里（%s）。", word, processWord(word), own, flowWords[own])
	}
}

func (r *processReader) yes(n node) bool {
	switch n.text() {
	case "是":
		return true
	case "否":
	default:
		if n.is() {
			r.errorAt(n, "应写“是”或“否”。")
		}
	}
	return false
}

// stage is the key of a stage of a flow that a node names; an unknown one is reported and read as the nearest.
func (r *processReader) stage(n node, key, flow string) string {
	text := n.text()
	if slices.Contains(r.stages[flow], text) {
		return text
	}
	if text == "" {
		r.errorAt(n, "%s: 应写一个阶段的名称。", key)
		return ""
	}
	r.errorAt(n, "%s: %s: 中没有“%s”这个阶段%s", key, flow, clip(text), suggest(text, r.stages[flow]))
	return nearest(text, r.stages[flow])
}

func (r *processReader) flow(key string, n node) {
	f := &Flow{Key: key, Stages: []*Stage{}, Always: []*Action{}}
	r.p.Flows = append(r.p.Flows, f)
	r.at[f] = n
	r.keys(n, "flow")
	list := n.get("stages").entries()
	if len(list) == 0 {
		r.errorAt(n, "请写 stages:，依次写各个阶段，第一个就是开始的阶段。")
		return
	}
	if len(list) > maxStages {
		r.errorAt(list[maxStages].at, "一个流程最多%d个阶段。", maxStages)
		list = list[:maxStages]
	}
	f.Start = list[0].key
	for _, e := range list {
		f.Stages = append(f.Stages, r.readStage(e, f))
	}
	if a := n.get("always"); a.is() && !a.isMap() {
		r.errorAt(a, "always: 应写“动作: 内容”。")
	}
	for _, e := range n.get("always").entries() {
		f.Always = append(f.Always, r.always(e, f))
	}
	r.apart(n.get("apart"), f)
	if panel := n.get("panel"); panel.is() && key != flowRound {
		r.errorAt(panel, "panel: 只能写在 round: 里（%s）。", flowWords[flowRound])
	} else {
		f.Panel = r.panel(panel)
		r.checkPanel(n, f)
	}
}

func (r *processReader) readStage(e entry, f *Flow) *Stage {
	n := e.value
	s := &Stage{Key: e.key, Title: n.get("title").text(), Public: n.get("public").text(), Tasks: []*TaskRule{}, Line: e.at.Line}
	r.at[s] = e.at
	r.word(e.at, e.key)
	if s.Title == "" {
		s.Title = s.Key
	}
	if !n.isMap() {
		r.errorAt(e.at, "请写这个阶段的内容，至少写 public:（给申请人看的话）。")
		return s
	}
	r.keys(n, "stage")
	if s.Public == "" {
		r.errorAt(e.at, "请写 public:，用申请人看得懂的话说明这个阶段在做什么。")
	}
	work := slices.ContainsFunc([]string{"who", "within", "actions"}, func(k string) bool { return n.get(k).is() })
	tasks := n.get("tasks")
	if end := n.get("ends"); end.is() {
		if s.Ends = r.known(end, "ends", ProcessEnds); s.Ends == "" {
			s.Ends = ProcessEnds[len(ProcessEnds)-1]
		}
		if work || tasks.is() {
			r.errorAt(end, "写了 ends: 的阶段已经结束，不能再写 who:、actions: 或 tasks:。")
		}
	}
	then, waits := n.get("then"), n.get("waits")
	if waits.is() {
		s.Waits = r.known(waits, "waits", ProcessWaits)
		switch {
		case f.Key != flowCase:
			r.errorAt(waits, "waits: 只能写在 case: 里（%s）。", flowWords[flowCase])
		case work || tasks.is() || s.Ends != "":
			r.errorAt(waits, "等待的阶段没有人办理，写了 waits: 就不写 who:、actions:、tasks: 和 ends:。")
		case !then.is():
			r.errorAt(waits, "请写 then:，等到以后到哪个阶段。")
		}
	}
	switch {
	case tasks.is() && work:
		r.errorAt(tasks, "一个阶段只写一项任务（who:、actions:），或者只写几项并行的任务（tasks:）。")
	case tasks.is():
		list := tasks.entries()
		if len(list) < 2 {
			r.errorAt(tasks, "tasks: 应写两项以上并行的任务；只有一项的，直接写 who: 和 actions:。")
		}
		for _, t := range list {
			r.word(t.at, t.key)
			s.Tasks = append(s.Tasks, r.task(t.at, t.key, t.value, f, true))
		}
		if !then.is() {
			r.errorAt(tasks, "请写 then:，各项并行的任务都办完以后到哪个阶段。")
		}
	case work:
		s.Tasks = append(s.Tasks, r.task(e.at, e.key, n, f, false))
	}
	if n.get("at_once").is() {
		if work || tasks.is() || waits.is() || then.is() || s.Ends != "" {
			r.errorAt(n.get("at_once"), "写了 at_once:（由系统当即办理）的阶段，不写 who:、actions:、tasks:、waits:、then: 和 ends:。")
		}
		r.atOnce(n.get("at_once"), s, f)
	}
	if j := n.get("joint"); j.is() {
		r.joint(j, s, f)
	}
	if then.is() {
		if !tasks.is() && !waits.is() {
			r.errorAt(then, "只有几项并行的任务（tasks:）和等待的阶段（waits:）才写 then:；一项任务到哪里去，写在动作的 to: 里。")
		}
		s.Then = r.stage(then, "then", f.Key)
	}
	return s
}

// atOnce reads what the system does as soon as an instance comes to a stage: the first way whose guards hold, the last without any.
func (r *processReader) atOnce(n node, s *Stage, f *Flow) {
	list := n.entries()
	if len(list) < 2 {
		r.errorAt(n, "at_once: 至少写两个动作：有前提的在前，最后一个不写 if:，都不是的照它办。")
	}
	if f.Start == s.Key {
		r.errorAt(n, "开始的阶段不能写 at_once:，要有人先办。")
	}
	for i, e := range list {
		a := r.action(e, f, "at_once_action")
		s.AtOnce = append(s.AtOnce, a)
		switch last := i == len(list)-1; {
		case !last && len(a.If) == 0:
			r.errorAt(e.at, "“%s”没有写 if:，后面的动作永远轮不到；没有前提的只写在最后。", clip(a.Key))
		case last && len(a.If) > 0:
			r.errorAt(e.at, "最后一个动作不写 if:，前面的都不是就照它办。")
		}
		if a.To == "" && !r.broken[a] {
			r.errorAt(e.at, "请写 to:，到哪个阶段。")
			r.broken[a] = true
		}
	}
}

// task reads one piece of work, from a stage of its own or from one of several.
func (r *processReader) task(at node, key string, n node, f *Flow, parallel bool) *TaskRule {
	t := &TaskRule{Key: key, Title: n.get("title").text(), Actions: []*Action{}}
	r.at[t] = at
	if t.Title == "" {
		t.Title = key
	}
	if parallel {
		r.keys(n, "task")
	}
	if w := n.get("who"); w.is() {
		t.Who = r.who(w, f)
	} else {
		r.errorAt(at, "请写 who:，这一项由谁办理。")
	}
	list := n.get("actions").entries()
	if len(list) == 0 {
		r.errorAt(at, "请写 actions:，办理的人可以做什么。")
	}
	titles := map[string]bool{}
	for _, e := range list {
		a := r.action(e, f, "action")
		if titles[a.Title] {
			r.errorAt(e.at, "这项任务已有一个叫“%s”的动作，请换一个名称。", clip(a.Title))
		}
		titles[a.Title] = true
		stops := e.value.get("stops")
		switch {
		case !parallel && stops.is():
			r.errorAt(stops, "只有并行的任务（tasks:）里才写 stops:。")
		case parallel && a.Stops && a.To == "":
			r.errorAt(e.at, "写了 stops: 是 的动作，请写 to:，其他任务停下以后到哪个阶段。")
		case parallel && !a.Stops && a.To != "":
			r.errorAt(e.value.get("to"), "并行的任务都办完才到 then: 的阶段；要立刻转走、停下其他任务，请加 stops: 是，否则删去 to:。")
		}
		if m := e.value.get("many"); a.Many && t.Who.Role == "applicant" {
			r.errorAt(m, "申请人办自己的事，不写 many:。")
		}
		t.Many = t.Many || a.Many
		t.Actions = append(t.Actions, a)
	}
	if w := n.get("within"); w.is() {
		t.Within = r.within(w, "within")
		r.lapse(w, t, f)
		r.reminders(w.get("remind"), t.Within)
		for _, p := range w.get("pauses").oneOrMore() {
			stage := r.stage(p, "pauses", f.Key)
			if stage == at.text() && !parallel {
				r.errorAt(p, "不能在本阶段停自己的时限。")
			}
			t.Within.Pauses = append(t.Within.Pauses, stage)
		}
	}
	return t
}

// lapse reads what the clock does when the time is over: an action of the task that asks nothing only a person can say.
func (r *processReader) lapse(w node, t *TaskRule, f *Flow) {
	n := w.get("lapse")
	if !n.is() {
		return
	}
	var keys []string
	for _, a := range t.Actions {
		keys = append(keys, a.Key)
	}
	t.Within.Lapse = n.text()
	for _, a := range t.Actions {
		if a.Key != t.Within.Lapse {
			continue
		}
		for _, need := range a.Needs {
			if need != "reason" && need != "confirm" {
				r.errorAt(n, "逾期由系统自动执行的动作不能要求填写 %s%s。", need, processWord(need))
			}
		}
		return
	}
	r.errorAt(n, "lapse: 这项任务没有叫“%s”的动作%s", clip(n.text()), suggest(n.text(), keys))
}

func (r *processReader) who(n node, f *Flow) Who {
	var w Who
	role := n
	if !n.isText() {
		r.keys(n, "who")
		role = n.get("role")
		w.Department, w.Label = n.get("department").text(), n.get("label").text()
	}
	if !role.is() {
		r.errorAt(n, "请写 role:，由什么角色办理，例如 officer（经办人）。")
		return w
	}
	w.Role = r.known(role, "role", ProcessRoles)
	if n.get("department").is() {
		r.department(n.get("department"))
	}
	if t := n.get("town"); t.is() { // older files have it; what was published and what runs is still read
		r.warnAt(t, lintTown, "town: 不起作用，请删去：只管一个镇街的人，系统一律只让他办本镇街的申报。")
	}
	switch {
	case w.Role == "applicant" && w.Department != "":
		r.errorAt(n, "申请人不分部门，请删去 department:。")
	case f.Key == flowRound && w.Role == "applicant":
		r.errorAt(role, "一批申报没有申请人，请写办理它的角色，例如 officer（经办人）。")
	}
	return w
}

// department checks a department's name against those that the vocabularies name.
func (r *processReader) department(n node) {
	if r.alone || n.text() == "scheme" {
		return
	}
	known := r.lib.vocabulary.Departments()
	if !slices.Contains(known, n.text()) {
		r.errorAt(n, "词汇表中没有“%s”这个部门，应写 scheme（条款的责任部门）或在词汇表的 departments: 中声明%s", clip(n.text()), suggest(n.text(), known))
	}
}

// document checks the template that an action names against those of the library.
func (r *processReader) document(n node, a *Action, f *Flow) {
	if f.Key != flowCase {
		r.errorAt(n, "document: 只能写在 case: 里（%s）。", flowWords[flowCase])
	}
	if r.alone {
		return
	}
	t := r.lib.byTemplate[a.Document]
	if t == nil {
		r.errorAt(n, "没有名为“%s”的文书模板%s", clip(a.Document), suggest(a.Document, sortedKeys(r.lib.byTemplate)))
		return
	}
	for _, f := range t.Fields() {
		if f == "补正事项" && !slices.Contains(a.Needs, "items") {
			r.errorAt(n, "文书“%s”写了{%s}，这个动作要填 items，请写 needs: items。", clip(t.ID), f)
		}
		if slices.Contains(TemplateOfReceipt, f) {
			r.errorAt(n, "文书“%s”写了{%s}，那是送达回证的一项：请在文书模板里写 receipt: %s，不要在流程里起草它。", clip(t.ID), f, clip(t.ID))
		}
	}
}

// ShareOf is a share as a process file writes it: 5%, 12.5%. It is above nothing and at most the whole.
func ShareOf(text string) (*big.Rat, bool) {
	number, ok := strings.CutSuffix(text, "%")
	if !ok || len(number) > 12 || strings.Trim(number, "0123456789.") != "" {
		return nil, false
	}
	share, ok := new(big.Rat).SetString(number)
	if !ok || share.Sign() <= 0 || share.Cmp(big.NewRat(100, 1)) > 0 {
		return nil, false
	}
	return share.Quo(share, big.NewRat(100, 1)), true
}

func (r *processReader) action(e entry, f *Flow, shape string) *Action {
	n := e.value
	a := &Action{Key: e.key, Title: n.get("title").text(), Needs: []string{}, If: []string{}, Do: []Effect{}, Tone: "plain"}
	r.at[a] = e.at
	r.word(e.at, e.key)
	if a.Title == "" {
		a.Title = a.Key
	}
	if !n.isMap() {
		r.errorAt(e.at, "动作后面应写 {to: 到哪个阶段}，并行的任务写 {needs: 填什么}。")
		return a
	}
	r.keys(n, shape)
	if to := n.get("to"); to.is() {
		a.To = r.stage(to, "to", f.Key)
		r.broken[a] = a.To == ""
	}
	a.Needs = append(a.Needs, r.manyKnown(n.get("needs"), "needs", f.Key, ProcessNeeds)...)
	a.If = append(a.If, r.manyKnown(n.get("if"), "if", f.Key, ProcessGuards)...)
	a.Do = append(a.Do, r.effects(n.get("do"), f)...)
	if t := n.get("tone"); t.is() {
		a.Tone = r.known(t, "tone", ProcessTones)
	}
	if d := n.get("document"); d.is() {
		a.Document = d.text()
		r.document(d, a, f)
	}
	a.Stops = r.yes(n.get("stops"))
	if a.Many = r.yes(n.get("many")); a.Many {
		for _, need := range []string{"items", "findings", "notice", "answer", "rating", visit, "places", "sequence", "result", stance} {
			if slices.Contains(a.Needs, need) {
				r.errorAt(n.get("many"), "要填写 %s%s的动作只能一件一件办，请删去 many:。", need, processWord(need))
			}
		}
	}
	r.agree(n, a)
	r.since(n.get("since"), a, f)
	r.inTime(n.get("within"), a)
	return a
}

// agree checks that an action asks for what its effects keep, and keeps what it asks for.
func (r *processReader) agree(n node, a *Action) {
	needs := func(word string) bool { return slices.Contains(a.Needs, word) }
	if needs("letter") && needs("reason") {
		r.errorAt(n.get("needs"), "letter 写的就是给申请人看的理由，请删去 reason。")
	}
	does := func(names ...string) bool {
		return slices.ContainsFunc(a.Do, func(e Effect) bool { return slices.Contains(names, e.Name) })
	}
	switch {
	case does("set_amount") && !needs("amount"):
		r.errorAt(n.get("do"), "set_amount 记下核定的金额，请写 needs: amount。")
	case needs("amount") && !does("set_amount"):
		r.errorAt(n.get("needs"), "填了核定金额要记下来，请写 do: set_amount。")
	}
	switch {
	case does("findings") && !needs("findings"):
		r.errorAt(n.get("do"), "findings 存入核查结果，请写 needs: findings。")
	case needs("findings") && !does("findings"):
		r.warnAt(n.get("needs"), lintFindings, "填了核查结果没有存入企业的记录，要存入的请写 do: findings。")
	}
	for _, word := range []string{"answer", "rating", visit, "places", stance} {
		switch {
		case does(word) && !needs(word):
			r.errorAt(n.get("do"), "%s %s，请写 needs: %s。", word, effectWords[word], word)
		case needs(word) && !does(word):
			r.errorAt(n.get("needs"), "填了 %s 要存下来，请写 do: %s。", word, word)
		}
	}
	switch {
	case does("publish", "renotice") && !needs("notice"):
		r.errorAt(n.get("do"), "公示要写标题，请写 needs: notice。")
	case needs("notice") && !does("publish", "renotice"):
		r.errorAt(n.get("needs"), "填了公示的标题要发出去，请写 do: publish（公示）或 renotice（重新公示）。")
	}
	period := n.get("period")
	switch {
	case period.is() && !needs("notice"):
		r.errorAt(period, "只有填写公示（needs: notice）的动作才写 period:。")
	case period.is():
		if a.Period = r.within(period, "period_of_notice"); a.Period.Unit == "小时" {
			r.errorAt(period.get("time"), "公示期应以工作日、日或月计。")
		}
	case needs("notice"):
		r.errorAt(n.get("needs"), "请写 period:，公示一般多久、依据是什么，例如 {time: 5工作日, cite: 依据}。")
	}
	if r.p.About == "" {
		for _, e := range a.Do {
			if slices.Contains(aboutCertificate, e.Name) {
				r.errorAt(n.get("do"), "%s%s办理的是已有的证书，请在流程开头写 about: certificate。", e.Name, processWord(e.Name))
			}
		}
	} else if does("issue") {
		r.errorAt(n.get("do"), "写了 about: certificate 的流程办理已有的证书，不能再 issue（发证）。")
	}
	for guard, hearing := range map[string]bool{"visited": false, "heard": true} {
		if slices.Contains(a.If, guard) && !slices.ContainsFunc(r.p.Checklists, func(c *Checklist) bool { return (c.Hearing != nil) == hearing }) {
			r.errorAt(n.get("if"), "%s 看的是%s，请在流程开头写 checklists:，并在前面的动作里写 do: {visit: {checklist: 清单}}。", guard,
				map[bool]string{false: "现场核查", true: "听证（清单里写 hearing:）"}[hearing])
		}
	}
	if slices.Contains(a.If, "rated") && len(r.p.Sheets) == 0 {
		r.errorAt(n.get("if"), "rated 看的是核实后的得分，请在流程开头写 marks:，并在核实的任务里写 do: {marks: {sheet: 评分表}}。")
	}
	r.agreeStance(n, a)
	if needs("sequence") && !does(recommend) {
		r.errorAt(n.get("needs"), "填了推荐次序要存下来，请写 do: {recommend: {from: 阶段}}。")
	}
	switch {
	case does(conclude) && (!needs("result") || !slices.Contains(a.If, "result_in")):
		r.errorAt(n.get("do"), "conclude 按上级公布的名单记下结果，要有人核对，请写 if: result_in 和 needs: result。")
	case needs("result") && !does(conclude):
		r.errorAt(n.get("needs"), "核对上级公布的名单要记下结果，请写 do: {conclude: {from: 阶段, to: 阶段, rest: 阶段, level: 级别的种类, cite: 依据}}。")
	}
	if does("places") && !needs("reason") {
		r.errorAt(n.get("do"), "并列由人裁定的要写明理由，请写 needs: [places, reason]。")
	}
	if does("claw_back") && !needs("reason") {
		r.errorAt(n.get("do"), "追回已付的资金要告知理由，请写 needs: reason。")
	}
	if does("suspend", "revoke") && !needs("reason") {
		r.errorAt(n.get("do"), "暂停、吊销证书要告知理由，请写 needs: reason。")
	}
	if slices.Contains(a.If, "cases_ready") && !does(moveCases) {
		r.errorAt(n.get("if"), "cases_ready 看的是同一动作里 move_cases 要集中的阶段，请写 do: {move_cases: {from: 阶段, to: 阶段}}。")
	}
}

// always reads an action that needs no task: somebody may take it at any of its stages.
func (r *processReader) always(e entry, f *Flow) *Action {
	n := e.value
	a := r.action(e, f, "always")
	if w := n.get("who"); w.is() {
		a.Who = r.who(w, f)
	} else {
		r.errorAt(e.at, "请写 who:，谁可以做。")
	}
	r.extends(n.get("extends"), a, f)
	if a.To == "" && len(a.Do) == 0 && a.Extends == nil && !r.broken[a] {
		r.errorAt(e.at, "请写 to:，到哪个阶段，或 do:，做什么。")
	}
	for _, s := range n.get("at").oneOrMore() {
		if stage := r.stage(s, "at", f.Key); stage != "" {
			if slices.Contains(a.At, stage) {
				r.errorAt(s, "“%s”写了两次，请删去一个。", stage)
				continue
			}
			a.At = append(a.At, stage)
			r.alwaysAt(s, a, f.Stage(stage))
		}
	}
	if !n.get("at").is() {
		r.errorAt(e.at, "请写 at:，在哪些阶段可以做。")
	}
	r.extended(n.get("extends"), a, f)
	return a
}

func (r *processReader) alwaysAt(n node, a *Action, s *Stage) {
	if s == nil {
		return
	}
	if s.Ends != "" {
		r.errorAt(n, "“%s”已经结束，不能再做什么。", s.Key)
	}
	for _, t := range s.Tasks {
		for _, other := range t.Actions {
			if other.Key == a.Key || other.Title == a.Title {
				r.errorAt(n, "“%s”里已有一个叫“%s”的动作，请换一个名称，或从 at: 中去掉这个阶段。", s.Key, clip(a.Title))
			}
		}
	}
}

// apart reads the groups of stages that no one person may act at.
func (r *processReader) apart(n node, f *Flow) {
	for _, group := range n.oneOrMore() {
		var keys []string
		if !group.isList() || len(group.items()) < 2 {
			r.errorAt(group, "apart: 的每一行写两个以上的阶段，例如 - [审核, 决定]。")
			continue
		}
		for _, item := range group.items() {
			own, other := slices.Contains(r.stages[f.Key], item.text()), f.Key == flowRound && slices.Contains(r.stages[flowCase], item.text())
			switch {
			case own && other:
				r.errorAt(item, "case: 和 round: 都有“%s”这个阶段，分不清是哪一个，请把其中一个改名。", clip(item.text()))
			case other:
				keys = append(keys, item.text())
				r.acted(item, r.p.Flow(flowCase))
				continue
			}
			if stage := r.stage(item, "apart", f.Key); stage != "" {
				if slices.Contains(keys, stage) {
					r.errorAt(item, "“%s”写了两次，请删去一个。", stage)
				}
				keys = append(keys, stage)
				r.acted(item, f)
			}
		}
		f.Apart = append(f.Apart, keys)
	}
}

// acted refuses a stage at which nobody acts where somebody must have.
func (r *processReader) acted(n node, f *Flow) {
	s := f.Stage(n.text())
	if s == nil || len(s.Tasks) > 0 {
		return
	}
	for _, a := range f.Always {
		if slices.Contains(a.At, s.Key) {
			return
		}
	}
	r.errorAt(n, "“%s”没有人办理，不用写在 apart: 里。", s.Key)
}
