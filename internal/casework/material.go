package casework

import (
	"context"
	"fmt"
	"io"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/files"
	"shanglin/internal/platform/store"
)

// MaterialFile is an item of the materials list with what was attached under it.
type MaterialFile struct {
	Material
	Files []Attachment `json:"files" nullable:"false"`
	Mark  string       `json:"mark,omitempty" doc:"the indicator that it is the evidence of"`
}

// Attachment is a file of a case.
type Attachment struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Kind    string `json:"kind" doc:"what the content is: pdf, jpeg, png, docx, xlsx, ofd"`
	Size    int64  `json:"size" doc:"bytes"`
	SHA256  string `json:"sha256"`
	AddedAt string `json:"added_at"`
}

// Others is the item under which an applicant attaches what the list does not name.
const Others = "其他材料"

// mostFiles is how many files are attached to a case at a time.
const mostFiles = 60

// caseFiles is what a case holds in all: files that were submitted stay when others take their place in a correction.
var caseFiles = files.Limits{Files: 2 * mostFiles, Total: 20 * files.DefaultSize}

type fileRow struct {
	bun.BaseModel `bun:"table:case_files,alias:f"`

	ID        string `bun:"id,pk"`
	Case      string `bun:"case_id"`
	Material  string `bun:"material"`
	File      string `bun:"file"`
	Name      string `bun:"name"`
	Kind      string `bun:"kind"`
	Size      int64  `bun:"size"`
	SHA256    string `bun:"sha256"`
	AddedAt   string `bun:"added_at"`
	AddedBy   string `bun:"added_by"`
	RemovedAt string `bun:"removed_at"`
}

// attachmentKind is what was attached to a case in the audit log; its content is the file's.
const attachmentKind = "case_file"

func init() {
	audit.RegisterRow(attachmentKind, attachmentDigest)
	audit.RegisterList(attachmentKind, audit.IDs("case_files"))
}

func attachmentDigest(ctx context.Context, id string) (string, error) {
	f := fileRow{}
	err := store.Tx(ctx).NewSelect().Model(&f).Where("f.id = ?", id).Scan(ctx)
	if fault.CodeOf(notFoundFile(err)) == fault.NotFound {
		return audit.Deleted, nil
	}
	return audit.Digest(f.ID, f.Case, f.Material, f.File, f.Name, f.Kind, fmt.Sprint(f.Size), f.SHA256, f.AddedAt, f.AddedBy, f.RemovedAt), err
}

// recordFile appends the audit events of what was attached to a case or taken away, inside the transaction that did it.
func recordFile(ctx context.Context, action, file, caseAction, id string, data map[string]string) error {
	digest, err := attachmentDigest(ctx, file)
	if err != nil {
		return err
	}
	if err := audit.Append(ctx, audit.Event{Action: action, Kind: attachmentKind, ID: file, Digest: digest, Data: map[string]string{"case": id}}); err != nil {
		return err
	}
	return recordCase(ctx, caseAction, id, data)
}

func filesOf(ctx context.Context, caseID string) ([]fileRow, error) {
	rows := []fileRow{}
	err := store.Tx(ctx).NewSelect().Model(&rows).Where("f.case_id = ? AND f.removed_at = ''", caseID).OrderExpr("f.material, f.id").Scan(ctx)
	return rows, err
}

// materials is the list of a case's round with what is attached, and what was attached besides.
func (c *Casework) materials(ctx context.Context, row *caseRow) ([]MaterialFile, error) {
	entry, err := roundScheme(ctx, row.Round, row.Scheme)
	if err != nil {
		return nil, err
	}
	list, err := entry.materials()
	if err != nil {
		return nil, err
	}
	var rows []fileRow
	if row.handedIn(ctx) {
		if rows, err = filesOf(ctx, row.ID); err != nil {
			return nil, err
		}
	}
	list = append(list, Material{Key: Others, Title: Others})
	r, err := c.rated(ctx, row)
	if err != nil {
		return nil, err
	}
	if r != nil {
		list = append(list, r.evidence(ctx)...)
	}
	out := make([]MaterialFile, len(list))
	for i, m := range list {
		out[i] = MaterialFile{Material: m, Files: []Attachment{}, Mark: evidenceOf(m.Key)}
		for _, f := range rows {
			if f.Material == m.Key {
				out[i].Files = append(out[i].Files, f.attachment())
			}
		}
	}
	return out, nil
}

func (f *fileRow) attachment() Attachment {
	return Attachment{ID: f.ID, Name: f.Name, Kind: f.Kind, Size: f.Size, SHA256: f.SHA256, AddedAt: f.AddedAt}
}

// Materials is the materials list of a case with what is attached. NotFound if the actor may not see the case.
func (c *Casework) Materials(ctx context.Context, id string) ([]MaterialFile, error) {
	var out []MaterialFile
	err := store.Read(ctx, func(ctx context.Context) error {
		row, err := visibleCase(ctx, id)
		if err != nil {
			return err
		}
		out, err = c.materials(ctx, row)
		return err
	})
	return out, err
}

// Attach keeps a file under an item of the materials list, while it is the applicant's turn. Forbidden unless the actor speaks for the
// party; Invalid for a kind of file that is not taken, or an unknown item; TooLarge; Conflict when it is not the applicant's turn.
func (c *Casework) Attach(ctx context.Context, id, material, name string, content io.Reader) (*Form, error) {
	var out *Form
	err := store.Write(ctx, func(ctx context.Context) error {
		row, err := visibleCase(ctx, id)
		if err != nil {
			return err
		}
		if err := mustSpeak(ctx, row.Party); err != nil {
			return err
		}
		if err := c.mustFill(ctx, row); err != nil {
			return err
		}
		list, err := c.materials(ctx, row)
		if err != nil {
			return err
		}
		known, total := false, 0
		for _, m := range list {
			known = known || m.Key == material
			total += len(m.Files)
		}
		if !known {
			return fault.New(fault.Invalid, "材料清单中没有这一项", fault.At("material", "没有这一项材料"))
		}
		if total >= mostFiles {
			return fault.New(fault.TooLarge, fmt.Sprintf("一件申报最多上传%d个文件", mostFiles))
		}
		kept, err := files.Put(ctx, content, files.Meta{Name: name, Owner: caseKind + ":" + id}, caseFiles)
		if err != nil {
			return err
		}
		f := fileRow{ID: store.NewID(), Case: id, Material: material, File: kept.ID, Name: kept.Name, Kind: string(kept.Type), Size: kept.Size, SHA256: kept.SHA256,
			AddedAt: store.Stamp(clock.Now(ctx)), AddedBy: account.ActorFrom(ctx).AccountID}
		if _, err := store.Tx(ctx).NewInsert().Model(&f).Exec(ctx); err != nil {
			return err
		}
		if err := recordFile(ctx, "case.file_added", f.ID, "case.attached", id, map[string]string{"file": f.ID, "sha256": f.SHA256}); err != nil {
			return err
		}
		out, err = c.form(ctx, row)
		return err
	})
	return out, err
}

// Detach takes a file away, while it is the applicant's turn, and its content with it. One that was part of a submission stays with the time
// it was removed.
func (c *Casework) Detach(ctx context.Context, id, file string) (*Form, error) {
	var out *Form
	err := store.Write(ctx, func(ctx context.Context) error {
		row, err := visibleCase(ctx, id)
		if err != nil {
			return err
		}
		if err := mustSpeak(ctx, row.Party); err != nil {
			return err
		}
		if err := c.mustFill(ctx, row); err != nil {
			return err
		}
		var content []string
		if err := store.Tx(ctx).NewRaw(`UPDATE case_files SET removed_at = ? WHERE id = ? AND case_id = ? AND removed_at = '' RETURNING file`,
			store.Stamp(clock.Now(ctx)), file, id).Scan(ctx, &content); err != nil {
			return err
		}
		if len(content) == 0 {
			return fault.New(fault.NotFound, "没有这个文件")
		}
		kept, err := files.Get(ctx, content[0])
		if err == nil && !kept.Pinned {
			err = files.Delete(ctx, kept.ID)
		}
		if err != nil {
			return err
		}
		if err := recordFile(ctx, "case.file_removed", file, "case.detached", id, map[string]string{"file": file}); err != nil {
			return err
		}
		out, err = c.form(ctx, row)
		return err
	})
	return out, err
}

// OpenFile is a file of a case that the actor may see, with its content. The caller closes it.
func (c *Casework) OpenFile(ctx context.Context, id, file string) (files.File, io.ReadCloser, error) {
	var row fileRow
	err := store.Read(ctx, func(ctx context.Context) error {
		of, err := visibleCase(ctx, id)
		if err != nil {
			return err
		}
		if !of.handedIn(ctx) {
			return fault.New(fault.NotFound, "没有这个文件")
		}
		row = fileRow{}
		if err = notFoundFile(store.Tx(ctx).NewSelect().Model(&row).Where("f.id = ? AND f.case_id = ?", file, id).Scan(ctx)); err != nil {
			return err
		}
		term := evidenceOf(row.Material)
		if term == "" {
			return nil
		}
		r, err := c.rated(ctx, of)
		if err != nil || r == nil {
			return err
		}
		if sees, _ := r.seer(ctx); !sees(term) {
			return fault.New(fault.NotFound, "没有这个文件")
		}
		return nil
	})
	if err != nil {
		return files.File{}, nil, err
	}
	return files.Open(ctx, row.File)
}

// pinFiles makes the files of a case part of what was submitted: nobody can take them away any more.
func pinFiles(ctx context.Context, caseID string) error {
	rows, err := filesOf(ctx, caseID)
	if err != nil || len(rows) == 0 {
		return err
	}
	ids := make([]string, len(rows))
	for i, f := range rows {
		ids[i] = f.File
	}
	return files.Pin(ctx, caseKind+":"+caseID, ids...)
}
