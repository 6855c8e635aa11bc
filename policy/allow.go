package policy

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// allowKey lets a reminder pass, with a reason that readers see: allow: [{lint: uncapped, reason: 原文没有上限, by: 张三}]. It stands in the
// document, scheme, condition, value or limit that it speaks of, and holds for all that is written there.
const allowKey = "allow"

// Allowance is a reminder that somebody let pass, with the reason.
type Allowance struct {
	Lint   string `json:"lint"`
	Reason string `json:"reason"`
	By     string `json:"by"`
}

// allowance is one item of an allow: with the node that it speaks of.
type allowance struct {
	Allowance
	at   node
	of   node
	used bool
}

// allow reads an allow: of a node, once.
func (c *checker) allow(of, n node) {
	if n.Node == nil || c.seen == nil || c.seen[n.Node] {
		return
	}
	c.seen[n.Node] = true
	for _, item := range n.oneOrMore() {
		if !item.isMap() {
			c.errorAt(item, "allow 应写作 [{lint: 提醒的编号, reason: 为什么可以, by: 谁}]。")
			continue
		}
		c.keys(item, "allowance")
		a := &allowance{Allowance{item.get("lint").text(), item.get("reason").text(), item.get("by").text()}, item, of, false}
		switch {
		case a.Lint == lintUnusedAllow || !slices.Contains(lintIDs, a.Lint):
			c.errorAt(item, "没有编号为“%s”的提醒，编号写在提醒末尾的方括号里%s", clip(a.Lint), suggest(a.Lint, lintIDs))
			continue
		case a.Reason == "" || a.By == "":
			c.errorAt(item, "allow 请写明 reason（为什么可以）和 by（谁说的），读者看得到。")
			continue
		}
		c.allowed = append(c.allowed, a)
	}
}

// extent is the part of a file that a node takes, with the key that it stands under.
type extent struct{ from, to place }

type place struct{ line, column int }

func (a place) before(b place) bool {
	return a.line < b.line || a.line == b.line && a.column < b.column
}

func extentOf(n *yaml.Node) extent {
	e := extent{place{n.Line, n.Column}, place{n.Line, n.Column}}
	for _, child := range n.Content {
		if x := extentOf(child); e.to.before(x.to) {
			e.to = x.to
		}
	}
	return e
}

// keyAbove is the key that a node of a file stands under, or the node itself.
func (c *checker) keyAbove(of node) *yaml.Node {
	found := of.Node
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		for i, child := range n.Content {
			if child == of.Node && n.Kind == yaml.MappingNode && i%2 == 1 {
				found = n.Content[i-1]
			}
			walk(child)
		}
	}
	for _, root := range c.roots {
		if root.file == of.file {
			walk(root.Node)
		}
	}
	return found
}

// silence takes out every reminder that is allowed where it stands.
func (c *checker) silence() {
	if len(c.allowed) == 0 {
		return
	}
	extents := make([]extent, len(c.allowed))
	for i, a := range c.allowed {
		extents[i] = extentOf(a.of.Node)
		if key := c.keyAbove(a.of); key != nil {
			extents[i].from = place{key.Line, key.Column}
		}
	}
	c.ps.list = slices.DeleteFunc(c.ps.list, func(p Problem) bool {
		if p.Severity != SeverityWarning || p.Lint == "" {
			return false
		}
		here, silent := place{p.Line, p.Column}, false
		for i, a := range c.allowed {
			e := extents[i]
			if a.Lint == p.Lint && a.of.file == p.File && !here.before(e.from) && !e.to.before(here) {
				a.used, silent = true, true
			}
		}
		return silent
	})
}

func (c *checker) unusedAllowances() {
	for _, a := range c.allowed {
		if !a.used {
			c.warnAt(a.at, lintUnusedAllow, "这里没有“%s”这种提醒，请删去这一项 allow。", a.Lint)
		}
	}
}

// allowances are what is let pass in a scheme, in the clauses it reissues, and in its document as a whole.
func (s *Scheme) allowances() []Allowance {
	out := []Allowance{}
	take := func(n node) {
		for _, item := range n.get(allowKey).oneOrMore() {
			a := Allowance{item.get("lint").text(), item.get("reason").text(), item.get("by").text()}
			if !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	var walk func(n node)
	walk = func(n node) {
		take(n)
		for _, e := range n.entries() {
			if e.key != "examples" {
				walk(e.value)
			}
		}
		for _, item := range n.items() {
			walk(item)
		}
	}
	take(s.doc.root)
	walk(s.doc.root.get("common"))
	for id, seen := s.id, map[string]bool{}; id != "" && !seen[id]; {
		seen[id] = true
		n := s.doc.lib.index[id]
		walk(n)
		id = n.get("from").text()
	}
	return out
}
