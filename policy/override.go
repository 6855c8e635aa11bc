package policy

import "path"

// What a lower document may change of an upper one. A reissue by the same body (same folder) changes what it likes; a document of another
// folder changes only what the upper one left open, within its bounds, or let be tightened, and only that way. Everything else of an
// inherited clause stands as it is.

var tightenWords = []string{"lower", "higher", "shorter"}

var tightenSays = map[string]string{"lower": "只能更低", "higher": "只能更高", "shorter": "只能更短"}

// tightenWord reads how a lower document may move a definition.
func (sc *scope) tightenWord(n node, v *value) string {
	if !n.is() {
		return ""
	}
	word := n.text()
	if tightenSays[word] == "" {
		sc.c.errorAt(n, "tighten 应为 lower（下级只能更低）、higher（只能更高）或 shorter（只能更短）%s", suggest(word, tightenWords))
		return ""
	}
	if v != nil && (word == "shorter") != (v.unit == unitDay || v.unit == unitMonth || v.unit == unitYear || v.unit == "工作日") {
		sc.c.errorAt(n, "期限写 tighten: shorter，其他的写 lower 或 higher。")
	}
	return word
}

// above is the nearest document of another folder that this one builds on, and that defines a name.
func (d *Document) above(name string) *Document {
	for up := d.parent; up != nil; up = up.parent {
		if path.Dir(up.Path) != path.Dir(d.Path) && up.root.get("define").get(name).is() {
			return up
		}
	}
	return nil
}

// checkOverrides holds the definitions of a document to what the documents above it allow.
func (sc *scope) checkOverrides() {
	c, d := sc.c, sc.doc
	for _, e := range d.root.get("define").entries() {
		up := d.above(e.key)
		if up == nil {
			continue
		}
		upper, own := (&scope{c: c, doc: up}).definition(e.at, e.key), sc.definition(e.at, e.key)
		switch {
		case upper == nil || own == nil || upper.bad || own.bad:
		case upper.value == nil || own.value == nil || upper.value.columns != nil || own.value.columns != nil || !upper.open && upper.tighten == "":
			c.errorAt(e.at, "“%s”由上级文件 %s 规定，没有写 open 或 tighten 留给下级，不能改。", e.key, up.ID)
		case upper.value.unit != own.value.unit && own.value.unit != anyUnit:
			c.errorAt(e.value, "单位应与上级文件 %s 一致：%s。", up.ID, unitName(upper.value.unit))
		case upper.open:
			was, now := upper.value.bounds("", 0), own.value.bounds("", 0)
			if now.lo.cmp(was.lo) < 0 || now.hi.cmp(was.hi) > 0 {
				c.errorAt(e.value, "上级文件 %s 留给下级的范围是%s，这里可能是%s；可以在 then: 里写 at_most 封顶、at_least 保底。", up.ID,
					upper.value.showBounds(was), own.value.showBounds(now))
			}
		case !tighter(upper, own):
			c.errorAt(e.value, "上级文件 %s 规定“%s”%s，上级是%s，这里是%s。", up.ID, e.key, tightenSays[upper.tighten],
				upper.value.showBounds(upper.value.bounds("", 0)), own.value.showBounds(own.value.bounds("", 0)))
		}
	}
	for _, e := range d.root.get("periods").entries() {
		for up := d.parent; up != nil; up = up.parent {
			if w := up.root.get("periods").get(e.key); w.is() && path.Dir(up.Path) != path.Dir(d.Path) && w.text() != e.value.text() {
				c.errorAt(e.at, "期间“%s”在上级文件 %s 中是 %s，这里沿用它的条款，不能改。", e.key, up.ID, w.text())
				break
			}
		}
	}
}

// checkInherited refuses a clause that takes over an upper one's and writes its substance anew.
func (sc *scope) checkInherited(n node, from string) {
	up := sc.c.lib.byID[path.Dir(from)]
	if up == nil || path.Dir(up.Path) == path.Dir(sc.doc.Path) {
		return
	}
	for _, key := range []string{"require", "amount", "limits", "pay"} {
		if w := n.get(key); w.is() {
			sc.c.errorAt(w, "沿用上级条款“%s”的，不能改写 %s:；上级写了 open 或 tighten 的，在 define: 里写。另加条件请写在文件的 common: 里。", from, key)
		}
	}
}

// tighter says whether a definition lies on the side of the upper one that its tighten allows, or where it was.
func tighter(upper, own *definition) bool {
	was, now := upper.value.bounds("", 0), own.value.bounds("", 0)
	both := upper.value.kind == valueLiteral && own.value.kind == valueLiteral
	if upper.tighten == "higher" {
		return now.lo.cmp(was.hi) >= 0 || both && now.lo.cmp(was.lo) >= 0 && now.hi.cmp(was.hi) >= 0
	}
	return now.hi.cmp(was.lo) <= 0 || both && now.lo.cmp(was.lo) <= 0 && now.hi.cmp(was.hi) <= 0
}

// plain is the literal of {give: 10%, tighten: …}, which reads and compares as if it stood alone; any other value is as it is.
func (v *value) plain() *value {
	if v == nil || v.kind != valueSum || len(v.parts) != 1 || v.parts[0].kind != valueLiteral || v.guard != nil || v.steps != nil || v.parts[0].guard != nil {
		return v
	}
	out := *v.parts[0]
	out.text, out.cite, out.interp = v.text, v.cite, v.interp
	return &out
}

func (v *value) showBounds(s span) string {
	if v.lit != nil && !v.lit.manual {
		return v.lit.text(chinese)
	}
	switch {
	case s.hi.inf != 0:
		return "没有上限的数"
	case s.lo.inf != 0:
		return "没有下限的数"
	}
	if s.exact() {
		return formatNum(s.lo.v, v.unit, 4)
	}
	return formatNum(s.lo.v, v.unit, 4) + "至" + formatNum(s.hi.v, v.unit, 4)
}

// seen is what a reference names in another document: {see: 文号或短名, item: 名称}. It is nil where that document is not here, or where
// the reference names nothing in it: then a person looks it up.
func (sc *scope) seen(n node) *definition {
	c, see, item := sc.c, n.get("see").text(), n.get("item")
	var other *Document
	for _, d := range c.lib.documents {
		if d.ID == see || d.info.NumberKnown && d.info.Number == see {
			other = d
		}
	}
	switch {
	case see == "":
		c.errorAt(n.get("see"), "see: 后面写文号，或已收录文件的短名。")
		return nil
	case other == nil:
		return nil
	case !item.is():
		c.warnAt(n, lintNoItem, "《%s》已经收录（%s），请写 item:，按其中哪个名称执行；不写就一直由人核对。", clip(see), other.ID)
		return nil
	}
	inner := &scope{c: c, doc: other, inDef: sc.inDef}
	d := inner.definition(item, item.text())
	if d == nil {
		c.errorAt(item, "文件 %s 的 define: 中没有“%s”%s", other.ID, clip(item.text()), suggest(item.text(), inner.definedNames()))
		return nil
	}
	return d
}
