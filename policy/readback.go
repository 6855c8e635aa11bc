package policy

import "slices"

// Reading back: every construct has one sentence, so that the file itself is never what an officer must trust.

func (v *value) read(r *reader) string {
	if r.lang == Chinese && v.sentence != "" {
		return v.sentence
	}
	var s string
	switch v.kind {
	case valueLiteral:
		s = v.lit.text(r)
	case valueSee:
		s = r.say(&pSee, v.text)
	case valueExpr:
		s = v.expr.read(r)
		if n, ok := v.expr.(*nameExpr); ok && n.def.value != nil && n.def.value.kind == valueLiteral {
			s = n.def.value.lit.text(r)
		}
	case valueLine:
		base := v.expr.read(r)
		if v.beyond != nil || v.upTo != nil {
			base += v.band(r)
		}
		if v.per == nil {
			s = r.say(&pRate, base, v.give.within(r))
			break
		}
		per := v.perText(r)
		s = r.say(&pPer, base, per, v.give.within(r)) + r.say(remainderPhrases[v.rest], per)
	case valueTable:
		parts := make([]string, 0, len(v.rows))
		q := v.expr.typ()
		for i := range v.rows {
			parts = append(parts, r.say(&pRow, r.than(v.op, v.rows[i].limit.read(r, q)), v.rows[i].read(r, v.columns)))
		}
		s = r.say(&pTable, v.expr.read(r), r.join(parts, &pSemicolon))
		switch {
		case v.els != nil:
			s += r.say(&pElse, v.els.read(r, v.columns))
		case v.op == "at_least" || v.op == "over":
			s += r.say(&pNoElse)
		case !v.everyWord():
			s += r.say(&pOutsideRows)
		}
	case valueSum, valueHighest:
		parts := make([]string, 0, len(v.parts))
		for _, p := range v.parts {
			parts = append(parts, p.within(r))
		}
		switch {
		case v.kind == valueHighest:
			s = r.say(&pMost, r.join(parts, &pSemicolon))
		case len(v.parts) > 1:
			s = r.say(&pSum, r.join(parts, &pSemicolon))
		default:
			s = r.join(parts, &pPlus)
		}
	case valueEach:
		s = r.say(&pEach, r.dated(v.each.kind, v.each.at, r.word(v.each.kind.Name)+r.filter(v.each.filter)), v.give.within(r))
	}
	if v.guard != nil {
		s = r.say(&pValueIf, v.guard.says(r), s)
	}
	for i := range v.steps {
		if s += r.say(&pSemicolon); i == 0 && v.kind == valueEach { // of all records together, not of each
			s += r.say(&pEachTogether)
		}
		s += v.steps[i].read(r)
	}
	return s
}

// within is a value that is a part of another: what it does itself stands in brackets, so that nobody takes its steps and rows for the other's.
func (v *value) within(r *reader) string {
	s := v.read(r)
	switch {
	case len(v.steps) > 0 || v.guard != nil, v.kind == valueTable, v.kind == valueHighest, v.kind == valueEach, v.kind == valueSum && len(v.parts) > 1:
		return r.say(&pGrouped, s)
	}
	return s
}

// everyWord says that a table has a row for each of the words that there are.
func (v *value) everyWord() bool {
	q := v.expr.typ()
	words := q.options
	if q.kind == TypeBool {
		words = []string{"是", "否"}
	}
	switch v.expr.(type) {
	case *termExpr, *fieldExpr: // of records there may be none
	default:
		return false
	}
	return v.op == "is" && len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool {
		return !slices.ContainsFunc(v.rows, func(r row) bool { return slices.Contains(r.limit.words, w) })
	})
}

var remainderPhrases = map[string]*phrase{"drop": &pDrop, "prorate": &pProrate, "up": &pRoundUp}

// band says which part of the base a slice takes.
func (v *value) band(r *reader) string {
	q := v.expr.typ()
	switch {
	case v.beyond != nil && v.upTo != nil:
		return r.say(&pBandMiddle, v.beyond.read(r, q), v.upTo.read(r, q))
	case v.beyond != nil:
		return r.say(&pBandAbove, v.beyond.read(r, q))
	}
	return r.say(&pBandBelow, v.upTo.read(r, q))
}

func (v *value) perText(r *reader) string { return r.num(v.per.low, v.per.unit, 4) }

// readShort names a value inside a sentence.
func (v *value) readShort(r *reader) string {
	if v.kind == valueExpr {
		return v.expr.read(r)
	}
	return ""
}

func (w *row) read(r *reader, columns []string) string {
	if w.value != nil {
		return w.value.within(r)
	}
	var parts []string
	for _, c := range columns {
		if cell := w.cells[c]; cell != nil {
			parts = append(parts, r.word(c)+" "+cell.within(r))
		}
	}
	return r.join(parts, &pPause)
}

func (s *step) read(r *reader) string {
	var out string
	switch s.kind {
	case stepTimes:
		out = r.say(&pTimes, s.value.within(r))
	case stepLess:
		out = r.say(&pLess, s.value.within(r))
		if s.recover {
			out = r.say(&pRecover, out)
		}
	case stepAtMost:
		out = r.say(&pAtMost, s.value.within(r))
	case stepAtLeast:
		out = r.say(&pAtLeast, s.value.within(r))
	}
	if s.guard != nil {
		return r.say(&pValueIf, s.guard.says(r), out)
	}
	return out
}

// scoreNodes explains the parts of a score that a condition compares. Without an environment they are only described.
func scoreNodes(r *reader, e *env, x expr) []*Node {
	n, ok := x.(*nameExpr)
	if !ok || n.def.value == nil || n.def.value.kind == valueLiteral {
		return nil
	}
	node := n.def.value.node(r, e, n.def.name)
	if len(node.Children) == 0 {
		return []*Node{node}
	}
	return node.Children
}

var valueWords = [...]string{valueLiteral: "value", valueExpr: "value", valueLine: "line", valueTable: "table", valueSum: "sum", valueHighest: "highest",
	valueEach: "each", valueSee: "value"}

// node explains a value: what it came to, from which facts, and the next row of each table.
func (v *value) node(r *reader, e *env, name string) *Node {
	if v.kind == valueExpr {
		if n, ok := v.expr.(*nameExpr); ok && n.def.value != nil {
			inner := n.def.value.node(r, e, n.def.name)
			if v.cite != "" {
				inner.Cite = v.cite
			}
			return inner
		}
	}
	n := &Node{Kind: valueWords[v.kind], Text: v.text, Cite: v.cite, Interpretation: v.chosen(), Answer: NotApplicable}
	if name != "" && n.Text == "" {
		n.Text = r.word(name)
	}
	if v.kind == valueSum || v.kind == valueHighest {
		n.Read = r.say(&pSumOf)
		if v.kind == valueHighest {
			n.Read = r.say(&pMostOf)
		}
		n.Children = make([]*Node, 0, len(v.parts))
		for i := range v.steps {
			n.Read += r.say(&pSemicolon) + v.steps[i].read(r)
		}
		for _, p := range v.parts {
			n.Children = append(n.Children, p.node(r, e, ""))
		}
	} else {
		n.Read = v.read(r)
	}
	if e == nil {
		return n
	}
	var q qval
	if v.kind == valueSum || v.kind == valueHighest {
		outer := e.refs
		e.refs = nil
		q = v.score(e, "")
		e.refs = outer
	} else {
		n.Facts = e.gather(func() { q = v.score(e, "") })
	}
	switch {
	case q.gap:
		n.Answer = Unknown
	case q.manual:
		n.Answer = Manual
	default:
		n.Answer = Met
	}
	d := &condition{kind: condCompare}
	n.Actual = d.actual(e, q, qtype{kind: TypeNumber, unit: v.unit})
	if v.kind == valueTable {
		if move := v.nextRow(e); move != "" {
			n.Gap = &Gap{Condition: v.expr.read(r), Short: "", Moves: []string{move}}
		}
	}
	return n
}
