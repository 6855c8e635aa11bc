package schemes

import (
	"context"
	"strings"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Four eyes: an administrator proposes, another publishes. A draft is a proposal that is kept meanwhile; what it says never changes, so
// that what is published is what was looked at.

// States of a draft.
const (
	DraftWaiting   = "draft"     // waits for another administrator
	DraftPublished = "published" // another administrator approved it, which published it
	DraftReturned  = "returned"  // another administrator did not
	DraftWithdrawn = "withdrawn" // whoever proposed it took it back
)

// Draft is a proposal that is kept.
type Draft struct {
	ID          string      `json:"id"`
	State       string      `json:"state" enum:"draft,published,returned,withdrawn"`
	Base        string      `json:"base" doc:"the publication that it was last compared with"`
	Note        string      `json:"note"`
	ProposedBy  string      `json:"proposed_by"`
	ProposedAt  string      `json:"proposed_at"`
	CheckedAt   string      `json:"checked_at" doc:"when it was last compared"`
	EndedBy     string      `json:"ended_by,omitempty"`
	EndedAt     string      `json:"ended_at,omitempty"`
	Reason      string      `json:"reason,omitempty" doc:"why it was returned"`
	Publication string      `json:"publication,omitempty" doc:"what it became"`
	Files       []DraftFile `json:"files" nullable:"false"`
	Stale       bool        `json:"stale" doc:"it waits, and somebody published since: it has to be checked anew"`
	Mine        bool        `json:"mine" doc:"whoever asks proposed it"`
	MayApprove  bool        `json:"may_approve" doc:"whoever asks may publish or return it"`

	account string
}

// DraftFile is a file of a draft.
type DraftFile struct {
	Path    string `json:"path"`
	Removed bool   `json:"removed"`
	Hash    string `json:"hash" doc:"sha256, hex; empty if removed"`

	body []byte
}

// Seen is a draft with what it would come to, or came to.
type Seen struct {
	Draft      Draft       `json:"draft"`
	Inspection *Inspection `json:"inspection"`
}

const draftKind = "scheme_proposal"

func init() {
	audit.RegisterRow(draftKind, draftDigest)
	audit.RegisterList(draftKind, audit.IDs("scheme_proposals"))
}

func errNoDraft() error { return fault.New(fault.NotFound, "没有这份草案") }

// mayReadDrafts: what is not yet published is for those who publish, and for auditors.
func mayReadDrafts(a *account.Actor) bool {
	return a.Is(account.RoleAdministrator) || a.Is(account.RoleAuditor)
}

// Propose keeps a proposal for another administrator to approve. Its Base, if given, is the set that it was checked against.
// Forbidden to all but administrators, Invalid if the set that would result is not sound or does not differ, Conflict if somebody published meanwhile.
func Propose(ctx context.Context, p Proposal) (*Draft, error) {
	if err := mustPublish(ctx); err != nil {
		return nil, err
	}
	note, err := cleanRemark(p.Note, "note")
	if err != nil {
		return nil, err
	}
	base, err := baseOf(ctx, p)
	if err != nil {
		return nil, err
	}
	next, pub, err := apply(ctx, base, p, deskOrigin)
	if err != nil {
		return nil, err
	}
	if pub.Unchanged() {
		return nil, errNoDifference()
	}
	if _, _, err := check(next); err != nil {
		return nil, err
	}
	now, actor := store.Stamp(clock.Now(ctx)), account.ActorFrom(ctx)
	d := &Draft{ID: store.NewID(), State: DraftWaiting, Base: base.Publication, Note: note, ProposedBy: actor.Name, ProposedAt: now, CheckedAt: now, account: actor.AccountID}
	after := next.byPath()
	for _, path := range append(pub.Added, pub.Changed...) {
		d.Files = append(d.Files, DraftFile{Path: path, Hash: after[path].Hash, body: after[path].Body})
	}
	for _, path := range pub.Removed {
		d.Files = append(d.Files, DraftFile{Path: path, Removed: true})
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		if err := insertDraft(ctx, d); err != nil {
			return err
		}
		return d.record(ctx, "schemes.propose", map[string]any{"base": d.Base, "added": pub.Added, "changed": pub.Changed, "removed": pub.Removed})
	})
	if err != nil {
		return nil, err
	}
	d.show(ctx, base.Publication)
	return d, nil
}

func errNoDifference() error {
	return fault.New(fault.Invalid, "与现行文件没有差别，不需要发布")
}

// record appends the audit event of what became of a draft, inside the transaction.
func (d *Draft) record(ctx context.Context, action string, data any) error {
	digest, err := draftDigest(ctx, d.ID)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: action, Kind: draftKind, ID: d.ID, Digest: digest, Data: data})
}

// show says what whoever asks may do with the draft.
func (d *Draft) show(ctx context.Context, current string) {
	a := account.ActorFrom(ctx)
	d.Mine = a.AccountID == d.account
	d.MayApprove = d.State == DraftWaiting && !d.Mine && a.Is(account.RoleAdministrator)
	d.Stale = d.State == DraftWaiting && d.Base != current
}

// proposal is the draft as a change to a set: what the set already says is no part of it any more.
func (d *Draft) proposal(base *Set) Proposal {
	p := Proposal{By: d.ProposedBy, Note: d.Note}
	have := base.byPath()
	for _, f := range d.Files {
		old, exists := have[f.Path]
		switch {
		case f.Removed && exists:
			p.Remove = append(p.Remove, f.Path)
		case !f.Removed && old.Hash != f.Hash:
			p.Files = append(p.Files, policy.File{Path: f.Path, Data: f.body})
		}
	}
	return p
}

// Drafts lists drafts in a state (empty: all), the latest first, and how many there are. Forbidden to all but administrators and auditors.
func Drafts(ctx context.Context, state string, page, per int) (items []Draft, total int, err error) {
	if !mayReadDrafts(account.ActorFrom(ctx)) {
		return nil, 0, fault.New(fault.Forbidden, "只有管理员和审计人员可以查看草案")
	}
	err = store.Read(ctx, func(ctx context.Context) error {
		items, total, err = listDrafts(ctx, state, per, (page-1)*per)
		if err != nil {
			return err
		}
		current, err := currentPublication(ctx)
		if err != nil {
			return err
		}
		for i := range items {
			items[i].show(ctx, current)
		}
		return nil
	})
	return items, total, err
}

// draftOf is a draft with its files, and the publication in use. NotFound to all but administrators and auditors.
func draftOf(ctx context.Context, id string) (d *Draft, current string, err error) {
	if !mayReadDrafts(account.ActorFrom(ctx)) {
		return nil, "", errNoDraft()
	}
	err = store.Read(ctx, func(ctx context.Context) error {
		if d, err = findDraft(ctx, id); err != nil {
			return err
		}
		if current, err = currentPublication(ctx); err != nil {
			return err
		}
		d.show(ctx, current)
		return nil
	})
	return d, current, err
}

// ReadDraft is a draft and what it comes to, compared with the set that it was last checked against. NotFound to all but administrators and auditors.
func ReadDraft(ctx context.Context, id string) (*Seen, error) {
	d, _, err := draftOf(ctx, id)
	if err != nil {
		return nil, err
	}
	return d.seen(ctx, d.Base)
}

func (d *Draft) seen(ctx context.Context, publication string) (*Seen, error) {
	base, err := setOf(ctx, publication)
	if err != nil {
		return nil, err
	}
	found, err := inspect(ctx, base, d.proposal(base), d.Mine)
	if err != nil {
		return nil, err
	}
	return &Seen{Draft: *d, Inspection: found}, nil
}

// DraftText is the text of a file of a draft. NotFound if there is none, and to all but administrators and auditors.
func DraftText(ctx context.Context, id, path string) (string, error) {
	d, _, err := draftOf(ctx, id)
	if err != nil {
		return "", err
	}
	for _, f := range d.Files {
		if f.Path == path && !f.Removed {
			return string(f.body), nil
		}
	}
	return "", fault.New(fault.NotFound, "草案中没有这份文件")
}

// ownDraft is a waiting draft of whoever asks.
func ownDraft(ctx context.Context, id string) (*Draft, string, error) {
	d, current, err := draftOf(ctx, id)
	switch {
	case err != nil:
		return nil, "", err
	case !account.ActorFrom(ctx).Is(account.RoleAdministrator):
		return nil, "", fault.New(fault.Forbidden, "只有管理员可以办理草案")
	case !d.Mine:
		return nil, "", fault.New(fault.Forbidden, "只有提出人可以这样做")
	case d.State != DraftWaiting:
		return nil, "", errEnded()
	}
	return d, current, nil
}

// othersDraft is a waiting draft that somebody else proposed.
func othersDraft(ctx context.Context, id string) (*Draft, string, error) {
	d, current, err := draftOf(ctx, id)
	switch {
	case err != nil:
		return nil, "", err
	case !account.ActorFrom(ctx).Is(account.RoleAdministrator):
		return nil, "", fault.New(fault.Forbidden, "只有管理员可以办理草案")
	case d.Mine:
		return nil, "", fault.New(fault.Forbidden, "自己提出的草案须由另一名管理员核准")
	case d.State != DraftWaiting:
		return nil, "", errEnded()
	}
	return d, current, nil
}

func errEnded() error {
	return fault.New(fault.Conflict, "这份草案已经办结，请刷新后再看")
}

// Recheck compares a draft with the set now in use, for whoever proposed it. If it is still sound and still a change, that set becomes its base.
// Forbidden to others; Conflict if it has ended or changes nothing any more.
func Recheck(ctx context.Context, id string) (*Seen, error) {
	d, current, err := ownDraft(ctx, id)
	if err != nil {
		return nil, err
	}
	seen, err := d.seen(ctx, current)
	switch {
	case err != nil:
		return nil, err
	case len(seen.Inspection.Files) == 0:
		return nil, fault.New(fault.Conflict, "现行文件已经和草案一样，请撤回这份草案")
	case seen.Inspection.Errors > 0 || current == d.Base:
		return seen, nil
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		d.CheckedAt = store.Stamp(clock.Now(ctx))
		if err := rebaseDraft(ctx, d, current); err != nil {
			return err
		}
		return d.record(ctx, "schemes.recheck", map[string]any{"base": current})
	})
	if err != nil {
		return nil, err
	}
	d.Base = current
	d.show(ctx, current)
	seen.Draft = *d
	return seen, nil
}

// Approve publishes a draft that another administrator proposed, as it was looked at: base is the publication with which the reader saw it
// compared. Draft, publication and the log are one transaction.
// Forbidden to whoever proposed it and to all but administrators; Conflict if it has ended, was checked anew, or somebody published since.
func Approve(ctx context.Context, id, base string) (*Draft, error) {
	d, _, err := othersDraft(ctx, id)
	if err != nil {
		return nil, err
	}
	if d.Base != base {
		return nil, fault.New(fault.Conflict, "提出人刚刚重新核对了这份草案，请看过新的差别再核准")
	}
	current, err := CurrentSet(ctx)
	if err != nil {
		return nil, err
	}
	if current.Publication != d.Base {
		return nil, errMovedOn(nil)
	}
	p, actor := d.proposal(current), account.ActorFrom(ctx)
	p.ApprovedBy = actor.Name
	pub, err := replace(ctx, current, p, deskOrigin, func(ctx context.Context, pub *Publication) error {
		d.Publication = pub.ID
		return d.end(ctx, DraftPublished, "schemes.approve", "")
	})
	if fault.CodeOf(err) == fault.Conflict {
		if now, _, again := draftOf(ctx, id); again == nil && now.State != DraftWaiting {
			return nil, errEnded()
		}
		return nil, errMovedOn(err)
	}
	if err != nil {
		return nil, err
	}
	d.show(ctx, pub.ID)
	return d, nil
}

// errMovedOn is why a draft that was compared with another set than the one in use is not published: it might undo what came between.
func errMovedOn(cause error) error {
	return fault.Wrap(fault.Conflict, "这份草案提出以后，又有别的政策文件发布了。请提出人重新核对，看过新的差别再核准", cause)
}

// Return ends a draft that another administrator proposed without publishing it, and says why. Forbidden and Conflict as Approve.
func Return(ctx context.Context, id, reason string) (*Draft, error) {
	reason, err := cleanRemark(reason, "reason")
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(reason) < 2 {
		return nil, fault.New(fault.Invalid, "请写明退回的理由", fault.Detail{Field: "reason", Message: "请写明退回的理由"})
	}
	d, current, err := othersDraft(ctx, id)
	if err != nil {
		return nil, err
	}
	return d.finish(ctx, current, DraftReturned, "schemes.return", reason)
}

// Withdraw ends a draft of whoever asks. Forbidden to others, Conflict if it has ended.
func Withdraw(ctx context.Context, id string) (*Draft, error) {
	d, current, err := ownDraft(ctx, id)
	if err != nil {
		return nil, err
	}
	return d.finish(ctx, current, DraftWithdrawn, "schemes.withdraw", "")
}

func (d *Draft) finish(ctx context.Context, current, state, action, reason string) (*Draft, error) {
	if err := store.Write(ctx, func(ctx context.Context) error { return d.end(ctx, state, action, reason) }); err != nil {
		return nil, err
	}
	d.show(ctx, current)
	return d, nil
}

// end ends a waiting draft, in the transaction of ctx: of two who end it at the same moment, one does.
func (d *Draft) end(ctx context.Context, state, action, reason string) error {
	a := account.ActorFrom(ctx)
	d.State, d.EndedBy, d.EndedAt, d.Reason = state, a.Name, store.Stamp(clock.Now(ctx)), reason
	if err := endDraft(ctx, d, a.AccountID); err != nil {
		return err
	}
	return d.record(ctx, action, map[string]any{"publication": d.Publication})
}

// cleanRemark is what somebody wrote to go with an act.
func cleanRemark(text, field string) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if n := utf8.RuneCountInString(text); n > 500 || !store.Plain(text) {
		return "", fault.New(fault.Invalid, "说明过长或含有不能使用的字符", fault.At(field, "最多 %d 字", 500))
	}
	return text, nil
}
