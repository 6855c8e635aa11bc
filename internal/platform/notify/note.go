// Package notify tells people in the app what concerns them, and outside it whoever wants that.
//
// A room that changes something tells whom it concerns in the same transaction (Tell), so that nobody hears of what did not happen and
// nothing happens unheard. Everybody reads their own and nobody else's.
//
// Who has given an address and confirmed it (Reach) is told there too, through the channels of the installation: at once or with the day's
// digest, never in the quiet hours, each with how it fared (Sent).
//
// A notification is a copy of what the room's own history and the audit log say; telling and reading it change nothing that anybody
// decides by, and are not in the audit log.
package notify

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// Note is what somebody is told.
type Note struct {
	Kind  string // what sort of thing happened, for machines: "task"
	Title string // a line
	Body  string // what there is to know, or empty
	Link  string // the page, below the tenant's: "firm/cases/ID"; empty: none
	Key   string // tells two things of one kind and link apart; empty: there is one
}

// Notification is a note as its reader sees it.
type Notification struct {
	ID    string `json:"id"`
	Kind  string `json:"kind"`
	Title string `json:"title"`
	Body  string `json:"body"`
	Link  string `json:"link" doc:"a page below the tenant's; empty: none"`
	At    string `json:"at"`
	Read  bool   `json:"read"`
	Sent  []Sent `json:"sent" nullable:"false" doc:"how it fared outside the app"`
}

// How much a note holds; what is longer is cut, since a transaction must not fail over it.
const (
	longestTitle = 120
	longestBody  = 1000
)

// keepRead is how long what has been read is kept.
const keepRead = 90 * 24 * time.Hour

// Telling is a note and the accounts that are told it.
type Telling struct {
	To []string
	Note
}

// Tell tells accounts of something, in the transaction of ctx or one of its own. Whoever has not yet read the same (kind, link and key)
// is not told twice: the newer words take the place of the older, at the top.
func Tell(ctx context.Context, accounts []string, n Note) error {
	return TellAll(ctx, []Telling{{accounts, n}})
}

// TellAll is Tell of several notes at once; of two to one account of the same the later counts.
func TellAll(ctx context.Context, all []Telling) error {
	same := map[noteKey]int{}
	var rows []noteRow
	for _, t := range all {
		switch {
		case t.Kind == "" || strings.TrimSpace(t.Title) == "":
			return errors.New("notify: a note needs a kind and a title")
		case !within(t.Link):
			return errors.New("notify: a link leads to a page below the tenant's")
		}
		title, body := cut(strings.TrimSpace(t.Title), longestTitle), cut(strings.TrimSpace(t.Body), longestBody)
		for _, account := range t.To {
			if account == "" {
				continue
			}
			key := noteKey{account, t.Kind, t.Link, t.Key}
			i, known := same[key]
			if !known {
				i = len(rows)
				same[key], rows = i, append(rows, noteRow{ID: store.NewID(), Account: account, Kind: t.Kind, Link: t.Link, Key: t.Key})
			}
			rows[i].Title, rows[i].Body = title, body
		}
	}
	if len(rows) == 0 {
		return nil
	}
	// In one order for all, so that two transactions that tell the same people wait for each other and never both.
	slices.SortFunc(rows, func(a, b noteRow) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Link, b.Link), cmp.Compare(a.Key, b.Key))
	})
	return store.Write(ctx, func(ctx context.Context) error {
		at := store.Stamp(clock.Now(ctx))
		for some := range slices.Chunk(rows, insertAtOnce) {
			for i := range some {
				some[i].ToldAt = at
			}
			if err := insert(ctx, some); err != nil {
				return err
			}
			if err := plan(ctx, some); err != nil {
				return err
			}
		}
		return nil
	})
}

// within says whether a link stays below the tenant's pages: no other server, no way up.
func within(link string) bool {
	path, _, _ := strings.Cut(link, "?")
	return !strings.HasPrefix(path, "/") && !strings.ContainsAny(path, ":\\#") && !slices.Contains(strings.Split(path, "/"), "..")
}

func cut(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

// Box is what each person reads of their own.
type Box struct {
	who      func(ctx context.Context) string
	live     func(ctx context.Context, accounts map[string]bool) (map[string]bool, error)
	channels map[string]Channel
	pages    string // the address before the tenant's, or empty
}

// NewBox makes the room. who names the account that asks, or nobody; live says which of some accounts may still sign in.
func NewBox(who func(ctx context.Context) string, live func(ctx context.Context, accounts map[string]bool) (map[string]bool, error)) *Box {
	return &Box{who: who, live: live, channels: map[string]Channel{}}
}

// Use gives the installation a channel out of the app. Before anything is served.
func (b *Box) Use(name string, c Channel) { b.channels[name] = c }

// Pages says where the pages are, for links in messages: https://example.gov.cn. Before anything is served.
func (b *Box) Pages(address string) { b.pages = strings.TrimSuffix(address, "/") }

// address is the whole address of a page below the tenant's, or empty when it is not known where the pages are.
func (b *Box) address(tenant, link string) string {
	if b.pages == "" {
		return ""
	}
	return b.pages + "/" + tenant + "/" + link
}

// mine is the account that asks. Forbidden for the public.
func (b *Box) mine(ctx context.Context) (string, error) {
	if account := b.who(ctx); account != "" {
		return account, nil
	}
	return "", fault.New(fault.Forbidden, "请先登录再查看消息")
}

// Filter chooses what to list.
type Filter struct {
	Unread    bool // only what has not been read
	Page, Per int  // from 1
}

// List is a page of the actor's own notifications, the newest first, with how many there are on all pages. Forbidden for the public.
func (b *Box) List(ctx context.Context, f Filter) ([]Notification, int, error) {
	account, err := b.mine(ctx)
	if err != nil {
		return nil, 0, err
	}
	out, total := []Notification{}, 0
	err = store.Read(ctx, func(ctx context.Context) error {
		rows, n, err := list(ctx, account, f)
		out, total = out[:0], n
		if err != nil {
			return err
		}
		ids := make([]string, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
		}
		sent, err := sentOf(ctx, ids)
		for _, r := range rows {
			n := r.notification()
			if n.Sent = sent[r.ID]; n.Sent == nil {
				n.Sent = []Sent{}
			}
			out = append(out, n)
		}
		return err
	})
	return out, total, err
}

// Unread is how many notifications the actor has not read. Forbidden for the public.
func (b *Box) Unread(ctx context.Context) (n int, err error) {
	account, err := b.mine(ctx)
	if err != nil {
		return 0, err
	}
	err = store.Read(ctx, func(ctx context.Context) error {
		n, err = countUnread(ctx, account)
		return err
	})
	return n, err
}

// Read marks one of the actor's own as read; one that was read stays so. NotFound for anybody else's.
func (b *Box) Read(ctx context.Context, id string) error {
	account, err := b.mine(ctx)
	if err != nil {
		return err
	}
	return store.Write(ctx, func(ctx context.Context) error {
		there, err := markRead(ctx, account, id, store.Stamp(clock.Now(ctx)))
		if err == nil && !there {
			return fault.New(fault.NotFound, "没有这条消息")
		}
		return err
	})
}

// ReadAll marks all of the actor's own as read that were told up to a moment, as List shows it, and says how many: what came later has
// not been seen. An empty moment is now.
func (b *Box) ReadAll(ctx context.Context, until string) (n int, err error) {
	account, err := b.mine(ctx)
	if err != nil {
		return 0, err
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		now := store.Stamp(clock.Now(ctx))
		if until == "" {
			until = now
		}
		n, err = markAllRead(ctx, account, until, now)
		return err
	})
	return n, err
}

// Tick forgets what was read long ago, and asks for the sending of what a stopped server left. It is cheap when there is nothing to do.
func Tick(ctx context.Context) error {
	if err := overdue(ctx); err != nil {
		return err
	}
	before := store.Stamp(clock.Now(ctx).Add(-keepRead))
	for {
		var some bool
		err := store.Read(ctx, func(ctx context.Context) (err error) {
			some, err = anyReadBefore(ctx, before)
			return err
		})
		if err != nil || !some {
			return err
		}
		if err := store.Write(ctx, func(ctx context.Context) error { return forget(ctx, before) }); err != nil {
			return err
		}
	}
}
