package schemefiles_test

import (
	"bytes"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"shanglin/policy"
	schemefiles "shanglin/schemes"
)

func schemas(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	out := map[string]*jsonschema.Schema{}
	for _, name := range policy.SchemaNames {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(policy.Schema(name)))
		if err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		if err := c.AddResource(name+".json", doc); err != nil {
			t.Fatal(err)
		}
		if out[name], err = c.Compile(name + ".json"); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

var number = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

// asEditor is a file as an editor reads it: by the core schema of YAML 1.2, where a date is a text.
func asEditor(t *testing.T, data []byte) any {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	var value func(n *yaml.Node) any
	value = func(n *yaml.Node) any {
		switch n.Kind {
		case yaml.MappingNode:
			out := map[string]any{}
			for i := 0; i+1 < len(n.Content); i += 2 {
				out[n.Content[i].Value] = value(n.Content[i+1])
			}
			return out
		case yaml.SequenceNode:
			out := []any{}
			for _, c := range n.Content {
				out = append(out, value(c))
			}
			return out
		}
		switch {
		case n.Style != 0:
		case n.Value == "" || n.Value == "~" || n.Value == "null":
			return nil
		case n.Value == "true" || n.Value == "false":
			return n.Value == "true"
		case number.MatchString(n.Value):
			f, err := strconv.ParseFloat(n.Value, 64)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		return n.Value
	}
	return value(doc.Content[0])
}

func kindOf(data string) string {
	switch {
	case strings.Contains("\n"+data, "\nvocabulary:"):
		return "vocabulary"
	case strings.Contains("\n"+data, "\ndocument:"):
		return "scheme"
	case strings.Contains("\n"+data, "\ntemplate:"):
		return "template"
	case strings.Contains("\n"+data, "\ncalendar:"):
		return "calendar"
	}
	return "process"
}

// TestSchemaTakesEveryFile: what the checker takes, an editor must not mark.
func TestSchemaTakesEveryFile(t *testing.T) {
	all := schemas(t)
	names, err := fs.Glob(schemefiles.Files, "*/*.yaml")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(schemefiles.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := all[kindOf(string(data))].Validate(asEditor(t, data)); err != nil {
			t.Errorf("%s: %#v", name, err)
		}
	}
}

// TestSchemaRefusesSlips: the slips that an editor is to mark while one writes.
func TestSchemaRefusesSlips(t *testing.T) {
	all := schemas(t)
	const scheme = "document: d\ntitle: t\nnumber: not_found\ndates: {published: 2025-01-01}\nrounding: {to: 0.01元, mode: down}\nperiods: {当年: P}\n" +
		"schemes:\n  甲:\n    title: t\n    cite: not_found\n    for: 企业\n    kind: money\n" +
		"    require: {of: 指标@当年, at_least: 100万元}\n    amount: {give: 500元, per: 100万元, remainder: drop, of: 指标@当年, then: [{at_most: 30万元}]}\n" +
		"    examples:\n    - {P: 2025, given: {}, expect: {answer: unknown}}\n"
	const vocabulary = "vocabulary: v\nterms:\n  指标: {of: 企业, unit: 元, every: 年, at_least: 0元}\n"
	const process = "process: p\ntitle: t\nstarts: applicant\ncase:\n  stages:\n    甲: {public: x, who: officer, within: {time: 5工作日, basis: b}, actions: {乙: {to: 甲, needs: confirm, do: submit}}}\n"
	for _, text := range []string{scheme, vocabulary, process} {
		if err := all[kindOf(text)].Validate(asEditor(t, []byte(text))); err != nil {
			t.Fatalf("%#v", err)
		}
	}
	for _, c := range []struct{ text, right, wrong string }{
		{scheme, "at_least: 100万元}", "at_lest: 100万元}"},
		{scheme, "at_least: 100万元}", "at_least: 100万}"},
		{scheme, "kind: money", "kind: mony"},
		{scheme, "    kind: money\n", ""},
		{scheme, "title: t\nnumber", "number"},
		{scheme, "mode: down", "mode: floor"},
		{scheme, "remainder: drop", "remainder: round"},
		{scheme, "give: 500元", "give: 500"},
		{scheme, "give: 500元", "give: 500万"},
		{scheme, "per: 100万元", "per: 100万"},
		{scheme, "then: [{at_most: 30万元}]", "then: {at_most: 30万元}"},
		{scheme, "then: [{at_most: 30万元}]", "then: [{at_most: 30万元, less: 1元}]"},
		{scheme, "{of: 指标@当年, at_least: 100万元}", "{of: 指标@当年, has: 名单@当年}"},
		{scheme, "{of: 指标@当年, at_least: 100万元}", "[{of: 指标@当年, at_least: 100万元}]"},
		{scheme, "published: 2025-01-01", "published: 2025/1/1"},
		{scheme, "当年: P}", "当年: 2025}"},
		{scheme, "P: 2025", "P: 25"},
		{scheme, "answer: unknown", "answer: yes"},
		{scheme, "expect: {answer: unknown}", "wanted: {answer: unknown}"},
		{vocabulary, "unit: 元", "units: 元"},
		{vocabulary, "of: 企业, ", ""},
		{vocabulary, "every: 年", "every: 月"},
		{vocabulary, "at_least: 0元", "at_least: 0"},
		{process, "starts: applicant", "starts: 申请人"},
		{process, "5工作日", "5天"},
		{process, "who: officer", "who: clerk"},
		{process, "do: submit", "do: [submit, jump]"},
		{process, "public: x, ", ""},
	} {
		text := strings.Replace(c.text, c.right, c.wrong, 1)
		if text == c.text {
			t.Fatalf("%q does not stand in the file", c.right)
		}
		if all[kindOf(text)].Validate(asEditor(t, []byte(text))) == nil {
			t.Errorf("took %q for %q", c.wrong, c.right)
		}
	}
}
