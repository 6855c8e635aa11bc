package policy

import (
	"slices"
	"strconv"
	"strings"
)

// Joint makes the parallel tasks of a stage a joint review (联合审查): every department says whether it agrees, and the file says what
// comes of it. Where they do not carry it, somebody settles it at a stage of the file, with a reason. Silence is never consent, unless the
// file names the rule that makes it so.
type Joint struct {
	Passes  string  // what carries it, see ProcessPasses
	Blind   bool    // nobody sees what the others say until all have said theirs
	Divided string  // the stage at which it is settled when it is neither carried nor refused
	Opposed string  // the stage it goes to when it is refused by the same rule; Divided, where the file does not say
	Source  *Within // where the rule comes from: Cite, Basis
}

// ProcessPasses are the rules by which a joint review is carried.
var ProcessPasses = []string{
	"all",      // every department answers, and agrees
	"answered", // at least one answers, and all who do agree
	"majority", // more than half of those who are asked agree; who does not answer agrees with nobody
}

// ProcessSilences are what it may count as when a department lets its time pass.
var ProcessSilences = []string{
	"none",  // as no opinion
	"agree", // as consent, by a rule that is cited
}

// Stances are what a department may say.
const (
	Agrees   = "agree"
	Demurs   = "conditional" // agrees if something is done
	Objects  = "object"
	NoStance = "none" // it let its time pass
)

// What comes of a joint review.
const (
	JointWaits   = ""
	JointAgreed  = "agreed"
	JointOpposed = "opposed"
	JointDivided = "divided"
)

// Stance is what one department says, and the sum that it proposes; empty: nothing yet.
type Stance struct {
	Says string
	Sum  *Fen
}

// Result is what comes of what the departments say, one Stance for each that is asked. While one of them has said nothing it waits. Consent
// on a condition is not consent, and those who agree must not propose different sums.
func (j *Joint) Result(asked []Stance) string {
	agree, object, answered, sums := 0, 0, 0, map[Fen]bool{}
	for _, s := range asked {
		switch s.Says {
		case "":
			return JointWaits
		case Agrees:
			agree++
			if s.Sum != nil {
				sums[*s.Sum] = true
			}
		case Objects:
			object++
		}
		if s.Says != NoStance {
			answered++
		}
	}
	carries := func(n int) bool {
		switch j.Passes {
		case "all":
			return n == len(asked)
		case "answered":
			return n > 0 && n == answered
		case "majority":
			return 2*n > len(asked)
		}
		return false
	}
	switch {
	case carries(agree) && len(sums) < 2:
		return JointAgreed
	case carries(object):
		return JointOpposed
	}
	return JointDivided
}

// Leads is the stage that a joint review comes to by its result.
func (s *Stage) Leads(result string) string {
	switch {
	case s.Joint == nil || result == JointAgreed:
		return s.Then
	case result == JointOpposed && s.Joint.Opposed != "":
		return s.Joint.Opposed
	}
	return s.Joint.Divided
}

// Joined is the joint review that a task belongs to, or nil.
func (f *Flow) Joined(stage string) *Joint {
	if s := f.Stage(stage); s != nil {
		return s.Joint
	}
	return nil
}

// Silent says whether only the clock takes an action: it says what the silence of a department counts as.
func (a *Action) Silent() bool { return a.Does(silence) }

// The needs and effects of a joint review.
const (
	stance    = "stance"
	silence   = "silence"
	stanceSum = "sum"
)

// joint reads how the opinions of the tasks of a stage come together.
func (r *processReader) joint(n node, s *Stage, f *Flow) {
	r.keys(n, "joint")
	j := &Joint{Blind: r.yes(n.get("blind")), Source: &Within{Cite: n.get("cite").text(), Basis: n.get("basis").text()}}
	s.Joint = j
	r.at[j] = n
	if f.Key != flowCase {
		r.errorAt(n, "joint: 只能写在 case: 里（%s）。", flowWords[flowCase])
	}
	if len(s.Tasks) < 2 {
		r.errorAt(n, "联合审查要有几项并行的任务，每个部门一项，请写 tasks:。")
	}
	if p := n.get("passes"); p.is() {
		j.Passes = r.known(p, "passes", ProcessPasses)
	} else {
		r.errorAt(n, "请写 passes:，怎样才算一致：all（各部门都答复、都同意）、answered（答复了的都同意）或 majority（同意的超过征求的部门的一半）。")
	}
	if j.Source.Cite == "" && j.Source.Basis == "" {
		r.errorAt(n, "请写这条规则的来历：cite:（哪部法规、文件的哪一条），没有规定的写 basis:（例如 平台的约定，非法定）。")
	}
	if d := n.get("divided"); d.is() {
		j.Divided = r.stage(d, "divided", f.Key)
	} else {
		r.errorAt(n, "请写 divided:，意见不一致时到哪个阶段，由谁写明理由裁定。")
	}
	if o := n.get("opposed"); o.is() {
		j.Opposed = r.stage(o, "opposed", f.Key)
	}
	departments := map[string]bool{}
	for _, t := range s.Tasks {
		switch d := t.Who.Department; {
		case t.Who.Role == "applicant" || d == "":
			r.errorAt(r.at[t], "联合审查的每一项任务写明是哪个部门的，例如 who: {role: officer, department: scheme}。")
		case departments[d]:
			r.errorAt(r.at[t], "“%s”有两项任务；一个部门只给一个意见。", clip(d))
		default:
			departments[d] = true
		}
		r.jointTask(s, t)
	}
}

// jointTask checks that a department can say what it thinks, and what its silence counts as.
func (r *processReader) jointTask(s *Stage, t *TaskRule) {
	if !slices.ContainsFunc(t.Actions, func(a *Action) bool { return a.Does(stance) }) {
		r.errorAt(r.at[t], "“%s”没有给出意见的动作，请写 needs: stance 和 do: stance。", clip(t.Key))
	}
	for _, a := range t.Actions {
		if a.Stops || a.Does(stance) {
			continue
		}
		if a.Silent() {
			lapses := t.Within != nil && t.Within.Lapse == a.Key
			as, cite := "", ""
			for _, e := range a.Do {
				if e.Name == silence {
					as, cite = e.Args["as"], e.Args["cite"]
				}
			}
			switch {
			case !lapses:
				r.errorAt(r.at[a], "silence 说的是逾期不答复算什么，由系统到期执行，请写在时限里：lapse: %s。", clip(a.Key))
			case as == "none" && s.Joint.Passes == "all":
				r.errorAt(r.at[a], "passes: all 要各部门都答复，逾期的一直等；逾期算没有意见的，请写 passes: answered 或 majority。")
			case as == "agree" && (cite == "" || cite == notFound):
				r.errorAt(r.at[a], "逾期不答复视为同意，必须写明依据（cite: 哪部法规、文件的哪一条）；查不到依据的不能视为同意，请写 as: none。")
			}
			continue
		}
		r.errorAt(r.at[a], "联合审查的动作要么给出意见（do: stance），要么由系统在逾期后执行（do: silence），要么立刻转走（stops: 是）。")
	}
}

// checkJoint checks, once all stages are read, that a joint review that is not carried is settled by somebody who says why, and that
// nothing speaks of opinions outside one.
func (r *processReader) checkJoint(f *Flow) {
	for _, s := range f.Stages {
		for _, t := range s.Tasks {
			for _, a := range t.Actions {
				if s.Joint == nil && (a.Does(stance) || a.Silent()) {
					r.errorAt(r.at[a], "stance、silence 是联合审查的意见，请在“%s”写 joint:，怎样才算一致、不一致时怎么办。", s.Key)
				}
			}
		}
		if s.Joint == nil {
			continue
		}
		for _, key := range []string{s.Joint.Divided, s.Joint.Opposed} {
			to := f.Stage(key)
			switch {
			case to == nil:
				continue
			case to == s || len(to.Tasks) != 1:
				r.errorAt(r.at[s.Joint], "“%s”要有一个人裁定：请写一个有 who: 和 actions: 的阶段。", key)
				continue
			}
			for _, a := range to.Tasks[0].Actions {
				if a.To != "" && a.To != s.Key && !slices.Contains(a.Needs, "reason") && !slices.Contains(a.Needs, "letter") {
					r.errorAt(r.at[a], "部门意见不一致时由人裁定的，要写明理由，请写 needs: reason。")
				}
			}
		}
	}
	for _, a := range f.Actions() {
		if slices.Contains(a.Needs, stanceSum) && !r.p.Decides() {
			r.errorAt(r.at[a], "这个流程不决定资金，请从 needs: 中删去 sum。")
		}
	}
	for _, a := range f.Always {
		if a.Does(stance) || a.Silent() {
			r.errorAt(r.at[a], "stance、silence 只写在联合审查的任务里。")
		}
	}
	for _, s := range f.Stages {
		for _, a := range s.AtOnce {
			if a.Does(stance) || a.Silent() {
				r.errorAt(r.at[a], "stance、silence 只写在联合审查的任务里。")
			}
		}
	}
}

// agreeStance checks an action that gives an opinion.
func (r *processReader) agreeStance(n node, a *Action) {
	needs := func(word string) bool { return slices.Contains(a.Needs, word) }
	switch {
	case needs(stance) && (needs("opinion") || needs("reason") || needs("letter")):
		r.errorAt(n.get("needs"), "stance 已经包括意见和理由，请删去 opinion、reason 和 letter。")
	case needs(stanceSum) && !needs(stance):
		r.errorAt(n.get("needs"), "sum 是给出意见时建议的金额，请写 needs: [stance, sum]。")
	}
}

var passWords = map[string]string{
	"all":      "各部门都答复、都同意才算一致；没有答复的一直等",
	"answered": "答复了的部门都同意才算一致，逾期没有答复的不算",
	"majority": "同意的超过征求的部门的一半才算一致，没有答复的不算同意",
}

// Words is the rule in a sentence.
func (j *Joint) Words() string { return passWords[j.Passes] + "（" + j.Source.Source() + "）" }

// readJoint is how a joint review comes out, in sentences.
func (f *Flow) readJoint(s *Stage) []string {
	j := s.Joint
	first := "以上" + strconv.Itoa(len(s.Tasks)) + "个部门各自给出意见。" + j.Words() + "；同意的建议的金额不同，也不算一致。"
	if j.Blind {
		first += "全部给出以前，谁也看不到别人的意见。"
	} else {
		first += "先给出的意见，别的部门看得到。"
	}
	out := []string{first, "一致同意的转入“" + f.titleOf(s.Then) + "”。"}
	if j.Opposed != "" && j.Opposed != j.Divided {
		return append(out, "按同一规则不同意的转入“"+f.titleOf(j.Opposed)+"”；其余的转入“"+f.titleOf(j.Divided)+"”，由"+f.settler(j.Divided)+"写明理由裁定。")
	}
	return append(out, "不一致的转入“"+f.titleOf(j.Divided)+"”，由"+f.settler(j.Divided)+"写明理由裁定。")
}

// settler is who has the task of a stage.
func (f *Flow) settler(key string) string {
	if s := f.Stage(key); s != nil && len(s.Tasks) == 1 {
		return s.Tasks[0].Who.read()
	}
	return "办理的人"
}

// silenceWords are what silence counts as, in words.
var silenceWords = map[string]string{"none": "逾期没有答复，算没有意见", "agree": "逾期没有答复，视为同意"}

// readSilence is what the silence of a department counts as, with where that comes from.
func (e *Effect) readSilence() string { return silenceWords[e.Args["as"]] + e.source() }

// StanceWords is a stance in words.
func StanceWords(says string) string { return stanceWords[says] }

var stanceWords = map[string]string{Agrees: "同意", Demurs: "有条件同意", Objects: "不同意", NoStance: "逾期没有答复"}

// Differs says in sentences how opinions differ: whose are which, and which sums were proposed. Nothing where they do not.
func Differs(names []string, all []Stance) (out []string) {
	by, sums := map[string][]string{}, map[Fen][]string{}
	var order []Fen
	for i, s := range all {
		if s.Says == "" {
			continue
		}
		by[s.Says] = append(by[s.Says], names[i])
		if s.Sum != nil {
			if sums[*s.Sum] == nil {
				order = append(order, *s.Sum)
			}
			sums[*s.Sum] = append(sums[*s.Sum], names[i])
		}
	}
	if len(by) > 1 {
		var parts []string
		for _, says := range []string{Agrees, Demurs, Objects, NoStance} {
			if list := by[says]; len(list) > 0 {
				parts = append(parts, stanceWords[says]+"："+strings.Join(list, "、"))
			}
		}
		out = append(out, strings.Join(parts, "；"))
	}
	if len(order) > 1 {
		slices.Sort(order)
		var parts []string
		for _, sum := range order {
			parts = append(parts, sum.String()+"："+strings.Join(sums[sum], "、"))
		}
		out = append(out, "建议的金额不同——"+strings.Join(parts, "；"))
	}
	return out
}
