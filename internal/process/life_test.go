package process

import (
	"os"
	"slices"
	"strings"
	"testing"

	"shanglin/internal/platform/fault"
	"shanglin/policy"
)

// Three years of a licence in a second: what testdata/life.txt says, line by line.
//
// Mutations: leave Since out of runOf; leave the pauses out of limitOf; count the extension for nothing in total; take 30 for 60 days before the
// end in the file; move a day off the other way; take the certificate's last day itself for too late → red, each at its line.
func TestLife(t *testing.T) {
	script, err := os.ReadFile("testdata/life.txt")
	if err != nil {
		t.Fatal(err)
	}
	forEach(t, func(t *testing.T, h *house) {
		h.days = map[string]policy.Date{}
		h.forget()
		for i, line := range strings.Split(string(script), "\n") {
			if line == "" || line[0] == '#' {
				continue
			}
			h.line(strings.Split(line, "|"))
			if t.Failed() {
				t.Fatalf("line %d: %s", i+1, line)
			}
		}
		h.clean()
	})
}

// line does what a line of the script says, or holds what is so to it.
func (h *house) line(words []string) {
	h.t.Helper()
	w := make([]string, 5)
	for i, word := range words {
		w[i] = strings.TrimSpace(word)
	}
	limit := func(subject, task string) *Limit {
		for _, t := range h.view("firm1", "case", subject).Tasks {
			if t.Key == task {
				return t.Limit
			}
		}
		h.t.Fatalf("no task %s of %s", task, subject)
		return nil
	}
	switch w[0] {
	case "begin":
		if w[4] != "" {
			h.set(w[4])
		}
		data, err := os.ReadFile("../../schemes/national/" + w[3])
		h.must(err)
		h.hash = h.keepText(w[3], string(data))
		h.begin(w[1], w[2], "")
	case "expiry":
		d, err := policy.ParseDate(w[2])
		h.must(err)
		h.days[w[1]] = d
	case "tick":
		h.set(w[1])
		h.must(h.e.Tick(h.root))
	case "at":
		h.at(w[1], w[2])
	case "due":
		if got := limit(w[1], w[2]); got == nil || got.Due != w[3] {
			h.t.Errorf("%+v", got)
		}
	case "why":
		if got := limit(w[1], w[2]).Why; !slices.ContainsFunc(got, func(r Reason) bool { return strings.Contains(r.Text, w[3]) }) {
			h.t.Errorf("%+v", got)
		}
	case "note":
		if got := limit(w[1], w[2]).Why; !slices.ContainsFunc(got, func(r Reason) bool { return strings.Contains(r.Note, w[3]) }) {
			h.t.Errorf("%+v", got)
		}
	case "halted":
		if got := h.view("firm1", "case", w[1]).Halted; len(got) != 1 || got[0].Text != w[2] || len(got[0].Why) == 0 {
			h.t.Errorf("%+v", got)
		}
	case "told":
		if !slices.ContainsFunc(h.told, func(x told) bool {
			return slices.Contains(x.accounts, w[1]) && (strings.Contains(x.note.Body, w[2]) || strings.Contains(x.note.Title, w[2]))
		}) {
			h.t.Errorf("%+v", h.told)
		}
	case "refused":
		err := h.try(w[1], "case", w[2], w[3], because("理由"))
		if err == nil || !strings.Contains(fault.Public(err).Message, w[4]) {
			h.t.Errorf("%v", err)
		}
	default:
		h.set(w[0])
		h.ok(w[1], "case", w[2], w[3], because(w[4]))
	}
}
