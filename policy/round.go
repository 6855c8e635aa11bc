package policy

// What the round says, and no fact of a party: its performance year, the year of application, its batch. A clause that fixes a figure for
// several years or batches names them in a table; which row holds is then settled before any fact is read.

// batchWord is how an expression names the batch of the round.
const batchWord = "批次"

type roundExpr struct {
	what string // P, A or batchWord
}

// roundWord is an expression's word for what the round says.
func roundWord(name string) *roundExpr {
	switch name {
	case "P", "A", batchWord:
		return &roundExpr{name}
	}
	return nil
}

func (x *roundExpr) typ() qtype {
	if x.what == batchWord {
		return qtype{kind: TypeWord}
	}
	return qtype{kind: TypeNumber, unit: unitCalendar, bare: true}
}

func (x *roundExpr) eval(e *env) qval {
	switch x.what {
	case "P":
		if !e.fixedP {
			e.mayChange(NewDate(e.on.Year()+1, 1, 1))
		}
		return qval{known: exactly(intNum(int64(e.p)))}
	case "A":
		e.mayChange(NewDate(e.on.Year()+1, 1, 1))
		return qval{known: exactly(intNum(int64(e.on.Year())))}
	}
	if e.batch == "" { // nobody can be asked for it: a round says it or not
		return qval{known: known{any: true, gap: true}}
	}
	return qval{words: []string{e.batch}}
}

func (x *roundExpr) read(r *reader) string {
	return r.say(map[string]*phrase{"P": &pPerformanceYear, "A": &pApplicationYear, batchWord: &pBatch}[x.what])
}
