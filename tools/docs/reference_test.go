package docs_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"shanglin/policy"
)

// chapter is a part of a page, from its heading to the next of the same rank.
func chapter(t *testing.T, page, number string) string {
	t.Helper()
	_, after, ok := strings.Cut(page, "\n## "+number+" ")
	if !ok {
		t.Fatalf("there is no chapter %s", number)
	}
	text, _, _ := strings.Cut(after, "\n## ")
	return text
}

var code = regexp.MustCompile("`([^`]+)`")

// firstCells are the words in code of the first cells of a chapter's tables.
func firstCells(text string) []string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		cell, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		for _, m := range code.FindAllStringSubmatch(cell, -1) {
			out = append(out, m[1])
		}
	}
	return out
}

func sameWords(t *testing.T, where string, got, want []string) {
	t.Helper()
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("%s does not tell %s", where, w)
		}
	}
	for _, w := range got {
		if !slices.Contains(want, w) {
			t.Errorf("%s tells %s, which the language does not have", where, w)
		}
	}
}

// Turns red when a reference leaves out a key of the grammar, its meaning or an example of it, tells one that does not exist, or does not
// know a function, an operator, a unit, a form of period, a limit or an answer: add a key to the grammar, or take a row out of a page.
func TestReferencesTellTheWholeLanguage(t *testing.T) {
	for _, p := range []struct {
		page, units, periods, functions, operators, limits, answers, files string
	}{
		{"reference.zh.md", "2", "3", "4", "5", "6", "7", "9 10 11 12 13"},
		{"reference.en.md", "3", "4", "5", "6", "7", "8", "9 10 11 12 13"},
	} {
		data, err := os.ReadFile(p.page)
		if err != nil {
			t.Fatal(err)
		}
		page := string(data)
		var functions []string
		for _, f := range policy.Functions() {
			functions = append(functions, f+"( )")
		}
		sameWords(t, p.page+", functions", firstCells(chapter(t, page, p.functions)), functions)
		sameWords(t, p.page+", operators", firstCells(chapter(t, page, p.operators)), policy.Operators())
		sameWords(t, p.page+", units", firstCells(chapter(t, page, p.units)), policy.Units())
		sameWords(t, p.page+", limits", firstCells(chapter(t, page, p.limits)), policy.LimitShapes())
		told := slices.DeleteFunc(firstCells(chapter(t, page, p.answers)), func(w string) bool { return strings.HasPrefix(w, "bin/") })
		sameWords(t, p.page+", answers", told, policy.Answers())

		forms := firstCells(chapter(t, page, p.periods))
		seen := map[string]bool{}
		for _, word := range forms {
			if form := policy.PeriodForm(word); form != "" {
				seen[form] = true
			} else if word != "有效" && word != "@2025" {
				t.Errorf("%s: %s is no period", p.page, word)
			}
		}
		for _, form := range policy.PeriodForms() {
			if !seen[form] {
				t.Errorf("%s tells no period of the form %s", p.page, form)
			}
		}

		tables := map[string]bool{}
		numbers := strings.Fields(p.files)
		for i, kind := range policy.SchemaNames {
			text := chapter(t, page, numbers[i])
			var want []string
			for _, place := range policy.Grammar(kind) {
				if tables[place.Name] {
					continue
				}
				tables[place.Name] = true
				want = append(want, place.Name)
				if (place.Said.Chinese == "") != (place.Said.English == "") {
					t.Errorf("%s has a sentence in one language alone", place.Name)
				}
				_, table, ok := strings.Cut(text, "\n### `"+place.Name+"`\n")
				if !ok {
					t.Errorf("%s: no table of %s: make generate", p.page, place.Name)
					continue
				}
				table, _, _ = strings.Cut(table, "\n### ")
				var keys []string
				for _, k := range place.Keys {
					keys = append(keys, k.Name)
					if k.Said.Chinese == "" || k.Said.English == "" {
						t.Errorf("%s of %s has no sentence in one of the languages", k.Name, place.Name)
					}
				}
				sameWords(t, p.page+", "+place.Name, firstCells(table), keys)
				for _, line := range strings.Split(table, "\n") {
					if strings.HasPrefix(line, "| `") && strings.HasSuffix(line, "|  |") && !strings.HasPrefix(line, "| `town`") {
						t.Errorf("%s, %s: no page shows an example of this: %s", p.page, place.Name, line)
					}
				}
			}
			for _, m := range regexp.MustCompile("(?m)^### `(.+)`$").FindAllStringSubmatch(text, -1) {
				if !slices.Contains(want, m[1]) {
					t.Errorf("%s tells of %s, which the grammar does not have", p.page, m[1])
				}
			}
		}
	}
}
