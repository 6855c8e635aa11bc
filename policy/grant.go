package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Grant is what holding what a scheme grants (a licence, a recognition, an honour, a rating) means: the certificate that says so, and the
// kind of record that the party has while it is valid, which later schemes read (has: 记录@有效).
type Grant struct {
	What   string            // what the certificate is called; empty: the scheme's title
	Record string            // the kind of record; the scheme's own name unless it says otherwise
	Fields map[string]string // what the record's fields say of everybody who holds it
	Number string            // the field that the certificate's number fills; empty: it is the record's own number alone
	Level  string            // the field that the level fills; empty: there is no level
	Shows  []string          // what the certificate says of its holder, besides name and code
	Masks  []string          // those of them that are shown in part to the public: names of persons
	Series *Series           // the series that its number is of; nil: whoever grants it gives the number
	Valid  string            // 3年; empty: no end
}

// Series is how the numbers of a kind of certificate run: prefix, year, and a counter that begins with 1 in each.
type Series struct {
	Prefix string
	Year   bool // the year of the day of issue follows the prefix
	Digits int  // of the counter, filled up with zeros
}

// Key of the counter on a day.
func (s *Series) Key(on Date) string {
	if s.Year {
		return s.Prefix + strconv.Itoa(on.Year())
	}
	return s.Prefix
}

// Number is the nth number of a counter.
func (s *Series) Number(on Date, n int) string {
	text := strconv.Itoa(n)
	for len(text) < s.Digits {
		text = "0" + text
	}
	return s.Key(on) + text
}

// Until is the last day of what is valid for a term (3年, 18月, 90日) from a day on; 0: it has no end. The day before the same day of the
// month in which it ends; where that month has no such day, its last.
func (g *Grant) Until(from Date) Date {
	n, unit, ok := readTerm(g.Valid)
	switch {
	case !ok:
		return 0
	case unit == "日":
		return from.AddDays(n - 1)
	case unit == "年":
		n *= 12
	}
	end := from.AddMonths(n)
	if end%100 != from%100 { // the month has no such day
		return end
	}
	return end.AddDays(-1)
}

var termText = regexp.MustCompile(`^(\d{1,3})\s*(年|个?月|日)$`)

// readTerm reads how long something is valid.
func readTerm(text string) (n int, unit string, ok bool) {
	m := termText.FindStringSubmatch(text)
	if m == nil {
		return 0, "", false
	}
	n, _ = strconv.Atoi(m[1])
	if unit = m[2]; unit == "个月" {
		unit = "月"
	}
	return n, unit, n > 0
}

// Grant is what the scheme grants, nil when that is no certificate: money, a penalty, other support.
func (s *Scheme) Grant() *Grant { return s.grant }

// Most of what a certificate may say, and of the digits of its number.
const (
	mostShown  = 20
	mostDigits = 10
)

// grantOf reads what holding the scheme means. The record is known already (declareGrants), or the file names another.
func (c *checker) grantOf(n node, s *Scheme) *Grant {
	g := &Grant{What: n.get("what").text(), Record: s.key, Valid: s.valid}
	if r := n.get("record"); r.is() {
		g.Record = r.text()
	} else if s.parent != "" && c.lib.vocabulary.records[s.key] == nil {
		return nil // a reissue under another name, which may not say what it is called
	}
	kind := c.lib.vocabulary.records[g.Record]
	switch {
	case kind == nil:
		c.errorAt(orNode(n.get("record"), s.at), "词汇表中没有“%s”这一类记录%s", clip(g.Record), suggest(g.Record, sortedKeys(c.lib.vocabulary.records)))
		return nil
	case kind.Of != s.subject:
		c.errorAt(orNode(n.get("record"), s.at), "“%s”是%s的记录，本条的对象是%s，不能由本条授予。", clip(g.Record), clip(kind.Of), clip(s.subject))
	}
	for _, e := range n.get("fields").entries() {
		value, err := CheckField(c.lib.vocabulary, g.Record, e.key, e.value.text())
		if err != nil {
			c.errorAt(e.at, "fields: “%s”的“%s”：%s。", clip(g.Record), clip(e.key), err.Error())
			continue
		}
		if g.Fields == nil {
			g.Fields = map[string]string{}
		}
		g.Fields[e.key] = value
	}
	if f := n.get("number"); f.is() {
		g.Number = f.text()
		if field := kind.field(g.Number); field == nil || field.Type != TypeWord || len(field.Options) > 0 {
			c.errorAt(f, "number: “%s”没有可以写编号的栏目“%s”（类型应是 词）；不写 number:，编号就是记录自己的编号。", clip(g.Record), clip(g.Number))
		}
	}
	for _, key := range []struct {
		name string
		to   *[]string
	}{{"shows", &g.Shows}, {"masks", &g.Masks}} {
		for _, w := range n.get(key.name).oneOrMore() {
			text := w.text()
			switch {
			case text == "" || utf8.RuneCountInString(text) > maxWordRune:
				c.errorAt(w, "%s: 证书上的栏目应写名称，不超过%d个字。", key.name, maxWordRune)
			case slices.Contains(*key.to, text):
				c.errorAt(w, "“%s”写了两次，请删去一个。", clip(text))
			case key.name == "masks" && !slices.Contains(g.Shows, text):
				c.errorAt(w, "masks: “%s”不在 shows: 中%s", clip(text), suggest(text, g.Shows))
			case len(*key.to) == mostShown:
				c.errorAt(w, "证书上最多%d个栏目。", mostShown)
			default:
				*key.to = append(*key.to, text)
			}
		}
	}
	if x := n.get("series"); x.is() {
		g.Series = c.series(x)
	}
	return g
}

// series reads how numbers run.
func (c *checker) series(n node) *Series {
	c.keys(n, "series")
	s := &Series{Prefix: n.get("prefix").text(), Digits: 4}
	if s.Prefix == "" || utf8.RuneCountInString(s.Prefix) > maxWordRune {
		c.errorAt(orNode(n.get("prefix"), n), "请写 prefix:，编号以什么开头，不超过%d个字。", maxWordRune)
	}
	switch y := n.get("year"); {
	case y.text() == "是":
		s.Year = true
	case y.is() && y.text() != "否":
		c.errorAt(y, "应写“是”或“否”。")
	}
	if d := n.get("digits"); d.is() {
		var err error
		if s.Digits, err = strconv.Atoi(d.text()); err != nil || s.Digits < 1 || s.Digits > mostDigits {
			c.errorAt(d, "digits: 顺序号的位数应是 1 到 %d 的数。", mostDigits)
			s.Digits = 4
		}
	}
	c.onePattern(n, s.Prefix, s.pattern())
	return s
}

// pattern is how the numbers look: 示例派〔发证的年份〕〔4位序号〕.
func (s *Series) pattern() string {
	text := s.Prefix
	if s.Year {
		text += "〔发证的年份〕"
	}
	return text + fmt.Sprintf("〔%d位序号〕", s.Digits)
}

// onePattern refuses a second pattern for numbers that begin alike: they would look like one series and be counted as two.
func (c *checker) onePattern(n node, prefix, pattern string) {
	was, told := c.numbered[prefix]
	if !told {
		c.numbered[prefix] = patternAt{pattern, n}
	} else if was.pattern != pattern && n.Node != nil {
		c.errorAt(n, "编号“%s”在 %s 第%d行写的是“%s”，这里又写“%s”：同一个编号只能有一种排法，请改成一样，或换一个开头。",
			clip(prefix), was.at.file, was.at.Line, clip(was.pattern), clip(pattern))
	}
}

// patternAt is how a file first says that the numbers of a series look.
type patternAt struct {
	pattern string
	at      node
}

func orNode(n, other node) node {
	if n.is() {
		return n
	}
	return other
}

// read is what a reader is told of the record and the number.
func (g *Grant) read(r *reader) []string {
	var out []string
	if g.What != "" {
		out = append(out, r.say(&pCertificate, r.word(g.What)))
	}
	fields := make([]string, 0, len(g.Fields)+1)
	for _, name := range sortedKeys(g.Fields) {
		fields = append(fields, r.say(&pFieldIs, r.word(name), r.word(g.Fields[name])))
	}
	if g.Level != "" {
		fields = append(fields, r.say(&pFieldLevel, r.word(g.Level)))
	}
	line := r.say(&pHeldAs, r.word(g.Record))
	if len(fields) > 0 {
		line = r.say(&pHeldAsWith, r.word(g.Record), r.join(fields, &pSemicolon))
	}
	out = append(out, line)
	if s := g.Series; s != nil {
		first := s.Prefix
		if s.Year {
			first += r.say(&pYearPlace)
		}
		out = append(out, r.say(&pSeries, first, strconv.Itoa(s.Digits)))
	}
	return out
}

// text is the grant in one sentence, for what changed.
func (g *Grant) text() string {
	if g == nil || g.What == "" {
		return ""
	}
	list := g.read(chinese)
	if len(g.Shows) > 0 {
		list = append(list, "证书载明"+strings.Join(g.Shows, "、"))
	}
	return strings.Join(list, "；")
}
