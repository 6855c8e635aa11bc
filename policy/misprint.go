package policy

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a hand puts in by mistake and an eye does not see: full-width signs, tabs, letters that look like others, characters without a shape.

// halfWidth writes full-width letters, digits and signs in their usual width, and leaves the commas of a number out.
var halfWidth = func(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		r -= '！' - '!'
	case r == '−':
		r = '-'
	}
	if r == ',' {
		return -1
	}
	return r
}

// afterQuote is a value that goes on behind its closing quotation mark.
var afterQuote = regexp.MustCompile(`(?::|-) +(?:"[^"]*"|'[^']*')[^\s,:}\]"']`)

// misprinted is what was meant by a text that would be a number but for the width of its signs or the commas in it; empty: it is none.
func (t *unitTable) misprinted(text string) string {
	meant := strings.Map(halfWidth, text)
	if _, _, ok := t.number(meant); ok && meant != text {
		return meant
	}
	return ""
}

// maxDigits is how long a number in a file may be, its point counted.
const maxDigits = 40

var manyDigits = regexp.MustCompile(`[0-9.]{41,}`)

func (c *checker) misprinted(n node) bool {
	meant := c.lib.vocabulary.units.misprinted(n.text())
	if meant != "" {
		c.errorAt(n, "数字和符号请用半角，数中不写逗号，应写作 %s。", clip(meant))
	}
	return meant != ""
}

var wideColon = regexp.MustCompile(`^[\s\-]*[A-Za-z_][A-Za-z0-9_]*：`)

// oddLetter finds a character that cannot be seen, or a letter that only looks like one of the words of the language.
func oddLetter(text string, key bool) (column int, says string) {
	if key && wideColon.MatchString(text) {
		before, _, _ := strings.Cut(text, "：")
		return utf8.RuneCountInString(before), "冒号应是半角的“:”，后面空一格。"
	}
	letter := func(r rune) bool { return r < utf8.RuneSelf && unicode.IsLetter(r) || r == '_' }
	runes := []rune(text)
	for i, r := range runes {
		switch {
		case unicode.Is(unicode.Cf, r) || key && r == '\u00a0':
			return i, fmt.Sprintf("这里有一个看不见的字符（U+%04X），请删去，重新输入。", r)
		case unicode.In(r, unicode.Cyrillic, unicode.Greek) && key && (i > 0 && letter(runes[i-1]) || i+1 < len(runes) && letter(runes[i+1])):
			return i, fmt.Sprintf("“%c”不是英文字母，只是形状相同（U+%04X），请用英文输入法重新输入。", r, r)
		}
	}
	return 0, ""
}

// misprint finds why a file near a line cannot be read: a tab in an indent, or a full-width sign where the usual one belongs.
func misprint(data []byte, near int) (line, column int, says string) {
	for i, text := range strings.Split(string(data), "\n") {
		line = i + 1
		indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
		if at := strings.IndexByte(indent, '\t'); at >= 0 && strings.TrimSpace(text) != "" {
			return line, at + 1, "缩进只能用空格，不能用制表符（Tab）。"
		}
		if wideColon.MatchString(text) {
			before, _, _ := strings.Cut(text, "：")
			return line, utf8.RuneCountInString(before) + 1, "冒号应是半角的“:”，后面空一格。"
		}
		if line < near-1 || line > near+1 || strings.HasPrefix(strings.TrimSpace(text), "#") {
			continue
		}
		for _, wide := range []struct{ sign, says string }{{"｛", "花括号应是半角的“{ }”。"}, {"［", "方括号应是半角的“[ ]”。"}} {
			if at := strings.Index(text, wide.sign); at >= 0 {
				return line, utf8.RuneCountInString(text[:at]) + 1, wide.says
			}
		}
		if at := afterQuote.FindStringIndex(text); at != nil {
			return line, utf8.RuneCountInString(text[:at[1]]), "引号收尾以后又有字：请用引号把整个值括起来，值里的引号用“ ”。"
		}
		if at := strings.Index(text, "，"); at >= 0 && strings.ContainsAny(text[:at], "{[") {
			return line, utf8.RuneCountInString(text[:at]) + 1, "花括号和方括号里的逗号应是半角的“,”，后面空一格。"
		}
	}
	return uneven(data)
}

// uneven finds the first line that is indented less than the one above and yet as no open line: it belongs to nothing.
func uneven(data []byte) (line, column int, says string) {
	var open []int
	depth := 0
	for i, text := range strings.Split(string(data), "\n") {
		bare, _, _ := strings.Cut(text, " #")
		inside := depth > 0
		depth += strings.Count(bare, "{") + strings.Count(bare, "[") - strings.Count(bare, "}") - strings.Count(bare, "]")
		rest := strings.TrimLeft(text, " ")
		if inside || strings.TrimSpace(rest) == "" || rest[0] == '#' {
			continue
		}
		at := len(text) - len(rest)
		for len(open) > 0 && open[len(open)-1] > at {
			open = open[:len(open)-1]
			if len(open) == 0 || open[len(open)-1] < at {
				return i + 1, at + 1, fmt.Sprintf("这一行缩进%d格，与上面哪一行都不齐：同级的各行应一样多。", at)
			}
		}
		if len(open) == 0 || open[len(open)-1] < at {
			open = append(open, at)
		}
		for strings.HasPrefix(rest, "- ") { // what stands behind a dash begins a line of its own
			trimmed := strings.TrimLeft(rest[1:], " ")
			at += len(rest) - len(trimmed)
			rest, open = trimmed, append(open, at)
		}
	}
	return 0, 0, ""
}
