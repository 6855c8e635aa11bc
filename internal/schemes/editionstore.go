package schemes

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// publicationsBack is every publication from the one in use back to the first: each names the one that it replaced, so their order
// does not hang on the clock.
func publicationsBack(ctx context.Context) ([]string, error) {
	current, err := currentPublication(ctx)
	if err != nil {
		return nil, err
	}
	var rows []publicationRow
	if err := store.Tx(ctx).NewSelect().Model(&rows).Column("id", "previous").Scan(ctx); err != nil {
		return nil, err
	}
	previous := make(map[string]string, len(rows))
	for _, r := range rows {
		previous[r.ID] = r.Previous
	}
	out := []string{}
	for id := current; id != "" && len(out) < len(rows); id = previous[id] {
		out = append(out, id)
	}
	return out, nil
}

// editionsOf are publications in the order given, with what each changed.
func editionsOf(ctx context.Context, ids []string) ([]Edition, error) {
	out := make([]Edition, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var rows []publicationRow
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	wanted := slices.Clone(ids)
	for _, r := range rows {
		wanted = append(wanted, r.Previous)
	}
	var links []publicationFileRow
	if err := store.Tx(ctx).NewSelect().Model(&links).Where("publication IN (?)", bun.List(wanted)).Scan(ctx); err != nil {
		return nil, err
	}
	files := map[string]map[string]string{}
	for _, l := range links {
		if files[l.Publication] == nil {
			files[l.Publication] = map[string]string{}
		}
		files[l.Publication][l.Path] = l.Version
	}
	for _, r := range rows {
		e := Edition{ID: r.ID, Origin: r.Origin, Note: r.Note, PublishedBy: r.PublishedBy, ApprovedBy: r.ApprovedBy, PublishedAt: r.PublishedAt,
			Files: changedFiles(files[r.Previous], files[r.ID])}
		out[slices.Index(ids, r.ID)] = e
	}
	return out, nil
}

// changedFiles compares two sets of path to version.
func changedFiles(before, after map[string]string) []EditionFile {
	out := []EditionFile{}
	for path, version := range after {
		if old, there := before[path]; !there {
			out = append(out, EditionFile{path, changeAdded})
		} else if old != version {
			out = append(out, EditionFile{path, changeChanged})
		}
	}
	for path := range before {
		if after[path] == "" {
			out = append(out, EditionFile{path, changeRemoved})
		}
	}
	slices.SortFunc(out, func(a, b EditionFile) int { return cmp.Compare(a.Path, b.Path) })
	return out
}

// historyOf is every publication that changed a file, the latest first. A version that was published, replaced and published again stands
// in it twice.
func historyOf(ctx context.Context, path string) ([]FileEvent, error) {
	ids, err := publicationsBack(ctx)
	if err != nil {
		return nil, err
	}
	var links []publicationFileRow
	if err := store.Tx(ctx).NewSelect().Model(&links).Where("path = ?", path).Scan(ctx); err != nil {
		return nil, err
	}
	held := map[string]string{} // publication to version
	for _, l := range links {
		held[l.Publication] = l.Version
	}
	versions, err := Versions(ctx, path)
	if err != nil {
		return nil, err
	}
	byID := map[string]Version{}
	for _, v := range versions {
		byID[v.ID] = v
	}
	out := []FileEvent{}
	var editions []string
	last := ""
	for _, id := range slices.Backward(ids) {
		now := held[id]
		if now == last {
			continue
		}
		e := FileEvent{Edition: id, Change: changeChanged, Version: byID[now]}
		switch {
		case last == "":
			e.Change = changeAdded
		case now == "":
			e.Change, e.Version = changeRemoved, byID[last]
		}
		last = now
		out, editions = append(out, e), append(editions, id)
	}
	if len(out) == 0 {
		return out, nil
	}
	var rows []publicationRow
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("id IN (?)", bun.List(editions)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, r := range rows {
		e := &out[slices.Index(editions, r.ID)]
		e.At, e.By, e.ApprovedBy, e.Note = r.PublishedAt, r.PublishedBy, r.ApprovedBy, r.Note
	}
	slices.Reverse(out)
	return out, nil
}

// bodyOf is the text of a version, as it was published.
func bodyOf(ctx context.Context, v Version) ([]byte, error) {
	var body string
	if err := store.Tx(ctx).QueryRowContext(ctx, "SELECT body FROM scheme_versions WHERE id = ?", v.ID).Scan(&body); err != nil {
		return nil, err
	}
	if contentHash([]byte(body)) != v.Hash {
		return nil, fault.Wrap(fault.Internal, "政策文件的内容与发布时的摘要不符", fmt.Errorf("version %s of %s was altered in the database", v.ID, v.Path))
	}
	return []byte(body), nil
}
