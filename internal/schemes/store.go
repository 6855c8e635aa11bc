package schemes

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// publicationKind is the audit log's name for a published set.
const publicationKind = "scheme_publication"

func init() {
	audit.RegisterRow(publicationKind, publicationDigest)
	audit.RegisterList(publicationKind, audit.IDs("scheme_publications"))
}

type versionRow struct {
	bun.BaseModel `bun:"table:scheme_versions,alias:v"`
	ID            string `bun:"id,pk"`
	Path          string `bun:"path"`
	Hash          string `bun:"hash"`
	Document      string `bun:"document"`
	Body          string `bun:"body"`
	Origin        string `bun:"origin"`
	PublishedBy   string `bun:"published_by"`
	ApprovedBy    string `bun:"approved_by"`
	PublishedAt   string `bun:"published_at"`
}

func (r versionRow) version() Version {
	return Version{ID: r.ID, Path: r.Path, Hash: r.Hash, Document: r.Document, Body: []byte(r.Body), Origin: r.Origin,
		PublishedBy: r.PublishedBy, ApprovedBy: r.ApprovedBy, PublishedAt: r.PublishedAt}
}

type publicationRow struct {
	bun.BaseModel `bun:"table:scheme_publications"`
	ID            string `bun:"id,pk"`
	Previous      string `bun:"previous"`
	SetHash       string `bun:"set_hash"`
	Origin        string `bun:"origin"`
	Note          string `bun:"note"`
	PublishedBy   string `bun:"published_by"`
	ApprovedBy    string `bun:"approved_by"`
	PublishedAt   string `bun:"published_at"`
	Added         int64  `bun:"added"`
	Changed       int64  `bun:"changed"`
	Removed       int64  `bun:"removed"`
}

type publicationFileRow struct {
	bun.BaseModel `bun:"table:scheme_publication_files"`
	Publication   string `bun:"publication,pk"`
	Path          string `bun:"path,pk"`
	Version       string `bun:"version"`
}

// readChain is the folders the tenant reads, from the top down; empty before the first seed.
func readChain(ctx context.Context) (Chain, error) {
	var chain Chain
	err := store.Read(ctx, func(ctx context.Context) error {
		rows, err := store.Tx(ctx).QueryContext(ctx, "SELECT folder, label FROM scheme_levels ORDER BY position")
		if err != nil {
			return err
		}
		defer rows.Close()
		chain = nil
		for rows.Next() {
			var l Level
			if err := rows.Scan(&l.Folder, &l.Label); err != nil {
				return err
			}
			chain = append(chain, l)
		}
		return rows.Err()
	})
	return chain, err
}

func setChain(ctx context.Context, chain Chain) error {
	have, err := readChain(ctx)
	if err != nil {
		return err
	}
	same := len(have) == len(chain)
	for i := 0; same && i < len(chain); i++ {
		same = have[i] == chain[i]
	}
	if same {
		return nil
	}
	return store.Write(ctx, func(ctx context.Context) error {
		if _, err := store.Tx(ctx).ExecContext(ctx, "DELETE FROM scheme_levels"); err != nil {
			return err
		}
		for i, l := range chain {
			if _, err := store.Tx(ctx).ExecContext(ctx,
				"INSERT INTO scheme_levels (position, folder, label) VALUES (?, ?, ?)", i, l.Folder, l.Label); err != nil {
				return err
			}
		}
		return nil
	})
}

// currentHash is the hash of the set in use; empty before the first publication.
func currentHash(ctx context.Context) (string, error) {
	var hash string
	err := store.Read(ctx, func(ctx context.Context) error {
		err := store.Tx(ctx).QueryRowContext(ctx, "SELECT set_hash FROM scheme_current WHERE one = 1").Scan(&hash)
		if errors.Is(err, sql.ErrNoRows) {
			hash, err = "", nil
		}
		return err
	})
	return hash, err
}

// CurrentSet is the set in use with the body of every file; before the first publication it holds none.
func CurrentSet(ctx context.Context) (*Set, error) {
	s := &Set{}
	err := store.Read(ctx, func(ctx context.Context) error {
		chain, err := readChain(ctx)
		if err != nil {
			return err
		}
		*s = Set{Chain: chain}
		var hash string
		err = store.Tx(ctx).QueryRowContext(ctx, "SELECT publication, set_hash FROM scheme_current WHERE one = 1").Scan(&s.Publication, &hash)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return s.readFiles(ctx, hash)
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// readFiles reads the files of the set's publication.
func (s *Set) readFiles(ctx context.Context, hash string) error {
	var rows []versionRow
	err := store.Tx(ctx).NewSelect().Model(&rows).
		Join("JOIN scheme_publication_files AS f ON f.version = v.id").
		Where("f.publication = ?", s.Publication).Scan(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		v := r.version()
		if contentHash(v.Body) != v.Hash {
			return fault.Wrap(fault.Internal, "政策文件的内容与发布时的摘要不符", fmt.Errorf("version %s of %s was altered in the database", v.ID, v.Path))
		}
		s.Files = append(s.Files, v)
	}
	s.arrange()
	s.Hash = hash
	return nil
}

// currentPublication is the publication in use; empty before the first.
func currentPublication(ctx context.Context) (id string, err error) {
	err = store.Tx(ctx).QueryRowContext(ctx, "SELECT publication FROM scheme_current WHERE one = 1").Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, err
}

// publishedHash is the hash of the set of a publication. NotFound if there is no such publication.
func publishedHash(ctx context.Context, publication string) (string, error) {
	var hash string
	err := store.Tx(ctx).QueryRowContext(ctx, "SELECT set_hash FROM scheme_publications WHERE id = ?", publication).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.New(fault.NotFound, "没有这次发布")
	}
	return hash, err
}

// setOf is the set of a publication, in use or no longer, under today's levels; of no publication it is an empty one.
func setOf(ctx context.Context, publication string) (*Set, error) {
	s := &Set{}
	err := store.Read(ctx, func(ctx context.Context) error {
		chain, err := readChain(ctx)
		if err != nil {
			return err
		}
		*s = Set{Publication: publication, Chain: chain}
		if publication == "" {
			return nil
		}
		var hash string
		if err := store.Tx(ctx).QueryRowContext(ctx, "SELECT set_hash FROM scheme_publications WHERE id = ?", publication).Scan(&hash); err != nil {
			return err
		}
		return s.readFiles(ctx, hash)
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// insertPublication writes the new versions and makes the next set the one in use, if the current one still is.
func insertPublication(ctx context.Context, current, next *Set, pub *Publication, p Proposal, origin string, library *policy.Library) error {
	documents := map[string]string{}
	for _, d := range library.Documents() {
		documents[d.Path] = d.ID
	}
	tx := store.Tx(ctx)
	row := publicationRow{ID: pub.ID, Previous: current.Publication, SetHash: next.Hash, Origin: origin, Note: p.Note,
		PublishedBy: p.by(ctx), ApprovedBy: p.ApprovedBy, PublishedAt: store.Stamp(clock.Now(ctx)),
		Added: int64(len(pub.Added)), Changed: int64(len(pub.Changed)), Removed: int64(len(pub.Removed))}
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		if store.IsUnique(err) {
			return errOvertaken(err)
		}
		return err
	}
	have := current.byPath()
	for i := range next.Files {
		f := &next.Files[i]
		if have[f.Path].Hash != f.Hash {
			f.Document = documents[f.Path]
			v := versionRow{ID: f.ID, Path: f.Path, Hash: f.Hash, Document: f.Document, Body: string(f.Body), Origin: f.Origin,
				PublishedBy: f.PublishedBy, ApprovedBy: f.ApprovedBy, PublishedAt: f.PublishedAt}
			if _, err := tx.NewInsert().Model(&v).On("CONFLICT (path, hash) DO NOTHING").Exec(ctx); err != nil {
				return err
			}
			// An earlier version with the same content is the same version.
			if err := tx.QueryRowContext(ctx, "SELECT id FROM scheme_versions WHERE path = ? AND hash = ?", f.Path, f.Hash).Scan(&f.ID); err != nil {
				return err
			}
		}
		link := publicationFileRow{Publication: pub.ID, Path: f.Path, Version: f.ID}
		if _, err := tx.NewInsert().Model(&link).Exec(ctx); err != nil {
			return err
		}
	}
	if current.Publication == "" {
		_, err := tx.ExecContext(ctx, "INSERT INTO scheme_current (one, publication, set_hash) VALUES (1, ?, ?)", pub.ID, next.Hash)
		return err
	}
	res, err := tx.ExecContext(ctx, "UPDATE scheme_current SET publication = ?, set_hash = ? WHERE one = 1 AND publication = ?",
		pub.ID, next.Hash, current.Publication)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errOvertaken(err)
	}
	return nil
}

// publicationDigest covers the publication, its files and their bodies as they stand in the database.
func publicationDigest(ctx context.Context, id string) (string, error) {
	var digest string
	err := store.Read(ctx, func(ctx context.Context) error {
		var row publicationRow
		if err := store.Tx(ctx).NewSelect().Model(&row).Where("id = ?", id).Scan(ctx); err != nil {
			return err
		}
		h := sha256.New()
		fmt.Fprintf(h, "%q %q %q %q %q %q %q %q %d %d %d\n", row.ID, row.Previous, row.SetHash, row.Origin, row.Note,
			row.PublishedBy, row.ApprovedBy, row.PublishedAt, row.Added, row.Changed, row.Removed)
		var files []versionRow
		err := store.Tx(ctx).NewSelect().Model(&files).
			Join("JOIN scheme_publication_files AS f ON f.version = v.id").
			Where("f.publication = ?", id).OrderExpr("v.hash, v.path").Scan(ctx)
		if err != nil {
			return err
		}
		for _, f := range files {
			fmt.Fprintf(h, "%q %q %q %q %q %q %q %q %q\n", f.ID, f.Path, f.Hash, contentHash([]byte(f.Body)), f.Document, f.Origin,
				f.PublishedBy, f.ApprovedBy, f.PublishedAt)
		}
		digest = hex.EncodeToString(h.Sum(nil))
		return nil
	})
	return digest, err
}

// adopted is what an origin last offered: path to hash.
func adopted(ctx context.Context, origin string) (map[string]string, error) {
	out := map[string]string{}
	err := store.Read(ctx, func(ctx context.Context) error {
		clear(out)
		rows, err := store.Tx(ctx).QueryContext(ctx, "SELECT path, hash FROM scheme_adopted WHERE origin = ?", origin)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var path, hash string
			if err := rows.Scan(&path, &hash); err != nil {
				return err
			}
			out[path] = hash
		}
		return rows.Err()
	})
	return out, err
}

func setAdopted(ctx context.Context, origin string, last, now map[string]string) error {
	if maps.Equal(last, now) {
		return nil
	}
	tx := store.Tx(ctx)
	if _, err := tx.ExecContext(ctx, "DELETE FROM scheme_adopted WHERE origin = ?", origin); err != nil {
		return err
	}
	for path, hash := range now {
		if _, err := tx.ExecContext(ctx, "INSERT INTO scheme_adopted (origin, path, hash) VALUES (?, ?, ?)", origin, path, hash); err != nil {
			return err
		}
	}
	return nil
}

func above(ctx context.Context) (tenant, seen string, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		err := store.Tx(ctx).QueryRowContext(ctx, "SELECT tenant, seen FROM scheme_above WHERE one = 1").Scan(&tenant, &seen)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return tenant, seen, err
}

func setAbove(ctx context.Context, tenant string) error {
	_, err := store.Tx(ctx).ExecContext(ctx, `INSERT INTO scheme_above (one, tenant, seen) VALUES (1, ?, '')
		ON CONFLICT (one) DO UPDATE SET tenant = excluded.tenant, seen = excluded.seen`, tenant)
	return err
}

func setSeen(ctx context.Context, seen string) error {
	_, err := store.Tx(ctx).ExecContext(ctx, "UPDATE scheme_above SET seen = ? WHERE one = 1", seen)
	return err
}

// Versions is every version of a path that was ever published here, the newest first, without bodies.
func Versions(ctx context.Context, path string) ([]Version, error) {
	var out []Version
	err := store.Read(ctx, func(ctx context.Context) error {
		var rows []versionRow
		err := store.Tx(ctx).NewSelect().Model(&rows).ExcludeColumn("body").Where("path = ?", path).Order("published_at DESC", "id DESC").Scan(ctx)
		if err != nil {
			return err
		}
		out = out[:0]
		for _, r := range rows {
			out = append(out, r.version())
		}
		return nil
	})
	return out, err
}
