package schemes

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Scheme is a scheme of the set in use by its id (document/scheme). NotFound says in a sentence whether it was withdrawn, when, and what took
// its place, or that it never was.
func (c *Compiled) Scheme(ctx context.Context, id string) (*policy.Scheme, error) {
	if s := c.Library.Scheme(id); s != nil {
		return s, nil
	}
	err := fault.New(fault.NotFound, "没有这项政策")
	return nil, store.Read(ctx, func(ctx context.Context) error {
		last, left, failed := lastOf(ctx, id)
		if failed != nil {
			return failed
		}
		if last == nil {
			return err
		}
		i := last.Document().Info()
		message := fmt.Sprintf("“%s”已于%s撤下，不在现行政策中", last.Title(), left)
		for _, d := range c.Library.Documents() {
			if d.ID == i.ReplacedBy {
				message = fmt.Sprintf("“%s”已于%s撤下，由%s接替", last.Title(), left, policy.Titled(d.Info().Title))
			}
		}
		return fault.New(fault.NotFound, message+"；已开设的批次仍按开设时的文件办理")
	})
}

// mostVersions of a document are searched for a scheme that left it.
const mostVersions = 20

// lastOf is a scheme that is no longer published as it last was, and the day on which it left; nil if it never was.
func lastOf(ctx context.Context, id string) (*policy.Scheme, string, error) {
	document, name, _ := strings.Cut(id, "/")
	if document == "" || name == "" || !store.Plain(id) {
		return nil, "", nil
	}
	var versions []versionRow
	if err := store.Tx(ctx).NewSelect().Model(&versions).Column("id", "body").Where("document = ?", document).
		Order("published_at DESC", "id DESC").Limit(mostVersions).Scan(ctx); err != nil {
		return nil, "", err
	}
	// Only what a file says can be a scheme of it: what was never published costs no compilation.
	ids := []string{""}
	for _, v := range versions {
		if strings.Contains(v.Body, name) {
			ids = append(ids, v.ID)
		}
	}
	var links []publicationFileRow
	if err := store.Tx(ctx).NewSelect().Model(&links).Where("version IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, "", err
	}
	back, err := publicationsBack(ctx)
	if err != nil {
		return nil, "", err
	}
	tried := map[string]bool{}
	for n, publication := range back {
		k := slices.IndexFunc(links, func(l publicationFileRow) bool { return l.Publication == publication })
		if k < 0 || tried[links[k].Version] {
			continue
		}
		tried[links[k].Version] = true
		set, err := At(ctx, publication)
		if err != nil {
			return nil, "", err
		}
		if s := set.Library.Scheme(id); s != nil {
			if n == 0 {
				return nil, "", nil // it is in use: whoever asks reads an older set
			}
			next, err := editionsOf(ctx, back[n-1:n])
			if err != nil {
				return nil, "", err
			}
			left, _, _ := strings.Cut(clock.Shown(next[0].PublishedAt), " ")
			return s, left, nil
		}
	}
	return nil, "", nil
}
