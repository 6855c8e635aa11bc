package demo

import "shanglin/policy"

// Firm is a party of the demo county with everything that is said of it.
type Firm struct {
	Place    int64  // in the order of making, from 0
	ID       string // of a showcase firm, and of the one that an account names of a cohort; else empty
	Code     string // 统一社会信用代码; empty when none is known
	Name     string
	Town     string
	Industry string
	Size     string
	Invented bool
	Note     string
	Flaw     string // what is wrong on purpose; empty: nothing
	Facts    []Fact
}

// Fact is one statement about a firm. A figure has a Value, a record has dates and Fields, an award has both a Value and a From.
type Fact struct {
	Term     string // a term, a kind of record, or received:SCHEME
	Year     int    // 0: none
	Value    string // in the literals of the scheme language: 1523万元
	From     policy.Date
	Until    policy.Date
	Fields   map[string]string
	Source   string
	Evidence string
	Stated   policy.Date // when it was said
	Verified bool
	Record   bool
	Disputed string // why the firm disputes it; empty: it does not
}

// award prefixes the term of money that was paid under a scheme.
const award = "received:"
