package search

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"shanglin/internal/platform/store"
)

// fields is how many weights there are.
const fields = 4

// number is the row number of a thing: 63 bits made of its name, since ids come from Go and FTS5 wants an integer.
func number(collection, id string) int64 {
	sum := sha256.Sum256([]byte(collection + "\x00" + id))
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 1)
}

// Put makes a thing of a collection findable by up to four texts, the weightiest first, instead of by what it was found before.
// In the transaction of ctx, or one of its own.
func Put(ctx context.Context, collection, id string, texts ...string) error {
	if len(texts) > fields {
		return fmt.Errorf("search: %d texts, at most %d", len(texts), fields)
	}
	var terms [fields]string
	for i, t := range texts {
		terms[i] = Terms(t)
	}
	return store.Write(ctx, func(ctx context.Context) error {
		n := number(collection, id)
		if err := step(ctx, store.SearchForget(ctx), n); err != nil {
			return err
		}
		_, err := store.Tx(ctx).ExecContext(ctx, `INSERT INTO search_entries (n, collection, id, a, b, c, d) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (collection, id) DO UPDATE SET a = excluded.a, b = excluded.b, c = excluded.c, d = excluded.d`,
			n, collection, id, terms[0], terms[1], terms[2], terms[3])
		if err != nil {
			return err
		}
		return step(ctx, store.SearchLearn(ctx), n)
	})
}

// Delete makes a thing no longer findable.
func Delete(ctx context.Context, collection, id string) error {
	return store.Write(ctx, func(ctx context.Context) error {
		n := number(collection, id)
		if err := step(ctx, store.SearchForget(ctx), n); err != nil {
			return err
		}
		_, err := store.Tx(ctx).ExecContext(ctx, `DELETE FROM search_entries WHERE n = ?`, n)
		return err
	})
}

// step runs a fragment that only one kind of database needs.
func step(ctx context.Context, statement string, n int64) error {
	if statement == "" {
		return nil
	}
	_, err := store.Tx(ctx).ExecContext(ctx, statement, n)
	return err
}

// Find lists the ids of things of a collection that a query finds, the best first, and how many there are in all.
//
// What contains every term comes before anything else. Where nothing does, what contains two of them will do, since words that do not
// stand together (慈溪卓力 for 慈溪市卓力电器) share all pairs but those at the seam; and where nothing has two, one.
// A query without a letter or digit finds nothing.
func Find(ctx context.Context, collection, query string, limit, offset int) (ids []string, total int, err error) {
	terms := Query(query)
	ids = []string{}
	if len(terms) == 0 {
		return ids, 0, nil
	}
	err = store.Read(ctx, func(ctx context.Context) error {
		for _, q := range relaxed(ctx, terms) {
			err := store.Tx(ctx).QueryRowContext(ctx, `SELECT count(*) FROM search_entries AS e WHERE e.collection = ? AND `+store.SearchMatch(ctx), collection, q).Scan(&total)
			if err != nil {
				return err
			}
			if total == 0 {
				continue
			}
			ids = ids[:0]
			return store.Tx(ctx).NewRaw(`SELECT e.id FROM search_entries AS e JOIN (`+store.SearchRanked(ctx)+`) AS r ON r.n = e.n
				WHERE e.collection = ? ORDER BY r.score, e.id LIMIT ? OFFSET ?`, q, collection, limit, offset).Scan(ctx, &ids)
		}
		return nil
	})
	return ids, total, err
}

// relaxed is the query in the forms in which it is tried, from strict to lenient.
func relaxed(ctx context.Context, terms []Term) []string {
	each := make([]string, len(terms))
	for i, t := range terms {
		each[i] = store.SearchTerm(ctx, t.Text, t.Prefix)
	}
	out := []string{store.SearchAll(ctx, each)}
	if len(each) > 2 {
		var pairs []string
		for i := range each {
			for j := i + 1; j < len(each); j++ {
				pairs = append(pairs, store.SearchAll(ctx, []string{each[i], each[j]}))
			}
		}
		out = append(out, store.SearchAny(ctx, pairs))
	}
	if len(each) > 1 {
		out = append(out, store.SearchAny(ctx, each))
	}
	return out
}
