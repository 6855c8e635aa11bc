package main

import (
	"io"
	"strings"

	"shanglin/policy"
)

// The wording of `shanglin evaluate --explain`: the same explanation that the pages show, as text.

func (r *report) explain(w io.Writer) error {
	l := &lines{w: w}
	if r.Party != "" {
		l.say(0, "%s", r.Party)
	}
	l.say(0, "%s", r.On)
	for i, got := range r.Results {
		x := got.Explanation
		l.say(0, "")
		l.say(0, "%d. %s [%s]", i+1, x.Title, got.Scheme)
		l.say(1, "%s", x.Short)
		for _, s := range x.Sections {
			l.say(1, "【%s】", s.Title)
			for _, line := range s.Lines {
				writeLine(l, x.Lang, line, 2)
			}
		}
	}
	return l.err
}

func writeLine(l *lines, lang string, x policy.Line, indent int) {
	mark := "·"
	if x.Answer != nil {
		mark = marks[*x.Answer]
		if *x.Answer == policy.Manual && lang == policy.English.String() {
			mark = "to judge:"
		}
	}
	text := mark + " " + x.Text
	if x.Original != "" {
		text += " “" + x.Original + "”"
	}
	if len(x.Notes) > 0 {
		text += " — " + strings.Join(x.Notes, "; ")
	}
	l.say(indent, "%s", text)
	for _, inner := range x.Lines {
		writeLine(l, lang, inner, indent+1)
	}
}
