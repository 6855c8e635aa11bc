package policy

import (
	"strconv"
	"strings"
)

// Document is one published policy document.
type Document struct {
	ID     string
	Path   string
	Source []byte
	Hash   string // sha256 of Source, hex

	lib         *Library
	info        DocumentInfo
	root        node
	parent      *Document // the document it reissues (from:)
	periods     map[string]*period
	definitions map[string]*definition
	rounding    string // "", down, half_up, up
	noBase      Answer
	common      *condition
	process     string // how its schemes are handled, unless one says otherwise
	schemes     []*Scheme
}

// Info is what a reader is told of the document.
func (d *Document) Info() DocumentInfo { return d.info }

// Schemes of the document in the order of the file.
func (d *Document) Schemes() []*Scheme { return d.schemes }

// StandingOn says how the document stands on a day.
func (d *Document) StandingOn(on Date) Standing {
	i := d.info
	switch {
	case on < i.InForce.First:
		return Upcoming
	case !i.ValidUntil.IsZero() && on > i.ValidUntil.Last, i.Replaced != 0 && on >= i.Replaced:
		return Expired
	}
	return InForce
}

// turns notes the next day on which the standing changes by itself.
func (d *Document) turns(e *env) {
	e.mayChange(d.info.InForce.First)
	if !d.info.ValidUntil.IsZero() {
		e.mayChange(d.info.ValidUntil.Last.AddDays(1))
	}
	e.mayChange(d.info.Replaced)
}

const notFound = "not_found"

// readDocument reads everything of a document but its definitions and schemes.
func (c *checker) readDocument(d *Document) {
	n := d.root
	c.keys(n, "document")
	i := &d.info
	i.ID, i.Title, i.Body, i.Level = d.ID, n.get("title").text(), strings.TrimPrefix(n.get("body").text(), notFound), level(d.Path)
	i.URL = strings.TrimPrefix(n.get("url").text(), notFound)
	i.Notes = []Interpretation{}
	if i.Title == "" {
		c.errorAt(n, "请写 title:，文件的标题。")
	}
	switch number := n.get("number"); {
	case !number.is():
		c.errorAt(n, "请写 number:，文号；查不到的写 number: not_found。")
	case number.text() != notFound:
		i.Number, i.NumberKnown = number.text(), true
	}
	for _, item := range n.get("notes").oneOrMore() {
		if x := c.interpretation(item); x != nil {
			i.Notes = append(i.Notes, *x)
		}
	}
	c.readDates(d)
	c.readFunds(d)
	d.periods = map[string]*period{}
	for _, e := range n.get("periods").entries() {
		p, ok := parsePeriod(e.key, e.value.text())
		if !ok || !isName(e.key) {
			c.errorAt(e.value, "期间应写作 P、P-1、P-1..P、A-3..A-1、..P-1、36月 to A 或 round。")
			continue
		}
		if e.key == validNow {
			c.errorAt(e.at, "“%s”是内置的期间，不能重新声明。", validNow)
			continue
		}
		d.periods[e.key] = p
	}
	if r := n.get("rounding"); r.is() {
		c.keys(r, "rounding")
		if to := r.get("to").text(); to != "0.01元" {
			c.errorAt(r, "rounding 的 to: 目前只能是 0.01元。")
		}
		switch m := r.get("mode").text(); m {
		case "down", "half_up", "up":
			d.rounding = m
		default:
			c.errorAt(r, "rounding 的 mode: 应为 down（舍去）、half_up（四舍五入）或 up（进位）。")
		}
	} else if d.parent != nil {
		d.rounding = d.parent.rounding
	}
	d.noBase = Manual
	if b := n.get("no_base"); b.is() {
		d.noBase = c.noBase(b)
	} else if d.parent != nil {
		d.noBase = d.parent.noBase
	}
	if p := n.get("process"); p.is() {
		d.process = c.processNamed(p)
	} else if d.parent != nil {
		d.process = d.parent.process
	}
	for _, e := range n.get("define").entries() {
		if !isName(e.key) {
			c.errorAt(e.at, "名称应以汉字或字母开头，只含汉字、字母、数字和下划线。")
		}
		if roundWord(e.key) != nil {
			c.errorAt(e.at, "“%s”是内置的名称，不能重新定义。", e.key)
		}
		if c.lib.vocabulary.terms[e.key] != nil || c.lib.vocabulary.records[e.key] != nil {
			c.errorAt(e.at, "“%s”在词汇表中已有，请换一个名称。", e.key)
		}
	}
}

// processNamed is the process that a document or scheme names.
func (c *checker) processNamed(n node) string {
	id := n.text()
	if c.lib.byProcess[id] == nil {
		c.errorAt(n, "没有名为“%s”的办理流程%s", clip(id), suggest(id, sortedKeys(c.lib.byProcess)))
	}
	return id
}

func level(path string) string {
	parts := strings.Split(strings.ReplaceAll(path, "\\", "/"), "/")
	if len(parts) < 2 {
		return ""
	}
	return parts[len(parts)-2]
}

func (c *checker) noBase(n node) Answer {
	switch a, ok := ParseAnswer(n.text()); {
	case ok && (a == Manual || a == Unmet || a == Unknown || a == Met):
		return a
	}
	c.errorAt(n, "no_base 应为 manual（需人工判断）、unmet（不符合）、met（符合）或 unknown。")
	return Manual
}

func (c *checker) readDates(d *Document) {
	n, i := d.root.get("dates"), &d.info
	if !n.isMap() {
		c.errorAt(d.root, "请写 dates:，至少写 published:（发布日期）；查不到的写 not_found。")
		return
	}
	c.keys(n, "dates")
	day := func(key string) When {
		v := n.get(key)
		if !v.is() || v.text() == notFound {
			return When{}
		}
		w, err := ParseWhen(v.text())
		if err != nil {
			c.errorAt(v, "%s；查不到的写 not_found。", err.Error())
		}
		return w
	}
	i.Signed, i.Published, i.InForce, i.ValidUntil = day("signed"), day("published"), day("in_force"), day("valid_until")
	if i.InForce.IsZero() {
		i.InForce = i.Published
	}
	if !i.Published.IsZero() && i.Signed.First > i.Published.Last {
		c.errorAt(n.get("signed"), "成文日期晚于发布日，请检查。")
	}
	if !i.ValidUntil.IsZero() && i.InForce.First > i.ValidUntil.Last {
		c.errorAt(n.get("valid_until"), "有效期的截止日早于施行日。")
	}
	if !i.ValidUntil.IsZero() && i.InForce.First <= i.ValidUntil.Last && i.Published.First > i.ValidUntil.Last {
		c.errorAt(n.get("valid_until"), "有效期的截止日早于发布日。")
	}
	if i.InForce.IsZero() && i.ValidUntil.IsZero() && !n.get("replaced").is() {
		c.warnAt(n, lintDates, "没有发布日和有效期，按任何日期都有效处理；已被接替的请写 replaced: 日期 by 文件，都查不到的在文件开头写 allow:，例如 allow: [{lint: no-dates, reason: 网站转载没有日期, by: 张三}]；notes: 里讲别的不算。")
	}
	if p := n.get("performance"); p.is() && p.text() != notFound {
		y, err := strconv.Atoi(p.text())
		if err != nil || y < firstYear || y > lastYear {
			c.errorAt(p, "performance 应是%s。", oneYear)
		} else {
			i.Performance = y
		}
	}
	if r := n.get("replaced"); r.is() {
		when, by, ok := strings.Cut(r.text(), " by ")
		got, err := ParseDate(strings.TrimSpace(when))
		if !ok || err != nil {
			c.errorAt(r, "replaced 应写作 2026-04-01 by 文件名。")
			return
		}
		i.Replaced, i.ReplacedBy = got, strings.TrimSpace(by)
		if got < i.Published.First {
			c.errorAt(r, "被接替的日期早于发布日。")
		}
		if i.ReplacedBy == d.ID {
			c.errorAt(r, "文件不能由它自己接替，请写接替它的文件的短名。")
		}
		if _, known := c.lib.byID[i.ReplacedBy]; !known {
			c.warnAt(r, lintSuccessor, "没有找到接替它的文件“%s”%s", clip(i.ReplacedBy), suggest(i.ReplacedBy, sortedKeys(c.lib.byID)))
		}
	}
}

func (c *checker) interpretation(n node) *Interpretation {
	if !n.is() {
		return nil
	}
	if !n.isMap() {
		c.errorAt(n, "interpretation 应写作 {choice: 怎样理解, by: 谁, status: assumption}。")
		return nil
	}
	c.keys(n, "interpretation")
	i := &Interpretation{n.get("choice").text(), n.get("by").text(), n.get("status").text()}
	if i.Choice == "" || i.By == "" {
		c.errorAt(n, "interpretation 应写明 choice（怎样理解）和 by（谁作的选择）。")
	}
	if i.Status != "assumption" && i.Status != "confirmed" {
		c.errorAt(n, "interpretation 的 status 应为 assumption（待确认）或 confirmed（已确认）。")
	}
	return i
}
