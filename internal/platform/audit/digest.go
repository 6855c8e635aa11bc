package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"

	"shanglin/internal/platform/store"
)

// Digest is SHA-256, in hex, over texts, each with its length before it.
func Digest(texts ...string) string {
	h := sha256.New()
	for _, t := range texts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(t)))
		h.Write(n[:])
		h.Write([]byte(t))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// DigestJSON is SHA-256, in hex, over texts as a list in JSON: the form of rows whose digests have stood so in the log from the first.
func DigestJSON(texts ...string) string {
	b, _ := json.Marshal(texts) // strings only: cannot fail
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// IDs lists the ids of a table, for RegisterList.
func IDs(table string) func(ctx context.Context, after string, limit int) ([]string, error) {
	return IDsBy(`SELECT id FROM ` + table + ` WHERE id > ? ORDER BY id LIMIT ?`)
}

// IDsBy lists what a query selects of which the arguments are the last id and how many, for RegisterList.
func IDsBy(query string) func(ctx context.Context, after string, limit int) ([]string, error) {
	return func(ctx context.Context, after string, limit int) (ids []string, err error) {
		err = store.Tx(ctx).NewRaw(query, after, limit).Scan(ctx, &ids)
		return ids, err
	}
}
