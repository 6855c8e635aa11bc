package policy

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Lints are what a check looks for beyond what would keep a file from being used, by their stable ids. A reminder is allowed by its id.
const (
	lintNever        = "never"          // can never hold
	lintAlways       = "always"         // always holds
	lintImplied      = "implied"        // another condition says it already
	lintRepeated     = "repeated"       // written twice
	lintRowNever     = "row-never"      // a row of a table that can never be reached
	lintBandOverlap  = "band-overlap"   // bands of one quantity overlap
	lintBandGap      = "band-gap"       // bands of one quantity leave a gap
	lintVeto         = "uncovered-veto" // a veto on records that nobody declares complete
	lintLevelGap     = "level-gap"      // a level without an amount
	lintUncapped     = "uncapped"       // grows without end
	lintCapMissing   = "cap-missing"    // the wording has a cap that the amount has not
	lintCapLost      = "cap-lost"       // the clause that is reissued had a cap
	lintRounding     = "rounding"       // parts of a fen without a rule
	lintBracketStart = "bracket-start"  // from zero or from the threshold
	lintGrowth       = "growth"         // the mean of the yearly rates, or the compound rate
	lintModality     = "modality"       // 最高 in the wording, exact in the amount
	lintMixed        = "mixed-parts"    // exact and ceiling in one sum
	lintUplift       = "uplift"         // an uplift written as its difference
	lintZeroLimit    = "zero-limit"     // a limit that leaves nobody anything
	lintSubject      = "unknown-for"    // for whom no vocabulary says anything
	lintTwice        = "double-pay"     // two schemes pay for one thing
	lintCircle       = "circle"         // schemes whose sums wait for each other
	lintLawLimit     = "longer-limit"   // a time limit that an upper process sets shorter
	lintFair         = "fair-review"    // words that the review of fair competition forbids
	lintUnused       = "unused"         // a definition that nothing reads
	lintUnusedAllow  = "unused-allow"   // an allowance that allows nothing
	lintWorking      = "no-working"     // an example without its arithmetic
	lintDates        = "no-dates"       // neither a publication day nor an end
	lintSuccessor    = "successor"      // replaced by a document that is not here
	lintNoItem       = "no-item"        // refers to a document that is here, to nothing in it
	lintTown         = "town"           // a word of a process that does nothing
	lintFindings     = "findings-lost"  // asked for and not kept
)

var lintIDs = []string{lintNever, lintAlways, lintImplied, lintRepeated, lintRowNever, lintBandOverlap, lintBandGap, lintVeto, lintLevelGap, lintUncapped,
	lintCapMissing, lintCapLost, lintRounding, lintBracketStart, lintGrowth, lintModality, lintMixed, lintUplift, lintZeroLimit, lintSubject, lintTwice, lintCircle, lintLawLimit, lintFair, lintUnused,
	lintUnusedAllow, lintWorking, lintDates, lintSuccessor, lintNoItem, lintTown, lintFindings}

// Lints are the ids of everything that Check looks for beyond what would keep a file from being used.
func Lints() []string { return slices.Clone(lintIDs) }

// Check reads files as Load does, and looks for whatever is most likely not what their author meant; the examples are run. What it finds
// beyond Load keeps no file from being used that was published before it looked for it.
func Check(files []File) (*Library, []Problem) {
	c := newChecker()
	c.load(files)
	wrong := map[string]bool{} // what stands in a file with errors is not what its author meant
	for _, p := range c.ps.list {
		if p.Severity == SeverityError {
			wrong[p.File] = true
		}
	}
	sound := true
	for _, p := range c.vocabularies {
		sound = sound && !wrong[p]
	}
	if sound {
		l := &linter{checker: c, wrong: wrong, native: map[Problem]bool{}}
		l.run()
	}
	if len(wrong) == 0 {
		for _, p := range c.lib.CheckExamples() {
			c.ps.add(p)
		}
	}
	c.silence()
	if len(wrong) == 0 {
		c.unusedAllowances()
	}
	return c.lib, c.ps.sorted()
}

// remarks are what reading notes for Check.
type remarks struct {
	roots        []node
	vocabularies []string                      // their paths
	used         map[*Document]map[string]bool // the names that a document's schemes read
	timed        []timed
	allowed      []*allowance
	seen         map[*yaml.Node]bool // the allowances that were read: a clause that is reissued is read again
}

func newRemarks() remarks {
	return remarks{used: map[*Document]map[string]bool{}, seen: map[*yaml.Node]bool{}}
}

// linter looks at what was read.
type linter struct {
	*checker
	wrong  map[string]bool
	native map[Problem]bool // what was found at its own place: a reissue does not say it again
	scheme *Scheme          // the scheme that is looked at; nil: what its document says of all
	doc    *Document
}

func (l *linter) run() {
	for _, d := range l.lib.readingOrder() {
		if l.unsound(d) {
			continue
		}
		l.doc, l.scheme = d, nil
		l.document(d)
		for _, s := range d.schemes {
			l.scheme = s
			l.oneScheme(s)
		}
	}
	l.scheme = nil
	if len(l.wrong) == 0 {
		l.paidTwice()
		l.circles()
		l.longerLimits()
		l.unused()
	}
}

// readingOrder is the documents, each after the one it reissues.
func (lib *Library) readingOrder() []*Document {
	var out []*Document
	done := map[*Document]bool{}
	var take func(d *Document)
	take = func(d *Document) {
		if d == nil || done[d] {
			return
		}
		done[d] = true
		take(d.parent)
		out = append(out, d)
	}
	for _, d := range lib.documents {
		take(d)
	}
	return out
}

func (l *linter) unsound(d *Document) bool {
	for ; d != nil; d = d.parent {
		if l.wrong[d.Path] {
			return true
		}
	}
	return false
}

func (l *linter) document(d *Document) {
	l.fairReview(d)
	if d.common != nil {
		l.all([]*condition{d.common}, certain{}, true)
	}
}

func (l *linter) oneScheme(s *Scheme) {
	holds := l.all(s.conditions(), certain{}, true)
	if s.amount != nil {
		l.amount(s, holds)
	}
	l.addressed(s)
	l.zeroLimits(s)
	l.reissued(s)
	l.wording(s)
}

// addressed finds a scheme that is for what no vocabulary knows: nothing that is said of anybody is said of it.
func (l *linter) addressed(s *Scheme) {
	known := l.lib.vocabulary.subjects
	if s.subject == "" || known[s.subject] || s.subject == firm || s.subject == person {
		return
	}
	l.warn(s.at.get("for"), lintSubject, "没有一项数据、一类记录是“%s”的（词汇表里 of: %s）：请改 for:，或在词汇表里声明它的数据%s", clip(s.subject), clip(s.subject),
		suggest(s.subject, append(sortedKeys(known), firm, person)))
}

func (l *linter) zeroLimits(s *Scheme) {
	for i := range s.limits {
		if m := s.limits[i].most; m != nil && m.kind == valueLiteral && !m.lit.manual && m.lit.high.Sign() == 0 {
			l.warn(s.limits[i].at.get("at_most"), lintZeroLimit, "限额是0，谁也得不到：请写原文的数；没有公布的写 not_found，不再给的改有效期。")
		}
	}
}

// conditions are what has to hold before a scheme gives anything.
func (s *Scheme) conditions() []*condition {
	return slices.DeleteFunc([]*condition{s.doc.common, s.require}, func(c *condition) bool { return c == nil })
}

// holds is what is certain of quantities where the scheme gives something.
func (s *Scheme) holds() certain {
	return (&linter{checker: &checker{}}).all(s.conditions(), certain{}, true)
}

// find reports a lint. What lies in another document, whose clause is reissued, is told where the reissue stands, unless that document
// itself has it already.
func (l *linter) find(n node, severity, lint, format string, a ...any) {
	mine := l.doc == nil || n.file == l.doc.Path
	p := Problem{File: n.file, Lint: lint, Message: fmt.Sprintf(format, a...)}
	if n.Node != nil {
		p.Line, p.Column = n.Line, n.Column
	}
	if mine {
		l.native[p] = true
		l.report(n, severity, lint, "%s", p.Message)
		return
	}
	if l.native[p] {
		return
	}
	at := l.doc.root
	if l.scheme != nil {
		at = l.scheme.at
		if from := at.get("from"); from.is() {
			at = from
		}
	}
	l.report(at, severity, lint, "沿用的条款（%s 第%d行）：%s", n.file, p.Line, p.Message)
}

func (l *linter) warn(n node, lint, format string, a ...any) {
	l.find(n, SeverityWarning, lint, format, a...)
}
