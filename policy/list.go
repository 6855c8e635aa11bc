package policy

import "fmt"

// List (清单) is what the party of a case lists when it hands in, a row each, of firms that it deals with: whom it works for, and with how many
// people. Each row becomes a record of the party as of a day of the round's year. What all parties of a round list of one firm may be added up
// to a figure of that firm, by which a scheme judges it. Which words they are stands in the file and in the vocabulary.
type List struct {
	Key   string // the kind of record that a row is
	Title string
	Names string // the field that holds the unified social credit code of the firm a row speaks of
	Day   string // the day of the round's year of which the rows speak: 12-31
	None  string // what a party says that has nothing to list
	Sum   *ListSum
}

// ListSum is what the rows of all parties of a round come to for each firm that they name.
type ListSum struct {
	Title   string
	Of      string // the field that is added up
	As      string // the term of the named firm, of the round's year, that the sum is
	Scheme  string // that judges the firm by it: DOCUMENT/SCHEME
	Process string // that follows up what is handed on; empty: nothing is
}

// verify is the effect by which what was listed is verified, refer the one by which who is late is handed on.
const (
	refer  = "refer"
	verify = "verify"
)

const maxLists = 10

// List by its key, or nil.
func (p *Process) List(key string) *List {
	for _, l := range p.Lists {
		if l.Key == key {
			return l
		}
	}
	return nil
}

// On is the day of a year of which the rows speak.
func (l *List) On(year int) Date {
	d, _ := ParseDate(fmt.Sprintf("%04d-%s", year, l.Day)) // read so that it is a day of every year
	return d
}

func (r *processReader) lists(n node) {
	if len(n.entries()) > maxLists {
		r.errorAt(n, "lists: 一个流程最多%d份清单。", maxLists)
		return
	}
	for _, e := range n.entries() {
		x := e.value
		r.word(e.at, e.key)
		r.keys(x, "list")
		l := &List{Key: e.key, Title: x.get("title").text(), Names: x.get("names").text(), Day: x.get("day").text(), None: x.get("none").text()}
		if l.Title == "" {
			l.Title = l.Key
		}
		if !monthDayText.MatchString(l.Day) || l.On(2025) == 0 {
			r.errorAt(theOneOf(x.get("day"), e.at), "请写 day:，清单说的是年度里哪一天的情况，例如 12-31。")
		}
		for _, must := range []struct{ key, text, what string }{{"names", l.Names, "哪一栏写一行说的是哪一家（统一社会信用代码）"}, {"none", l.None, "没有可报的怎样说，例如 年末没有"}} {
			if must.text == "" {
				r.errorAt(e.at, "请写 %s:，%s。", must.key, must.what)
			}
		}
		if s := x.get("sum"); s.is() {
			r.keys(s, "list_sum")
			l.Sum = &ListSum{Title: s.get("title").text(), Of: s.get("of").text(), As: s.get("as").text(), Scheme: s.get("scheme").text(), Process: s.get("process").text()}
			if l.Sum.Title == "" {
				r.errorAt(s, "请写 title:，汇总表叫什么。")
			}
			if !r.alone && l.Sum.Process != "" {
				r.refers(s.get("process"), l.Sum.Process)
			}
		}
		r.p.Lists = append(r.p.Lists, l)
		if !r.alone {
			r.whole = append(r.whole, func() { r.listed(e.at, x, l) })
		}
	}
}

// listed checks, once every file is read, that a list speaks of what the vocabulary and the schemes know.
func (r *processReader) listed(at, n node, l *List) {
	v := r.lib.vocabulary
	k := v.Record(l.Key)
	if k == nil {
		r.errorAt(at, "lists: 词汇表中没有“%s”这种记录%s", clip(l.Key), suggest(l.Key, sortedKeys(v.records)))
		return
	}
	field := func(n node, name string) *Field {
		f := k.field(name)
		if f == nil && name != "" {
			r.errorAt(n, "“%s”没有“%s”这一栏%s", k.Name, clip(name), suggest(name, k.fieldNames()))
		}
		return f
	}
	if f := field(n.get("names"), l.Names); f != nil && (f.Type != TypeWord || len(f.Options) > 0) {
		r.errorAt(n.get("names"), "“%s”要写统一社会信用代码，词汇表中应是 词。", l.Names)
	}
	if l.Sum == nil {
		return
	}
	sum := n.get("sum")
	f, t, s := field(sum.get("of"), l.Sum.Of), v.Term(l.Sum.As), r.lib.byScheme[l.Sum.Scheme]
	switch {
	case l.Sum.Of == "":
		r.errorAt(sum, "请写 of:，加哪一栏的数。")
	case f != nil && f.Type != TypeNumber:
		r.errorAt(sum.get("of"), "“%s”不是数，不能相加。", f.Name)
	}
	switch {
	case l.Sum.As == "":
		r.errorAt(sum, "请写 as:，加起来是那一家的哪一项数据。")
	case t == nil:
		r.errorAt(sum.get("as"), "词汇表中没有“%s”%s", clip(l.Sum.As), suggest(l.Sum.As, v.words()))
	case t.Type != TypeNumber || !t.Yearly() || f != nil && t.unit != f.unit:
		r.errorAt(sum.get("as"), "“%s”应是每年一个值的数（every: 年），单位与“%s”相同。", t.Name, clip(l.Sum.Of))
	}
	if s == nil {
		r.errorAt(theOneOf(sum.get("scheme"), sum), "请写 scheme:，按哪一条判断，写作 文件/条款%s", suggest(l.Sum.Scheme, sortedKeys(r.lib.byScheme)))
	}
}

// refers notes that a process is one whose cases begin with what another hands on, and checks, once every process is read, that it is there.
func (r *processReader) refers(n node, id string) {
	r.referred[id] = true
	r.local = append(r.local, func() {
		switch p := r.lib.byProcess[id]; {
		case p == nil:
			r.errorAt(n, "没有“%s”这个办理流程%s", clip(id), suggest(id, sortedKeys(r.lib.byProcess)))
		case p.Starts != "office" || p.About != "" || p.Flow(flowRound) != nil:
			r.errorAt(n, "“%s”不能办移送来的：应写 starts: office，不写 about: 和 round:。", id)
		}
	})
}

// readList is a list in a sentence.
func (p *Process) readList(l *List) string {
	out := fmt.Sprintf("提交时逐行报“%s”，说的是年度里%s的情况，没有的要写明“%s”；每一行记为一条事实（%s）。", l.Title, l.Day, l.None, l.Key)
	if s := l.Sum; s != nil {
		out += fmt.Sprintf("各件所报按“%s”相加，是那一家的“%s”，按%s判断", l.Names, s.As, s.Scheme)
		if s.Process != "" {
			out += "；要查处的移送“" + s.Process + "”"
		}
		out += "。"
	}
	return out
}

// Add is what the values of a field of a kind of record come to, canonical. Invalid texts are an error.
func (v *Vocabulary) Add(record, field string, texts []string) (string, error) {
	k := v.Record(record)
	if k == nil {
		return "", faultf("词汇表中没有这一类记录")
	}
	f := k.field(field)
	if f == nil || f.Type != TypeNumber {
		return "", faultf("“%s”不是数，不能相加", field)
	}
	sum := datum{}
	for _, text := range texts {
		d, err := v.parseField(f, text)
		if err != nil {
			return "", err
		}
		sum.num = sum.num.Add(d.num)
	}
	return canonical(f.Type, f.unit, sum), nil
}
