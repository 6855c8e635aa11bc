package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Difference is one thing that is different in a scheme, a document or a process: a sentence, and which way it moves where that is certain.
type Difference struct {
	ID    string `json:"id" doc:"document/scheme, document, or process"`
	Title string `json:"title"`
	Text  string `json:"text"`
	Way   string `json:"way,omitempty" enum:"更严,更宽,更多,更少" doc:"for those who apply, where it is certain: harder or easier to meet, more or less to get"`
}

// The ways of a change.
const (
	WayStricter = "更严"
	WayWider    = "更宽"
	WayMore     = "更多"
	WayLess     = "更少"
)

// Diff says what one set of files says otherwise than another, for whom. Schemes are the same by their id, by the one they reissue (from, same_as)
// or, failing that, by their title. A changed definition is told at every scheme that it reaches. Order, layout, comments and examples are no change.
func Diff(before, after *Library) []Difference {
	d := differ{}
	d.documents(before, after)
	partner := map[*Scheme]*Scheme{}
	taken := map[*Scheme]bool{}
	match := func(same func(a, b *Scheme) bool) {
		for _, b := range after.schemes {
			for _, a := range before.schemes {
				if partner[b] == nil && !taken[a] && same(a, b) {
					partner[b], taken[a] = a, true
				}
			}
		}
	}
	match(func(a, b *Scheme) bool { return a.id == b.id })
	match(func(a, b *Scheme) bool { return b.parent == a.id || slices.Contains(b.sameAs, a.id) })
	match(func(a, b *Scheme) bool { return a.title == b.title && a.subject == b.subject && a.kind == b.kind })
	for _, b := range after.schemes {
		d.id, d.title = b.id, b.title
		if a := partner[b]; a != nil {
			d.scheme(a, b)
		} else {
			d.say("", "新增条款：%s。", strings.Join(b.gives(), "；"))
		}
	}
	for _, a := range before.schemes {
		if !taken[a] {
			d.id, d.title = a.id, a.title
			d.say("", "删去条款：%s。", strings.Join(a.gives(), "；"))
		}
	}
	d.processes(before, after)
	d.templates(before, after)
	d.calendars(before, after)
	return d.list
}

// Only is the library with one of its documents or processes alone, for a comparison of that one.
func (l *Library) Only(id string) *Library {
	out := *l
	out.documents, out.schemes, out.processes, out.templates, out.calendars = nil, nil, nil, nil, nil
	out.byID, out.byProcess, out.byTemplate = map[string]*Document{}, map[string]*Process{}, map[string]*Template{}
	if d := l.byID[id]; d != nil {
		out.documents, out.schemes = []*Document{d}, d.schemes
		out.byID[id] = d
	} else if p := l.byProcess[id]; p != nil {
		out.processes = []*Process{p}
		out.byProcess[id] = p
	} else if t := l.byTemplate[id]; t != nil {
		out.templates = []*Template{t}
		out.byTemplate[id] = t
	}
	return &out
}

func (s *Scheme) gives() []string {
	if gives := s.Describe().Gives; len(gives) > 0 {
		return gives
	}
	return []string{s.title}
}

type differ struct {
	id, title string
	list      []Difference
	a, b      *env            // of the scheme before and after: what its names come to
	told      map[string]bool // each definition once in a scheme
}

func (d *differ) say(way, format string, a ...any) {
	c := Difference{d.id, d.title, fmt.Sprintf(format, a...), way}
	if !slices.Contains(d.list, c) {
		d.list = append(d.list, c)
	}
}

// words tells of a text that is another now.
func (d *differ) words(what, a, b string) {
	switch {
	case a == b:
	case a == "":
		d.say("", "%s写明为“%s”。", what, b)
	case b == "":
		d.say("", "%s不再写明（原为“%s”）。", what, a)
	default:
		d.say("", "%s由“%s”改为“%s”。", what, a, b)
	}
}

// only tells of lines that one side alone has.
func (d *differ) only(what string, a, b []string) {
	for _, x := range a {
		if !slices.Contains(b, x) {
			d.say("", "%s：删去“%s”。", what, x)
		}
	}
	for _, x := range b {
		if !slices.Contains(a, x) {
			d.say("", "%s：增加“%s”。", what, x)
		}
	}
}

func (d *differ) documents(before, after *Library) {
	alone := len(before.documents) == 1 && len(after.documents) == 1 // each stands against the other, whatever they are called
	for _, a := range before.documents {
		if after.byID[a.ID] == nil && !alone {
			d.id, d.title = a.ID, a.info.Title
			d.say("", "删去文件。")
		}
	}
	for _, b := range after.documents {
		a := before.byID[b.ID]
		if alone {
			a = before.documents[0]
		}
		d.id, d.title = b.ID, b.info.Title
		if a == nil {
			d.say("", "新增文件。")
			continue
		}
		x, y := a.info, b.info
		d.words("标题", x.Title, y.Title)
		d.words("文号", x.Number, y.Number)
		d.words("发文机关", x.Body, y.Body)
		d.words("成文日期", x.Signed.String(), y.Signed.String())
		d.words("发布日期", x.Published.String(), y.Published.String())
		d.words("施行日期", x.InForce.String(), y.InForce.String())
		way := ""
		if !x.ValidUntil.IsZero() && (y.ValidUntil.IsZero() || y.ValidUntil.Last > x.ValidUntil.Last) {
			way = WayWider
		} else if !y.ValidUntil.IsZero() {
			way = WayStricter
		}
		if x.ValidUntil != y.ValidUntil {
			d.say(way, "有效期由%s改为%s。", until(x.ValidUntil), until(y.ValidUntil))
		}
		d.words("被接替", strings.TrimSpace(x.Replaced.String()+" "+x.ReplacedBy), strings.TrimSpace(y.Replaced.String()+" "+y.ReplacedBy))
		d.words("兑现年度", year(x.Performance), year(y.Performance))
		mode := map[string]string{"down": "舍去", "half_up": "四舍五入", "up": "进位"}
		d.words("金额取舍", mode[a.rounding], mode[b.rounding])
		d.only("关于整份文件的假定", interpretationTexts(x.Notes), interpretationTexts(y.Notes))
	}
}

func year(y int) string {
	if y == 0 {
		return ""
	}
	return strconv.Itoa(y)
}

func until(day When) string {
	if day.IsZero() {
		return "没有写明"
	}
	return "到" + day.String()
}

func interpretationTexts(list []Interpretation) []string {
	var out []string
	for _, i := range list {
		standing := "待确认"
		if i.Status == "confirmed" {
			standing = "已确认"
		}
		out = append(out, i.Choice+"（"+i.By+"，"+standing+"）")
	}
	return out
}

func (d *differ) scheme(a, b *Scheme) {
	count := len(d.list)
	d.told = map[string]bool{}
	d.a, d.b = a.blank(), b.blank()
	x, y := a.Describe(), b.Describe()
	if a.id != b.id {
		d.words("编号", a.id, b.id)
	}
	d.words("名称", a.title, b.title)
	d.words("出处", a.cite, b.cite)
	d.words("责任部门", a.office, b.office)
	d.words("申报对象", a.subject, b.subject)
	d.words("类别", a.kind, b.kind)
	d.words("有效期", a.valid, b.valid)
	d.words("办理流程", a.process, b.process)
	d.only("行业", a.industries, b.industries)
	d.only("企业规模", a.sizes, b.sizes)
	d.condition(all(a), all(b), false)
	switch {
	case a.amount != nil && b.amount != nil:
		d.value("", a.amount, b.amount, false)
	case a.amount != nil || b.amount != nil:
		d.only("给什么", x.Gives, y.Gives)
	}
	d.words("钱以外的支持", a.grants, b.grants)
	if before, after := a.grant.text(), b.grant.text(); before != after {
		d.words("证书和记录", before, after)
	}
	if before, after := a.ladderText(), b.ladderText(); before != after {
		d.words("授予的等级", before, after)
	}
	d.limits(a, b)
	d.only("支付", x.Pays, y.Pays)
	d.only("怎样理解", interpretationTexts(x.Interpretations), interpretationTexts(y.Interpretations))
	if a.text != b.text {
		d.say("", "条文的转述改了字句。")
	}
	x.Examples, y.Examples = nil, nil
	for _, v := range []*Description{x, y} {
		v.ID, v.Document, v.Succeeds, v.SucceededBy = "", DocumentInfo{}, "", ""
	}
	old, _ := json.Marshal(x)
	now, _ := json.Marshal(y)
	if count == len(d.list) && string(old) != string(now) { // never silent about what reads otherwise
		d.only("给什么", x.Gives, y.Gives)
		if count == len(d.list) {
			d.say("", "条件或用到的数据有改动，请逐条核对。")
		}
	}
}

// blank is the scheme with no facts, for what its names come to.
func (s *Scheme) blank() *env {
	return s.env(Question{Facts: NewFacts(s.doc.lib.vocabulary), On: max(s.doc.info.InForce.First, NewDate(2000, 1, 1)), Brief: true})
}

func (s *Scheme) ladderText() string {
	if s.level == nil {
		return ""
	}
	return s.level.read(chinese)
}

// all is everything that a scheme asks, as one group.
func all(s *Scheme) *condition {
	g := &condition{kind: condGroup, word: "all"}
	for _, c := range []*condition{s.doc.common, s.require} {
		if c == nil {
			continue
		}
		if c.kind == condGroup && c.word == "all" && c.guard == nil {
			g.parts = append(g.parts, c.parts...)
		} else {
			g.parts = append(g.parts, c)
		}
	}
	return g
}

// inFull is a condition with all that stands in it and all that its names come to.
func inFull(c *condition, depth int) string {
	if c == nil || depth > maxDepth {
		return ""
	}
	if c.kind == condName {
		return inFull(c.def.cond, depth+1)
	}
	out := c.read(chinese)
	if c.guard != nil {
		out += "<" + inFull(c.guard, depth+1) + ">"
	}
	for _, p := range c.parts {
		out += "(" + inFull(p, depth+1) + ")"
	}
	return out
}

// about is what a condition is about, whatever it asks of it.
func (c *condition) about() string {
	switch c.kind {
	case condCompare:
		return "of" + c.of.read(chinese)
	case condHas:
		return "has" + c.has.kind.Name
	case condJudge, condSee:
		return "judge" + c.judge
	case condName:
		return "name" + c.def.name
	}
	return "group"
}

func (c *condition) told() string {
	if c.kind == condName {
		return c.def.name
	}
	text := c.words(chinese)
	if c.kind == condGroup && c.text == "" {
		var parts []string
		for _, p := range c.parts {
			parts = append(parts, p.told())
		}
		text += "：" + strings.Join(parts, "、")
	}
	return text
}

// turn turns a way round where meeting a condition is what must not be.
func turn(way string, turned bool) string {
	if turned {
		switch way {
		case WayStricter:
			return WayWider
		case WayWider:
			return WayStricter
		}
	}
	return way
}

// condition compares two conditions about the same thing. turned: they stand where the opposite is asked.
func (d *differ) condition(a, b *condition, turned bool) {
	if a.kind == condName && b.kind == condName {
		d.condition(a.def.cond, b.def.cond, turned)
		return
	}
	if a.kind != b.kind {
		d.say("", "条件由“%s”改为“%s”。", a.told(), b.told())
		return
	}
	switch {
	case a.guard != nil && b.guard != nil:
		d.condition(a.guard, b.guard, !turned) // the harder the premise, the fewer are asked
	case a.guard != nil:
		d.say(turn(WayStricter, turned), "条件“%s”不再有前提“%s”。", b.told(), a.guard.told())
	case b.guard != nil:
		d.say(turn(WayWider, turned), "条件“%s”只在“%s”时要求。", b.told(), b.guard.told())
	}
	if a.kind == condGroup {
		d.group(a, b, turned)
		return
	}
	if a.kind == condCompare {
		d.inside(a.of, b.of)
	}
	d.words("条件“"+b.told()+"”由谁判断", a.office, b.office)
	if a.limit == nil || b.limit == nil {
		return
	}
	x, y := a.of, b.of
	if a.kind == condHas {
		x, y = a.has, b.has
		if x.read(chinese) != y.read(chinese) {
			d.say("", "条件由“%s”改为“%s”。", a.read(chinese), b.read(chinese))
			return
		}
	}
	old, now := chinese.than(a.op, a.limit.read(chinese, x.typ())), chinese.than(b.op, b.limit.read(chinese, y.typ()))
	if old != now {
		d.say(turn(d.moved(a, b), turned), "“%s”的要求由“%s”改为“%s”。", y.read(chinese), old, now)
	}
}

// moved is which way a threshold moved.
func (d *differ) moved(a, b *condition) string {
	strict := func(stricter bool) string {
		if stricter {
			return WayStricter
		}
		return WayWider
	}
	if len(a.limit.words) > 0 && len(b.limit.words) > 0 && a.op == b.op && (a.op == "is" || a.op == "within") {
		more := func(a, b []string) bool {
			return !slices.ContainsFunc(b, func(w string) bool { return !slices.Contains(a, w) })
		}
		switch {
		case more(b.limit.words, a.limit.words):
			return WayWider
		case more(a.limit.words, b.limit.words):
			return WayStricter
		}
		return ""
	}
	x, ok := a.limit.number(d.a)
	y, known := b.limit.number(d.b)
	lower := func(op string) bool { return op == "at_least" || op == "over" }
	upper := func(op string) bool { return op == "at_most" || op == "under" }
	if !ok || !known || !(lower(a.op) && lower(b.op) || upper(a.op) && upper(b.op)) {
		return ""
	}
	switch c := y.Cmp(x); {
	case c != 0:
		return strict((c > 0) == lower(a.op))
	default:
		return strict(b.op == "over" || b.op == "under")
	}
}

// inside compares the values and conditions that two expressions name.
func (d *differ) inside(x, y expr) {
	named := func(x expr) map[string]*definition {
		out := map[string]*definition{}
		w := &walker{seen: map[*definition]bool{}}
		w.onName = func(d *definition) { out[d.name] = d }
		w.expr(x)
		return out
	}
	old, now := named(x), named(y)
	for _, name := range sortedKeys(now) {
		if a, b := old[name], now[name]; a != nil && !d.told[name] {
			d.told[name] = true
			if a.value != nil && b.value != nil {
				d.value(name, a.value, b.value, false)
			}
			if a.quantity != nil && b.quantity != nil {
				d.words("“"+name+"”", a.quantity.expr.read(chinese), b.quantity.expr.read(chinese))
			}
		}
	}
}

// group aligns the conditions of two groups: first those that are alike, then those about the same thing, then groups in their order.
func (d *differ) group(a, b *condition, turned bool) {
	switch {
	case a.word != b.word:
		way := ""
		if a.word == "all" && (b.word == "any" || b.word == "at_least") || a.word == "at_least" && b.word == "any" {
			way = WayWider
		} else if b.word == "all" && (a.word == "any" || a.word == "at_least") || b.word == "at_least" && a.word == "any" {
			way = WayStricter
		}
		d.say(turn(way, turned), "“%s”改为“%s”。", a.read(chinese), b.read(chinese))
		if a.word == "none" || b.word == "none" {
			return
		}
	case a.n != b.n:
		way := WayWider
		if b.n > a.n {
			way = WayStricter
		}
		d.say(turn(way, turned), "“至少符合%d项”改为“至少符合%d项”。", a.n, b.n)
	}
	inner := turned != (b.word == "none")
	pair := make([]int, len(b.parts))
	for i := range pair {
		pair[i] = -1
	}
	taken := make([]bool, len(a.parts))
	for _, same := range []func(x, y *condition) bool{
		func(x, y *condition) bool { return inFull(x, 0) == inFull(y, 0) },
		func(x, y *condition) bool {
			return x.kind == y.kind && x.op == y.op && x.about() == y.about() && x.word == y.word
		},
		func(x, y *condition) bool { return x.kind == y.kind && x.about() == y.about() },
	} {
		for j, y := range b.parts {
			for i, x := range a.parts {
				if pair[j] < 0 && !taken[i] && same(x, y) {
					pair[j], taken[i] = i, true
				}
			}
		}
	}
	asks := WayStricter // one more condition
	if b.word == "any" || b.word == "at_least" {
		asks = WayWider
	}
	asks = turn(asks, turned)
	for i, x := range a.parts {
		if !taken[i] {
			d.say(turn(asks, true), "删去条件“%s”。", x.told())
		}
	}
	for j, y := range b.parts {
		if pair[j] < 0 {
			d.say(asks, "增加条件“%s”。", y.told())
		} else {
			d.condition(a.parts[pair[j]], y, inner)
		}
	}
}

// amounts is which way a sum, a rate or points moved.
func (d *differ) amounts(a, b *value, turned bool) string {
	x, y := a.compute(d.a, ""), b.compute(d.b, "")
	lo, hi := y.lo.cmp(x.lo), y.hi.cmp(x.hi)
	switch {
	case x.manual || y.manual || lo*hi < 0 || lo == 0 && hi == 0:
		return ""
	case (lo > 0 || hi > 0) != turned:
		return WayMore
	}
	return WayLess
}

// resolved is the value that a bare name stands for.
func resolved(v *value) (*value, string) {
	n, ok := v.expr.(*nameExpr)
	if v.kind != valueExpr || !ok || n.def.value == nil || n.column != "" {
		return v, ""
	}
	return n.def.value, n.def.name
}

// value compares two values. what names them where it is not the amount itself; turned: the more it is the less is given.
func (d *differ) value(what string, a, b *value, turned bool) {
	if a == nil || b == nil {
		return
	}
	a, _ = resolved(a)
	b, name := resolved(b)
	if name != "" && what == "" {
		what = name
	}
	label := what
	if label == "" {
		label = "金额"
	}
	if a.kind != b.kind {
		d.words(label, a.read(chinese), b.read(chinese))
		return
	}
	switch {
	case a.guard != nil && b.guard != nil:
		d.condition(a.guard, b.guard, turned)
	case a.guard != nil:
		d.say(WayMore, "%s不再以“%s”为前提。", label, a.guard.told())
	case b.guard != nil:
		d.say(WayLess, "%s以“%s”为前提。", label, b.guard.told())
	}
	switch a.kind {
	case valueLiteral:
		if old, now := a.lit.text(chinese), b.lit.text(chinese); old != now {
			d.say(d.amounts(a, b, turned), "%s由%s改为%s。", label, old, now)
		}
	case valueExpr:
		d.words(label, a.expr.read(chinese), b.expr.read(chinese))
		d.inside(a.expr, b.expr)
	case valueLine:
		each := label
		if b.per != nil {
			each += "的每档标准"
		} else if what == "" {
			each = "比例"
		}
		d.value(each, a.give, b.give, turned)
		d.words(label+"按什么计算", a.expr.read(chinese), b.expr.read(chinese))
		d.inside(a.expr, b.expr)
		d.per(label, a, b)
		d.ends(label, a, b)
	case valueTable:
		d.words(label+"按什么分档", a.expr.read(chinese), b.expr.read(chinese))
		d.inside(a.expr, b.expr)
		d.table(label, a, b, turned)
	case valueEach:
		d.words(label+"按哪些记录", a.each.read(chinese), b.each.read(chinese))
		d.value(label+"每一项", a.give, b.give, turned)
	case valueSum, valueHighest:
		for i := range max(len(a.parts), len(b.parts)) {
			part := what
			if len(b.parts) > 1 {
				part = label + "的第" + strconv.Itoa(i+1) + "项"
			}
			switch {
			case i >= len(a.parts):
				d.say(WayMore, "%s增加一项：%s。", label, b.parts[i].read(chinese))
			case i >= len(b.parts):
				d.say(WayLess, "%s删去一项：%s。", label, a.parts[i].read(chinese))
			default:
				d.value(part, a.parts[i], b.parts[i], turned)
			}
		}
	default:
		d.words(label, a.read(chinese), b.read(chinese))
	}
	d.steps(label, a, b, turned)
}

func (d *differ) per(label string, a, b *value) {
	text := func(v *value) string {
		if v.per == nil {
			return ""
		}
		return v.per.text(chinese)
	}
	if text(a) != text(b) {
		way := ""
		if a.per != nil && b.per != nil && a.per.unit == b.per.unit {
			way = WayLess
			if b.per.low.Cmp(a.per.low) < 0 {
				way = WayMore
			}
		}
		d.say(way, "%s每档由%s改为%s。", label, orNothing(text(a)), orNothing(text(b)))
	}
	if a.per != nil && b.per != nil && a.rest != b.rest {
		words := map[string]string{"drop": "不计", "prorate": "按比例计", "up": "按一档计"}
		order := []string{"drop", "prorate", "up"}
		way := WayLess
		if slices.Index(order, b.rest) > slices.Index(order, a.rest) {
			way = WayMore
		}
		d.say(way, "%s不足一档的零头由%s改为%s。", label, words[a.rest], words[b.rest])
	}
}

func orNothing(text string) string {
	if text == "" {
		return "不分档"
	}
	return text
}

// ends compares where slices begin and end.
func (d *differ) ends(label string, a, b *value) {
	one := func(what string, x, y *threshold, up bool) {
		text := func(t *threshold, v *value) string {
			if t == nil {
				return "没有"
			}
			return t.read(chinese, v.expr.typ())
		}
		old, now := text(x, a), text(y, b)
		if old == now {
			return
		}
		way := ""
		if x != nil && y != nil {
			m, ok := x.number(d.a)
			n, known := y.number(d.b)
			if ok && known {
				way = WayLess
				if (n.Cmp(m) > 0) == up {
					way = WayMore
				}
			}
		}
		d.say(way, "%s%s由%s改为%s。", label, what, old, now)
	}
	one("的起点", a.beyond, b.beyond, false)
	one("的终点", a.upTo, b.upTo, true)
}

// table compares rows by what they are reached by; rows that only moved are told as moved.
func (d *differ) table(label string, a, b *value, turned bool) {
	if a.op != b.op {
		d.words(label+"的分档", a.read(chinese), b.read(chinese))
		return
	}
	key := func(v *value, r row) string { return chinese.than(v.op, r.limit.read(chinese, v.expr.typ())) }
	find := func(v *value, k string) *row {
		for i := range v.rows {
			if key(v, v.rows[i]) == k {
				return &v.rows[i]
			}
		}
		return nil
	}
	cell := func(where string, x, y *row) {
		if x.value != nil && y.value != nil {
			d.value(where, x.value, y.value, turned)
			return
		}
		for _, column := range sortedKeys(y.cells) {
			if x.cells[column] != nil {
				d.value(where+"的"+column, x.cells[column], y.cells[column], turned)
			} else {
				d.say("", "%s增加“%s”：%s。", where, column, y.cells[column].read(chinese))
			}
		}
	}
	text := func(r *row) string {
		if r.value != nil {
			return r.value.read(chinese)
		}
		var parts []string
		for _, column := range sortedKeys(r.cells) {
			parts = append(parts, column+r.cells[column].read(chinese))
		}
		return strings.Join(parts, "、")
	}
	for i := range a.rows {
		if k := key(a, a.rows[i]); find(b, k) == nil {
			d.say("", "%s删去一档：%s的%s。", label, k, text(&a.rows[i]))
		}
	}
	for i := range b.rows {
		k := key(b, b.rows[i])
		if old := find(a, k); old != nil {
			cell(label+"（"+k+"）", old, &b.rows[i])
		} else {
			d.say("", "%s增加一档：%s的%s。", label, k, text(&b.rows[i]))
		}
	}
	switch {
	case a.els != nil && b.els != nil:
		cell(label+"（一档都达不到）", a.els, b.els)
	case a.els != nil:
		d.say(WayStricter, "%s一档都达不到的，由%s改为不符合。", label, text(a.els))
	case b.els != nil:
		d.say(WayWider, "%s一档都达不到的，由不符合改为%s。", label, text(b.els))
	}
}

// steps compares step by step those of one kind in their order; another order is told as such.
func (d *differ) steps(label string, a, b *value, turned bool) {
	kinds := func(v *value) []stepKind {
		var out []stepKind
		for _, s := range v.steps {
			out = append(out, s.kind)
		}
		return out
	}
	of := func(v *value, k stepKind) []*step {
		var out []*step
		for i := range v.steps {
			if v.steps[i].kind == k {
				out = append(out, &v.steps[i])
			}
		}
		return out
	}
	raises := func(k stepKind, s *step) string {
		switch k {
		case stepLess, stepAtMost:
			return WayLess
		case stepTimes:
			if s.value.kind == valueLiteral && s.value.lit.high.Cmp(intNum(1)) < 0 {
				return WayLess
			}
		}
		return WayMore
	}
	names := map[stepKind]string{stepTimes: "上浮或折算", stepLess: "扣减", stepAtMost: "封顶", stepAtLeast: "保底"}
	for k := stepTimes; k <= stepAtLeast; k++ {
		x, y := of(a, k), of(b, k)
		for i := range max(len(x), len(y)) {
			switch {
			case i >= len(x):
				d.say(raises(k, y[i]), "%s增加一步：%s。", label, y[i].read(chinese))
			case i >= len(y):
				way := WayMore
				if raises(k, x[i]) == WayMore {
					way = WayLess
				}
				d.say(way, "%s删去一步：%s。", label, x[i].read(chinese))
			default:
				name := names[k]
				if label != "金额" {
					name = label + "的" + name
				}
				d.value(name, x[i].value, y[i].value, turned != (k == stepLess))
				switch {
				case x[i].guard != nil && y[i].guard != nil:
					d.condition(x[i].guard, y[i].guard, raises(k, y[i]) == WayLess)
				case x[i].guard != nil || y[i].guard != nil:
					d.words(name, x[i].read(chinese), y[i].read(chinese))
				}
				if x[i].recover != y[i].recover {
					d.words(name, x[i].read(chinese), y[i].read(chinese)+"，不足的追回")
				}
			}
		}
	}
	if x, y := kinds(a), kinds(b); !slices.Equal(x, y) && len(x) == len(y) {
		sorted := slices.Clone(x)
		slices.Sort(sorted)
		other := slices.Clone(y)
		slices.Sort(other)
		if slices.Equal(sorted, other) {
			d.say("", "%s的计算次序改变：%s。", label, b.read(chinese))
		}
	}
}

// limits compares limits that count by the same, in their order.
func (d *differ) limits(a, b *Scheme) {
	key := func(s *Scheme, l *limit) string {
		var of []string
		for _, id := range l.of {
			if id == s.id {
				id = ""
			}
			of = append(of, id[strings.Index(id, "/")+1:])
		}
		slices.Sort(of)
		return fmt.Sprint(l.stage, l.count, l.per, of, l.fund)
	}
	taken := map[int]bool{}
	for j := range b.limits {
		y := &b.limits[j]
		found := -1
		for i := range a.limits {
			if found < 0 && !taken[i] && key(a, &a.limits[i]) == key(b, y) {
				found = i
			}
		}
		if found < 0 {
			d.say(WayLess, "增加限额：%s。", y.read(chinese))
			continue
		}
		taken[found] = true
		x := &a.limits[found]
		if old, now := x.read(chinese), y.read(chinese); old != now {
			way := ""
			if x.most != nil && y.most != nil && x.share == y.share {
				way = d.amounts(x.most, y.most, false)
			}
			d.say(way, "限额由“%s”改为“%s”。", old, now)
		}
	}
	for i := range a.limits {
		if !taken[i] {
			d.say(WayMore, "删去限额：%s。", a.limits[i].read(chinese))
		}
	}
}

func (d *differ) processes(before, after *Library) {
	lines := func(p *Process) []string {
		v := p.Describe()
		out := []string{"名称：" + v.Title, v.Starts}
		for _, f := range v.Flows {
			for _, s := range f.Stages {
				for _, l := range append([]string{s.Public}, s.Lines...) {
					out = append(out, f.Title+"的“"+s.Title+"”："+l)
				}
			}
			out = append(out, f.Rules...)
		}
		return append(out, interpretationTexts(v.Notes)...)
	}
	for _, b := range after.processes {
		d.id, d.title = b.ID, b.Title
		if a := before.byProcess[b.ID]; a != nil {
			// What is only called otherwise is said once, and not wherever it is named.
			for _, f := range b.Flows {
				was := a.Flow(f.Key)
				if was == nil {
					continue
				}
				for _, s := range f.Stages {
					if old := was.Stage(s.Key); old != nil && old.Title != s.Title {
						d.say("", "办理流程：%s的“%s”改称“%s”。", flowWords[f.Key], old.Title, s.Title)
					}
				}
			}
			d.only("办理流程", lines(a.calledAs(b)), lines(b))
		} else {
			d.say("", "新增办理流程。")
		}
	}
	for _, a := range before.processes {
		if after.byProcess[a.ID] == nil {
			d.id, d.title = a.ID, a.Title
			d.say("", "删去办理流程。")
		}
	}
}

func (d *differ) templates(before, after *Library) {
	for _, b := range after.templates {
		d.id, d.title = b.ID, b.Title
		if a := before.byTemplate[b.ID]; a != nil {
			d.only("文书模板", a.ReadBack(), b.ReadBack())
		} else {
			d.say("", "新增文书模板。")
		}
	}
	for _, a := range before.templates {
		if after.byTemplate[a.ID] == nil {
			d.id, d.title = a.ID, a.Title
			d.say("", "删去文书模板。")
		}
	}
}

func (d *differ) calendars(before, after *Library) {
	for _, b := range after.calendars {
		d.id, d.title = strconv.Itoa(b.Year), b.Title()
		if a := before.Calendar(b.Year); a != nil {
			d.only("放假安排", a.ReadBack(), b.ReadBack())
		} else {
			d.say("", "新增放假安排。")
		}
	}
	for _, a := range before.calendars {
		if after.Calendar(a.Year) == nil {
			d.id, d.title = strconv.Itoa(a.Year), a.Title()
			d.say("", "删去放假安排。")
		}
	}
}
