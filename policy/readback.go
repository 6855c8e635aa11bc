package policy

import "strings"

// Reading back: every construct has one Chinese sentence, so that the file itself is never what an officer must trust.

func (v *value) read() string {
	var s string
	switch v.kind {
	case valueLiteral:
		s = v.lit.text()
	case valueSee:
		s = "按" + v.text + "执行（需人工核对）"
	case valueExpr:
		s = v.expr.read()
		if n, ok := v.expr.(*nameExpr); ok && n.def.value != nil && n.def.value.kind == valueLiteral {
			s = n.def.value.lit.text()
		}
	case valueLine:
		base := v.expr.read()
		if v.beyond != nil || v.upTo != nil {
			base += v.band()
		}
		if v.per == nil {
			s = "按" + base + "的" + v.give.read()
			break
		}
		s = "按" + base + "，每满" + perText(v) + "给予" + v.give.read()
		switch v.rest {
		case "drop":
			s += "，不足" + perText(v) + "的部分不计"
		case "prorate":
			s += "，不足" + perText(v) + "的部分按比例计算"
		case "up":
			s += "，不足" + perText(v) + "的按" + perText(v) + "计"
		}
	case valueTable:
		var parts []string
		q := v.expr.typ()
		for _, r := range v.rows {
			limit := operatorWords[v.op] + r.limit.read(q)
			parts = append(parts, limit+"的给"+r.read(v.columns))
		}
		s = "按" + v.expr.read() + "分档：" + strings.Join(parts, "；")
		if v.els != nil {
			s += "；其他的给" + v.els.read(v.columns)
		} else {
			s += "；达不到最低一档的不予奖励"
		}
	case valueSum, valueHighest:
		var parts []string
		for _, p := range v.parts {
			parts = append(parts, p.read())
		}
		s = strings.Join(parts, "，再加")
		if v.kind == valueHighest {
			s = "以下取最高：" + strings.Join(parts, "；")
		} else if len(v.parts) > 1 {
			s = "以下相加：" + strings.Join(parts, "；")
		}
	case valueEach:
		s = periodWords(v.each.at) + "每一项" + v.each.kind.Name + readFilter(v.each.filter) + "给予" + v.give.read()
	}
	if v.guard != nil {
		s = "如果" + v.guard.sentence + "，" + s
	}
	for _, st := range v.steps {
		s += "；" + st.read()
	}
	return s
}

// readShort names a value inside a sentence.
func (v *value) readShort() string {
	if v.kind == valueExpr {
		return v.expr.read()
	}
	return ""
}

func (r *row) read(columns []string) string {
	if r.value != nil {
		return r.value.read()
	}
	var parts []string
	for _, c := range columns {
		if cell := r.cells[c]; cell != nil {
			parts = append(parts, c+cell.read())
		}
	}
	return strings.Join(parts, "、")
}

func (s *step) read() string {
	var out string
	switch s.kind {
	case stepTimes:
		out = "乘以" + s.value.read()
	case stepLess:
		out = "减去" + s.value.read()
		if s.recover {
			out += "（不足的追回）"
		}
	case stepAtMost:
		out = "不超过" + s.value.read()
	case stepAtLeast:
		out = "不低于" + s.value.read()
	}
	if s.guard != nil {
		return "如果" + s.guard.sentence + "，" + out
	}
	return out
}

// scoreNodes explains the parts of a score that a condition compares. Without an environment they are only described.
func scoreNodes(e *env, x expr) []*Node {
	n, ok := x.(*nameExpr)
	if !ok || n.def.value == nil || n.def.value.kind == valueLiteral {
		return nil
	}
	node := n.def.value.node(e, n.def.name)
	if len(node.Children) == 0 {
		return []*Node{node}
	}
	return node.Children
}

// node explains a value: what it came to, from which facts, and the next row of each table.
func (v *value) node(e *env, name string) *Node {
	if v.kind == valueExpr {
		if n, ok := v.expr.(*nameExpr); ok && n.def.value != nil {
			inner := n.def.value.node(e, n.def.name)
			if v.cite != "" {
				inner.Cite = v.cite
			}
			return inner
		}
	}
	kinds := map[valueKind]string{valueSum: "sum", valueHighest: "highest", valueTable: "table", valueLine: "line", valueEach: "each"}
	n := &Node{Kind: kinds[v.kind], Text: v.text, Cite: v.cite, Interpretation: v.interp, Answer: NotApplicable}
	if n.Kind == "" {
		n.Kind = "value"
	}
	if name != "" && n.Text == "" {
		n.Text = name
	}
	if v.kind == valueSum || v.kind == valueHighest {
		n.Read = map[valueKind]string{valueSum: "以下各项相加", valueHighest: "以下各项取最高"}[v.kind]
		for _, st := range v.steps {
			n.Read += "；" + st.read()
		}
		for _, p := range v.parts {
			n.Children = append(n.Children, p.node(e, ""))
		}
	} else {
		n.Read = v.read()
	}
	if e == nil {
		return n
	}
	var refs []FactRef
	outer := e.refs
	e.refs = &refs
	q := v.score(e, "")
	e.refs = outer
	if v.kind != valueSum && v.kind != valueHighest {
		n.Facts = refs
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
			n.Gap = &Gap{Condition: v.expr.read(), Short: "", Moves: []string{move}}
		}
	}
	return n
}
