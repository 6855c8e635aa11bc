// Command reference writes a page of docs/ anew: between <!-- keys: KIND --> and <!-- end --> it puts the tables of every key that a file of
// that kind may have, made from the grammar. The examples are taken from the checked blocks of the other pages that it is given.
//
//	reference zh|en PAGE EXAMPLES… > NEW
package main

import (
	"fmt"
	"os"
	"strings"

	"shanglin/policy"
)

func main() {
	if len(os.Args) < 4 || os.Args[1] != "zh" && os.Args[1] != "en" {
		fmt.Fprintln(os.Stderr, "usage: reference zh|en PAGE EXAMPLES…")
		os.Exit(2)
	}
	var pages []string
	for _, name := range os.Args[2:] {
		data, err := os.ReadFile(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		pages = append(pages, string(data))
	}
	out, err := fill(pages[0], os.Args[1] == "en", examples(pages[1:]))
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[2], err)
		os.Exit(1)
	}
	fmt.Print(out)
}

const (
	opens = "<!-- keys: "
	ends  = "<!-- end -->"
)

func fill(page string, english bool, shown map[[2]string]string) (string, error) {
	var out strings.Builder
	told := map[string]bool{}
	borrow(shown)
	for {
		before, after, ok := strings.Cut(page, opens)
		out.WriteString(before)
		if !ok {
			return out.String(), nil
		}
		kind, body, _ := strings.Cut(after, " -->")
		_, rest, ok := strings.Cut(body, ends)
		nodes := policy.Grammar(kind)
		if !ok || nodes == nil {
			return "", fmt.Errorf("%s%s has no end, or is no kind of file", opens, kind)
		}
		fmt.Fprintf(&out, "%s%s -->\n", opens, kind)
		for _, n := range nodes {
			if !told[n.Name] {
				told[n.Name] = true
				table(&out, n, english, shown)
			}
		}
		out.WriteString(ends)
		page = rest
	}
}

// borrow gives a key without an example that of the same key with the same meaning elsewhere.
func borrow(shown map[[2]string]string) {
	lent := map[[2]string]string{}
	for _, give := range []bool{false, true} {
		for _, kind := range policy.SchemaNames {
			for _, n := range policy.Grammar(kind) {
				for _, k := range n.Keys {
					at, same := [2]string{n.Name, k.Name}, [2]string{k.Name, k.Said.Chinese}
					if text := shown[at]; !give && text != "" && lent[same] == "" {
						lent[same] = text
					} else if give && text == "" && lent[same] != "" {
						shown[at] = lent[same]
					}
				}
			}
		}
	}
}

func table(out *strings.Builder, n policy.Place, english bool, shown map[[2]string]string) {
	say := func(zh, en string) string {
		if english {
			return en
		}
		return zh
	}
	colon, stop := say("：", ": "), say("。", ".")
	fmt.Fprintf(out, "\n### `%s`\n\n", n.Name)
	if text := say(n.Said.Chinese, n.Said.English); text != "" {
		fmt.Fprintf(out, "%s%s\n\n", text, stop)
	}
	if len(n.Must) > 0 {
		fmt.Fprintf(out, "%s%s%s%s\n\n", say("必须写", "Required"), colon, codes(n.Must, say("、", ", ")), stop)
	}
	for _, group := range n.One {
		fmt.Fprintf(out, "%s%s%s%s\n\n", say("只写其中一个", "Just one of"), colon, codes(group, say("、", ", ")), stop)
	}
	fmt.Fprintf(out, "| %s |\n|---|---|---|---|\n", say("键 | 意思 | 写什么 | 例", "Key | Meaning | What to write | Example"))
	for _, k := range n.Keys {
		example := ""
		if text := shown[[2]string{n.Name, k.Name}]; text != "" {
			example = "`" + strings.ReplaceAll(text, "|", "\\|") + "`"
		}
		fmt.Fprintf(out, "| `%s` | %s | %s | %s |\n", k.Name, say(k.Said.Chinese, k.Said.English), strings.Join(forms(k.Form, english), say("；或", "; or ")), example)
	}
	if n.Rest != nil {
		fmt.Fprintf(out, "| %s | %s | %s | |\n", say("其余", "others"), say("自己起的名称", "names of the file's own"), strings.Join(forms(*n.Rest, english), say("；或", "; or ")))
	}
}

func codes(words []string, by string) string { return "`" + strings.Join(words, "`"+by+"`") + "`" }

// texts are what the classes of texts are called.
var texts = map[string][2]string{
	"text": {"文字", "text"}, "name": {"名称", "a name"}, "expr": {"算式", "an expression"}, "value": {"数、算式", "a literal or an expression"},
	"literal": {"带单位的数", "a literal"}, "count": {"一个整数", "an integer"}, "threshold": {"带单位的数、名称或词", "a literal, a name or a word"}, "date": {"日期", "a date"}, "year": {"年份", "a year"},
	"period": {"期间", "a period"}, "time": {"时间", "a time"}, "days": {"日期或起止日期", "a day or days in a row"},
}

func forms(f policy.Form, english bool) []string {
	at := 0
	if english {
		at = 1
	}
	var out []string
	if f.Text != "" {
		out = append(out, texts[f.Text][at])
	}
	if len(f.Words) > 0 {
		out = append(out, codes(f.Words, [2]string{"、", ", "}[at]))
	}
	for _, n := range f.Nodes {
		out = append(out, "["+n+"](#"+n+")")
	}
	both := [2]string{"或", " or "}[at]
	if f.List != nil {
		if of := forms(*f.List, english); len(of) > 0 {
			out = append(out, [2]string{"一列", "a list of "}[at]+strings.Join(of, both))
		}
	}
	if f.Map != nil {
		if of := forms(*f.Map, english); len(of) > 0 {
			out = append(out, [2]string{"名称: ", "name: "}[at]+strings.Join(of, both))
		}
	}
	return out
}

// pieces are the shapes of a page's marked pieces.
var pieces = map[string]string{"require": "condition", "amount": "value", "limits": "limits", "examples": "examples", "define": "define",
	"stage": "stages", "round": "stages", "always": "always_actions", "round-always": "always_actions", "apart": "apart"}

// longest is how long an example may be, in letters; of several the first that is short enough is shown.
const longest = 60

func examples(pages []string) map[[2]string]string {
	out := map[[2]string]string{}
	for _, page := range pages {
		parts := strings.Split(page, "```")
		for i := 1; i < len(parts); i += 2 {
			head, text, _ := strings.Cut(parts[i], "\n")
			kind := ""
			if mark, piece, _ := strings.Cut(head, "="); mark == "yaml part" {
				kind = pieces[piece]
			} else if mark != "yaml file" {
				continue
			}
			for _, u := range policy.Uses(policy.File{Path: "page", Data: []byte(text)}, kind) {
				at := [2]string{u.Place, u.Key}
				long := func(s string) bool { return len([]rune(s)) > longest }
				if was, ok := out[at]; !ok || long(was) && !long(u.Text) {
					out[at] = u.Text
				}
			}
		}
	}
	for at, text := range out {
		if letters := []rune(text); len(letters) > longest {
			out[at] = string(letters[:longest-1]) + "…"
		}
	}
	return out
}
