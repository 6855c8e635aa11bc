package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// corpus is every real file as a tree, with what stands under each key anywhere: what a mutation puts in elsewhere.
type corpus struct {
	files     []File
	trees     []*yaml.Node
	documents []int // places in files
	needs     map[int][]int
	under     map[string][]*yaml.Node
	keys      []string
	scalars   []*yaml.Node
}

func readCorpus(tb testing.TB) *corpus {
	tb.Helper()
	c := &corpus{files: realFiles(tb), needs: map[int][]int{}, under: map[string][]*yaml.Node{}}
	var rest []int // vocabularies: every document needs them
	ids, processes := map[int]string{}, map[int]string{}
	for i, f := range c.files {
		var ps problems
		root, ok := readYAML(f, &ps)
		if !ok {
			tb.Fatal(ps.list)
		}
		c.trees = append(c.trees, root.Node)
		var collect func(n *yaml.Node)
		collect = func(n *yaml.Node) {
			for k, child := range n.Content {
				if n.Kind == yaml.MappingNode && k%2 == 0 {
					c.under[child.Value] = append(c.under[child.Value], n.Content[k+1])
					continue
				}
				if child.Kind == yaml.ScalarNode {
					c.scalars = append(c.scalars, child)
				}
				collect(child)
			}
		}
		collect(root.Node)
		if id := root.get("document").text(); id != "" {
			c.documents = append(c.documents, i)
			ids[i] = id
		} else if id := root.get("process").text(); id != "" {
			processes[i] = id
		} else {
			rest = append(rest, i)
		}
	}
	c.keys = sortedKeys(c.under)
	for _, i := range c.documents {
		seen := map[int]bool{i: true}
		for queue := []int{i}; len(queue) > 0; queue = queue[1:] {
			text := string(c.files[queue[0]].Data)
			for other, id := range ids {
				if !seen[other] && (strings.Contains(text, id+"/") || strings.Contains(text, "from: "+id+"\n")) {
					seen[other] = true
					queue = append(queue, other)
				}
			}
			for other, id := range processes { // a process may look at what only the documents that go by it know
				if !seen[other] && strings.Contains(text, id) {
					seen[other] = true
					queue = append(queue, other)
				}
			}
		}
		delete(seen, i)
		for other := range seen {
			c.needs[i] = append(c.needs[i], other)
		}
		c.needs[i] = append(c.needs[i], rest...)
		slices.Sort(c.needs[i])
	}
	return c
}

func cloned(n *yaml.Node) *yaml.Node {
	out := *n
	out.Content = nil
	for _, c := range n.Content {
		out.Content = append(out.Content, cloned(c))
	}
	return &out
}

// treeSpot is one value of a tree: where it hangs, and the key it hangs under, or that of the list it is in.
type treeSpot struct {
	parent *yaml.Node
	at     int
	key    string
}

func (s treeSpot) node() *yaml.Node { return s.parent.Content[s.at] }

func spots(root *yaml.Node) []treeSpot {
	var out []treeSpot
	var walk func(n *yaml.Node, key string)
	walk = func(n *yaml.Node, key string) {
		for i, c := range n.Content {
			if n.Kind == yaml.MappingNode {
				if i%2 == 0 {
					continue
				}
				key = n.Content[i-1].Value
			}
			out = append(out, treeSpot{n, i, key})
			walk(c, key)
		}
	}
	walk(root, "")
	return out
}

var figureInText = regexp.MustCompile(`-?[0-9]+(?:\.[0-9]+)?`)

// mutate changes one thing of a tree as a hand, a copy or a broken tool might.
func (c *corpus) mutate(r *rand.Rand, root *yaml.Node) {
	all := spots(root)
	if len(all) == 0 {
		return
	}
	pick := func() treeSpot { return all[r.IntN(len(all))] }
	s := pick()
	n := s.node()
	text := func(fits func(string) bool) bool { // a scalar that fits
		for range 60 {
			if s = pick(); s.node().Kind == yaml.ScalarNode && fits(s.node().Value) {
				n = s.node()
				return true
			}
		}
		return false
	}
	say := func(v string) { s.parent.Content[s.at] = &yaml.Node{Kind: yaml.ScalarNode, Value: v} }
	switch r.IntN(17) {
	case 0: // two values change places
		o := pick()
		if !inside(s.node(), o.node()) && !inside(o.node(), s.node()) {
			a, b := s.node(), o.node()
			s.parent.Content[s.at], o.parent.Content[o.at] = b, a
		}
	case 1: // two values under one key change places
		for range 200 {
			if o := pick(); o.key == s.key && !inside(s.node(), o.node()) && !inside(o.node(), s.node()) {
				a, b := s.node(), o.node()
				s.parent.Content[s.at], o.parent.Content[o.at] = b, a
				break
			}
		}
	case 2: // a key or an item is left out
		if s.parent.Kind == yaml.MappingNode {
			s.parent.Content = slices.Delete(s.parent.Content, s.at-1, s.at+1)
		} else {
			s.parent.Content = slices.Delete(s.parent.Content, s.at, s.at+1)
		}
	case 3: // an item or a key is there twice
		if s.parent.Kind == yaml.SequenceNode {
			s.parent.Content = slices.Insert(s.parent.Content, s.at, cloned(n))
			return
		}
		key := *s.parent.Content[s.at-1]
		if r.IntN(3) > 0 {
			key.Value += []string{"甲", "2", " "}[r.IntN(3)]
		}
		s.parent.Content = append(s.parent.Content, &key, cloned(n))
	case 4: // a scalar from elsewhere
		if text(func(string) bool { return true }) {
			say(c.scalars[r.IntN(len(c.scalars))].Value)
		}
	case 5, 6, 7: // another figure
		if text(func(v string) bool { return figureInText.MatchString(v) }) {
			figures := []string{"0", "-1", "1", "3", "99999999999", "1" + strings.Repeat("0", 40), "0." + strings.Repeat("0", 30) + "1", "0.005", "33.3333", "9223372036854775807", "92233720368547758.07"}
			places := figureInText.FindAllStringIndex(n.Value, -1)
			p := places[r.IntN(len(places))]
			say(n.Value[:p[0]] + figures[r.IntN(len(figures))] + n.Value[p[1]:])
		}
	case 8: // another unit
		units := []string{"万元", "亿元", "元", "%", "‰", "百分点", "分", "年", "月", "日", "人", "项", "次"}
		if text(func(v string) bool {
			return slices.ContainsFunc(units, func(u string) bool { return strings.HasSuffix(v, u) })
		}) {
			for _, u := range units {
				if strings.HasSuffix(n.Value, u) {
					say(strings.TrimSuffix(n.Value, u) + units[r.IntN(len(units))])
					break
				}
			}
		}
	case 9, 10, 11: // what stands under this key somewhere else
		if from := c.under[s.key]; len(from) > 0 {
			s.parent.Content[s.at] = cloned(from[r.IntN(len(from))])
		}
	case 12: // a key with its value from anywhere
		if s.parent.Kind == yaml.MappingNode {
			key := c.keys[r.IntN(len(c.keys))]
			s.parent.Content = append(s.parent.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, cloned(c.under[key][r.IntN(len(c.under[key]))]))
		}
	case 13: // deeper
		for range []int{1, 2, 25, 60}[r.IntN(4)] {
			wrap := &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{n}}
			if key := []string{"all", "any", "none", "sum", "highest", "give"}[r.IntN(6)]; r.IntN(4) > 0 {
				if key == "give" {
					wrap = n
				}
				wrap = &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: key}, wrap}}
			}
			n = wrap
		}
		s.parent.Content[s.at] = n
	case 14: // empty
		s.parent.Content[s.at] = []*yaml.Node{{Kind: yaml.ScalarNode}, {Kind: yaml.SequenceNode}, {Kind: yaml.MappingNode}}[r.IntN(3)]
	case 15: // another operator, function or word of the language
		words := [][]string{operators, functions, {"all", "any", "none"}, {"drop", "up", "prorate"}, {"down", "half_up"}, {"P", "A", "P-1", "A-1"}}
		for range 100 {
			list := words[r.IntN(len(words))]
			at := r.IntN(len(list))
			if s = pick(); s.parent.Kind == yaml.MappingNode && slices.Contains(list, s.parent.Content[s.at-1].Value) {
				key := *s.parent.Content[s.at-1]
				key.Value = list[at]
				s.parent.Content[s.at-1] = &key
				return
			}
			if v := s.node().Value; s.node().Kind == yaml.ScalarNode {
				for _, old := range list {
					if v == old || len(old) > 2 && strings.HasPrefix(v, old+"(") {
						say(list[at] + strings.TrimPrefix(v, old))
						return
					}
				}
			}
		}
	case 16: // a bit of text of a scalar left out, doubled, or turned round
		if text(func(v string) bool { return len(v) > 1 }) {
			runes := []rune(n.Value)
			i := r.IntN(len(runes))
			j := i + 1 + r.IntN(min(4, len(runes)-i))
			say([]string{string(runes[:i]) + string(runes[j:]), string(runes[:j]) + string(runes[i:]), string(runes[j:]) + string(runes[:j]),
				string(runes[:i]) + "(" + string(runes[i:j]) + ")" + string(runes[j:])}[r.IntN(4)])
		}
	}
}

func inside(a, b *yaml.Node) bool {
	return a == b || slices.ContainsFunc(a.Content, func(c *yaml.Node) bool { return inside(c, b) })
}

// mutant is a real document, or a few of its clauses, with one to three things changed, and the files that it needs.
func (c *corpus) mutant(r *rand.Rand) ([]File, string, bool) {
	i := c.documents[r.IntN(len(c.documents))]
	root := cloned(c.trees[i])
	if schemes := (node{root, ""}).get("schemes"); r.IntN(4) > 0 && schemes.is() {
		for len(schemes.Content) > 6 {
			at := r.IntN(len(schemes.Content)/2) * 2
			schemes.Content = slices.Delete(schemes.Content, at, at+2)
		}
	}
	target := root
	if list := (node{root, ""}).get("schemes").entries(); r.IntN(4) > 0 && len(list) > 0 { // the head is short; what is done to it spoils all
		target = list[r.IntN(len(list))].value.Node
	}
	for range 1 + r.IntN(3) {
		c.mutate(r, target)
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(root); err != nil {
		return nil, "", false
	}
	needs := c.needs[i]
	files := []File{{c.files[i].Path, out.Bytes()}}
	for _, k := range needs {
		files = append(files, c.files[k])
	}
	return files, (node{root, ""}).get("document").text(), true
}

// sentenced refuses a problem without a place, or without a sentence that ends as one.
func sentenced(t *testing.T, ps []Problem) {
	t.Helper()
	for _, p := range ps {
		if p.File == "" || p.Line < 1 || p.Column < 1 || !strings.HasSuffix(p.Message, "。") && !strings.HasSuffix(p.Message, "？") ||
			utf8.RuneCountInString(p.Message) > 700 || !utf8.ValidString(p.Message) || strings.Contains(p.Message, "%!") {
			t.Fatalf("a problem without place or sentence: %+v", p)
		}
	}
}

var onlyExamples = regexp.MustCompile(`至少写一个 examples`)

// usable says whether a library has no error but for what its examples are.
func usable(ps []Problem) bool {
	return !slices.ContainsFunc(ps, func(p Problem) bool { return p.Severity == SeverityError && !onlyExamples.MatchString(p.Message) })
}

// tried puts a mutant through everything that reads a file. It returns whether the mutant could be used.
func (c *corpus) tried(t *testing.T, r *rand.Rand, files []File, id string) bool {
	lib, ps := Load(files)
	sentenced(t, ps)
	again, checked := Check(slices.Clone(files))
	sentenced(t, checked)
	if !usable(ps) && !HasErrors(checked) {
		t.Fatalf("check misses what load refuses: %v", ps)
	}
	out, fps := Format(files[0])
	sentenced(t, fps)
	if fps == nil {
		twice, ps := Format(File{files[0].Path, out})
		if ps != nil || !bytes.Equal(out, twice) {
			t.Fatalf("fmt of fmt: %v\n%s\nbecame\n%s", ps, out, twice)
		}
	}
	if !usable(ps) {
		return false
	}
	doc := lib.Document(id)
	if doc == nil {
		return false
	}
	Diff(lib, again)
	lib.Bounds(idsOf(doc.schemes))
	for _, s := range doc.schemes {
		lib.Parameters(s.id)
	}
	q := Question{On: NewDate(2022+r.IntN(5), 1+r.IntN(12), 1+r.IntN(28)), Batch: []string{"", "第四批", "第九批"}[r.IntN(3)]}
	if r.IntN(2) == 0 {
		q.Performance = 2021 + r.IntN(5)
	}
	if len(doc.schemes) == 0 {
		return true
	}
	parties := randomParties(t, r, lib, doc.schemes, q.On, 6)
	checkColumns(t, lib, doc.schemes, q, parties)
	told := func(lib *Library) string {
		var b strings.Builder
		for _, s := range lib.Document(id).schemes {
			for _, lang := range []Lang{Chinese, English} {
				d := s.DescribeIn(lang)
				if HasErrors(checked) { // what an example says is looked at when it is run
					d.Examples = nil
				}
				text, err := json.Marshal(d)
				if err != nil {
					t.Fatal(err)
				}
				b.Write(text)
			}
			for _, f := range parties {
				one := q
				one.Facts, one.Explain = f.Over(lib.vocabulary), true
				x := s.Evaluate(one)
				text, err := json.Marshal(x)
				if err != nil {
					t.Fatal(err)
				}
				b.Write(text)
				for _, lang := range []Lang{Chinese, English} {
					text, err := json.Marshal(s.Explanation(x, lang))
					if err != nil {
						t.Fatal(err)
					}
					b.Write(text)
				}
				b.WriteString("\n")
			}
		}
		return b.String()
	}
	if fps == nil {
		tidied := slices.Clone(files)
		tidied[0].Data = out
		other, ops := Load(tidied)
		if !usable(ops) {
			t.Fatalf("fmt broke it: %v\n%s", ops, out)
		}
		if was, now := told(lib), told(other); was != now {
			a, b := strings.Split(was, "\n"), strings.Split(now, "\n")
			for i := range min(len(a), len(b)) {
				if a[i] != b[i] {
					t.Fatalf("fmt changed what is said:\n%s\nbecame\n%s", a[i], b[i])
				}
			}
			t.Fatal("fmt changed what is said")
		}
	}
	round := Round{ID: "一", On: q.On, Performance: q.Performance, Batch: q.Batch, Funds: map[string]Fen{}}
	for _, fund := range doc.root.get("funds").oneOrMore() {
		round.Funds[fund.text()] = Fen(r.IntN(1_000_000_000))
	}
	for i, f := range parties {
		for k, s := range doc.schemes {
			if r.IntN(3) > 0 {
				claim := Claim{ID: fmt.Sprintf("%d-%d", i, k), Party: fmt.Sprint(i / 2), Scheme: s.id, Facts: f, Submitted: fmt.Sprint(r.IntN(3)), Judged: r.IntN(2) == 0}
				if r.IntN(2) == 0 {
					sum := Fen(r.IntN(100_000_000))
					claim.Decided = &sum
				}
				round.Claims = append(round.Claims, claim)
			}
		}
	}
	got, err := lib.Settle(round)
	slices.Reverse(round.Claims)
	turned, err2 := lib.Settle(round)
	if err == nil && err2 == nil {
		byClaim := func(a, b Settled) int { return strings.Compare(a.Claim, b.Claim) }
		slices.SortFunc(got, byClaim)
		slices.SortFunc(turned, byClaim)
	}
	if (err == nil) != (err2 == nil) || !reflect.DeepEqual(got, turned) {
		t.Fatalf("the order of the claims matters: %v %v\n%+v\n%+v", err, err2, got, turned)
	}
	for _, y := range got {
		if y.Amount < 0 || y.Open && (y.Amount != 0 || y.Why == "") {
			t.Fatalf("%+v", y)
		}
	}
	return true
}

func idsOf(schemes []*Scheme) []string {
	var out []string
	for _, s := range schemes {
		out = append(out, s.id)
	}
	return out
}

func (c *corpus) try(t *testing.T, a, b uint64) bool {
	r := rand.New(rand.NewPCG(a, b))
	files, id, ok := c.mutant(r)
	if !ok {
		return false
	}
	done := false
	defer func() {
		if t.Failed() || !done {
			if !t.Failed() {
				t.Errorf("a panic")
			}
			t.Logf("seed %d, %d: %s\n%s", a, b, files[0].Path, files[0].Data)
		}
	}()
	used := c.tried(t, r, files, id)
	done = true
	return used
}

// TestMutants changes real files at random, one to three places each. What the change makes is refused with a place and a sentence, or it is
// laid out in one way, says the same before and after, is answered by both engines alike, and is settled whatever the order of the claims.
func TestMutants(t *testing.T) {
	c := readCorpus(t)
	used := 0
	const n = 60
	for seed := range uint64(n) {
		if c.try(t, seed, 77) {
			used++
		}
	}
	t.Logf("%d of %d could be used", used, n)
	if used < n/10 {
		t.Errorf("only %d of %d mutants could be used: do the mutations still leave anything whole?", used, n)
	}
}

// FuzzMutants: the same for whatever seed.
func FuzzMutants(f *testing.F) {
	c := readCorpus(f)
	for seed := range uint64(8) {
		f.Add(seed, uint64(1))
	}
	f.Add(uint64(1972), uint64(77))        // a remainder that is no word
	f.Add(uint64(510669), uint64(5617364)) // a field of a grant that is no word
	f.Add(uint64(76), uint64(211))         // an example of a long rating, of which everything is missing
	f.Fuzz(func(t *testing.T, a, b uint64) { c.try(t, a, b) })
}
