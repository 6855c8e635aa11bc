package schemes

import (
	"context"
	"fmt"
	"path"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Proposal is a change to the published set.
type Proposal struct {
	Base       string        // the publication it was made from; empty: whatever is current
	Files      []policy.File // new or changed files, by their path (folder/name.yaml)
	Remove     []string      // paths that leave the set; their versions stay
	By         string        // who publishes it, for readers; empty: the actor
	ApprovedBy string        // who approved it, as the office writes it
	Note       string
}

// by is who is named as the publisher.
func (p *Proposal) by(ctx context.Context) string {
	if p.By != "" {
		return p.By
	}
	return account.ActorFrom(ctx).Name
}

// Publication is a published set and what it changed.
type Publication struct {
	ID       string           `json:"id"`
	SetHash  string           `json:"set_hash"`
	Added    []string         `json:"added"`
	Changed  []string         `json:"changed"`
	Removed  []string         `json:"removed"`
	Kept     []string         `json:"kept"`     // offered by a seed but changed here since, so left alone
	Warnings []policy.Problem `json:"warnings"` // what the check noticed and let pass
}

// Unchanged says that nothing was published because nothing differed.
func (p *Publication) Unchanged() bool {
	return len(p.Added)+len(p.Changed)+len(p.Removed) == 0
}

// JobRecompute is the kind of job that a publication queues in its transaction: everything that was computed by the former set is to be
// computed anew. Others who want the same queue the same, so that one job waits for all of them.
const JobRecompute = "answers.recompute"

const deskOrigin = "desk"

// Publish checks the whole set that would result, with every worked example, and makes it the tenant's set: all of it or nothing.
// It is for whoever runs the installation. At the desk nobody publishes alone: one administrator proposes (Propose), another approves (Approve).
// Returns Forbidden unless the actor is the installation itself, Invalid with a detail per problem (field file:line:column),
// Conflict if somebody else published meanwhile.
func Publish(ctx context.Context, p Proposal) (*Publication, error) {
	if account.ActorFrom(ctx).AccountID != account.SystemID {
		return nil, fault.New(fault.Forbidden, "政策文件须由一名管理员提出、另一名管理员核准后发布")
	}
	for text, field := range map[*string]string{&p.Note: "note", &p.ApprovedBy: "approved_by"} {
		clean, err := cleanRemark(*text, field)
		if err != nil {
			return nil, err
		}
		*text = clean
	}
	current, err := baseOf(ctx, p)
	if err != nil {
		return nil, err
	}
	return replace(ctx, current, p, deskOrigin, nil)
}

// baseOf is the set in use, if the proposal may be made from it.
func baseOf(ctx context.Context, p Proposal) (*Set, error) {
	current, err := CurrentSet(ctx)
	if err != nil {
		return nil, err
	}
	if p.Base != "" && p.Base != current.Publication {
		return nil, errOvertaken(nil)
	}
	return current, refuseAbove(ctx, current.Chain, p)
}

// refuseAbove keeps a tenant that follows another from changing what is decided there: the next copy would undo it.
func refuseAbove(ctx context.Context, chain Chain, p Proposal) error {
	tenant, _, err := above(ctx)
	if err != nil || tenant == "" {
		return err
	}
	refused := fault.New(fault.Invalid, "上级层级的政策文件由上级发布，这里只能改动本级的文件")
	for _, f := range p.Files {
		if path.Dir(f.Path) != chain.Own() {
			return refused
		}
	}
	for _, r := range p.Remove {
		if path.Dir(r) != chain.Own() {
			return refused
		}
	}
	return nil
}

func errOvertaken(cause error) error {
	return fault.Wrap(fault.Conflict, "其他人刚刚发布了政策文件，请重新核对后再发布", cause)
}

// replace turns the current set into the one proposed. extra runs in the same transaction.
func replace(ctx context.Context, current *Set, p Proposal, origin string, extra func(context.Context, *Publication) error) (*Publication, error) {
	next, pub, err := apply(ctx, current, p, origin)
	if err != nil {
		return nil, err
	}
	if next.Hash == current.Hash {
		pub.ID, pub.SetHash = current.Publication, current.Hash
		if extra == nil {
			return pub, nil
		}
		return pub, store.Write(ctx, func(ctx context.Context) error { return extra(ctx, pub) })
	}
	library, warnings, err := check(next)
	if err != nil {
		return nil, err
	}
	pub.Warnings = warnings
	pub.ID, pub.SetHash = store.NewID(), next.Hash
	next.Publication = pub.ID
	err = store.Write(ctx, func(ctx context.Context) error {
		if err := insertPublication(ctx, current, next, pub, p, origin, library); err != nil {
			return err
		}
		*calendarOf(ctx) = nil
		if extra != nil {
			if err := extra(ctx, pub); err != nil {
				return err
			}
		}
		if _, err := jobs.Enqueue(ctx, JobRecompute, "", nil); err != nil {
			return err
		}
		digest, err := publicationDigest(ctx, pub.ID)
		if err != nil {
			return err
		}
		return audit.Append(ctx, audit.Event{Action: "schemes.publish", Kind: publicationKind, ID: pub.ID, Digest: digest,
			Data: map[string]any{"set": pub.SetHash, "origin": origin, "added": pub.Added, "changed": pub.Changed, "removed": pub.Removed}})
	})
	if err != nil {
		return nil, err
	}
	compiled.keep(next.Hash, library, next.Chain)
	return pub, nil
}

// apply computes the next set and what differs, without checking what the files say.
func apply(ctx context.Context, current *Set, p Proposal, origin string) (*Set, *Publication, error) {
	pub := &Publication{Added: []string{}, Changed: []string{}, Removed: []string{}, Kept: []string{}, Warnings: []policy.Problem{}}
	files := current.byPath()
	seen := map[string]bool{}
	for i, f := range p.Files {
		if why := current.Chain.checkPath(f.Path); why != "" {
			return nil, nil, fault.New(fault.Invalid, "文件的路径不正确", fault.Detail{Field: fmt.Sprintf("files[%d]", i), Message: why})
		}
		if seen[f.Path] {
			return nil, nil, fault.New(fault.Invalid, "同一路径提交了两份文件", fault.Detail{Field: fmt.Sprintf("files[%d]", i), Message: "这个路径前面已有一份"})
		}
		seen[f.Path] = true
		old, exists := files[f.Path]
		hash := contentHash(f.Data)
		switch {
		case exists && old.Hash == hash:
			continue
		case exists:
			pub.Changed = append(pub.Changed, f.Path)
		default:
			pub.Added = append(pub.Added, f.Path)
		}
		files[f.Path] = Version{ID: store.NewID(), Path: f.Path, Hash: hash, Body: f.Data, Origin: origin,
			PublishedBy: p.by(ctx), ApprovedBy: p.ApprovedBy, PublishedAt: store.Stamp(clock.Now(ctx))}
	}
	for i, path := range p.Remove {
		if _, exists := files[path]; !exists || seen[path] {
			return nil, nil, fault.New(fault.Invalid, "要撤下的文件不在现行文件中", fault.Detail{Field: fmt.Sprintf("remove[%d]", i), Message: "现行文件中没有这个路径"})
		}
		delete(files, path)
		pub.Removed = append(pub.Removed, path)
	}
	if len(files) > maxFiles {
		return nil, nil, fault.New(fault.TooLarge, fmt.Sprintf("政策文件最多 %d 份", maxFiles))
	}
	next := &Set{Chain: current.Chain}
	for _, f := range files {
		next.Files = append(next.Files, f)
	}
	next.arrange()
	slices.Sort(pub.Added)
	slices.Sort(pub.Changed)
	slices.Sort(pub.Removed)
	return next, pub, nil
}

// examine checks the set as `shanglin check` does.
func examine(s *Set) (*policy.Library, []policy.Problem) { return policy.Check(s.policyFiles()) }

// check examines the set. Errors become one Invalid fault that names them all.
func check(s *Set) (*policy.Library, []policy.Problem, error) {
	library, problems := examine(s)
	if policy.HasErrors(problems) {
		return nil, nil, errUnsound(problems)
	}
	return library, problems, nil
}

func errUnsound(problems []policy.Problem) error {
	var details []fault.Detail
	for _, p := range problems {
		if p.Severity == policy.SeverityError {
			details = append(details, fault.Detail{Field: fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column), Message: p.Message})
		}
	}
	return fault.New(fault.Invalid, fmt.Sprintf("政策文件有 %d 处错误，没有发布", len(details)), details...)
}
