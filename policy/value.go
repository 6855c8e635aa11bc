package policy

import (
	"slices"
	"sort"
	"strings"
)

// anyUnit is the unit of something that fits every unit (manual).
const anyUnit = "*"

type valueKind uint8

const (
	valueLiteral valueKind = iota
	valueExpr              // a name or other quantity
	valueLine              // give × base, or give for each `per` of the base
	valueTable             // the row that a quantity reaches
	valueSum
	valueHighest
	valueEach // sum over records
	valueSee  // stands elsewhere: a person looks it up
)

// value is how much is given: money, points, a rate, a threshold.
type value struct {
	at     node
	kind   valueKind
	unit   string
	lit    *literal
	expr   expr
	give   *value
	per    *literal
	rest   string // what becomes of a part of `per`: drop, prorate, up
	beyond *threshold
	upTo   *threshold
	op     string
	rows   []row
	els    *row
	parts  []*value
	each   *recordExpr
	takes  bool // a record of the `each` may take something away
	guard  *condition
	steps  []step

	columns  []string
	sentence string // read() in Chinese, made once
	text     string
	cite     string
	interp   *Interpretation
}

// row is one row of a table: one value, or several named columns.
type row struct {
	at    node
	limit *threshold
	value *value
	cells map[string]*value
}

type stepKind uint8

const (
	stepTimes stepKind = iota
	stepLess
	stepAtMost
	stepAtLeast
)

type step struct {
	kind    stepKind
	value   *value
	guard   *condition
	recover bool
	text    string
	at      node
	interp  *Interpretation
}

// chosen is the first choice of meaning that stands at a value or at one of its steps.
func (v *value) chosen() *Interpretation {
	out := v.interp
	for i := range v.steps {
		if out == nil {
			out = v.steps[i].interp
		}
	}
	return out
}

func (v *value) hasColumn(column string) bool {
	return column == "" && v.columns == nil || slices.Contains(v.columns, column)
}

func (v *value) columnUnit(column string) string {
	if column == "" {
		return v.unit
	}
	for _, r := range v.allRows() {
		if cell := r.cells[column]; cell != nil && cell.unit != anyUnit {
			return cell.unit
		}
	}
	return anyUnit
}

func (v *value) allRows() []row {
	if v.els != nil {
		return append(slices.Clone(v.rows), *v.els)
	}
	return v.rows
}

// value reads one value.
func (sc *scope) value(n node) *value {
	v := sc.readValue(n)
	if v != nil {
		v.sentence = v.read(chinese)
	}
	return v
}

func (sc *scope) readValue(n node) *value {
	c := sc.c
	sc.size++
	if n.isText() {
		return sc.textValue(n)
	}
	if !n.isMap() {
		c.errorAt(n, "这里应写一个金额、分值或比例，例如 20万元，或 {give: 6%%, of: 指标@当年}。")
		return nil
	}
	c.keys(n, "value")
	for _, k := range []string{"open", "tighten"} {
		if w := n.get(k); w.is() && n.Node != sc.top.Node {
			c.errorAt(w, "%s: 只写在 define: 的一个名称下面，说明下级可以怎样定。", k)
		}
	}
	v := &value{at: n, unit: anyUnit, text: n.get("text").text(), cite: n.get("cite").text(), interp: c.interpretation(n.get("interpretation"))}
	if g := n.get("if"); g.is() {
		v.guard = sc.condition(g)
	}
	var heads []string
	for _, k := range []string{"give", "by", "sum", "highest", "see", "open"} {
		if n.get(k).is() {
			heads = append(heads, k)
		}
	}
	if len(heads) != 1 {
		c.errorAt(n, "一个值只写 give、by、sum、highest 中的一个（这里有 %d 个）。", len(heads))
		return nil
	}
	ok := true
	switch heads[0] {
	case "give":
		ok = sc.readGive(n, v)
	case "by":
		ok = sc.readTable(n, v)
	case "sum", "highest":
		ok = sc.readParts(n, v, heads[0])
	case "see":
		if other := sc.seen(n); other != nil {
			if other.value == nil || other.value.columns != nil {
				c.errorAt(n, "“%s”不是一个值，不能写在这里。", clip(other.name))
				return nil
			}
			v.kind, v.expr, v.unit = valueExpr, &nameExpr{def: other}, other.value.unit
			break
		}
		v.kind, v.text = valueSee, "《"+n.get("see").text()+"》"
	case "open":
		l, isLit, err := c.lib.vocabulary.units.parseLiteral(n.get("bounds").text())
		if err != nil || !isLit {
			c.errorAt(n, "open: 的定义应写 bounds: 下限 to 上限，例如 bounds: 0分 to 15分。")
			return nil
		}
		v.kind, v.lit, v.unit = valueLiteral, l, l.unit
	}
	if !ok {
		return nil
	}
	v.steps = sc.steps(n.get("then"), v)
	return v
}

func (sc *scope) textValue(n node) *value {
	text := n.text()
	l, ok, err := sc.c.lib.vocabulary.units.parseLiteral(text)
	if err != nil {
		sc.c.errorAt(n, "%s", err.Error())
		return nil
	}
	if ok {
		_, fits := fenOf(l.high, "up")
		switch {
		case (l.unit == unitMoney || l.unit == unitRatio) && l.low.Sign() < 0:
			sc.c.errorAt(n, "金额和比例不能小于零；要减去的请写成 then: 里的 less:。")
			return nil
		case l.unit == unitMoney && !fits:
			sc.c.errorAt(n, "金额过大，请检查位数和单位（万、亿）。")
			return nil
		}
		return &value{at: n, kind: valueLiteral, lit: l, unit: l.unit}
	}
	if sc.c.misprinted(n) {
		return nil
	}
	x := sc.parseExpr(n, text)
	if x == nil {
		return nil
	}
	if t := x.typ(); t.kind != TypeNumber || t.root {
		sc.c.errorAt(n, "这里应是一个数，而不是词或日期。")
		return nil
	}
	return &value{at: n, kind: valueExpr, expr: x, unit: x.typ().unit}
}

func (sc *scope) readGive(n node, v *value) bool {
	c := sc.c
	if r := n.get("each"); r.is() {
		return sc.readEach(n, v, r)
	}
	v.give = sc.value(n.get("give"))
	of, per := n.get("of"), n.get("per")
	if !of.is() {
		if v.give == nil {
			return false
		}
		for _, k := range []string{"per", "remainder", "beyond", "up_to"} {
			if n.get(k).is() {
				c.errorAt(n.get(k), "写了 %s: 就要写 of:，说明按什么计算。", k)
				return false
			}
		}
		v.kind, v.parts, v.unit = valueSum, []*value{v.give}, v.give.unit
		return true
	}
	v.kind = valueLine
	v.expr = sc.quantity(of)
	if v.rest = n.get("remainder").text(); per.is() {
		switch v.rest {
		case "drop", "prorate", "up":
		case "":
			if v.expr == nil || !v.expr.typ().bare {
				c.errorAt(n, "请写 remainder:，说明不足一个单位的部分怎样计算：drop（不计）、prorate（按比例）或 up（算一个）。")
			}
			v.rest = "drop"
		default:
			c.errorAt(n.get("remainder"), "remainder 只能写 drop（不计）、prorate（按比例）或 up（算一个）。")
			v.rest = "drop"
		}
	}
	if v.give == nil || v.expr == nil {
		return false
	}
	base := v.expr.typ()
	if base.kind != TypeNumber || base.root {
		c.errorAt(of, "of: 应是一个数。")
		return false
	}
	if b := n.get("beyond"); b.is() {
		v.beyond = sc.threshold(b, base, "over")
	}
	if u := n.get("up_to"); u.is() {
		v.upTo = sc.threshold(u, base, "at_most")
	}
	if v.beyond != nil && v.upTo != nil && v.beyond.named == nil && v.upTo.named == nil && v.beyond.num.Cmp(v.upTo.num) >= 0 {
		c.errorAt(n.get("up_to"), "up_to 应大于 beyond。")
	}
	if per.is() {
		l, ok, err := c.lib.vocabulary.units.parseLiteral(per.text())
		if err != nil || !ok || !l.exact() || l.low.Sign() <= 0 {
			if unit := c.lib.vocabulary.units.unknownIn(per.text()); unit != "" {
				c.errorAt(per, "per: 不认识单位“%s”：词汇表 units 中没有，例如写 units: {%s: {}}%s", clip(unit), clip(unit), suggest(unit, c.lib.vocabulary.units.suffixes))
			} else {
				c.errorAt(per, "per: 应写一个大于零的数，例如 100万元。")
			}
			return false
		}
		points := l.unit == unitPoints && base.unit == unitRatio
		whole := l.unit == unitRatio && base.bare
		if l.unit != base.unit && !points && !whole {
			c.errorAt(per, "per 的单位是%s，of 的单位是%s，应一致。", unitName(l.unit), unitName(base.unit))
			return false
		}
		v.per, v.unit = l, v.give.unit
		return true
	}
	if l := v.give.unitless(""); l != nil && base.unit == unitMoney {
		c.errorAt(n.get("give"), "比例请写明单位：%s%%；“%s”没有百分号，会当作%s倍。", l.high, l.high, l.high)
		return false
	}
	switch {
	case v.give.unit == unitRatio || v.give.unit == anyUnit:
		v.unit = base.unit
	case base.unit == unitRatio || base.bare:
		v.unit = v.give.unit
	default:
		c.errorAt(n, "%s 乘以 %s 没有意义：按单位计请写 per:，按比例计请写百分数。", unitName(v.give.unit), unitName(base.unit))
		return false
	}
	if v.give.unit == unitRatio && base.unit == unitMoney && sc.doc.rounding == "" {
		c.errorAt(n, "按比例计算会有不足一分的零头，请在文件开头写 rounding: {to: 0.01元, mode: down}。")
	}
	return true
}

func (sc *scope) readEach(n node, v *value, r node) bool {
	c := sc.c
	name, word, dated := strings.Cut(r.text(), "@")
	kind := c.lib.vocabulary.Record(strings.TrimSpace(name))
	if kind == nil {
		c.errorAt(r, "each: 后面应是一类记录%s", suggest(name, sc.recordNames()))
		return false
	}
	p := &period{word: validNow, kind: periodValid}
	if dated {
		if p = sc.period(r, word); p == nil {
			return false
		}
	}
	for _, k := range []string{"of", "per", "beyond", "up_to"} {
		if n.get(k).is() {
			c.errorAt(n.get(k), "each: 的每一条怎样计算请写在 give: 里面。")
		}
	}
	v.kind = valueEach
	v.each = &recordExpr{fn: "count", kind: kind, at: p, filter: sc.filters(n.get("where"), kind)}
	outer := sc.each
	sc.each = kind
	v.give = sc.value(n.get("give"))
	sc.each = outer
	if v.give == nil {
		return false
	}
	v.unit = v.give.unit
	c.whole = append(c.whole, func() { v.takes = v.give.bounds("", 0).lo.sign() < 0 })
	return true
}

func (sc *scope) readParts(n node, v *value, word string) bool {
	c := sc.c
	list := n.get(word)
	if !list.isList() || len(list.Content) == 0 {
		c.errorAt(list, "%s: 后面应是一列值，每个以“- ”开头。", word)
		return false
	}
	v.kind = map[string]valueKind{"sum": valueSum, "highest": valueHighest}[word]
	for _, item := range list.items() {
		part := sc.value(item)
		if part == nil {
			return false
		}
		if !c.unify(item, &v.unit, part.unit) {
			return false
		}
		v.parts = append(v.parts, part)
	}
	sc.checkSlices(v)
	return true
}

// checkSlices refuses slices of one base that overlap or leave a gap, unless a guard tells them apart.
func (sc *scope) checkSlices(v *value) {
	var slicesOf []*value
	for _, p := range v.parts {
		if p.kind == valueLine && p.per == nil && p.guard == nil && (p.beyond != nil || p.upTo != nil) {
			slicesOf = append(slicesOf, p)
		}
	}
	for i := 1; i < len(slicesOf); i++ {
		a, b := slicesOf[i-1], slicesOf[i]
		if a.expr.read(chinese) != b.expr.read(chinese) || a.upTo == nil || b.beyond == nil || a.upTo.named != nil || b.beyond.named != nil {
			continue
		}
		if cmp := a.upTo.num.Cmp(b.beyond.num); cmp > 0 {
			sc.c.errorAt(b.at, "这一档与上一档重叠：上一档到%s，这一档从%s起。", a.upTo.text, b.beyond.text)
		} else if cmp < 0 {
			sc.c.errorAt(b.at, "这一档与上一档之间有空档：上一档到%s，这一档从%s起。", a.upTo.text, b.beyond.text)
		}
	}
}

func (c *checker) unify(n node, unit *string, other string) bool {
	if *unit == anyUnit {
		*unit = other
		return true
	}
	if other == anyUnit || other == *unit {
		return true
	}
	c.errorAt(n, "单位不一致：前面是%s，这里是%s。", unitName(*unit), unitName(other))
	return false
}

func (sc *scope) readTable(n node, v *value) bool {
	c := sc.c
	v.kind = valueTable
	if v.expr = sc.quantity(n.get("by")); v.expr == nil {
		return false
	}
	q := v.expr.typ()
	if r, ok := v.expr.(*recordExpr); ok && n.get("where").is() {
		r.filter = append(slices.Clone(r.filter), sc.filters(n.get("where"), r.kind)...)
	} else if n.get("where").is() {
		c.errorAt(n.get("where"), "where: 只用在记录上。")
	}
	var table node
	for _, op := range operators {
		if t := n.get(op); t.is() {
			if v.op != "" {
				c.errorAt(t, "一张表只写一个比较词。")
				return false
			}
			v.op, table = op, t
		}
	}
	if !table.isMap() || len(table.Content) == 0 {
		c.errorAt(n, "by: 之后写比较词和各档，例如 at_least: {5%%: 20分, 3%%: 15分}。")
		return false
	}
	for _, e := range table.entries() {
		t := sc.threshold(e.at, q, v.op)
		if t == nil {
			return false
		}
		r, ok := sc.row(e.value, v)
		if !ok {
			return false
		}
		r.limit = t
		for _, old := range v.rows {
			if old.limit.named == nil && t.named == nil && (len(t.words) > 0 && slices.Equal(old.limit.words, t.words) || len(t.words) == 0 && old.limit.num.Cmp(t.num) == 0) {
				c.errorAt(e.at, "这一档写了两次。")
			}
		}
		v.rows = append(v.rows, r)
	}
	if els := n.get("else"); els.is() {
		r, ok := sc.row(els, v)
		if !ok {
			return false
		}
		v.els = &r
	}
	if listed := q.kind == TypeWord || q.kind == TypeBool || q.kind == TypeLevel; v.unit == unitScore && v.els == nil && !(listed && v.everything(nil)) {
		c.errorAt(n, "评分表请写 else:，说明达不到任何一档得几分，例如 else: 0分。")
	}
	for i, r := range v.allRows() {
		name := "else"
		if i < len(v.rows) {
			name = chinese.than(v.op, r.limit.read(chinese, q))
		}
		for _, col := range v.columns {
			if r.cells[col] == nil {
				c.errorAt(r.at, "“%s”这一档缺少“%s”这一栏：各档都要写同样的栏目，原文没有说的写 {%s: manual}。", name, col, col)
			}
		}
	}
	if v.op == "is" && q.kind == TypeLevel {
		top := -1
		for _, r := range v.rows {
			for _, w := range r.limit.words {
				top = max(top, rank(q.options, w))
			}
		}
		if top < len(q.options)-1 {
			c.errorAt(n.get("is"), "各档是有高低的等级，请写明更高的“%s”给多少（原文没有说的写 manual）。", q.options[len(q.options)-1])
		}
	}
	if v.op == "within" {
		sc.checkCodeRows(v)
	}
	ascending := v.op == "at_most" || v.op == "under"
	if v.op != "is" && v.op != "within" && !slices.ContainsFunc(v.rows, func(r row) bool { return r.limit.named != nil }) {
		sort.SliceStable(v.rows, func(i, j int) bool {
			c := v.rows[i].limit.num.Cmp(v.rows[j].limit.num)
			return ascending && c < 0 || !ascending && c > 0
		})
	}
	return true
}

func (sc *scope) row(n node, v *value) (row, bool) {
	if n.isMap() && shapeOf("row", n) == shapes["columns"] {
		r := row{at: n, cells: map[string]*value{}}
		for _, e := range n.entries() {
			cell := sc.value(e.value)
			if cell == nil {
				return row{}, false
			}
			r.cells[e.key] = cell
			if !slices.Contains(v.columns, e.key) {
				v.columns = append(v.columns, e.key)
			}
		}
		return r, true
	}
	cell := sc.value(n)
	if cell == nil || !sc.c.unify(n, &v.unit, cell.unit) {
		return row{}, false
	}
	return row{at: n, value: cell}, true
}

func (sc *scope) steps(n node, v *value) []step {
	if !n.is() {
		return nil
	}
	c := sc.c
	if !n.isList() {
		c.errorAt(n, "then: 后面应是一列步骤，例如 [{at_most: 30万元}]。")
		return nil
	}
	var out []step
	for _, item := range n.items() {
		c.keys(item, "step")
		s := step{text: item.get("text").text(), at: item, interp: c.interpretation(item.get("interpretation"))}
		found := 0
		for i, k := range []string{"times", "less", "at_most", "at_least"} {
			if w := item.get(k); w.is() {
				found++
				s.kind = stepKind(i)
				s.value = sc.value(w)
			}
		}
		if found != 1 {
			c.errorAt(item, "一个步骤只写 times（乘）、less（减）、at_most（封顶）、at_least（保底）中的一个。")
			continue
		}
		if s.value == nil {
			continue
		}
		if l := s.value.lit; l != nil && l.atLeast {
			c.errorAt(item, "步骤里直接写数：保底写 at_least: 3万元；给多少没有上限的，at least 写在 give: 上。")
			continue
		}
		if l := s.value.lit; l != nil && !l.manual && !l.atLeast && l.high.Sign() == 0 && !item.get("if").is() && (s.kind == stepTimes || s.kind == stepAtMost) {
			word := map[stepKind]string{stepTimes: "times", stepAtMost: "at_most"}[s.kind]
			c.errorAt(item, "%s: %s 使金额总是零，请写原文的数；只在某种情形下不给的，另写 if: 条件。", word, clip(item.get(word).text()))
			continue
		}
		if s.kind == stepTimes {
			if s.value.unit != unitRatio {
				c.errorAt(item, "times: 应是比例，例如 110%%。")
			}
			if l := s.value.lit; l != nil && l.high.Cmp(intNum(1)) < 0 && strings.Contains(s.text+v.text, "上浮") {
				c.warnAt(item, lintUplift, "条文写的是“上浮”，times 却不足100%%；上浮10%%请写 times: 110%%。")
			}
		} else if !c.unify(item, &v.unit, s.value.unit) {
			continue
		}
		if g := item.get("if"); g.is() {
			s.guard = sc.condition(g)
		}
		if b := item.get("below_zero"); b.is() {
			if s.recover = b.text() == "recover"; !s.recover || s.kind != stepLess {
				c.errorAt(b, "below_zero 只能写 recover，并只用在 less: 的步骤上。")
			}
		}
		out = append(out, s)
	}
	return out
}

// quantity reads a left side or base.
func (sc *scope) quantity(n node) expr {
	if !n.isText() || n.text() == "" {
		if n.isMap() {
			sc.c.errorAt(n, "这里应写一个数量的名称或算式，例如 growth(指标@当年)；复杂的请先在 define: 中起名。")
		} else {
			sc.c.errorAt(n, "这里应写一个数量，例如 指标@当年。")
		}
		return nil
	}
	return sc.parseExpr(n, n.text())
}
