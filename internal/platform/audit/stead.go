package audit

import (
	"context"
	"strings"

	"shanglin/internal/platform/store"
)

// Stead says that whoever acts does so in somebody else's stead. Their records name both.
type Stead struct {
	// For is the account in whose stead it is done: an id of letters and digits.
	For string
	// Still is asked in the transaction that logs, when everything else in it is done: an error undoes it. It holds what it read until the
	// transaction ends.
	Still func(ctx context.Context) error
}

type steadKey struct{}

// WithStead says in whose stead everything is done that is logged from here on; nil: in nobody's.
func WithStead(ctx context.Context, s *Stead) context.Context {
	return context.WithValue(ctx, steadKey{}, s)
}

func steadFrom(ctx context.Context) *Stead {
	s, _ := ctx.Value(steadKey{}).(*Stead)
	return s
}

// steadOf begins the data of a record of what was done in somebody's stead.
const steadOf = `{"stead":"`

// into puts whom it was done for before the data of a record.
func (s *Stead) into(data string) string {
	head := steadOf + s.For + `"`
	switch {
	case data == "" || data == "{}":
		return head + "}"
	case strings.HasPrefix(data, "{"):
		return head + "," + data[1:]
	}
	return head + `,"data":` + data + "}"
}

// For is the account in whose stead it was done; empty: in nobody's.
func (r *Record) For() string {
	rest, found := strings.CutPrefix(r.Data, steadOf)
	if !found {
		return ""
	}
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

// StoodIn says whether an account did something to a row in the stead of one of some others. It sees what has been committed.
func StoodIn(ctx context.Context, kind, row, actor string, stead []string) (did bool, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		did = false
		var records []Record
		if err := store.Tx(ctx).NewSelect().Model(&records).Where("kind = ? AND row_id = ? AND actor = ? AND data LIKE ?", kind, row, actor, steadOf+"%").Scan(ctx); err != nil {
			return err
		}
		for i := range records {
			for _, id := range stead {
				did = did || id != "" && records[i].For() == id
			}
		}
		return nil
	})
	return did, err
}
