package policy

import "slices"

// Why an amount gives nothing at all: a table without `else` of which no row is reached, or an `each` in which no record counts.

// refusers are the tables and the `each` for which a value refuses; none where it gives something.
func (v *value) refusers(e *env) []*value {
	if e.depth > 60 {
		return nil
	}
	e.depth++
	defer func() { e.depth-- }()
	refuses := func(p *value) bool {
		better := e.better
		e.better = true
		g := e.quietly(func() given { return p.compute(e, "") })
		e.better = better
		return g.refuses()
	}
	switch v.kind {
	case valueTable:
		q := v.expr.eval(e)
		if rows := v.reached(e, &q); len(rows) == 1 && rows[0] >= 0 && v.rows[rows[0]].value != nil {
			return v.rows[rows[0]].value.refusers(e)
		}
		return []*value{v}
	case valueEach:
		return []*value{v}
	case valueExpr:
		if n, ok := v.expr.(*nameExpr); ok && n.def.value != nil {
			return n.def.value.refusers(e)
		}
	case valueLine:
		if refuses(v.give) {
			return v.give.refusers(e)
		}
		return (&value{kind: valueExpr, expr: v.expr}).refusers(e)
	case valueSum, valueHighest:
		var out []*value
		for _, p := range v.parts {
			if refuses(p) {
				out = append(out, p.refusers(e)...)
			}
		}
		return out
	}
	return nil
}

// refusal says of everything that refuses what it found, and how far that is from what it asks.
func (v *value) refusal(e *env) []Gap {
	var out []Gap
	for _, x := range v.refusers(e) {
		if x.kind == valueEach {
			out = append(out, x.eachGap(e))
		} else {
			out = append(out, x.tableGap(e))
		}
	}
	return out
}

// tableGap is what the lowest row of a table asks, what there is instead, and the distance.
func (v *value) tableGap(e *env) Gap {
	r, t := e.say, v.expr.typ()
	g := Gap{Condition: v.expr.read(r), Short: r.say(&pBelowLowest), Moves: []string{}}
	if m := v.nextRow(e); m != "" {
		g.Moves = append(g.Moves, m)
	}
	found, short := v.expr.eval(e), ""
	if d := v.lowest(); d != nil {
		g.Short = r.say(&pLowestRow, g.Condition, r.than(v.op, d.limit.read(r, t)))
		short = d.actual(e, found, t)
		if near := d.gap(e, found, t); near != nil && t.kind == TypeNumber && !t.root && len(near.distances) > 0 {
			g.distances, g.Share = near.distances, near.Share
			for _, m := range near.Moves {
				if !slices.Contains(g.Moves, m) {
					g.Moves = append(g.Moves, m)
				}
			}
			if short != "" {
				g.Short += r.say(&pComma) + r.say(&pActual, short)
				short = ""
			}
			g.Short += r.say(&pComma) + near.Short
		}
	} else {
		var rows []string
		for i := range v.rows {
			rows = append(rows, v.rows[i].limit.read(r, t))
		}
		if len(rows) > 0 {
			g.Short = r.say(&pNotAmong, r.join(rows, &pPause))
		}
		short = (&condition{kind: condCompare}).actual(e, found, t)
	}
	if short != "" {
		g.Short += r.say(&pComma) + r.say(&pActual, short)
	}
	return g
}

// eachGap is what is known of records of which none counts: that there is none, by what the nearest fails, or what its amount asks of it.
func (v *value) eachGap(e *env) Gap {
	r := e.say
	what := r.dated(v.each.kind, v.each.at, r.word(v.each.kind.Name)+r.filter(v.each.filter))
	g := Gap{Condition: what, Short: r.noRecord(e, v.each), Moves: []string{}}
	sure, _, _ := e.find(v.each.kind, v.each.at, v.each.filter)
	outer := e.rec
	defer func() { e.rec = outer }()
	for _, rec := range sure {
		e.rec = rec
		if why := v.give.refusal(e); len(why) > 0 {
			g.Short = r.say(&pNoneReaches, r.num(intNum(int64(len(sure))), "项", 4), rec.when(r), why[0].Short)
			g.distances = why[0].distances
			break
		}
	}
	return g
}

// wants is what would have to hold for a value that refuses to give something, as conditions of which each is needed.
func (v *value) wants(e *env) []*condition {
	var out []*condition
	for _, x := range v.refusers(e) {
		if x.kind == valueEach {
			out = append(out, &condition{kind: condHas, has: x.each, op: "at_least", limit: &threshold{num: intNum(1)}})
		} else if d := x.lowest(); d != nil {
			out = append(out, d)
		}
	}
	return out
}

// lowest is what the lowest row of a table asks, as a condition; nil where its rows have no order.
func (v *value) lowest() *condition {
	if v.op == "is" || v.op == "within" || len(v.rows) == 0 {
		return nil
	}
	return &condition{kind: condCompare, of: v.expr, op: v.op, limit: v.rows[len(v.rows)-1].limit, noBase: Manual}
}
