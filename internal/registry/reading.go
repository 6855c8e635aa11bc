package registry

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Facts lists what is known of a party that the actor may see, by term and period; personal terms are masked.
func (r *Registry) Facts(ctx context.Context, party string) ([]Fact, error) {
	return r.facts(ctx, party, false)
}

// FactHistory is Facts with everything that was superseded or withdrawn, each after the fact that replaced it.
func (r *Registry) FactHistory(ctx context.Context, party string) ([]Fact, error) {
	return r.facts(ctx, party, true)
}

func (r *Registry) facts(ctx context.Context, party string, history bool) ([]Fact, error) {
	v, err := r.vocabulary(ctx)
	if err != nil {
		return nil, err
	}
	out := []Fact{}
	err = store.Read(ctx, func(ctx context.Context) error {
		if _, err := holder(ctx, party); err != nil {
			return err
		}
		disputed, err := openDisputes(ctx, party)
		if err != nil {
			return err
		}
		now, _, err := version(ctx)
		if err != nil {
			return err
		}
		var rows []factRow
		query, args := `SELECT `+factColumns+` FROM fact_rows AS f WHERE f.party = ? AND f.since <= ?`, []any{party, now}
		if !history {
			query, args = query+` AND f.till > ? AND f.withdrawn = 0`, append(args, now)
		}
		if err := store.Tx(ctx).NewRaw(query+` ORDER BY f.term, f.period DESC, f.source, f.record_key, f.id DESC`, args...).Scan(ctx, &rows); err != nil {
			return err
		}
		successor := map[string]string{}
		for _, row := range rows {
			if row.Supersedes != "" {
				successor[row.Supersedes] = row.ID
			}
		}
		for _, row := range rows {
			f := row.fact(v)
			f.Disputed, f.SupersededBy = disputed[row.ID], successor[row.ID]
			out = append(out, f)
		}
		return nil
	})
	return out, err
}

// factSet collects the facts of one party for the language.
type factSet struct {
	v        *policy.Vocabulary
	covered  [2]map[string]policy.Date // through which day each kind is complete, for real parties and for invented ones
	disputed map[string]bool
	region   []factRow // read by every party
}

// newFactSet reads what concerns every party: coverage, the region's figures, and open disputes (of one party, or of all).
func newFactSet(ctx context.Context, v *policy.Vocabulary, party string) (*factSet, error) {
	disputed, err := openDisputes(ctx, party)
	if err != nil {
		return nil, err
	}
	rows, err := coverageRows(ctx)
	if err != nil {
		return nil, err
	}
	set := &factSet{v: v, disputed: disputed, covered: [2]map[string]policy.Date{{}, {}}}
	if set.region, err = regionRows(ctx, v); err != nil {
		return nil, err
	}
	for _, row := range rows {
		for invented := row.Invented; row.counts(v) && invented < 2; invented++ {
			set.covered[invented][row.Kind] = max(set.covered[invented][row.Kind], row.through())
		}
	}
	return set, nil
}

// empty is what is known of a party of which nothing was said: the coverage, and the region's figures.
func (s *factSet) empty(invented int) *policy.Facts {
	f := policy.NewFacts(s.v)
	for kind, through := range s.covered[invented] {
		if kind == ReceivedCoverage {
			f.CoverReceived(through)
		} else {
			f.Cover(kind, through)
		}
	}
	for i := range s.region {
		s.put(f, &s.region[i], sourceOf(&s.region[i]))
	}
	return f
}

// add gives one row of a party to the language. A row that the vocabulary no longer knows is left out: it concerns no scheme; so is one of
// what has become the region's figure.
func (s *factSet) add(f *policy.Facts, row *factRow, src policy.Source) {
	if row.Form == formValue && regional(s.v, row.Term) {
		return
	}
	s.put(f, row, src)
}

func (s *factSet) put(f *policy.Facts, row *factRow, src policy.Source) {
	src.Verified, src.Disputed = row.Verified != 0, s.disputed[row.ID]
	switch row.Form {
	case formValue:
		year := 0
		if row.Period != "" {
			year, _ = strconv.Atoi(row.Period)
		}
		_ = f.Value(row.Term, year, row.Value, src)
	case formRecord:
		rec := policy.RecordFact{From: dateOf(row.From), Until: dateOf(row.Until), Source: src}
		if row.Fields != "" {
			_ = json.Unmarshal([]byte(row.Fields), &rec.Fields)
		}
		_ = f.Record(row.Term, rec)
	case formReceived:
		of, _ := row.thing()
		f.ReceivedFor(strings.TrimPrefix(row.Term, receivedPrefix), of.Name, fenOf(row.Value), dateOf(row.From), src)
	}
}

// dateOf reads a date that this package wrote: 2026-04-01, or nothing.
func dateOf(s string) policy.Date {
	if len(s) != 10 {
		return 0
	}
	n := 0
	for i := range 10 {
		if i != 4 && i != 7 {
			n = n*10 + int(s[i]-'0')
		}
	}
	return policy.Date(n)
}

// FactsOf is everything current about one party, for the language, with sources for the reasons. Facts of different sources stand side by
// side. NotFound if the actor may not see the party.
func (r *Registry) FactsOf(ctx context.Context, v *policy.Vocabulary, party string) (*policy.Facts, error) {
	var out *policy.Facts
	err := store.Read(ctx, func(ctx context.Context) error {
		p, err := visibleParty(ctx, party)
		if err != nil {
			return err
		}
		set, err := newFactSet(ctx, v, party)
		if err != nil {
			return err
		}
		var rows []factRow
		if err := store.Tx(ctx).NewRaw(`SELECT `+factColumns+` FROM facts AS f WHERE f.party = ? ORDER BY f.term, f.period, f.source, f.record_key`,
			party).Scan(ctx, &rows); err != nil {
			return err
		}
		awarded, err := r.awarded(ctx, party)
		if err != nil {
			return err
		}
		out = set.empty(p.Invented)
		awarded(party, out)
		for _, row := range concerning(v, rows, Thing{}) {
			set.add(out, &row, sourceOf(&row))
		}
		return nil
	})
	return out, err
}

// Count is how many parties the actor may see.
func (r *Registry) Count(ctx context.Context) (int64, error) {
	var n int64
	err := store.Read(ctx, func(ctx context.Context) error {
		cond, args := scope(ctx, "p")
		return store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM parties AS p WHERE `+cond, args...).Scan(ctx, &n)
	})
	return n, err
}

// EachFacts calls fn with the facts of up to limit parties after one, in the order of their ids, of those that the actor may see;
// fn may keep them. It is for bulk runs: sources carry assurance and dispute only. It reads a page of parties, what they were awarded and all their facts in
// three queries, and holds its read transaction while fn runs. fn was not called: there are no more.
func (r *Registry) EachFacts(ctx context.Context, v *policy.Vocabulary, after string, limit int, fn func(party string, facts *policy.Facts) error) error {
	return store.Read(ctx, func(ctx context.Context) error {
		cond, args := scope(ctx, "p")
		now, _, err := version(ctx)
		if err != nil {
			return err
		}
		var ids []string
		var invented []int
		if err := store.Tx(ctx).NewRaw(`SELECT p.id, p.invented FROM party_rows AS p WHERE p.id > ? AND p.since <= ? AND p.till > ? AND `+cond+` ORDER BY p.id LIMIT ?`,
			append(append([]any{after, now, now}, args...), limit)...).Scan(ctx, &ids, &invented); err != nil || len(ids) == 0 {
			return err
		}
		set, err := newFactSet(ctx, v, "")
		if err != nil {
			return err
		}
		parties, err := disputing(ctx)
		if err != nil {
			return err
		}
		awarded, err := r.awarded(ctx, ids...)
		if err != nil {
			return err
		}
		// The facts of a party are one text: a row for each fact would cost several times as much to hand over as to read.
		rows, err := store.Tx(ctx).QueryContext(ctx, `SELECT f.party, `+store.JoinedTexts(ctx, `f.form || ? || f.verified || ? || f.term || ? || f.period || ? || f.value || ? ||
				f.from_date || ? || f.until_date || ? || f.fields || ? || CASE WHEN f.record_key LIKE ? THEN f.record_key ELSE '' END || ? || CASE WHEN f.party IN (?) THEN f.id ELSE '' END`)+`
			FROM fact_rows AS f WHERE f.party >= ? AND f.party <= ? AND f.since <= ? AND f.till > ? AND f.withdrawn = 0
			GROUP BY f.party ORDER BY f.party`, sep, sep, sep, sep, sep, sep, sep, sep, thingPrefix+"%", sep, bun.List(parties), end, ids[0], ids[len(ids)-1], now, now)
		if err != nil {
			return err
		}
		defer rows.Close()
		var list []factRow
		next := &factCursor{rows: rows, place: make(map[string]int, len(ids))}
		for i, id := range ids {
			next.place[id] = i + 1
		}
		for i, id := range ids {
			text, err := next.of(id)
			if err != nil {
				return err
			}
			facts := set.empty(invented[i])
			awarded(id, facts)
			list = list[:0]
			for text != "" {
				one, rest, _ := strings.Cut(text, end)
				text = rest
				row, err := splitFact(one)
				if err != nil {
					return err
				}
				list = append(list, row)
			}
			for _, row := range concerning(v, list, Thing{}) {
				set.add(facts, &row, policy.Source{})
			}
			if err := fn(id, facts); err != nil {
				return err
			}
		}
		return nil
	})
}

// sep stands between the columns of a fact and end between facts, where EachFacts reads them as one text; what is kept holds no control characters.
const sep, end = "\x1f", "\x1e"

// splitFact reads a fact out of the text of its party.
func splitFact(text string) (factRow, error) {
	var c [10]string
	for i := range c {
		var more bool
		c[i], text, more = strings.Cut(text, sep)
		if more != (i < len(c)-1) {
			return factRow{}, errors.New("registry: a fact holds a control character")
		}
	}
	row := factRow{Form: int(c[0][0] - '0'), Term: c[2], Period: c[3], Value: c[4], From: c[5], Until: c[6], Fields: c[7], RecordKey: c[8], ID: c[9]}
	if c[1] == "1" {
		row.Verified = 1
	}
	return row, nil
}

// disputing are the parties that have an open dispute.
func disputing(ctx context.Context) ([]string, error) {
	parties := []string{""}
	err := store.Tx(ctx).NewRaw(`SELECT DISTINCT party FROM disputes WHERE state = 'open'`).Scan(ctx, &parties)
	return append(parties, ""), err
}

// factCursor walks rows that the database ordered by party, as it ordered the parties: its order of texts need not be Go's.
type factCursor struct {
	rows    *sql.Rows
	place   map[string]int // of the parties wanted, from 1
	party   string
	text    string
	waiting bool
	done    bool
}

// of is the text of the party, or nothing; rows of parties that are not wanted are skipped.
func (c *factCursor) of(party string) (string, error) {
	for !c.done {
		if !c.waiting {
			if !c.rows.Next() {
				c.done = true
				return "", c.rows.Err()
			}
			if err := c.rows.Scan(&c.party, &c.text); err != nil {
				return "", err
			}
		}
		if c.party == party {
			c.waiting = false
			return c.text, nil
		}
		if c.waiting = c.place[c.party] > c.place[party]; c.waiting {
			return "", nil
		}
	}
	return "", nil
}
