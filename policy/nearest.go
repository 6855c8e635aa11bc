package policy

// nearest is the record that comes nearest to passing filters that none passes: of those in the period the one that fails the fewest of them,
// of equals the first. A field that is not known fails none.
func (e *env) nearest(x *recordExpr) (rec *recordFact, failed []filter, others int) {
	list := e.f.records[x.kind.Name]
	needs := e.needs
	e.needs = nil
	defer func() { e.needs = needs }()
	for i := range list {
		r := &list[i]
		if !x.at.holds(e, r) {
			continue
		}
		var fails []filter
		for _, f := range x.filter {
			if passes(e, r, x.kind, []filter{f}) == Unmet {
				fails = append(fails, f)
			}
		}
		if len(fails) == 0 {
			continue
		}
		others++
		if rec == nil || len(fails) < len(failed) {
			rec, failed = r, fails
		}
	}
	return rec, failed, others
}

// noRecord says that no record counts: how far the nearest is from it, or that there is none at all.
func (r *reader) noRecord(e *env, x *recordExpr) string {
	short, _ := e.nearestShort(x)
	if short != "" {
		return short
	}
	if until := e.ranOut(x); until != 0 {
		return r.say(&pRanOut, r.word(x.kind.Name)+r.filter(x.filter), until.String())
	}
	if x.at.kind == periodYears {
		return r.say(&pNoneNew, r.years(x.at), r.word(x.kind.Name))
	}
	return r.say(&pNoneYet, r.word(x.kind.Name)+r.filter(x.filter))
}

// ranOut is the last day of the record that would count were it still valid; of several the last. 0: there is none.
func (e *env) ranOut(x *recordExpr) (last Date) {
	needs, refs := e.needs, e.refs
	e.needs, e.refs = nil, nil
	list := e.f.records[x.kind.Name]
	for i := range list {
		if r := &list[i]; x.at.kind == periodValid && r.until != 0 && r.until < e.on && passes(e, r, x.kind, x.filter) == Met {
			last = max(last, r.until)
		}
	}
	e.needs, e.refs = needs, refs
	return last
}

// nearestShort tells what the nearest record is short of, and the distances alone; empty where no record of the period fails a filter.
// It tells the dates of that record and the fields that fail, and no other.
func (e *env) nearestShort(x *recordExpr) (string, []string) {
	was := *e
	e.refs, e.needs, e.lines = nil, nil, nil
	defer func() { e.refs, e.needs, e.lines = was.refs, was.needs, was.lines }()
	rec, failed, _ := e.nearest(x)
	if rec == nil {
		return "", nil
	}
	r := e.say
	var parts, distances []string
	for _, f := range failed {
		part, away := f.short(e, rec)
		parts = append(parts, part)
		if away != "" {
			distances = append(distances, away)
		}
	}
	return r.say(&pNearest, rec.when(r), r.join(parts, &pSemicolon)), distances
}

// short says what a field of a record is and how far that is from what its filter asks: 人数99人，相差1人.
func (f *filter) short(e *env, rec *recordFact) (text, away string) {
	r, datum := e.say, rec.fields[f.field.Name]
	q := qtype{kind: f.field.Type, unit: f.field.unit, options: f.field.Options}
	shown := r.datum(datum, f.field.Type, f.field.unit)
	if t, ok := f.t.number(e); ok && f.t.other == nil && q.kind == TypeNumber {
		shown = r.beside(datum.num, q.unit, t)
		by := t.Sub(datum.num)
		if by.Sign() < 0 {
			by = by.Neg()
		}
		unit := q.unit
		if unit == unitRatio {
			unit = unitPoints
		}
		text, away = r.say(&pApart, r.distance(by, unit)), chinese.distance(by, unit)
		if by.Sign() == 0 {
			text = r.say(&pMust, r.than(f.op, f.t.read(r, q)))
		}
	} else {
		text = r.say(&pShould, r.than(f.op, f.t.read(r, q)))
	}
	return r.say(&pFieldIs, r.word(f.field.Name), shown) + r.say(&pComma) + text, away
}

// when is a record's dates, in brackets; empty where it has none.
func (f *recordFact) when(r *reader) string {
	switch {
	case f.from != 0 && f.until != 0:
		return r.say(&pBrackets, "", r.say(&pFromTo, f.from.String(), f.until.String()))
	case f.from != 0:
		return r.say(&pBrackets, "", r.say(&pFrom, f.from.String()))
	case f.until != 0:
		return r.say(&pBrackets, "", r.say(&pUntil, f.until.String()))
	}
	return ""
}
