package policy

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// SchemaNames are the kinds of file that Schema describes.
var SchemaNames = []string{"scheme", "vocabulary", "process", "template", "calendar"}

// Schema is the JSON Schema (draft 2020-12) of a kind of file, made from the grammar, for editors that complete and check while one writes.
// It knows less than the checker: which keys may stand where, words of closed lists, how numbers and dates are written. Nil for an unknown kind.
func Schema(name string) []byte {
	root, title := name, map[string]string{"scheme": "上林政策文件", "vocabulary": "上林词汇表", "process": "上林办理流程", "template": "上林文书模板", "calendar": "上林放假安排"}[name]
	if title == "" {
		return nil
	}
	if name == "scheme" {
		root = "document"
	}
	w := schemaWriter{defs: object{}}
	w.define(root)
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	_ = e.Encode(object{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, "$ref": "#/$defs/" + root, "$defs": w.defs})
	return out.Bytes()
}

type object map[string]any

type schemaWriter struct{ defs object }

// define writes a shape and all that it leads to.
func (w *schemaWriter) define(name string) object {
	if _, done := w.defs[name]; !done {
		w.defs[name] = object{}
		w.defs[name] = w.shape(shapes[name])
	}
	return object{"$ref": "#/$defs/" + name}
}

func (w *schemaWriter) shape(s *shape) object {
	var forms []any
	for _, name := range s.either {
		forms = append(forms, w.define(name))
	}
	if s.text != noText || s.enum != nil {
		forms = append(forms, textSchema(s))
	}
	if s.keys != nil || s.rest != "" {
		forms = append(forms, w.mapSchema(s))
	}
	if s.item != "" {
		forms = append(forms, object{"type": "array", "items": w.define(s.item)})
	}
	out := object{}
	if len(forms) == 1 {
		out = forms[0].(object)
	} else {
		out["anyOf"] = forms
	}
	if s.doc != "" {
		out["description"] = inBoth(s.doc)
	}
	return out
}

// inBoth is a sentence of the grammar in Chinese and, below it, in English.
func inBoth(chinese string) string { return chinese + "\n" + inEnglish[chinese] }

func (w *schemaWriter) mapSchema(s *shape) object {
	out := object{"type": "object", "additionalProperties": false}
	properties := object{}
	for _, k := range s.keys {
		under := w.define(k.shape)
		under["description"] = inBoth(k.doc)
		properties[k.name] = under
	}
	if len(properties) > 0 {
		out["properties"] = properties
	}
	if s.rest != "" {
		out["additionalProperties"] = w.define(s.rest)
	}
	var all []any
	if s.must != nil && s.unless == "" {
		out["required"] = s.must
	} else if s.must != nil {
		all = append(all, object{"anyOf": []any{object{"required": []string{s.unless}}, object{"required": s.must}}})
	}
	for _, group := range s.heads {
		var one []any
		for _, k := range group {
			one = append(one, object{"required": []string{k}})
		}
		all = append(all, object{"oneOf": one})
	}
	if all != nil {
		out["allOf"] = all
	}
	return out
}

// textSchema is what a text of the shape may be. What YAML reads as a number or a truth value is a text like any other, where no unit is missing.
func textSchema(s *shape) object {
	if s.enum != nil && s.text == noText {
		return object{"enum": s.enum}
	}
	text := func(pattern string) object { return object{"type": "string", "pattern": pattern} }
	const number = `[+-]?[0-9][0-9,.]*`
	switch s.text {
	case anyText:
		return object{"type": []string{"string", "number", "boolean"}}
	case nameText:
		return object{"type": []string{"string", "number"}, "pattern": `^\s*\S+\s*$`}
	case exprText:
		return text(`\S`)
	case literalText:
		return object{"type": "string", "pattern": `^\s*(manual|一事一议|not_found|(up to |最高|at least |不低于|至少)?\s*` + number + `\s*[万亿]?[^0-9\s万亿].*)$`}
	case countText:
		return object{"type": []string{"integer", "string"}, "minimum": 0, "pattern": `^\s*[0-9]+\s*$`}
	case valueText: // a number without its unit is the commonest slip
		return object{"type": "string", "not": object{"pattern": `^\s*(up to |最高|at least |不低于|至少)?\s*` + number + `\s*[万亿]?\s*$`}}
	case thresholdText:
		return object{"type": []string{"string", "number", "boolean"}, "not": object{"type": "string", "pattern": `^\s*` + number + `\s*[万亿]\s*$`}}
	case dateText:
		return object{"type": []string{"string", "integer"}, "pattern": `^\s*(not_found|[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)\s*$`}
	case yearText:
		return object{"type": []string{"string", "integer"}, "pattern": `^\s*(not_found|[0-9]{4})\s*$`, "minimum": firstYear, "maximum": lastYear}
	case periodText:
		var forms []string
		for _, form := range periodForms {
			forms = append(forms, strings.TrimSuffix(strings.TrimPrefix(form.String(), "^"), "$"))
		}
		return text(`^\s*(round|` + strings.ReplaceAll(strings.Join(forms, "|"), `\d`, "[0-9]") + `)\s*$`)
	case monthDay:
		return text(`^\s*(` + strings.TrimSuffix(strings.TrimPrefix(strings.ReplaceAll(monthDayText.String(), `\d`, "[0-9]"), "^"), "$") + "|" +
			strings.Join(s.enum, "|") + `)\s*$`)
	case daysText:
		return text(`^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}(\s*\.\.\s*[0-9]{4}-[0-9]{2}-[0-9]{2})?\s*$`)
	case reminderWord:
		return text(`^\s*(` + strings.TrimSuffix(strings.TrimPrefix(strings.ReplaceAll(reminderText.String(), `\d`, "[0-9]"), "^"), "$") + `)\s*$`)
	case timeText:
		return text(`^\s*[0-9]{1,` + strconv.Itoa(len(strconv.Itoa(maxWithin))) + `}\s*个?(` + strings.Join(ProcessUnits, "|") + `)\s*$`)
	}
	return object{}
}
