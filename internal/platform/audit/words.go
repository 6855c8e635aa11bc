package audit

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// Words say for people what the log holds of rows of a kind. The room whose rows they are registers them.
type Words struct {
	Label   string            // 主体
	Actions map[string]string // party.unmask: 查看个人信息

	// About names what rows are about, by their ids; a row that is not there is left out. Whoever calls it has found out that the reader
	// may see it all.
	About func(ctx context.Context, rows []string) (map[string]Subject, error)
	// RowsOf are the rows that are about what people know by an id: a party's versions and facts. Nil: a row is known by its own id.
	RowsOf func(ctx context.Context, id string) ([]string, error)
}

// Subject is what a record is about, in words, and by which kind and id people know it.
type Subject struct {
	Label string `json:"label"`
	Kind  string `json:"kind" doc:"what it is: party, import, account …"`
	ID    string `json:"id"`
}

var (
	wordsMu sync.Mutex
	words   = map[string]Words{}
)

// RegisterWords tells the words of a kind; call it from init.
func RegisterWords(kind string, w Words) {
	wordsMu.Lock()
	defer wordsMu.Unlock()
	if _, twice := words[kind]; twice {
		panic("audit: words registered twice: " + kind)
	}
	words[kind] = w
}

// WordsOf are the words of every kind. The map is the caller's.
func WordsOf() map[string]Words {
	wordsMu.Lock()
	defer wordsMu.Unlock()
	return maps.Clone(words)
}

// About names what rows of a kind are about.
func About(ctx context.Context, kind string, rows []string) (map[string]Subject, error) {
	w := WordsOf()[kind]
	if w.About == nil || len(rows) == 0 {
		return nil, nil
	}
	return w.About(ctx, rows)
}

// RowsOf are all rows, of whatever kind, that are about what people know by an id; the id itself is among them.
func RowsOf(ctx context.Context, id string) ([]string, error) {
	rows := []string{id}
	all := WordsOf()
	for _, kind := range slices.Sorted(maps.Keys(all)) {
		if all[kind].RowsOf == nil {
			continue
		}
		of, err := all[kind].RowsOf(ctx, id)
		if err != nil {
			return nil, err
		}
		rows = append(rows, of...)
	}
	slices.Sort(rows)
	return slices.Compact(rows), nil
}
