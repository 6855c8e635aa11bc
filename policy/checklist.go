package policy

import (
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"
)

// Checklist is what officers look at together on the spot (现场核查), as a process file names it: how many go, by which rule, and each thing
// that they answer. An action that does visit plans one.
type Checklist struct {
	Key      string
	Title    string
	Officers int // how many go at least
	Cite     string
	Basis    string
	Items    []CheckItem
	Hearing  *Hearing // it is a hearing and no visit on the spot; nil for one on the spot
}

// CheckItem is one thing to answer on the spot.
type CheckItem struct {
	Ask      string
	Kind     string // see CheckKinds
	Unit     string // of a figure
	Photo    bool   // at least one photo is taken
	Scores   string // the indicator that the figure is the score of, as seen on the spot; empty: none
	Verifies string // what the answer is evidence of: a judgement that a scheme asks for, or a term; empty: read by people alone
}

// CheckKinds are how an item is answered.
var CheckKinds = []string{"yes_no", "figure", "note"}

const (
	maxOfficers = 20
	maxItems    = 100
)

// Checklist by its key, or nil.
func (p *Process) Checklist(key string) *Checklist {
	for _, c := range p.Checklists {
		if c.Key == key {
			return c
		}
	}
	return nil
}

// Visits are the keys of the checklists by which some action of the process plans a visit on the spot.
func (p *Process) Visits() []string {
	return slices.DeleteFunc(p.planned(), func(key string) bool { c := p.Checklist(key); return c == nil || c.Hearing != nil })
}

// planned are the keys of the checklists that some action of the process plans by.
func (p *Process) planned() []string {
	f := p.Flow(flowCase)
	if f == nil {
		return nil
	}
	var out []string
	for _, a := range f.Actions() {
		for _, e := range a.Do {
			if e.Name == visit {
				out = append(out, e.Args["checklist"])
			}
		}
	}
	return out
}

// Source is what the checklist rests on.
func (c *Checklist) Source() string {
	if c.Cite != "" {
		return c.Cite
	}
	return c.Basis
}

func (r *processReader) checklists(n node) {
	if !n.is() {
		return
	}
	if !n.isMap() {
		r.errorAt(n, "checklists: 应写“清单的名称: 内容”。")
	}
	for _, e := range n.entries() {
		c := &Checklist{Key: e.key, Title: e.value.get("title").text(), Cite: e.value.get("cite").text(), Basis: e.value.get("basis").text(), Items: []CheckItem{}}
		r.word(e.at, e.key)
		r.keys(e.value, "checklist")
		if c.Title == "" {
			c.Title = c.Key
		}
		officers, ok := new(big.Int).SetString(e.value.get("officers").text(), 10)
		if !ok || officers.Sign() <= 0 || officers.Cmp(big.NewInt(maxOfficers)) > 0 {
			r.errorAt(theOneOf(e.value.get("officers"), e.at), "请写 officers:，至少几名工作人员一起去，是1至%d的整数，例如 officers: 2。", maxOfficers)
		} else {
			c.Officers = int(officers.Int64())
		}
		if c.Source() == "" {
			r.errorAt(e.at, "请写这次核查的来历：cite:（哪部法规、文件的哪一条），没有规定的写 basis:（例如 内部要求，非法定）。")
		}
		list := e.value.get("items").items()
		if len(list) == 0 || len(list) > maxItems {
			r.errorAt(theOneOf(e.value.get("items"), e.at), "请写 items:，逐项写现场要看什么，最多%d项。", maxItems)
		}
		asked := map[string]bool{}
		for i, item := range list {
			if i == maxItems {
				break
			}
			x := r.checkItem(item)
			if x.Ask != "" && asked[x.Ask] {
				r.errorAt(item, "“%s”写了两次，请删去一个。", clip(x.Ask))
			}
			asked[x.Ask] = true
			c.Items = append(c.Items, x)
		}
		r.hearing(e.value.get("hearing"), c)
		r.p.Checklists = append(r.p.Checklists, c)
		r.at[c] = e.at
	}
}

// theOneOf is a node, or where it is missing.
func theOneOf(n, missing node) node {
	if n.is() {
		return n
	}
	return missing
}

func (r *processReader) checkItem(n node) CheckItem {
	if !n.isMap() {
		r.errorAt(n, "这里应写 {ask: 看什么, kind: yes_no}。")
		return CheckItem{Kind: CheckKinds[0]}
	}
	r.keys(n, "check_item")
	x := CheckItem{Ask: n.get("ask").text(), Unit: n.get("unit").text(), Photo: r.yes(n.get("photo")), Scores: n.get("scores").text(), Verifies: n.get("verifies").text(), Kind: CheckKinds[0]}
	if x.Ask == "" || utf8.RuneCountInString(x.Ask) > 100 {
		r.errorAt(n, "请写 ask:，现场要看什么，不超过100字。")
	}
	if k := n.get("kind"); k.is() {
		x.Kind = r.known(k, "kind", CheckKinds)
	} else {
		r.errorAt(n, "请写 kind:，怎样回答：yes_no（是、否或无法确认）、figure（填数）或 note（写情况）。")
	}
	switch {
	case x.Kind == "figure" && x.Unit == "":
		r.errorAt(n, "填数的请写 unit:，单位是什么，例如 平方米。")
	case x.Kind != "figure" && x.Unit != "":
		r.errorAt(n.get("unit"), "只有填数（kind: figure）的才写 unit:。")
	}
	if s := n.get("scores"); s.is() {
		switch {
		case x.Kind != "figure":
			r.errorAt(s, "现场评分（scores:）要填数，请写 kind: figure 和 unit:。")
		case n.get("verifies").is():
			r.errorAt(s, "现场评分的一项由核实得分的任务核实，请删去 verifies:。")
		case !r.alone:
			r.whole = append(r.whole, func() { r.spot(s, x) })
		}
	}
	if v := n.get("verifies"); v.is() {
		if x.Kind == "note" {
			r.errorAt(v, "写情况（kind: note）的回答不能核实数据，请改为 yes_no 或 figure，或删去 verifies:。")
		} else if !r.alone {
			r.whole = append(r.whole, func() { r.verifies(v, x) })
		}
	}
	return x
}

// verifies checks, once every file is read, that an answer can be what it is evidence of.
func (r *processReader) verifies(n node, x CheckItem) {
	v := r.lib.vocabulary
	t := v.Term(x.Verifies)
	_, judged := v.judgements[x.Verifies]
	switch {
	case t == nil && !judged:
		known := append(sortedKeys(v.judgements), v.words()...)
		r.errorAt(n, "verifies: 没有由人判断的“%s”，词汇表中也没有这一项%s", clip(x.Verifies), suggest(x.Verifies, known))
	case t == nil:
		if x.Kind != "yes_no" {
			r.errorAt(n, "“%s”由人判断是或否，请写 kind: yes_no。", clip(x.Verifies))
		}
	case t.Yearly() || t.Regional():
		r.errorAt(n, "“%s”%s，现场核查核实不了，请删去 verifies:。", clip(x.Verifies), map[bool]string{true: "每年一个值", false: "是地区的数"}[t.Yearly()])
	default:
		if _, err := CheckValue(v, t.Name, x.Example()); err != nil {
			r.errorAt(n, "“%s”的回答不能是“%s”：%s", clip(x.Verifies), x.Example(), err.Error())
		}
	}
}

// spot checks, once every file is read, that a figure can be the score of an indicator.
func (r *processReader) spot(n node, x CheckItem) {
	if r.lib.vocabulary.Term(x.Scores) == nil {
		r.errorAt(n, "scores: 词汇表中没有“%s”这一项%s", clip(x.Scores), suggest(x.Scores, r.lib.vocabulary.words()))
	} else if _, err := CheckValue(r.lib.vocabulary, x.Scores, "0"+x.Unit); err != nil {
		r.errorAt(n, "“%s”的得分不能以“%s”为单位：%s", clip(x.Scores), x.Unit, err.Error())
	}
}

// Example is an answer to the item as the register would read it.
func (x *CheckItem) Example() string {
	if x.Kind == "figure" {
		return "1" + x.Unit
	}
	return "是"
}

// read is what an item asks, in words.
func (x *CheckItem) read() string {
	out := x.Ask + map[string]string{"yes_no": "（是、否或无法确认", "figure": "（填数，" + x.Unit, "note": "（写情况"}[x.Kind]
	if x.Photo {
		out += "，要拍照"
	}
	if x.Scores != "" {
		out += "，现场评分"
	}
	if x.Verifies != "" {
		out += "，核实“" + x.Verifies + "”"
	}
	return out + "）"
}

// read says what a visit by the checklist is.
func (c *Checklist) read() string {
	var items []string
	for i := range c.Items {
		items = append(items, c.Items[i].read())
	}
	out := "现场核查“"
	if c.Hearing != nil {
		out = "听证“"
	}
	out += c.Title + "”，至少" + numeral(c.Officers) + "名工作人员（" + c.Source() + "）"
	if h := c.Hearing; h != nil {
		out += "，" + h.Notice.Text() + "以前告知申请人（" + h.Notice.Source() + "）"
		if len(h.Apart) > 0 {
			out += "，办过“" + strings.Join(h.Apart, "”“") + "”的不主持"
		}
	}
	return out + "：" + strings.Join(items, "、")
}

func numeral(n int) string { return big.NewInt(int64(n)).String() }
