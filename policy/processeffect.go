package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// effects reads verbs, each alone or with its words: freeze, or {move_cases: {from: A, to: B}}.
func (r *processReader) effects(n node, f *Flow) []Effect {
	var out []Effect
	names := sortedKeys(ProcessEffects)
	for _, item := range n.oneOrMore() {
		at, words := item, node{}
		if item.isMap() {
			list := item.entries()
			if len(list) != 1 {
				r.errorAt(item, "do: 的每一项只写一个词，几项请写成一列，例如 [freeze, settle]。")
				continue
			}
			at, words = list[0].at, list[0].value
		}
		name := r.known(at, "do", names)
		if name == "" {
			continue
		}
		r.belongs(at, name, f.Key)
		out = append(out, Effect{Name: name, Args: r.effectWords(at, name, words)})
	}
	return out
}

// clawInterest are the words of claw_back that are written together, or not at all: no interest is borne.
var clawInterest = []string{"rate", "days", "counts"}

// clawWord checks a word of how money that is claimed back is paid.
func (r *processReader) clawWord(w node, key, text string) {
	switch key {
	case "time":
		if _, ok := ClawDays(text); !ok {
			r.errorAt(w, "time: 应写几日，例如 30日。")
		}
	case "rate":
		if _, ok := ShareOf(text); !ok {
			r.errorAt(w, "rate: 应写百分数，大于0、不超过100%%，例如 0.05%%；不计息的不写 rate:、days: 和 counts:。")
		}
	case "days":
		if text != "1" && text != "360" && text != "365" {
			r.errorAt(w, "days: 应写 1（日利率）、360 或 365（年利率）。")
		}
	case "counts":
		if text != "decision" && text != "due" {
			r.errorAt(w, "counts: 应写 decision（决定追回之日起）或 due（缴回期满之日起）。")
		}
	}
}

// ClawDays reads 30日, up to 3650.
func ClawDays(text string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSuffix(text, "日"))
	return n, err == nil && strings.HasSuffix(text, "日") && n > 0 && n <= 3650
}

func (r *processReader) effectWords(at node, name string, words node) map[string]string {
	takes := ProcessEffects[name]
	args := map[string]string{}
	if len(takes) == 0 {
		if words.is() {
			r.errorAt(words, "%s 后面不用写别的，直接写 %s。", name, name)
		}
		return args
	}
	form := fmt.Sprintf("{%s: {%s: …}}", name, strings.Join(takes, ": …, "))
	if words.is() {
		r.onlyKeys(words, takes)
	}
	for _, key := range takes {
		w := words.get(key)
		if !w.is() && slices.Contains(clawInterest, key) && !words.get(clawInterest[0]).is() && !words.get(clawInterest[1]).is() && !words.get(clawInterest[2]).is() {
			continue
		}
		if !w.is() {
			r.errorAt(at, "%s 缺少 %s:，应写作 %s。", name, key, form)
			r.unsure = true
			continue
		}
		switch key {
		case "from", "to", "rest":
			args[key] = r.stage(w, key, flowCase)
		case "share":
			args[key] = w.text()
			if _, ok := ShareOf(args[key]); !ok {
				r.errorAt(w, "share: 应写百分数，大于0、不超过100%%，例如 5%%。")
			}
		case "sheet":
			var known []string
			for _, s := range r.p.Sheets {
				known = append(known, s.Key)
			}
			if args[key] = w.text(); r.p.Sheet(args[key]) == nil {
				r.errorAt(w, "sheet: 这个流程的 marks: 中没有“%s”%s", clip(args[key]), suggest(args[key], known))
				r.unsure = true
			}
		case "list":
			var known []string
			for _, l := range r.p.Lists {
				known = append(known, l.Key)
			}
			if args[key] = w.text(); r.p.List(args[key]) == nil {
				r.errorAt(w, "list: 这个流程的 lists: 中没有“%s”%s", clip(args[key]), suggest(args[key], known))
			}
		case "process":
			if args[key] = w.text(); !r.alone {
				r.refers(w, args[key])
			}
		case "checklist":
			var known []string
			for _, c := range r.p.Checklists {
				known = append(known, c.Key)
			}
			if args[key] = w.text(); r.p.Checklist(args[key]) == nil {
				r.errorAt(w, "checklist: 这个流程的 checklists: 中没有“%s”%s", clip(args[key]), suggest(args[key], known))
			}
		case "level":
			args[key] = w.text()
			r.scale(w, args[key])
		case "says":
			if w.isMap() {
				for _, x := range w.entries() {
					if args[saysOf+x.key] = x.value.text(); args[saysOf+x.key] == "" {
						r.errorAt(x.at, "says: “%s”不能空着。", clip(x.key))
					}
				}
				continue
			}
			fallthrough
		case "what":
			if args[key] = w.text(); args[key] == "" {
				r.errorAt(w, "%s: 不能空着，应写作 %s。", key, form)
			}
		case "as":
			args[key] = r.known(w, key, ProcessSilences)
		case "time", "rate", "days", "counts":
			args[key] = w.text()
			r.clawWord(w, key, args[key])
		default:
			args[key] = w.text()
			r.effectText(w, key, args[key])
		}
	}
	if name == recordEffect && !r.alone {
		r.whole = append(r.whole, func() { r.recorded(words, args) })
	}
	for _, to := range []string{"to", "rest"} {
		if args["from"] == "" || args[to] == "" {
			continue
		}
		r.moves = append(r.moves, caseMove{verb: name, from: args["from"], to: args[to], at: at})
		if args["from"] == args[to] {
			r.errorAt(at, "%s 的 from: 和 %s: 是同一个阶段。", name, to)
			r.unsure = true
		}
	}
	return args
}

// scale checks that a word names a scale of the vocabulary.
func (r *processReader) scale(n node, text string) {
	if r.alone {
		return
	}
	if known := r.lib.vocabulary.Levels(); len(known[text]) == 0 {
		r.errorAt(n, "level: 词汇表的 levels: 中没有“%s”这一种级别%s", clip(text), suggest(text, sortedKeys(known)))
	}
}

// recorded checks, once every file is read, that what a case leaves behind is a record that the vocabulary knows.
func (r *processReader) recorded(n node, args map[string]string) {
	what := args["what"]
	if what == "" {
		return
	}
	v := r.lib.vocabulary
	k := v.Record(what)
	switch {
	case k == nil:
		r.errorAt(n.get("what"), "record: 词汇表中没有“%s”这种记录%s", clip(what), suggest(what, sortedKeys(v.records)))
	case len(k.Fields) == 0:
		r.errorAt(n.get("what"), "record: “%s”没有内容可写（没有 fields:）。", clip(what))
	case args["says"] != "" && len(k.Fields) > 1:
		r.errorAt(n.get("says"), "record: “%s”有%d项内容，says: 应逐项写，例如 {%s: …}。", clip(what), len(k.Fields), k.Fields[0].Name)
	default:
		said := Effect{Args: args}.Says(k)
		for _, f := range k.Fields {
			says, ok := said[f.Name]
			switch {
			case !ok:
				r.errorAt(n.get("says"), "record: “%s”的“%s”没有写。", clip(what), f.Name)
			case len(f.Options) > 0 && !slices.Contains(f.Options, says):
				r.errorAt(n.get("says"), "record: “%s”的%s没有“%s”%s", clip(what), f.Name, clip(says), suggest(says, f.Options))
			}
			delete(said, f.Name)
		}
		for _, name := range sortedKeys(said) {
			r.errorAt(n.get("says"), "record: “%s”没有“%s”这一项。", clip(what), clip(name))
		}
	}
}

// saysOf begins the names of the words of a record that has several fields, each followed by that of its field.
const saysOf = "says "

// Says is what a record that an effect leaves behind says, by the name of its field.
func (e Effect) Says(k *Record) map[string]string {
	out := map[string]string{}
	for name, text := range e.Args {
		if field, ok := strings.CutPrefix(name, saysOf); ok {
			out[field] = text
		}
	}
	if text := e.Args["says"]; text != "" && len(k.Fields) == 1 {
		out[k.Fields[0].Name] = text
	}
	return out
}

// effectText checks a word of an effect that is no stage.
func (r *processReader) effectText(n node, key, text string) {
	if text == "" && key == "cite" {
		r.errorAt(n, "cite: 请写依据哪部法规、文件的哪一条；查不到写 not_found。")
	}
}

// readSays is what a record says, in words: 程度重大违法、领域劳务派遣.
func (e Effect) readSays() string {
	if text := e.Args["says"]; text != "" {
		return text
	}
	var out []string
	for _, name := range sortedKeys(e.Args) {
		if field, ok := strings.CutPrefix(name, saysOf); ok {
			out = append(out, field+e.Args[name])
		}
	}
	return strings.Join(out, "、")
}
