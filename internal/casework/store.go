package casework

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// Kinds of rows that the audit log knows.
const (
	roundKind      = "round"
	caseKind       = "case"
	evaluationKind = "evaluation"
)

func init() {
	audit.RegisterRow(roundKind, roundDigest)
	audit.RegisterList(roundKind, audit.IDs("rounds"))
	audit.RegisterRow(caseKind, caseDigest)
	audit.RegisterList(caseKind, audit.IDs("cases"))
	audit.RegisterRow(evaluationKind, func(ctx context.Context, id string) (string, error) {
		e, err := evaluationByID(ctx, id)
		if errors.Is(err, sql.ErrNoRows) {
			return audit.Deleted, nil
		}
		return e.digest(), err
	})
	audit.RegisterList(evaluationKind, audit.IDs("case_evaluations"))
}

// unset is how a sum that nobody has set stands in its column.
const unset = -1

func fenOrNil(n int64) *policy.Fen {
	if n == unset {
		return nil
	}
	f := policy.Fen(n)
	return &f
}

func per(n int) int64 {
	if n <= 0 || n > 200 {
		return 20
	}
	return int64(n)
}

func offset(page, n int) int64 { return int64(max(page, 1)-1) * per(n) }

func liteOf(set *schemes.Compiled, id string, on policy.Date) schemes.Lite {
	if s := set.Library.Scheme(id); s != nil {
		return set.LiteOf(s, on)
	}
	return schemes.Lite{ID: id, Title: id}
}

// How far a list of cases is counted, and by a word that is in so many cases that each has to be looked at.
const (
	mostCounted = 1000
	mostWorded  = 100
)

// listCases is a page of cases, how many there are, counted so far, and whether there are more.
func (c *Casework) listCases(ctx context.Context, f CaseFilter) (rows []caseRow, total int, more bool, err error) {
	parts, err := c.caseScopes(ctx)
	if err != nil {
		return nil, 0, false, err
	}
	var where []string
	var args []any
	add := func(condition string, a ...any) { where, args = append(where, condition), append(args, a...) }
	for _, x := range []struct{ column, value string }{{"round", f.Round}, {"scheme", f.Scheme}, {"party", f.Party}, {"department", f.Department},
		{"town", f.Town}, {"stage", f.Stage}} {
		if x.value != "" {
			add(`c.`+x.column+` = ?`, x.value)
		}
	}
	switch f.Ended {
	case "":
	case "open":
		add(`c.ended = ''`)
	default:
		add(`c.ended = ?`, f.Ended)
	}
	most, few := mostCounted, f.Party != ""
	if text := strings.TrimSpace(f.Text); text != "" {
		code := registry.NormalCode(text)
		found, many, err := c.engine.Worded(ctx, flowCase, text)
		switch {
		case err != nil:
			return nil, 0, false, err
		case many:
			most = mostWorded
			for _, word := range strings.Fields(text) {
				condition, some := store.Like(ctx, word, "c.number", "c.party_name", "c.party_code")
				add(condition, some...)
			}
		case len(code) >= 12: // the beginning of a code, long enough to mean few
			add(`(c.id IN (?) OR c.party_code <> '' AND c.party_code >= ? AND c.party_code < ?)`, bun.List(append(found, "")), code, code+"~")
		default:
			add(`c.id IN (?)`, bun.List(append(found, "")))
		}
		few = few || !many
	}
	narrow := ``
	if len(where) > 0 {
		narrow = ` AND ` + strings.Join(where, ` AND `)
	}
	order := `submitted_at DESC, id DESC`
	if len(account.ActorFrom(ctx).Parties()) > 0 { // drafts, which have no number, come first for the applicant whose they are
		order = `CASE WHEN number = '' THEN 0 ELSE 1 END, ` + order
	}
	if len(parts) == 0 {
		return nil, 0, false, nil
	}
	var lists, counts []string
	var listArgs, countArgs []any
	last := offset(f.Page, f.Per) + per(f.Per)
	for _, p := range parts {
		if few {
			p.condition = store.Filter(p.condition)
		}
		lists = append(lists, `SELECT * FROM (SELECT c.* FROM cases AS c WHERE `+p.condition+narrow+` ORDER BY `+order+` LIMIT ?) AS part`)
		listArgs = append(append(append(listArgs, p.args...), args...), last)
		counts = append(counts, `SELECT 1 AS one FROM cases AS c WHERE `+p.condition+narrow)
		countArgs = append(append(countArgs, p.args...), args...)
	}
	if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM (`+strings.Join(counts, ` UNION ALL `)+` LIMIT ?) AS counted`, append(countArgs, most+1)...).Scan(ctx, &total); err != nil {
		return nil, 0, false, err
	}
	err = store.Tx(ctx).NewRaw(`SELECT * FROM (`+strings.Join(lists, ` UNION ALL `)+`) AS listed ORDER BY `+order+` LIMIT ? OFFSET ?`,
		append(listArgs, per(f.Per), offset(f.Page, f.Per))...).Scan(ctx, &rows)
	return rows, min(total, most), total > most, err
}
