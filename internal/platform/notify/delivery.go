package notify

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/store"
)

// A note leaves the app in three steps. Tell plans it in the transaction in which it is told: a delivery for each confirmed address, due at once,
// after the quiet hours or with the day's digest. A job claims what is due (a conditional update: two never send the same), sends it, and
// writes how it went. What a killed server was sending is sent anew when its claim has lapsed, under the same message id, by which
// receivers know it. What was read in the app meanwhile, or said anew in other words, is not sent.

// Sent is how a note fared outside the app.
type Sent struct {
	Channel string `json:"channel" enum:"mail,phone"`
	State   string `json:"state" enum:"waiting,sending,sent,failed,dropped"`
	At      string `json:"at" doc:"when it was sent or given up; while it waits, when it is due"`
	Reason  string `json:"reason" doc:"why it failed, waits or was dropped; or empty"`
}

// The states of a delivery.
const (
	stateWaiting = "waiting"
	stateSending = "sending"
	stateSent    = "sent"
	stateFailed  = "failed"
	stateDropped = "dropped"
)

const (
	jobDeliver = "notify.deliver"
	claimFor   = 5 * time.Minute
	sendFor    = 2 * time.Minute // by each of two channels: what takes longer is tried again, before anybody else may claim it
	claimMost  = 100
)

// retries are the waits after failures; after the last the delivery has failed.
var retries = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour}

type deliveryRow struct {
	bun.BaseModel `bun:"table:deliveries"`

	Note     string `bun:"note,pk"`
	Channel  string `bun:"channel,pk"`
	Words    string `bun:"words,pk"`
	Account  string `bun:"account"`
	How      string `bun:"how"`
	State    string `bun:"state"`
	DueAt    string `bun:"due_at"`
	Attempts int    `bun:"attempts"`
	ToldAt   string `bun:"told_at"`
	EndedAt  string `bun:"ended_at"`
	Reason   string `bun:"reason"`
}

func wordsOf(title, body string) string { return audit.Digest(title, body)[:16] }

// plan makes the deliveries of notes that accounts were just told, in the transaction of ctx.
func plan(ctx context.Context, told []noteRow) error {
	var accounts []string
	for _, n := range told {
		if len(accounts) == 0 || accounts[len(accounts)-1] != n.Account { // they are in order
			accounts = append(accounts, n.Account)
		}
	}
	var reaches []reachRow
	err := store.Tx(ctx).NewRaw(`SELECT * FROM reaches WHERE account IN (?) AND confirmed_at <> '' AND how <> 'off' ORDER BY account, channel`, bun.List(accounts)).Scan(ctx, &reaches)
	if err != nil || len(reaches) == 0 {
		return err
	}
	by := map[string][]reachRow{}
	for _, r := range reaches {
		by[r.Account] = append(by[r.Account], r)
	}
	// A note that was told before and not read has kept its id.
	same := map[noteKey]bool{}
	var reached, links []string
	for _, n := range told {
		if by[n.Account] != nil {
			same[n.is()] = true
			reached, links = append(reached, n.Account), append(links, n.Link)
		}
	}
	slices.Sort(links)
	var notes []noteRow
	if err := store.Tx(ctx).NewRaw(`SELECT `+noteColumns+` FROM notifications WHERE account IN (?) AND link IN (?) AND read_at = '' ORDER BY account, id`,
		bun.List(slices.Compact(reached)), bun.List(slices.Compact(links))).Scan(ctx, &notes); err != nil {
		return err
	}
	now, first := clock.Now(ctx), time.Time{}
	var out []deliveryRow
	for _, n := range notes {
		if !same[n.is()] {
			continue
		}
		for _, r := range by[n.Account] {
			due := r.due(now)
			if first.IsZero() || due.Before(first) {
				first = due
			}
			out = append(out, deliveryRow{Note: n.ID, Channel: r.Channel, Words: wordsOf(n.Title, n.Body), Account: r.Account, How: r.How,
				State: stateWaiting, DueAt: store.Stamp(due), ToldAt: n.ToldAt})
		}
	}
	if len(out) == 0 {
		return nil
	}
	// The same words about the same thing before they were read: told already.
	if _, err := store.Tx(ctx).NewInsert().Model(&out).On("CONFLICT (note, channel, words) DO NOTHING").Exec(ctx); err != nil {
		return err
	}
	_, err = jobs.EnqueueAt(ctx, jobDeliver, "", nil, first)
	return err
}

// due is when something told now is sent.
func (r reachRow) due(now time.Time) time.Time {
	if r.How == digest {
		now = next(now, r.DigestAt)
	}
	return r.afterQuiet(now)
}

// afterQuiet is t, or the end of the quiet hours in which it lies.
func (r reachRow) afterQuiet(t time.Time) time.Time {
	at := clock.TimeOfDay(t)
	from, to := r.QuietFrom, r.QuietTo
	quiet := from < to && from <= at && at < to || from > to && (at >= from || at < to)
	if !quiet {
		return t
	}
	return next(t, to)
}

// next is the first moment after t at which it is a time of the day.
func next(t time.Time, timeOfDay string) time.Time {
	at := clock.At(clock.DayOf(t), timeOfDay)
	if !at.After(t) {
		at = clock.At(clock.DayOf(t).AddDays(1), timeOfDay)
	}
	return at
}

// Handle does the sending.
func (b *Box) Handle(h *jobs.Handlers) { h.Handle(jobDeliver, b.deliver) }

// claimed is a message with the deliveries that it brings.
type claimed struct {
	Message
	channel string
	rows    []deliveryRow
}

// deliver sends what is due, and asks for the next time.
func (b *Box) deliver(ctx context.Context, j *jobs.Job) error {
	for sent := int64(0); ; {
		var due []claimed
		err := store.Write(ctx, func(ctx context.Context) (err error) {
			due, err = b.claim(ctx)
			return err
		})
		if err != nil {
			return err
		}
		if len(due) == 0 {
			break
		}
		for _, channel := range b.Channels() {
			if err := b.sendBy(ctx, channel, due); err != nil {
				return err
			}
		}
		sent += int64(len(due))
		if err := j.Progress(ctx, sent, 0, fmt.Sprintf("已发出%d条提醒", sent)); err != nil {
			return err
		}
	}
	return store.Write(ctx, func(ctx context.Context) error {
		var first []string
		if err := store.Tx(ctx).NewRaw(`SELECT due_at FROM deliveries WHERE state IN ('waiting', 'sending') ORDER BY due_at LIMIT 1`).Scan(ctx, &first); err != nil || len(first) == 0 {
			return err
		}
		at, err := store.ParseStamp(first[0])
		if err != nil {
			return err
		}
		_, err = jobs.EnqueueAt(ctx, jobDeliver, "", nil, at)
		return err
	})
}

// claim takes what is due: drops what need not be sent any more, puts off what has fallen into the quiet hours, and marks the rest as being sent.
func (b *Box) claim(ctx context.Context) ([]claimed, error) {
	now := clock.Now(ctx)
	for {
		var rows []struct {
			deliveryRow
			Title   string `bun:"title"`
			Body    string `bun:"body"`
			Link    string `bun:"link"`
			ReadAt  string `bun:"read_at"`
			Address string `bun:"address"`
			Wish    string `bun:"wish"`
			From    string `bun:"quiet_from"`
			To      string `bun:"quiet_to"`
		}
		err := store.Tx(ctx).NewRaw(`SELECT d.*, coalesce(n.title, '') AS title, coalesce(n.body, '') AS body, coalesce(n.link, '') AS link, coalesce(n.read_at, '-') AS read_at,
			coalesce(r.address, '') AS address, coalesce(r.how, 'off') AS wish, coalesce(r.quiet_from, '') AS quiet_from, coalesce(r.quiet_to, '') AS quiet_to
			FROM deliveries AS d LEFT JOIN notifications AS n ON n.id = d.note LEFT JOIN reaches AS r ON r.account = d.account AND r.channel = d.channel AND r.confirmed_at <> ''
			WHERE d.state IN ('waiting', 'sending') AND d.due_at <= ? ORDER BY d.due_at, d.account, d.told_at, d.note LIMIT ?`, store.Stamp(now), claimMost).Scan(ctx, &rows)
		if err != nil || len(rows) == 0 {
			return nil, err
		}
		accounts := map[string]bool{}
		for _, r := range rows {
			accounts[r.Account] = true
		}
		live, err := b.live(ctx, accounts)
		if err != nil {
			return nil, err
		}
		var out []claimed
		digests := map[string]int{}
		for _, r := range rows {
			d, was := r.deliveryRow, r.deliveryRow
			switch {
			case r.Address == "" || r.Wish == off || !live[r.Account] || b.channels[r.Channel] == nil:
				_, err = d.end(ctx, stateDropped, "已不用这种方式提醒")
			case r.ReadAt != "":
				_, err = d.end(ctx, stateDropped, "已在系统内读过，没有另发")
			case wordsOf(r.Title, r.Body) != d.Words:
				_, err = d.end(ctx, stateDropped, "内容有更新，另发了新的一条")
			default:
				quiet := reachRow{QuietFrom: r.From, QuietTo: r.To}
				if later := quiet.afterQuiet(now); later.After(now) {
					_, err = d.putOff(ctx, later, d.Reason)
					break
				}
				d.State, d.DueAt, d.Attempts = stateSending, store.Stamp(now.Add(claimFor)), d.Attempts+1
				var mine bool
				if mine, err = d.save(ctx, was); err != nil || !mine {
					break // somebody else was first
				}
				m := Message{ID: audit.Digest(d.Note, d.Channel, d.Words), Tenant: store.Bound(ctx).ID(), To: r.Address, Title: r.Title, Body: r.Body}
				if r.Link != "" {
					m.Link = b.address(m.Tenant, r.Link)
				}
				key := d.Account + " " + d.Channel
				at, begun := digests[key]
				switch {
				case d.How == atOnce:
					out = append(out, claimed{m, d.Channel, []deliveryRow{d}})
				case begun:
					out[at].add(m, d)
				default:
					digests[key] = len(out)
					out = append(out, claimed{m, d.Channel, []deliveryRow{d}})
				}
			}
			if err != nil {
				return nil, err
			}
		}
		if len(out) > 0 {
			for i := range out {
				out[i].finish(b.address(out[i].Tenant, "notifications"))
			}
			return out, nil
		}
	}
}

// add joins another note to a digest.
func (c *claimed) add(m Message, d deliveryRow) {
	if len(c.rows) == 1 {
		c.Body = paragraph(c.Message)
	}
	c.Body += "\n\n" + paragraph(m)
	c.ID = audit.Digest(c.ID, m.ID)
	c.rows = append(c.rows, d)
}

func paragraph(m Message) string {
	return strings.Join(append([]string{"● " + m.Title}, filled(m.Body, m.Link)...), "\n")
}

func filled(texts ...string) []string {
	out := []string{}
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

// finish gives a digest of several its title, and leads to all of one's notifications.
func (c *claimed) finish(all string) {
	if len(c.rows) > 1 {
		c.Title, c.Link = fmt.Sprintf("您有%d条新消息", len(c.rows)), all
	}
}

// sendBy sends what goes by one channel, and writes how it went.
func (b *Box) sendBy(ctx context.Context, channel string, due []claimed) error {
	var some []claimed
	var messages []Message
	for _, c := range due {
		if c.channel == channel {
			some, messages = append(some, c), append(messages, c.Message)
		}
	}
	if len(some) == 0 {
		return nil
	}
	sending, cancel := context.WithTimeout(ctx, sendFor)
	errs := b.channels[channel].Send(sending, messages)
	cancel()
	if ctx.Err() != nil {
		return context.Cause(ctx) // what was not answered for is sent anew when its claim has lapsed
	}
	return store.Write(ctx, func(ctx context.Context) error {
		for i, c := range some {
			if errs[i] != nil {
				slog.WarnContext(ctx, "a message could not be delivered", "channel", channel, "message", c.ID, "error", errs[i])
			}
			for _, d := range c.rows {
				if _, err := d.answered(ctx, errs[i]); err != nil {
					return err
				}
			}
			failed := ""
			if errs[i] != nil {
				failed = "最近一条没有送达"
			}
			if _, err := store.Tx(ctx).NewRaw(`UPDATE reaches SET failed = ? WHERE account = ? AND channel = ? AND failed <> ?`, failed, c.rows[0].Account, channel, failed).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// answered writes how a delivery went; false when somebody else has claimed it since.
func (d deliveryRow) answered(ctx context.Context, failed error) (bool, error) {
	switch {
	case failed == nil:
		return d.end(ctx, stateSent, "")
	case refused(failed):
		return d.end(ctx, stateFailed, "对方拒收："+cut(failed.Error(), longestReason))
	case d.Attempts > len(retries):
		return d.end(ctx, stateFailed, fmt.Sprintf("试了%d次都没有发出", d.Attempts))
	}
	return d.putOff(ctx, clock.Now(ctx).Add(retries[d.Attempts-1]), "还没有发出，稍后再试")
}

const longestReason = 200

func (d deliveryRow) putOff(ctx context.Context, until time.Time, reason string) (bool, error) {
	was := d
	d.State, d.DueAt, d.Reason = stateWaiting, store.Stamp(until), reason
	return d.save(ctx, was)
}

func (d deliveryRow) end(ctx context.Context, state, reason string) (bool, error) {
	was := d
	d.State, d.EndedAt, d.Reason = state, store.Stamp(clock.Now(ctx)), reason
	return d.save(ctx, was)
}

// save writes a row if it still is as it was: of two that would send it, one may.
func (d deliveryRow) save(ctx context.Context, was deliveryRow) (bool, error) {
	done, err := store.Tx(ctx).NewRaw(`UPDATE deliveries SET state = ?, due_at = ?, attempts = ?, ended_at = ?, reason = ?
		WHERE note = ? AND channel = ? AND words = ? AND state = ? AND due_at = ? AND attempts = ?`,
		d.State, d.DueAt, d.Attempts, d.EndedAt, d.Reason, d.Note, d.Channel, d.Words, was.State, was.DueAt, was.Attempts).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

// sentOf is how notes fared outside the app, by note.
func sentOf(ctx context.Context, notes []string) (map[string][]Sent, error) {
	out := map[string][]Sent{}
	if len(notes) == 0 {
		return out, nil
	}
	var rows []deliveryRow
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("note IN (?)", bun.List(notes)).OrderExpr("note, channel, told_at, words").Scan(ctx); err != nil {
		return nil, err
	}
	for _, d := range rows {
		s := Sent{Channel: d.Channel, State: d.State, At: d.EndedAt, Reason: d.Reason}
		if s.At == "" {
			s.At = d.DueAt
		}
		out[d.Note] = append(out[d.Note], s)
	}
	return out, nil
}

// overdue asks for the sending of what a stopped server left behind.
func overdue(ctx context.Context) error {
	some := false
	err := store.Read(ctx, func(ctx context.Context) (err error) {
		some, err = store.Tx(ctx).NewSelect().Model((*deliveryRow)(nil)).Where("state IN ('waiting', 'sending') AND due_at <= ?", store.Stamp(clock.Now(ctx))).Exists(ctx)
		return err
	})
	if err != nil || !some {
		return err
	}
	_, err = jobs.Enqueue(ctx, jobDeliver, "", nil)
	return err
}
