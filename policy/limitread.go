package policy

// How limits and payments read.

var (
	pNotPublished = phrase{"没有公布的限额（须人工确定）", "a limit that was not published (a person sets it)"}
	pFundHas      = phrase{"“$1”的预算", "the budget of “$1”"}
	pByOrder      = phrase{"$1（按$2）", "$1 (by $2)"}
	pNamedOrder   = phrase{"条款所列的先后", "the order in which the clauses are named"}
	pTieBy        = phrase{"$1，并列的按$2", "$1; of equals by $2"}
	pTieManual    = phrase{"$1，末位并列由人决定", "$1; a person decides among equals at the last place"}
	pTieAll       = phrase{"$1，末位并列的都给", "$1; all equals at the last place get it"}
	pTieNone      = phrase{"$1，末位并列的都不给", "$1; of equals at the last place none gets it"}

	pInParts      = phrase{"分期支付：$1", "paid in parts: $1"}
	pPartShare    = phrase{"$1时付$2", "$2 on $1"}
	pPartRest     = phrase{"$1时付其余", "the rest on $1"}
	pPartRecover  = phrase{"$1时付其余，多付的追回", "the rest on $1, and what was paid beyond it is recovered"}
	pDueFrom      = phrase{"$1（$2起）", "$1 (from $2)"}
	pDueWhen      = phrase{"$1（须$2）", "$1 (once: $2)"}
	pPaidTo       = phrase{"付给$1", "paid to $1"}
	pEarmarked    = phrase{"专项用于$1", "to be used for $1 alone"}
	pBorneBy      = phrase{"资金分担：$1", "borne by: $1"}
	pFundShare    = phrase{"$1承担$2", "$1 $2"}
	pFundRest     = phrase{"$1承担其余", "$1 the rest"}
	pRecovered    = phrase{"追回$1", "$1 to be recovered"}
	pRecoverOrPay = phrase{"追回$1至支付$2", "from $1 to be recovered to $2 to be paid"}
)

var tiePhrases = map[string]*phrase{"manual": &pTieManual, "all": &pTieAll, "none": &pTieNone}

// read is the limit as a sentence.
func (l *limit) read(r *reader) string {
	var who, when string
	for _, p := range l.per {
		if p == fieldYear || p == fieldSession {
			when += r.say(&pEveryTime, r.word(p))
		} else {
			who += r.everyOne(p)
		}
	}
	most := r.say(&pNotPublished)
	switch {
	case l.fund != "":
		most = r.say(&pFundHas, r.word(l.fund))
	case !l.unpublished():
		most = l.most.read(r)
	}
	s := r.say(&pLimit, who, when, most)
	if len(l.of) > 1 {
		s = r.say(&pTogether, s)
	}
	shared := l.stage >= stageQuota
	switch l.share {
	case "highest":
		return r.say(&pHighestOnly, s)
	case "prorata":
		return r.say(&pProRata, s)
	case "rank":
		s = r.say(&pRanked, s, l.key.read(r))
		if l.second != nil {
			return r.say(&pTieBy, s, l.second.read(r))
		}
		return r.say(tiePhrases[l.tie], s)
	case "earliest":
		if shared {
			s = r.say(&pFirstCome, s)
		}
		if l.key != nil && l.key.field != fieldSubmitted {
			s = r.say(&pByOrder, s, l.key.read(r))
		}
		if l.second != nil {
			return r.say(&pTieBy, s, l.second.read(r))
		}
		if said := tiePhrases[l.tie]; said != nil && l.tie != "manual" {
			return r.say(said, s)
		}
	}
	return s
}

// everyOne is each of what a scope names: 每个企业, 每人.
func (r *reader) everyOne(word string) string {
	if word == person {
		return r.say(&pEveryPerson)
	}
	return r.say(&pEveryOne, r.word(word))
}

func (k *orderKey) read(r *reader) string {
	switch {
	case k == nil:
		return ""
	case k.expr != nil:
		return k.expr.read(r)
	case k.field == fieldScheme:
		return r.say(&pNamedOrder)
	}
	return r.word(k.field)
}

// readPay is how an award is paid, a sentence each.
func (s *Scheme) readPay(r *reader) []string {
	var out, parts []string
	for _, p := range s.pay {
		on := r.word(p.on)
		switch {
		case p.from != 0:
			on = r.say(&pDueFrom, on, p.from.String())
		case p.when != nil:
			on = r.say(&pDueWhen, on, p.when.read(r))
		}
		switch {
		case p.rest && p.recover:
			parts = append(parts, r.say(&pPartRecover, on))
		case p.rest:
			parts = append(parts, r.say(&pPartRest, on))
		case p.share != nil:
			parts = append(parts, r.say(&pPartShare, on, r.num(*p.share, unitRatio, 4)))
		default:
			parts = append(parts, r.say(&pPartShare, on, p.value.read(r)))
		}
	}
	if len(parts) > 0 {
		out = append(out, r.say(&pInParts, r.join(parts, &pSemicolon)))
	}
	if s.payee != "" {
		out = append(out, r.say(&pPaidTo, r.word(s.payee)))
	}
	if len(s.earmark) > 0 {
		uses := make([]string, len(s.earmark))
		for i, u := range s.earmark {
			uses[i] = r.word(u)
		}
		out = append(out, r.say(&pEarmarked, r.join(uses, &pPause)))
	}
	parts = nil
	for _, f := range s.fundParts {
		if f.rest {
			parts = append(parts, r.say(&pFundRest, r.word(f.fund)))
		} else {
			parts = append(parts, r.say(&pFundShare, r.word(f.fund), r.num(f.share, unitRatio, 4)))
		}
	}
	if len(parts) > 0 {
		out = append(out, r.say(&pBorneBy, r.join(parts, &pComma)))
	}
	return out
}
