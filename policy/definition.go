package policy

import (
	"slices"
	"sort"
)

// definition is a name that a document gives to a condition, a value, a quantity or a set of records.
// It is compiled in the scope of the document that reads it, so that a reissue's parameters reach an inherited clause.
type definition struct {
	name     string
	state    uint8 // 0 fresh, 1 being read, 2 read
	bad      bool
	cond     *condition
	value    *value
	quantity *namedQuantity
	records  *recordSet
	floating bool   // its yearly figures have no period of their own: the reader names one
	size     int    // nodes it comes to with every name written out
	open     bool   // left to a lower document, within the bounds that are its value until then
	tighten  string // a lower document may move it, this way only: lower, higher, shorter; empty: not at all
	source   node
}

type namedQuantity struct{ expr expr }

type recordSet struct {
	kind   *Record
	filter []filter
}

func (d *definition) columns() []string {
	if d.value == nil {
		return nil
	}
	return d.value.columns
}

// scope is where names are looked up while a document is compiled.
type scope struct {
	c        *checker
	doc      *Document
	each     *Record // inside an `each`, the kind of record it stands on
	inDef    bool
	floating bool
	size     int
	top      node // the definition that is being read: only it may say open or tighten
}

// maxExpanded bounds what a definition comes to with every name written out, so that a few lines that
// double each other cannot keep a computer busy for ever.
const maxExpanded = 20_000

func (sc *scope) floats() bool { return sc.inDef }

// definition finds a name in the document or the ones it reissues, and compiles it here.
func (sc *scope) definition(at node, name string) *definition {
	if d, ok := sc.doc.definitions[name]; ok {
		if d.state == 1 {
			if !d.bad {
				sc.c.errorAt(at, "“%s”的定义绕了一圈又用到它自己，请拆开。", name)
			}
			d.bad = true
		}
		return d
	}
	for doc := sc.doc; doc != nil; doc = doc.parent {
		if n := doc.root.get("define").get(name); n.is() {
			d := &definition{name: name, state: 1, source: n}
			sc.doc.definitions[name] = d
			inner := &scope{c: sc.c, doc: sc.doc, inDef: true}
			inner.define(n, d)
			d.floating, d.state, d.size = inner.floating, 2, inner.size
			if d.size > maxExpanded && !d.bad {
				sc.c.errorAt(n, "“%s”把用到的名称全部写开后过大，请拆简单些。", name)
				d.bad = true
			}
			return d
		}
	}
	return nil
}

func (sc *scope) define(n node, d *definition) {
	sc.size = 1
	has := func(keys ...string) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return n.get(k).is() })
	}
	switch {
	case n.isText():
		l, ok, err := sc.c.lib.vocabulary.units.parseLiteral(n.text())
		if err != nil {
			sc.c.errorAt(n, "%s", err.Error())
			break
		}
		if ok {
			d.value = &value{at: n, kind: valueLiteral, lit: l, unit: l.unit}
			return
		}
		if x := sc.parseExpr(n, n.text()); x != nil {
			d.quantity = &namedQuantity{x}
		}
	case has("records"):
		sc.c.keys(n, "record_set")
		kind := sc.c.lib.vocabulary.Record(n.get("records").text())
		if kind == nil {
			sc.c.errorAt(n.get("records"), "词汇表中没有这类记录%s", suggest(n.get("records").text(), sc.recordNames()))
			break
		}
		d.records = &recordSet{kind, sc.filters(n.get("where"), kind)}
	case has("all", "any", "none", "has", "judge") || has("of") && !has("give", "by"):
		d.cond = sc.condition(n)
	case has("see") && !has("give", "by", "sum"):
		if other := sc.seen(n); other != nil {
			d.cond, d.value, d.quantity, d.records, d.floating, d.bad = other.cond, other.value, other.quantity, other.records, other.floating, other.bad
			break
		}
		d.cond = sc.condition(n)
		d.value = sc.value(n)
	default:
		sc.top = n
		d.value = sc.value(n).plain()
		d.open = has("open")
		d.tighten = sc.tightenWord(n.get("tighten"), d.value)
	}
	if d.cond == nil && d.value == nil && d.quantity == nil && d.records == nil {
		d.bad = true
	}
}

// period finds a document's own year-word, or the built-in 有效.
func (sc *scope) period(at node, word string) *period {
	if word == validNow {
		return &period{word: word, kind: periodValid}
	}
	var known []string
	for doc := sc.doc; doc != nil; doc = doc.parent {
		if p, ok := doc.periods[word]; ok {
			return p
		}
		known = append(known, sortedKeys(doc.periods)...)
	}
	if word == "P" || word == "A" { // @P-1 would read as a minus
		sc.c.errorAt(at, "@ 后面只写 periods: 中起过名的词，例如先写 periods: {上年: %s-1}，再写 @上年；@%s-1 会读成减号。", word, word)
		return nil
	}
	sc.c.errorAt(at, "期间“%s”没有在 periods: 中声明%s", clip(word), suggest(word, append(known, validNow)))
	return nil
}

func (sc *scope) definedNames() []string {
	var out []string
	for doc := sc.doc; doc != nil; doc = doc.parent {
		for _, e := range doc.root.get("define").entries() {
			out = append(out, e.key)
		}
	}
	sort.Strings(out)
	return out
}

func (sc *scope) recordNames() []string {
	out := sortedKeys(sc.c.lib.vocabulary.records)
	return append(out, sc.definedNames()...)
}

func (sc *scope) knownNames() []string {
	out := append(sc.definedNames(), sc.c.lib.vocabulary.words()...)
	if sc.each != nil {
		out = append(out, sc.each.fieldNames()...)
	}
	return out
}

// received finds the scheme, or the upper-level award, whose payments an expression reads.
func (sc *scope) received(p *exprParser, raw string) expr {
	lib := sc.c.lib
	found := func(x *receivedExpr) expr {
		sc.c.received = append(sc.c.received, x)
		return x
	}
	for _, id := range []string{sc.doc.ID + "/" + raw, raw} {
		if lib.index[id].is() {
			return found(&receivedExpr{raw: raw, name: raw, schemes: []string{id}, own: true})
		}
	}
	for doc := sc.doc.parent; doc != nil; doc = doc.parent {
		if id := doc.ID + "/" + raw; lib.index[id].is() {
			return found(&receivedExpr{raw: raw, name: raw, schemes: []string{id}, own: true})
		}
	}
	if _, ok := lib.vocabulary.awards[raw]; ok {
		return &receivedExpr{raw: raw, name: raw, schemes: []string{raw}}
	}
	p.fail("received( ) 中的“%s”不是已知的条款，也没有在词汇表的 awards: 中声明%s", clip(raw),
		suggest(raw, append(sortedKeys(lib.index), sortedKeys(lib.vocabulary.awards)...)))
	return nil
}
