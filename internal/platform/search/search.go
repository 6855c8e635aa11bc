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
