package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

type rowKind struct {
	control  bool // its rows stand in the control database, not in tenants
	digestOf func(ctx context.Context, id string) (string, error)
	list     func(ctx context.Context, after string, limit int) ([]string, error)
}

var (
	rowsMu sync.Mutex
	rows   = map[string]rowKind{}
)

// RegisterRow tells how the digest of a live row of a kind is made. digestOf runs in the transaction of Verify; for a row that is not
// there it returns a NotFound fault, sql.ErrNoRows, or no digest. Call it from init.
func RegisterRow(kind string, digestOf func(ctx context.Context, id string) (string, error)) {
	rowsMu.Lock()
	defer rowsMu.Unlock()
	if rows[kind].digestOf != nil {
		panic("audit: row kind registered twice: " + kind)
	}
	rows[kind] = rowKind{digestOf: digestOf, list: rows[kind].list}
}

// RegisterControl is RegisterRow and RegisterList for a kind of row of the control database. Call it from init.
func RegisterControl(kind string, digestOf func(ctx context.Context, id string) (string, error), list func(ctx context.Context, after string, limit int) ([]string, error)) {
	rowsMu.Lock()
	defer rowsMu.Unlock()
	if rows[kind].digestOf != nil {
		panic("audit: row kind registered twice: " + kind)
	}
	rows[kind] = rowKind{control: true, digestOf: digestOf, list: list}
}

// RegisterList tells how to go through the ids of the live rows of a kind, up to limit of them after one, rising, so that Verify finds
// rows of which the log knows nothing. Only for kinds of which each row has its own record.
func RegisterList(kind string, list func(ctx context.Context, after string, limit int) ([]string, error)) {
	rowsMu.Lock()
	defer rowsMu.Unlock()
	rows[kind] = rowKind{digestOf: rows[kind].digestOf, list: list}
}

// What can be wrong with a log.
const (
	Edited    = "edited"    // a record is not what was written
	Missing   = "missing"   // records are not there
	Reordered = "reordered" // a record does not follow the one before it
	Truncated = "truncated" // the end of the log is not there
	Rewritten = "rewritten" // the log is not the one that a checkpoint saw
	Forged    = "forged"    // a checkpoint's signature is not by the key
	Changed   = "changed"   // a live row is not as its last record says
	Gone      = "gone"      // a live row of which a record tells is not there
	Unlogged  = "unlogged"  // a live row of which no record tells
)

// Problem is something that is wrong. Seq is the record concerned, 0 if none; Kind and ID the row, if one is concerned.
type Problem struct {
	What    string `json:"what" enum:"edited,missing,reordered,truncated,rewritten,forged,changed,gone,unlogged"`
	Seq     int64  `json:"seq,omitempty"`
	Kind    string `json:"kind,omitempty"`
	ID      string `json:"id,omitempty"`
	Message string `json:"message" doc:"for people"`
}

// Report is what Verify found.
type Report struct {
	Records     int64     `json:"records" doc:"records read"`
	Rows        int64     `json:"rows" doc:"live rows compared with their last digest"`
	Checkpoints int       `json:"checkpoints" doc:"checkpoints compared with the log"`
	Head        string    `json:"head" doc:"hash of the last record"`
	Problems    []Problem `json:"problems" nullable:"false" doc:"at most 1000; empty: everything is as it was written"`

	step func() error // tells how far it is; may be nil
}

// went tells how far the verification is.
func (r *Report) went() error {
	if r.step == nil {
		return nil
	}
	return r.step()
}

const maxProblems = 1000

// movedAtMost is of how many wrong records it is found out whether they were edited or moved; the others are called edited.
const movedAtMost = 100

// OK says that nothing is wrong.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

func (r *Report) add(what string, seq int64, format string, a ...any) {
	r.addRow(what, seq, "", "", format, a...)
}

func (r *Report) addRow(what string, seq int64, kind, id, format string, a ...any) {
	if len(r.Problems) < maxProblems {
		r.Problems = append(r.Problems, Problem{What: what, Seq: seq, Kind: kind, ID: id, Message: fmt.Sprintf(format, a...)})
	}
}

// page is how many records or rows are read at a time.
const page = 2000

// Verify reads the whole log of the database in ctx, a tenant's or the control database, and compares it with itself, with its head, with
// the checkpoints that stand in the database, and with the live rows. It sees one state of the database.
func Verify(ctx context.Context) (*Report, error) { return Verification{}.Run(ctx) }

// VerifyAgainst is Verify that also compares the log with checkpoints which were kept outside, as Verification tells.
func VerifyAgainst(ctx context.Context, outside []Checkpoint, trusted ...string) (*Report, error) {
	return Verification{Outside: outside, Trusted: trusted}.Run(ctx)
}

// Verification is Verify with more to compare, and for a log whose reading takes a while.
type Verification struct {
	Outside []Checkpoint // kept outside
	Trusted []string     // public keys (hex) that signed them; none: each is compared with the key it names, which shows damage but not forgery

	// Progress is told how many records and rows have been compared; its error ends the verification. Nil: nobody asks. It is called
	// while a transaction that reads is open, so it must not use that one's context.
	Progress func(done, total int64) error
}

// Run verifies the log of the tenant in ctx. It sees one state of the database.
func (v Verification) Run(ctx context.Context) (*Report, error) {
	report := &Report{Problems: []Problem{}}
	err := store.Read(ctx, func(ctx context.Context) error {
		*report = Report{Problems: []Problem{}}
		if v.Progress != nil {
			total, err := extent(ctx)
			if err != nil {
				return err
			}
			report.step = func() error { return v.Progress(min(report.Records+report.Rows, total), total) }
		}
		return verify(ctx, report, v.Outside, v.Trusted)
	})
	return report, err
}

// extent is how many records there are, and rows that they tell of.
func extent(ctx context.Context) (int64, error) {
	var records, rows int64
	err := store.Tx(ctx).QueryRowContext(ctx, `SELECT count(*) FROM audit_events`).Scan(&records)
	if kinds := registered(ctx); err == nil && len(kinds) > 0 {
		err = store.Tx(ctx).NewRaw(`SELECT count(*) FROM (SELECT 1 AS one FROM audit_events WHERE digest <> '' AND kind IN (?) GROUP BY kind, row_id) AS found`,
			bun.List(kinds)).Scan(ctx, &rows)
	}
	return records + rows, err
}

func verify(ctx context.Context, report *Report, outside []Checkpoint, trusted []string) error {
	inside, err := Checkpoints(ctx)
	if err != nil {
		return err
	}
	seen := map[int64][]Checkpoint{} // by the record they saw
	check := func(cs []Checkpoint, where string) {
		for _, c := range cs {
			report.Checkpoints++
			if !c.signed(store.Bound(ctx).ID(), trusted) {
				report.add(Forged, c.Seq, "%s检查点 %d 的签名不对。", where, c.Seq)
				continue
			}
			if !slices.ContainsFunc(seen[c.Seq], func(o Checkpoint) bool { return o.Hash == c.Hash }) {
				seen[c.Seq] = append(seen[c.Seq], c)
			}
		}
	}
	check(inside, "库内的")
	check(outside, "库外的")

	last, err := verifyChain(ctx, report, seen)
	if err != nil {
		return err
	}
	report.Head = last.Hash
	var headSeq int64
	var headHash string
	err = store.Tx(ctx).QueryRowContext(ctx, `SELECT seq, hash FROM audit_head WHERE one = 1`).Scan(&headSeq, &headHash)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		report.add(Truncated, 0, "日志的末尾标记不见了。")
	case err != nil:
		return err
	case headSeq > last.Seq:
		report.add(Truncated, headSeq, "日志应有 %d 条，只到第 %d 条。", headSeq, last.Seq)
	case headSeq < last.Seq || headHash != last.Hash:
		report.add(Edited, last.Seq, "日志的末尾标记与最后一条记录不符。")
	}
	for _, seq := range slices.Sorted(keys(seen)) {
		if seq > last.Seq {
			report.add(Truncated, seq, "检查点见过第 %d 条记录，日志只到第 %d 条。", seq, last.Seq)
		}
	}
	if err := verifyRows(ctx, report); err != nil {
		return err
	}
	return verifyLogged(ctx, report)
}

func keys(m map[int64][]Checkpoint) func(func(int64) bool) {
	return func(yield func(int64) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// verifyChain goes through the records in order and returns the last.
func verifyChain(ctx context.Context, report *Report, seen map[int64][]Checkpoint) (last Record, err error) {
	wrong := 0
	for {
		var records []Record
		err := store.Tx(ctx).NewSelect().Model(&records).Where("seq > ?", last.Seq).OrderExpr("seq").Limit(page).Scan(ctx)
		if err != nil {
			return last, err
		}
		for _, r := range records {
			report.Records++
			if r.Seq != last.Seq+1 {
				report.add(Missing, last.Seq+1, "缺第 %d 至 %d 条记录。", last.Seq+1, r.Seq-1)
			} else if r.Hash != r.hashAfter(last.Hash) {
				// To find out which of the two it is takes a while: only for the first.
				wrong++
				was := false
				if wrong <= movedAtMost {
					if was, err = moved(ctx, r); err != nil {
						return last, err
					}
				}
				if was {
					report.add(Reordered, r.Seq, "第 %d 条记录不在原来的位置上。", r.Seq)
				} else {
					report.add(Edited, r.Seq, "第 %d 条记录与写入时不同。", r.Seq)
				}
			}
			for _, c := range seen[r.Seq] {
				if c.Hash != r.Hash {
					report.add(Rewritten, r.Seq, "第 %d 条记录不是 %s 的检查点所见的那一条：日志被重写过。", r.Seq, c.At)
				}
			}
			last = r
		}
		if err := report.went(); err != nil {
			return last, err
		}
		if len(records) < page {
			return last, nil
		}
	}
}

// moved says whether the record is whole, but was numbered or chained as after another record than the one it stands behind. It tries the
// numbers and the records around: where each record stands now, with the one before it, and where this one stands, with every other.
func moved(ctx context.Context, r Record) (bool, error) {
	var around []Record
	err := store.Tx(ctx).NewSelect().Model(&around).Column("seq", "hash").Where("seq BETWEEN ? AND ?", r.Seq-page/2, r.Seq+page/2).OrderExpr("seq").Scan(ctx)
	if err != nil {
		return false, err
	}
	fits := func(seq int64, prev string) bool {
		copied := r
		copied.Seq = seq
		return copied.hashAfter(prev) == r.Hash
	}
	prev := ""
	for _, o := range around {
		if fits(o.Seq, prev) {
			return true, nil
		}
		prev = o.Hash
		for seq := r.Seq - 2; seq <= r.Seq+2; seq++ {
			if fits(seq, o.Hash) {
				return true, nil
			}
		}
	}
	return false, nil
}

// verifyRows compares each live row of a registered kind with the last digest that the log has of it.
func verifyRows(ctx context.Context, report *Report) error {
	for _, kind := range registered(ctx) {
		after := ""
		for {
			var logged []struct {
				Seq    int64  `bun:"seq"`
				RowID  string `bun:"row_id"`
				Digest string `bun:"digest"`
			}
			err := store.Tx(ctx).NewRaw(`SELECT e.seq, e.row_id, e.digest FROM audit_events AS e
				JOIN (SELECT row_id, max(seq) AS seq FROM audit_events WHERE kind = ? AND digest <> '' AND row_id > ?
					GROUP BY row_id ORDER BY row_id LIMIT ?) AS l ON l.seq = e.seq
				ORDER BY e.row_id`, kind, after, page).Scan(ctx, &logged)
			if err != nil {
				return err
			}
			for _, l := range logged {
				after = l.RowID
				live, err := liveDigest(ctx, kind, l.RowID)
				if err != nil {
					return fmt.Errorf("audit: digest of a %s: %w", kind, err)
				}
				report.Rows++
				if err := report.went(); err != nil {
					return err
				}
				switch {
				case live == l.Digest || live == "" && l.Digest == Deleted:
				case live == "":
					report.addRow(Gone, l.Seq, kind, l.RowID, "第 %d 条记录所说的一行不见了。", l.Seq)
				default:
					report.addRow(Changed, l.Seq, kind, l.RowID, "一行现在的内容与最后一次记录（第 %d 条）不符。", l.Seq)
				}
			}
			if len(logged) < page {
				break
			}
		}
	}
	return nil
}

// verifyLogged finds live rows that no record tells of.
func verifyLogged(ctx context.Context, report *Report) error {
	for _, kind := range registered(ctx) {
		list := kindOf(kind).list
		if list == nil {
			continue
		}
		for after := ""; ; {
			ids, err := list(ctx, after, page)
			if err != nil {
				return fmt.Errorf("audit: listing %s: %w", kind, err)
			}
			if len(ids) > 0 {
				var told []string
				err := store.Tx(ctx).NewRaw(`SELECT DISTINCT row_id FROM audit_events WHERE kind = ? AND row_id IN (?) AND digest <> ''`,
					kind, bun.List(ids)).Scan(ctx, &told)
				if err != nil {
					return err
				}
				slices.Sort(told)
				for _, id := range ids {
					if _, ok := slices.BinarySearch(told, id); !ok {
						report.addRow(Unlogged, 0, kind, id, "一行没有任何记录。")
					}
				}
				after = ids[len(ids)-1]
			}
			if len(ids) < page {
				break
			}
		}
	}
	return nil
}

// LastDigest is the digest that the log last gave of a row; empty if it knows nothing of it. It sees what has been committed.
func LastDigest(ctx context.Context, kind, id string) (digest string, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		digest = ""
		err := store.Tx(ctx).QueryRowContext(ctx, `SELECT digest FROM audit_events WHERE kind = ? AND row_id = ? AND digest <> '' ORDER BY seq DESC LIMIT 1`, kind, id).Scan(&digest)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return digest, err
}

// Adopt takes the live rows of a kind into the log, each with an event KIND.adopted: those that were there before the log was. It runs
// in the transaction of ctx.
func Adopt(ctx context.Context, kind string) error {
	for after := ""; ; {
		ids, err := kindOf(kind).list(ctx, after, page)
		if err != nil {
			return err
		}
		for _, id := range ids {
			after = id
			digest, err := kindOf(kind).digestOf(ctx, id)
			if err != nil {
				return err
			}
			if err := Append(ctx, Event{Action: kind + ".adopted", Kind: kind, ID: id, Digest: digest}); err != nil {
				return err
			}
		}
		if len(ids) < page {
			return nil
		}
	}
}

// liveDigest is empty when there is no such row.
func liveDigest(ctx context.Context, kind, id string) (string, error) {
	digest, err := kindOf(kind).digestOf(ctx, id)
	if errors.Is(err, sql.ErrNoRows) || fault.CodeOf(err) == fault.NotFound {
		return "", nil
	}
	return digest, err
}

func kindOf(kind string) rowKind {
	rowsMu.Lock()
	defer rowsMu.Unlock()
	return rows[kind]
}

// registered are the kinds of row that the database in ctx has.
func registered(ctx context.Context) []string {
	control := store.Bound(ctx).ID() == store.ControlID
	rowsMu.Lock()
	defer rowsMu.Unlock()
	var kinds []string
	for kind, r := range rows {
		if r.digestOf != nil && r.control == control {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}
