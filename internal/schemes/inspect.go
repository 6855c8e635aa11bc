package schemes

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/policy"
)

// Inspection is what a proposal would come to: what is wrong with the whole set that would result, or how that differs from the set
// that it was made from.
type Inspection struct {
	Base      string              `json:"base" doc:"the publication it was compared with; empty: none yet"`
	Files     []FileChange        `json:"files" nullable:"false"`
	Problems  []Flaw              `json:"problems" nullable:"false"`
	Errors    int                 `json:"errors" doc:"problems that keep it from being published"`
	Changes   []policy.Difference `json:"changes" nullable:"false" doc:"what changes for those who apply, a sentence each"`
	Documents []Compared          `json:"documents" nullable:"false"`
	Schemes   []Compared          `json:"schemes" nullable:"false"`
	Processes []Compared          `json:"processes" nullable:"false"`
	Charts    []Charted           `json:"charts" nullable:"false" doc:"of each process that is new or changed, as it would be"`
	Calendars []YearChange        `json:"calendars" nullable:"false"`
}

// Charted is a process as a diagram.
type Charted struct {
	ID     string         `json:"id"`
	Title  string         `json:"title"`
	Path   string         `json:"path"`
	Charts []policy.Chart `json:"charts" nullable:"false" doc:"its flows; stages that differ from the edition in use are marked"`
}

// FileChange is a file that would be added, changed or removed.
type FileChange struct {
	Path    string     `json:"path"`
	Change  string     `json:"change" enum:"added,changed,removed"`
	Hash    string     `json:"hash" doc:"sha256 of the new file, hex; of the old one if it is removed"`
	Lines   []DiffLine `json:"lines" nullable:"false" doc:"of a changed file: the lines that differ, with a few around them"`
	Clipped bool       `json:"clipped" doc:"more lines differ than are shown"`
}

// Flaw is something wrong with the set that would result, and where.
type Flaw struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Severity string `json:"severity" enum:"error,warning"`
	Message  string `json:"message"`
	Own      bool   `json:"own" doc:"it stands in a file of the proposal"`
	Text     string `json:"text,omitempty" doc:"the line itself, for whoever sent the file"`
}

// How much of a changed file is shown.
const (
	linesAround = 3
	linesAtMost = 1500
	quoteAtMost = 1000 // characters of a line
)

// Inspect tells an administrator what a proposal would come to. Nothing is kept.
// Forbidden to all others; Invalid if a path is none, TooLarge, Conflict if the proposal was made from another set than the one in use.
func Inspect(ctx context.Context, p Proposal) (*Inspection, error) {
	if err := mustPublish(ctx); err != nil {
		return nil, err
	}
	current, err := baseOf(ctx, p)
	if err != nil {
		return nil, err
	}
	return inspect(ctx, current, p, true)
}

func mustPublish(ctx context.Context) error {
	if !account.ActorFrom(ctx).Is(account.RoleAdministrator) {
		return fault.New(fault.Forbidden, "只有管理员可以发布政策文件")
	}
	return nil
}

// inspect compares the set that would result with the one it was made from. Lines of the proposal's own files are quoted only to whoever sent them.
func inspect(ctx context.Context, base *Set, p Proposal, quote bool) (*Inspection, error) {
	next, pub, err := apply(ctx, base, p, deskOrigin)
	if err != nil {
		return nil, err
	}
	out := &Inspection{Base: base.Publication, Files: fileChanges(base, next, pub), Problems: []Flaw{}, Changes: []policy.Difference{},
		Documents: []Compared{}, Schemes: []Compared{}, Processes: []Compared{}, Charts: []Charted{}, Calendars: []YearChange{}}
	library, problems := examine(next)
	before, known := policy.Load(base.policyFiles())
	own := map[string][]line{}
	for _, f := range p.Files {
		own[f.Path] = nil
		if quote {
			own[f.Path] = textLines(f.Data)
		}
	}
	for _, x := range problems {
		flaw := Flaw{File: x.File, Line: x.Line, Column: x.Column, Severity: x.Severity, Message: x.Message}
		var lines []line
		lines, flaw.Own = own[x.File]
		if !flaw.Own && x.Severity != policy.SeverityError && slices.Contains(known, x) {
			continue // it was let pass before, and has nothing to do with this proposal
		}
		if x.Line >= 1 && x.Line <= len(lines) {
			flaw.Text = legible(lines[x.Line-1].text)
		}
		if x.Severity == policy.SeverityError {
			out.Errors++
		}
		out.Problems = append(out.Problems, flaw)
	}
	slices.SortStableFunc(out.Problems, func(a, b Flaw) int {
		return cmp.Or(-compareBool(a.Severity == policy.SeverityError, b.Severity == policy.SeverityError), -compareBool(a.Own, b.Own),
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if out.Errors > 0 || next.Hash == base.Hash {
		return out, nil
	}
	out.Changes = append(out.Changes, policy.Diff(before, library)...)
	compareLibraries(before, library, next.Chain, out)
	return out, nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func fileChanges(base, next *Set, pub *Publication) []FileChange {
	before, after := base.byPath(), next.byPath()
	out := []FileChange{}
	for _, p := range pub.Added {
		out = append(out, FileChange{Path: p, Change: changeAdded, Hash: after[p].Hash, Lines: []DiffLine{}})
	}
	for _, p := range pub.Changed {
		c := FileChange{Path: p, Change: changeChanged, Hash: after[p].Hash}
		c.Lines, c.Clipped = around(compareLines(textLines(before[p].Body), textLines(after[p].Body)), linesAround, linesAtMost)
		out = append(out, c)
	}
	for _, p := range pub.Removed {
		out = append(out, FileChange{Path: p, Change: changeRemoved, Hash: before[p].Hash, Lines: []DiffLine{}})
	}
	slices.SortStableFunc(out, func(a, b FileChange) int {
		return cmp.Or(cmp.Compare(next.Chain.position(path.Dir(a.Path)), next.Chain.position(path.Dir(b.Path))), cmp.Compare(a.Path, b.Path))
	})
	return out
}

// legible is a line as it may be shown: valid, no control characters, not endless.
func legible(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < ' ' || r == 0x7f:
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "�"))
	if r := []rune(text); len(r) > quoteAtMost {
		return string(r[:quoteAtMost]) + "…"
	}
	return text
}
