package policy

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

const untidy = `# 头一行

# 头二行
title:   "一份文件"
document: 'd'   # 短名
dates: {
  performance: 2025,   # 兑现年度
  published: "2025-01-01" }
number: not_found
periods: {当年:  P , 上年: P-1}


schemes:
  # 第一条
  甲:
    kind: money
    title: 'a: b'
    for: 企业
    cite: not_found
    amount:
      then:
      - at_most: 30万元     # 封顶
        text: 最高
      of: increase(收入@当年)
      give: 5%
    require: {of: 收入@当年, at_least: "3%"}
    examples:

    #= 第一步
    #= 第二步
    - expect: {amount: 1元, answer: met}
      P: 2025
      given: {}
    # 例子完了
    # 第二条以前
  乙: {from: d/甲, cite: '#1', text: "第一行
    第二行", other: [甲, {乙: 丙}, {丁: ''}]}
  # 完了
# 文件完了
`

const tidy = `# 头一行

# 头二行
document: d  # 短名
title: 一份文件
number: not_found
dates:
  published: 2025-01-01
  performance: 2025  # 兑现年度
periods: {当年: P, 上年: P-1}

schemes:
  # 第一条
  甲:
    title: 'a: b'
    cite: not_found
    for: 企业
    kind: money
    require: {of: 收入@当年, at_least: 3%}
    amount:
      give: 5%
      of: increase(收入@当年)
      then:
      - at_most: 30万元  # 封顶
        text: 最高
    examples:
    #= 第一步
    #= 第二步
    - {P: 2025, given: {}, expect: {answer: met, amount: 1元}}
    # 例子完了
    # 第二条以前
  乙:
    from: d/甲
    cite: '#1'
    text: 第一行 第二行
    other:
    - 甲
    - {乙: 丙}
    - {丁: ''}
  # 完了
# 文件完了
`

func formatted(t *testing.T, f File) string {
	t.Helper()
	out, ps := Format(f)
	if ps != nil {
		t.Fatalf("refused: %v\n%s", ps, f.Data)
	}
	again, ps := Format(File{f.Path, out})
	if ps != nil {
		t.Fatalf("refused what it wrote: %v\n%s", ps, out)
	}
	if string(again) != string(out) {
		t.Fatalf("another layout the second time\n%s\nbecame\n%s\nbecame\n%s", f.Data, out, again)
	}
	return string(out)
}

// Mutations that turn this red: no order of keys; a comment at the end of a block given to the next key; a quote kept; an empty line kept where
// a block begins.
func TestFormat(t *testing.T) {
	if got := formatted(t, File{"d.yaml", []byte(untidy)}); got != tidy {
		t.Errorf("got\n%s", got)
	}
}

// TestFormatScalars: a text is written plain only where YAML reads it back.
func TestFormatScalars(t *testing.T) {
	for _, c := range []struct{ in, out string }{
		{`"是"`, "是"}, {`'true'`, "true"}, {`"2025"`, "2025"}, {`'%'`, "'%'"}, {`"a, b"`, "a, b"}, {`"a # b"`, "'a # b'"}, {`"a#b"`, "a#b"}, {`"a:"`, "'a:'"},
		{`"- a"`, "'- a'"}, {`"-a"`, "-a"}, {`" a"`, "' a'"}, {`"it's"`, "it's"}, {`"'s"`, "'''s'"}, {`""`, "''"}, {`"a\tb"`, `"a\tb"`}, {`"a\u0085b"`, `"a\x85b"`},
		{`"?"`, "'?'"}, {`"---"`, "'---'"}, {`"“引号”：，。"`, "“引号”：，。"}, {`"a\n"`, "|\n  a"}, {`"a\n\n"`, `"a\n\n"`}, {`"a\nb"`, `"a\nb"`}, {"|-\n  a\n  b", `"a\nb"`},
		{">\n  a\n  b\n\n  c", "|\n  a b\n  c"}, {"~", "~"}, {`"~"`, "~"}, {"", ""}, {`"\\ \" "`, `'\ " '`},
	} {
		got := formatted(t, File{"d.yaml", []byte("document: d\ntitle: " + c.in + "\n")})
		want := "document: d\ntitle:" + strings.TrimRight(" "+c.out, " ") + "\n"
		if got != want {
			t.Errorf("%s: %q, want %q", c.in, got, want)
		}
	}
	list := `vocabulary: v
sizes: ['a, b', "[", 'x: y', "?a", '-a', ':a', 甲]
`
	if got := formatted(t, File{"v.yaml", []byte(list)}); got != "vocabulary: v\nsizes: ['a, b', '[', 'x: y', '?a', -a, ':a', 甲]\n" {
		t.Errorf("%s", got)
	}
}

// TestFormatRefuses: what cannot be read is refused with its place; what makes no sense is not the formatter's business.
func TestFormatRefuses(t *testing.T) {
	for text, line := range map[string]int{"document: d\n title: x\n": 2, "document: d\na: 1\na: 2\n": 3, "document: &a d\nb: *a\n": 1, "a: b\n": 1, "- document\n": 1, "": 1, "document: d\n---\na: b\n": 2} {
		out, ps := Format(File{"d.yaml", []byte(text)})
		if len(ps) == 0 || out != nil || ps[0].Line != line || ps[0].Message == "" {
			t.Errorf("%q: %q %v", text, out, ps)
		}
	}
	formatted(t, File{"d.yaml", []byte("document: d\nnonsense: {schemes: [1, 2]}\nschemes: [a]\n")})
}

// meaning is everything that a library says: problems without their places, descriptions, outcomes of examples.
func meaning(files []File) string {
	lib, ps := Load(files)
	if !HasErrors(ps) {
		ps = append(ps, lib.CheckExamples()...)
	}
	var out []string
	for _, p := range ps {
		out = append(out, p.Severity+p.Message)
	}
	slices.Sort(out)
	for _, s := range lib.Schemes() {
		text, _ := json.Marshal(s.Describe())
		out = append(out, string(text))
		for _, x := range s.examples {
			text, _ := json.Marshal(s.Evaluate(Question{Facts: x.facts, On: x.on, Performance: x.performance, Explain: true}))
			out = append(out, string(text))
		}
	}
	for _, p := range lib.Processes() {
		text, _ := json.Marshal(p.Describe())
		out = append(out, string(text))
	}
	return strings.Join(out, "\n")
}

// TestFormatKeepsMeaning: the library says the same of files before and after, the comments above examples too.
func TestFormatKeepsMeaning(t *testing.T) {
	files := realFiles(t)
	was := meaning(files)
	for i := range files {
		files[i].Data = []byte(formatted(t, files[i]))
	}
	if now := meaning(files); now != was {
		a, b := strings.Split(was, "\n"), strings.Split(now, "\n")
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Fatalf("%s\nbecame\n%s", a[i], b[i])
			}
		}
		t.Fatal("not the same")
	}
}

// TestFormatKeepsComments: comments of every kind, put at every line of every file, are all there once, and stand still the second time.
func TestFormatKeepsComments(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, f := range realFiles(t) {
		for range 3 {
			lines := strings.Split(strings.TrimRight(string(f.Data), "\n"), "\n")
			var out, marks []string
			mark := func() string {
				m := fmt.Sprintf("# mark%d.", len(marks))
				marks = append(marks, m)
				return m
			}
			for _, l := range lines {
				indent := len(l) - len(strings.TrimLeft(l, " "))
				switch random.IntN(6) {
				case 0:
					out = append(out, strings.Repeat(" ", indent)+mark())
				case 1:
					out = append(out, strings.Repeat(" ", random.IntN(12))+mark())
				case 2:
					out = append(out, "")
				case 3:
					if !strings.Contains(l, " #") && !strings.HasPrefix(strings.TrimLeft(l, " "), "#") {
						l += "   " + mark()
					}
				}
				out = append(out, l)
			}
			got := formatted(t, File{f.Path, []byte(strings.Join(out, "\n"))})
			for _, m := range marks {
				if strings.Count(got, m) != 1 {
					t.Fatalf("%s: %q stands %d times", f.Path, m, strings.Count(got, m))
				}
			}
		}
	}
}

// FuzzFormat: whatever is written, the formatter says where it cannot read it, or writes what reads the same and is written the same again.
func FuzzFormat(f *testing.F) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, file := range realFiles(f) {
		f.Add(file.Data)
		lines := strings.SplitAfter(string(file.Data), "\n")
		for range 5 { // lines exchanged, left out, said twice, indented, commented
			i, j := random.IntN(len(lines)), random.IntN(len(lines))
			changed := slices.Clone(lines)
			switch random.IntN(5) {
			case 0:
				changed[i], changed[j] = changed[j], changed[i]
			case 1:
				changed[i] = ""
			case 2:
				changed[i] += lines[j]
			case 3:
				changed[i] = "  " + changed[i]
			case 4:
				changed[i] = "# c\n" + strings.TrimSuffix(changed[i], "\n") + " # d\n"
			}
			f.Add([]byte(strings.Join(changed, "")))
		}
	}
	for _, s := range []string{untidy, "document: d # a\r\n# b\r\ntitle: |+\r\n  a\r\n\r\n", "{document: d, a: [ # x\n 1, # y\n ], # z\n} # w\n# v", "document: d\na:\n- - 1\n  - 2\n  # c\n- 3\n",
		"document: d\n? a # x\n: b # y\n", "document: d\nx: [a: b, ? c, {d}]\n", "# a\n---\n# b\ndocument: d\n...\n# c\n", "document: d\nx: \"a\\\n  b # no\"\ny: 'a\n\n  b'\n", "document: d\nx: >2-\n    a\n   b\n # c\n",
		"document: d\nexamples:\n-\n  # c\n  given: 1\n  # e\n  P: 2\n- # f\n  P: 1\n", "document: d\nx:  # 1\n  # 2\n  y: 1\n   # 3\n # 4\n", "document: d\n\"a\\u2028b\": \"\\e\\0\"\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		out, ps := Format(File{"d.yaml", data})
		for _, p := range ps {
			if p.Line < 1 || p.Message == "" {
				t.Fatalf("a problem without place or sentence: %+v", p)
			}
			if strings.Contains(p.Message, "不能整理") && !strings.ContainsRune(string(data), '\u2028') && !strings.ContainsRune(string(data), '\u2029') {
				t.Fatalf("not kept: %q", data)
			}
		}
		if ps != nil {
			return
		}
		again, ps := Format(File{"d.yaml", out})
		if ps != nil || string(again) != string(out) {
			t.Fatalf("%q\nbecame\n%s\nbecame\n%s %v", data, out, again, ps)
		}
	})
}

// TestFormatAnything: random trees in random styles with comments in random places. Nothing is lost, and the second time nothing moves.
func TestFormatAnything(t *testing.T) {
	read := 0
	for seed := range uint64(1000) {
		random := rand.New(rand.NewPCG(seed, 5))
		marks := 0
		mark := func() string {
			marks++
			return fmt.Sprintf("# mark%d.", marks)
		}
		words := []string{"a", "'b c'", `"d"`, "甲，乙", "20万元", "''", "long " + strings.Repeat("text ", 30), "text", "all", "any", "of", "give", "P", "given", "expect", "if", "3%", "~"}
		word := func() string { return words[random.IntN(len(words))] }
		var flow func(depth int) string
		flow = func(depth int) string {
			n, kind := random.IntN(4), random.IntN(4)
			if depth == 0 || kind > 1 {
				return word()
			}
			var parts []string
			for i := range n {
				part := flow(depth - 1)
				if kind == 0 {
					part = fmt.Sprintf("k%d: %s", i, part)
				}
				switch random.IntN(12) {
				case 0:
					part += ", " + mark() + "\n     "
					parts = append(parts, part)
					continue
				case 1:
					part = "\n   " + mark() + "\n     " + part
				}
				parts = append(parts, part+", ")
			}
			end := ""
			if random.IntN(10) == 0 {
				end = mark() + "\n   "
			}
			if kind == 0 {
				return "{ " + strings.Join(parts, "") + end + "}"
			}
			return "[ " + strings.Join(parts, "") + end + "]"
		}
		var out strings.Builder
		comment := func(indent int) {
			for random.IntN(6) == 0 {
				if random.IntN(2) == 0 {
					out.WriteString("\n")
				}
				if random.IntN(3) == 0 {
					indent = random.IntN(10)
				}
				out.WriteString(spaces(indent) + mark() + "\n")
			}
			if random.IntN(8) == 0 {
				out.WriteString("\n")
			}
		}
		behind := func() string {
			if random.IntN(5) == 0 {
				return "  " + mark()
			}
			return ""
		}
		var block func(indent, depth int, first string)
		block = func(indent, depth int, first string) {
			list := random.IntN(2) == 0
			for i := range 1 + random.IntN(4) {
				lead := first
				if lead == "" || i > 0 {
					comment(indent)
					lead = spaces(indent)
				}
				key := "-"
				if !list {
					key = []string{"k", "schemes", "require", "examples", "amount", "all", "then", "text", "if"}[random.IntN(9)]
					key = fmt.Sprintf("%s%d:", key, i)
					if random.IntN(2) == 0 && i == 0 {
						key = strings.TrimSuffix(key, "0:") + ":"
					}
				}
				switch random.IntN(5) {
				case 0, 1:
					if depth > 0 {
						if list && random.IntN(2) == 0 {
							block(indent+2, depth-1, lead+"- ")
							continue
						}
						out.WriteString(lead + key + behind() + "\n")
						block(indent+2, depth-1, "")
						continue
					}
					fallthrough
				case 2:
					out.WriteString(lead + key + " " + word() + behind() + "\n")
				case 3:
					out.WriteString(lead + key + " |" + behind() + "\n" + spaces(indent+2) + "x # no\n" + spaces(indent+2) + "y\n")
				default:
					out.WriteString(lead + key + " " + flow(3) + behind() + "\n")
				}
			}
		}
		comment(0)
		out.WriteString("document: d\n")
		for i := range 1 + random.IntN(3) {
			comment(0)
			fmt.Fprintf(&out, "x%d:%s\n", i, behind())
			block(2, 3, "")
		}
		comment(0)
		text := out.String()
		var ps problems
		if _, ok := readYAML(File{"d.yaml", []byte(text)}, &ps); !ok {
			continue
		}
		read++
		got := formatted(t, File{"d.yaml", []byte(text)})
		for i := range marks {
			if m := fmt.Sprintf("# mark%d.", i+1); strings.Count(got, m) != 1 {
				t.Fatalf("%q stands %d times in\n%s\nof\n%s", m, strings.Count(got, m), got, text)
			}
		}
	}
	if read < 500 {
		t.Errorf("only %d of 1000 could be read", read)
	}
}
