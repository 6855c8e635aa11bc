// Package audit keeps a log that cannot be changed unnoticed: what was done, by whom, to which row.
//
// Every record's hash covers the record before it, and the head row names the last one. A record carries the digest of the row it
// describes, so that a row changed behind the log's back is found as well. Signed checkpoints, kept outside, find a log that was cut
// off or written anew as a whole. Personal data enters the log only as a keyed hash (Personal).
//
// Every tenant has a log, and so has the control database. A change that touches both is told in both, each log of its own rows: that of a
// tenant what was done to its accounts, parties, facts and schemes; that of the control database what was done to tenants, to credentials
// and in sessions, and how often signing in failed.
package audit

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
)

// Event is one thing that was done. Kind and ID name the row it was done to; Digest is the digest of that row after the change (as the
// function given to RegisterRow makes it), empty if the event says nothing about the row, Deleted if the row is gone.
// Data is written as JSON: keep personal data out of it, or pass it through Personal.
type Event struct {
	Action string // "party.update"
	Kind   string // "party"
	ID     string
	Digest string
	Data   any
}

// Deleted is the digest of a row that is no longer there.
const Deleted = "deleted"

// Record is an event as the log keeps it.
type Record struct {
	bun.BaseModel `bun:"table:audit_events" json:"-"`

	Seq    int64  `bun:"seq" json:"seq"`
	At     string `bun:"at" json:"at"`
	Actor  string `bun:"actor" json:"actor"`
	Action string `bun:"action" json:"action"`
	Kind   string `bun:"kind" json:"kind"`
	ID     string `bun:"row_id" json:"id"`
	Digest string `bun:"digest" json:"digest"`
	Data   string `bun:"data" json:"data" doc:"JSON, or empty"`
	Hash   string `bun:"hash" json:"hash"`
}

// hashAfter is the hash of a record that follows one with hash prev, over all its texts.
func (r *Record) hashAfter(prev string) string {
	return Digest("shanglin audit 1", prev, fmt.Sprint(r.Seq), r.At, r.Actor, r.Action, r.Kind, r.ID, r.Digest, r.Data)
}

type actorKey struct{}

// WithActor says who does what is logged from here on: an account's id, never a person's name.
func WithActor(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, actorKey{}, name)
}

// ActorFrom is who was named by WithActor; "system" if nobody was.
func ActorFrom(ctx context.Context) string {
	if name, ok := ctx.Value(actorKey{}).(string); ok && name != "" {
		return name
	}
	return "system"
}

// Append adds a record in the transaction of ctx, which must be one that writes. The record gets its place in the chain at the end of
// the transaction, so that the head row, which everybody needs, is locked last and for the shortest time.
func Append(ctx context.Context, e Event) error {
	if e.Action == "" || e.Kind == "" || e.ID == "" {
		return errors.New("audit: an event needs an action, a kind and an id")
	}
	if open, write := store.InTx(ctx); !open || !write {
		return errors.New("audit: Append outside of store.Write")
	}
	r := &Record{At: store.Stamp(clock.Now(ctx)), Actor: ActorFrom(ctx), Action: e.Action, Kind: e.Kind, ID: e.ID, Digest: e.Digest}
	if e.Data != nil {
		data, err := json.Marshal(e.Data)
		if err != nil {
			return fmt.Errorf("audit: data of %s: %w", e.Action, err)
		}
		r.Data = string(data)
	}
	waiting := store.Local(ctx, pendingKey{}, func() *pending { return &pending{} })
	if s := steadFrom(ctx); s != nil {
		r.Data = s.into(r.Data)
		if !slices.Contains(waiting.steads, s) {
			waiting.steads = append(waiting.steads, s)
		}
	}
	if len(waiting.records) == 0 {
		store.BeforeCommit(ctx, waiting.chain)
	}
	waiting.records = append(waiting.records, r)
	return nil
}

// pending is what a transaction will log when it ends.
type pending struct {
	records []*Record
	steads  []*Stead
}

type pendingKey struct{}

// insertAtOnce keeps a statement well below any limit of its length.
const insertAtOnce = 200

// chain gives the records their places after the head.
func (p *pending) chain(ctx context.Context) error {
	records := p.records
	p.records = nil
	for _, s := range p.steads {
		if err := s.Still(ctx); err != nil {
			return err
		}
	}
	tx := store.Tx(ctx)
	var seq int64
	var hash string
	err := tx.QueryRowContext(ctx, `UPDATE audit_head SET seq = seq + ? WHERE one = 1 RETURNING seq, hash`, len(records)).Scan(&seq, &hash)
	if err != nil {
		return fmt.Errorf("audit: taking the head: %w", err)
	}
	seq -= int64(len(records))
	for _, r := range records {
		seq++
		r.Seq = seq
		r.Hash = r.hashAfter(hash)
		hash = r.Hash
	}
	for some := range slices.Chunk(records, insertAtOnce) {
		if _, err := tx.NewInsert().Model(&some).Exec(ctx); err != nil {
			return fmt.Errorf("audit: writing records: %w", err)
		}
	}
	_, err = tx.ExecContext(ctx, `UPDATE audit_head SET hash = ? WHERE one = 1`, hash)
	return err
}

// Personal makes of personal data what the log may keep: a hash under a secret of the database, the same for the same text.
// Inside store.Write: the first call makes the secret.
func Personal(ctx context.Context, text string) (string, error) {
	fresh := make([]byte, 32)
	rand.Read(fresh)
	var secret string
	// Sets a column to itself so that the row comes back whether or not it was there.
	err := store.Tx(ctx).QueryRowContext(ctx, `INSERT INTO audit_secret (one, secret) VALUES (1, ?)
		ON CONFLICT (one) DO UPDATE SET secret = audit_secret.secret RETURNING secret`, hex.EncodeToString(fresh)).Scan(&secret)
	if err != nil {
		return "", fmt.Errorf("audit: the secret for personal data: %w", err)
	}
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Filter chooses records; the zero value chooses all.
type Filter struct {
	Kind, ID string
	Rows     []string // records of any of these rows, of kinds that have words; nil: of every row
	Action   string
	Actor    string
	From, To string // stamps: not before From, and before To
	Before   int64  // only records with a lower number; 0: from the newest
	Limit    int    // at most 500; 0: 100
}

func (f Filter) query(ctx context.Context, records *[]Record) *bun.SelectQuery {
	q := store.Tx(ctx).NewSelect().Model(records).OrderExpr("seq DESC")
	for _, c := range []struct{ condition, value string }{{"kind = ?", f.Kind}, {"row_id = ?", f.ID}, {"action = ?", f.Action}, {"actor = ?", f.Actor},
		{"at >= ?", f.From}, {"at < ?", f.To}} {
		if c.value != "" {
			q = q.Where(c.condition, c.value)
		}
	}
	if f.Rows != nil {
		// The kinds are named so that the index by kind and row serves.
		q = q.Where("kind IN (?) AND row_id IN (?)", bun.List(slices.Sorted(maps.Keys(WordsOf()))), bun.List(f.Rows))
	}
	if f.Before > 0 {
		q = q.Where("seq < ?", f.Before)
	}
	return q
}

// List gives records, the newest first. It sees what has been committed: records of the transaction in ctx are not in it yet.
func List(ctx context.Context, f Filter) ([]Record, error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	out := []Record{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		return f.query(ctx, &out).Limit(int64(min(f.Limit, 500))).Scan(ctx)
	})
	return out, err
}

// Each gives all the records that List gives page by page, some at a time; for exports. It sees one state of the log.
func Each(ctx context.Context, f Filter, fn func(some []Record) error) error {
	return store.Read(ctx, func(ctx context.Context) error {
		for {
			var some []Record
			if err := f.query(ctx, &some).Limit(page).Scan(ctx); err != nil || len(some) == 0 {
				return err
			}
			if err := fn(some); err != nil {
				return err
			}
			f.Before = some[len(some)-1].Seq
		}
	})
}
