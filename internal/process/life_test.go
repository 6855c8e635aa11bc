package process

import (
	"fmt"
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

// When the clock looks, how often, and in what order of cases, makes no difference to where limits end: what is deemed accepted counts from
// receipt, whenever that was seen.
//
// Mutation: count from the step of the lapse in runOf → red.
func TestSweepsInAnyOrder(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		data, err := os.ReadFile("../../schemes/national/process-dispatch-apply.yaml")
		h.must(err)
		h.hash = h.keepText("apply.yaml", string(data))
		p, err := h.e.Process(h.root, h.hash)
		h.must(err)
		flow := p.Flow("case")
		first := flow.Stage(flow.Start)
		hand, desk := first.Tasks[0].Actions[0].Key, flow.Stage(first.Tasks[0].Actions[0].To)
		deemed := flow.Stage(actionOf(desk.Tasks[0], desk.Tasks[0].Within.Lapse).To)
		var ids []string
		for i, day := range []string{"2023-04-17", "2023-04-18", "2023-04-14", "2023-04-17", "2023-04-23"} {
			id := fmt.Sprint("c", i)
			ids = append(ids, id)
			h.set(day + " 09:00")
			h.begin(id, "p1", "")
			h.ok("firm1", "case", id, hand)
		}
		// Twenty working days from each, by hand: see life.txt for the 17th; from the 14th one less than from the 17th ends on the 15th; from the
		// 18th the 17th; from Sunday the 23rd (which is worked, and does not count) 24 is the first: 24 to 28 are five, 4, 5, 6 eight, 8 to 12
		// thirteen, 15 to 19 eighteen, 22, 23 twenty.
		want := map[string]string{"c0": "2023-05-16", "c1": "2023-05-17", "c2": "2023-05-15", "c3": "2023-05-16", "c4": "2023-05-23"}
		for _, moment := range []string{"2023-04-23 00:00", "2023-04-26 07:00", "2023-04-29 23:00", "2023-05-04 00:00", "2023-05-04 00:00"} {
			h.set(moment)
			for _, err := range at16(func(int) error { return h.e.Tick(h.root) }) {
				h.must(err)
			}
		}
		for _, id := range ids {
			h.at(id, deemed.Key)
			if got := h.task(id, deemed.Tasks[0].Key); got.Due != want[id] {
				t.Errorf("%s: due %s, want %s", id, got.Due, want[id])
			}
			if n := h.count(`SELECT COUNT(*) FROM process_steps AS s JOIN process_instances AS i ON i.id = s.instance WHERE i.subject = ? AND s.kind = 'lapse'`, id); n != 1 {
				t.Errorf("%s lapsed %d times", id, n)
			}
		}
		h.clean()
	})
}
