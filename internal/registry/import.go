package registry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
)

// States of an import.
const (
	ImportStaging    = "staging"    // the workbook is being read
	ImportStaged     = "staged"     // read; waits for a decision
	ImportCommitting = "committing" // rows are being written, and not yet visible
	ImportCommitted  = "committed"  // visible, all at once
	ImportCancelled  = "cancelled"
	ImportFailed     = "failed" // Failure says why; nothing was written
)

// Modes of a commit.
const (
	GoodOnly  = "good_only"   // bad rows are left out
	AllOrNone = "all_or_none" // one bad row refuses all
)

// MaxUpload is the largest workbook that is accepted, in bytes.
const MaxUpload = 32 << 20

// Import is a workbook on its way into the registry.
type Import struct {
	ID        string `json:"id"`
	Kind      string `json:"kind"`
	FileName  string `json:"file_name"`
	State     string `json:"state" enum:"staging,staged,committing,committed,cancelled,failed"`
	Mode      string `json:"mode,omitempty" enum:"good_only,all_or_none,"`
	Rows      int64  `json:"rows"`
	Good      int64  `json:"good"`
	Bad       int64  `json:"bad"`
	Written   int64  `json:"written" doc:"rows of parties or facts that were new"`
	Unchanged int64  `json:"unchanged" doc:"statements that the registry already held"`
	Done      int64  `json:"done" doc:"of total, in the present state"`
	Total     int64  `json:"total"`
	Failure   string `json:"failure,omitempty"`
	Job       string `json:"job"`
	CreatedAt string `json:"created_at"`
	CreatedBy string `json:"created_by"`
	EndedAt   string `json:"ended_at,omitempty"`
	Repeated  bool   `json:"repeated,omitempty" doc:"the same file was uploaded before: this is that import"`
	Mine      bool   `json:"mine" doc:"whoever asks may commit or cancel it"`

	Problems []fault.Detail `json:"problems,omitempty" doc:"what is wrong with the heading"`
}

type importRow struct {
	ID         string `bun:"id"`
	Kind       string `bun:"kind"`
	FileName   string `bun:"file_name"`
	SHA256     string `bun:"sha256"`
	Size       int64  `bun:"size"`
	State      string `bun:"state"`
	Mode       string `bun:"mode"`
	Rows       int64  `bun:"rows_total"`
	Good       int64  `bun:"good"`
	Bad        int64  `bun:"bad"`
	Written    int64  `bun:"written"`
	Unchanged  int64  `bun:"unchanged"`
	Done       int64  `bun:"done"`
	Total      int64  `bun:"total"`
	Failure    string `bun:"failure"`
	Job        string `bun:"job"`
	Version    int64  `bun:"version"`
	PartyBatch int64  `bun:"party_batch"`
	FactBatch  int64  `bun:"fact_batch"`
	Account    string `bun:"account"`
	Grants     string `bun:"grants"`
	CreatedAt  string `bun:"created_at"`
	CreatedBy  string `bun:"created_by"`
	EndedAt    string `bun:"ended_at"`
}

const importColumns = `i.id, i.kind, i.file_name, i.sha256, i.size, i.state, i.mode, i.rows_total, i.good, i.bad, i.written, i.unchanged, i.done, i.total,
	i.failure, i.job, i.version, i.party_batch, i.fact_batch, i.account, i.grants, i.created_at, i.created_by, i.ended_at`

// failureText is how a failure is kept: a sentence and its details.
type failureText struct {
	Message string         `json:"message"`
	Details []fault.Detail `json:"details,omitempty"`
}

func (r importRow) show(ctx context.Context) Import {
	out := Import{ID: r.ID, Kind: r.Kind, FileName: r.FileName, State: r.State, Mode: r.Mode, Rows: r.Rows, Good: r.Good, Bad: r.Bad, Written: r.Written,
		Unchanged: r.Unchanged, Done: r.Done, Total: r.Total, Job: r.Job, CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy, EndedAt: r.EndedAt,
		Mine: r.mine(account.ActorFrom(ctx))}
	if r.Failure != "" {
		var f failureText
		_ = json.Unmarshal([]byte(r.Failure), &f) // written by fail
		out.Failure, out.Problems = f.Message, f.Details
	}
	return out
}

// mine says whether the actor may decide about the import: who uploaded it, or an officer without any limit.
func (r importRow) mine(a *account.Actor) bool {
	return a.Officer() && (a.AccountID == r.Account || a.MayVouch("", ""))
}

// actor is who uploaded it, with the scope that he had then.
func (r importRow) actor(ctx context.Context) context.Context {
	a := &account.Actor{AccountID: r.Account, Name: r.CreatedBy}
	_ = json.Unmarshal([]byte(r.Grants), &a.Grants) // written by Upload
	return account.WithActor(ctx, a)
}

const (
	jobStage   = "registry.stage"
	jobCommit  = "registry.commit"
	jobDiscard = "registry.discard"
)

// Handle gives the registry's jobs their handlers.
func (r *Registry) Handle(h *jobs.Handlers) {
	h.Handle(jobStage, r.stage)
	h.Handle(jobCommit, r.commit)
	h.Handle(jobDiscard, r.discard)
}

// partSize is how much of an upload one row of import_parts holds, before base64.
const partSize = 512 << 10

// Upload keeps a workbook and queues its reading. The same file, uploaded again by the same account for the same kind while the first is
// running, waiting or committed, is that import (Repeated): nothing is read again.
// Invalid or TooLarge says why the file is refused at once; Forbidden that the officer may not import this kind.
func (r *Registry) Upload(ctx context.Context, kind, fileName string, body io.Reader) (Import, error) {
	if _, err := r.layoutOf(ctx, kind, []int{2000}); err != nil {
		return Import{}, err
	}
	data, err := io.ReadAll(io.LimitReader(body, MaxUpload+1))
	if err != nil {
		return Import{}, err
	}
	if len(data) > MaxUpload {
		return Import{}, fault.New(fault.TooLarge, fmt.Sprintf("文件超过%dMB；请拆成几个文件上传", MaxUpload>>20))
	}
	if _, err := spreadsheet.Sniff(bytes.NewReader(data), int64(len(data)), spreadsheet.UploadLimits); err != nil {
		return Import{}, err
	}
	a := account.ActorFrom(ctx)
	grants, err := json.Marshal(a.Grants)
	if err != nil {
		return Import{}, err
	}
	sum := sha256.Sum256(data)
	row := importRow{Kind: kind, FileName: spreadsheet.FileName(fileName), SHA256: hex.EncodeToString(sum[:]), Size: int64(len(data)),
		State: ImportStaging, Account: a.AccountID, Grants: string(grants)}
	var out Import
	err = store.Write(ctx, func(ctx context.Context) error {
		var old importRow
		err := store.Tx(ctx).NewRaw(`SELECT `+importColumns+` FROM imports AS i WHERE i.sha256 = ? AND i.kind = ? AND i.account = ?
			AND i.state IN ('staging', 'staged', 'committing', 'committed') ORDER BY i.created_at DESC LIMIT 1`, row.SHA256, kind, row.Account).Scan(ctx, &old)
		if err == nil {
			out = old.show(ctx)
			out.Repeated = true
			return nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		row.ID = store.NewID()
		row.CreatedAt, row.CreatedBy = statedNow(ctx)
		if row.Job, err = jobs.Enqueue(ctx, jobStage, row.ID, nil); err != nil {
			return err
		}
		if _, err := store.Tx(ctx).NewInsert().Model(&row).ModelTableExpr("imports").Exec(ctx); err != nil {
			return err
		}
		number := 0
		for part := range slices.Chunk(data, partSize) {
			number++
			if _, err := store.Tx(ctx).NewRaw(`INSERT INTO import_parts (import, number, body) VALUES (?, ?, ?)`,
				row.ID, number, base64.StdEncoding.EncodeToString(part)).Exec(ctx); err != nil {
				return err
			}
		}
		out = row.show(ctx)
		return row.audit(ctx, "import.upload")
	})
	return out, err
}

func (r importRow) audit(ctx context.Context, action string) error {
	return audit.Append(ctx, audit.Event{Action: action, Kind: "import", ID: r.ID, Data: map[string]any{
		"kind": r.Kind, "sha256": r.SHA256, "mode": r.Mode, "rows": r.Rows, "bad": r.Bad, "written": r.Written}})
}

func findImport(ctx context.Context, id string) (importRow, error) {
	var row importRow
	err := store.Tx(ctx).NewRaw(`SELECT `+importColumns+` FROM imports AS i WHERE i.id = ?`, id).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return row, fault.New(fault.NotFound, "没有这次导入，或不在您的权限范围内")
	}
	return row, err
}

// myImport is an import that the actor may decide about.
func myImport(ctx context.Context, id string) (importRow, error) {
	row, err := findImport(ctx, id)
	if err == nil && !row.mine(account.ActorFrom(ctx)) {
		return importRow{}, fault.New(fault.NotFound, "没有这次导入，或不在您的权限范围内")
	}
	return row, err
}

// readableImport is an import that the actor may read: whoever may decide about it, and an auditor of the whole county.
func readableImport(ctx context.Context, id string) (importRow, error) {
	if account.ActorFrom(ctx).Audits() {
		return findImport(ctx, id)
	}
	return myImport(ctx, id)
}

// ImportOf is an import that the actor uploaded, or any for an officer without limit and for an auditor of the whole county. NotFound otherwise.
func (r *Registry) ImportOf(ctx context.Context, id string) (Import, error) {
	var out Import
	err := store.Read(ctx, func(ctx context.Context) error {
		row, err := readableImport(ctx, id)
		out = row.show(ctx)
		return err
	})
	return out, err
}

// importsQuery is where the imports that the actor may read are read from.
func importsQuery(ctx context.Context) (string, []any, error) {
	a := account.ActorFrom(ctx)
	switch {
	case a.Audits() || a.MayVouch("", ""):
		return ` FROM imports AS i WHERE 1 = 1`, nil, nil
	case a.Officer():
		return ` FROM imports AS i WHERE i.account = ?`, []any{a.AccountID}, nil
	}
	return "", nil, fault.New(fault.Forbidden, "只有经办人员可以查看导入")
}

const importOrder = ` ORDER BY i.created_at DESC, i.id DESC`

// Imports lists the imports that the actor may read, the latest first, and how many there are.
func (r *Registry) Imports(ctx context.Context, page Page) ([]Import, int, error) {
	from, args, err := importsQuery(ctx)
	if err != nil {
		return nil, 0, err
	}
	out, total := []Import{}, 0
	err = store.Read(ctx, func(ctx context.Context) error {
		if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*)`+from, args...).Scan(ctx, &total); err != nil {
			return err
		}
		return each(ctx, func(row importRow) error {
			out = append(out, row.show(ctx))
			return nil
		}, `SELECT `+importColumns+from+importOrder+` LIMIT ? OFFSET ?`, append(args, page.limit(), page.offset())...)
	})
	return out, total, err
}

// EachImport calls fn for every import of the list, in its order; for exports. fn runs inside a read transaction.
func (r *Registry) EachImport(ctx context.Context, fn func(Import) error) error {
	from, args, err := importsQuery(ctx)
	if err != nil {
		return err
	}
	return store.Read(ctx, func(ctx context.Context) error {
		return each(ctx, func(row importRow) error { return fn(row.show(ctx)) }, `SELECT `+importColumns+from+importOrder, args...)
	})
}

// StagedRow is a row of the preview.
type StagedRow struct {
	Number   int64     `json:"number"`
	Line     int64     `json:"line" doc:"the line of the sheet"`
	State    string    `json:"state" enum:"good,bad"`
	Code     string    `json:"code"`
	Name     string    `json:"name"`
	Says     []Said    `json:"says" nullable:"false" doc:"what the row states, as it was understood"`
	Problems []Problem `json:"problems" nullable:"false"`
}

// Said is one statement of a row, for a reader.
type Said struct {
	What  string `json:"what"`
	Value string `json:"value"`
}

type stagedRow struct {
	Import   string `bun:"import"`
	Number   int64  `bun:"number"`
	Line     int64  `bun:"line"`
	State    string `bun:"state"`
	Entry    string `bun:"entry"`
	Problems string `bun:"problems"`
}

// rowsOfImport is where the rows of an import are read from; state is good, bad or empty for both.
func rowsOfImport(id, state string) (string, []any) {
	if state == "" {
		return ` FROM import_rows WHERE import = ?`, []any{id}
	}
	return ` FROM import_rows WHERE import = ? AND state = ?`, []any{id, state}
}

const stagedColumns = `import, number, line, state, entry, problems`

// ImportRows is a page of the preview; state is good, bad or empty for both. It returns how many rows there are.
// When the import has ended only the bad rows are left.
func (r *Registry) ImportRows(ctx context.Context, id, state string, page Page) ([]StagedRow, int, error) {
	v, err := r.vocabulary(ctx)
	if err != nil {
		return nil, 0, err
	}
	out, total := []StagedRow{}, 0
	err = store.Read(ctx, func(ctx context.Context) error {
		if _, err := readableImport(ctx, id); err != nil {
			return err
		}
		from, args := rowsOfImport(id, state)
		if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*)`+from, args...).Scan(ctx, &total); err != nil {
			return err
		}
		return each(ctx, func(row stagedRow) error {
			out = append(out, row.show(v))
			return nil
		}, `SELECT `+stagedColumns+from+` ORDER BY number LIMIT ? OFFSET ?`, append(args, page.limit(), page.offset())...)
	})
	return out, total, err
}

// EachImportRow calls fn for every row of the preview, in its order; for exports. fn runs inside a read transaction.
func (r *Registry) EachImportRow(ctx context.Context, id, state string, fn func(StagedRow) error) error {
	v, err := r.vocabulary(ctx)
	if err != nil {
		return err
	}
	return store.Read(ctx, func(ctx context.Context) error {
		if _, err := readableImport(ctx, id); err != nil {
			return err
		}
		from, args := rowsOfImport(id, state)
		return each(ctx, func(row stagedRow) error { return fn(row.show(v)) }, `SELECT `+stagedColumns+from+` ORDER BY number`, args...)
	})
}

// Commit queues the writing of a staged import: good_only leaves bad rows out, all_or_none refuses while there are any.
// Conflict if the import is not waiting for a decision or has nothing to write.
func (r *Registry) Commit(ctx context.Context, id, mode string) (Import, error) {
	if mode != GoodOnly && mode != AllOrNone {
		return Import{}, fault.New(fault.Invalid, "请选择只导入无误的行，或全部导入", fault.At("mode", "应是 good_only 或 all_or_none"))
	}
	var out Import
	err := store.Write(ctx, func(ctx context.Context) error {
		row, err := myImport(ctx, id)
		switch {
		case err != nil:
			return err
		case row.State != ImportStaged:
			return fault.New(fault.Conflict, "这次导入不在待确认状态")
		case mode == AllOrNone && row.Bad > 0:
			return fault.New(fault.Conflict, fmt.Sprintf("有%d行有误，不能全部导入；请更正后重新上传，或只导入无误的行", row.Bad))
		case row.Good == 0:
			return fault.New(fault.Conflict, "没有可以导入的行")
		}
		row.State, row.Mode, row.Done, row.Total = ImportCommitting, mode, 0, row.Rows
		if row.Job, err = jobs.Enqueue(ctx, jobCommit, row.ID, nil); err != nil {
			return err
		}
		if a := account.ActorFrom(ctx); a.AccountID == row.Account {
			grants, err := json.Marshal(a.Grants) // as they are now, which may be less than at the upload
			if err != nil {
				return err
			}
			row.Grants = string(grants)
		}
		done, err := store.Tx(ctx).NewRaw(`UPDATE imports SET state = 'committing', mode = ?, done = 0, total = rows_total, job = ?, grants = ?
			WHERE id = ? AND state = 'staged'`, mode, row.Job, row.Grants, id).Exec(ctx)
		if err := oneRow(done, err); err != nil {
			return err
		}
		out = row.show(ctx)
		return row.audit(ctx, "import.commit")
	})
	return out, err
}

func oneRow(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fault.Wrap(fault.Conflict, "刚有别人处理过，请刷新后再看", err)
	}
	return nil
}

// Cancel ends an import that is not yet visible; what it wrote is discarded in the background. Conflict if it has ended.
func (r *Registry) Cancel(ctx context.Context, id string) (Import, error) {
	var out Import
	var job string
	err := store.Write(ctx, func(ctx context.Context) error {
		row, err := myImport(ctx, id)
		if err != nil {
			return err
		}
		job = row.Job
		at, _ := statedNow(ctx)
		done, err := store.Tx(ctx).NewRaw(`UPDATE imports SET state = 'cancelled', ended_at = ? WHERE id = ? AND state IN ('staging', 'staged', 'committing')`, at, id).Exec(ctx)
		if err := oneRow(done, err); err != nil {
			return fault.Wrap(fault.Conflict, "这次导入已经结束", err)
		}
		if _, err := jobs.Enqueue(ctx, jobDiscard, id, nil); err != nil {
			return err
		}
		row.State, row.EndedAt = ImportCancelled, at
		out = row.show(ctx)
		return row.audit(ctx, "import.cancel")
	})
	if err != nil {
		return out, err
	}
	// The job would notice by itself at its next chunk; this only spares its work.
	if err := jobs.Cancel(ctx, job); err != nil && fault.CodeOf(err) != fault.NotFound && fault.CodeOf(err) != fault.Conflict {
		return out, err
	}
	return out, nil
}

// Recover queues again what an import needs whose job ended for good without it: each is resumed or discarded. Jobs survive a server
// that dies by themselves; this is for one that failed too often. Call it from time to time, for every tenant.
func (r *Registry) Recover(ctx context.Context) error {
	var stuck []importRow
	err := store.Read(ctx, func(ctx context.Context) error {
		stuck = nil
		var rows []importRow
		if err := store.Tx(ctx).NewRaw(`SELECT `+importColumns+` FROM imports AS i WHERE i.state IN ('staging', 'committing') OR i.id IN
			(SELECT committing FROM registry_state) ORDER BY i.created_at`).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, row := range rows {
			known, err := jobs.List(ctx, jobs.Filter{Kind: row.next(), Key: row.ID})
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(known, func(j *jobs.Job) bool { return !j.State.Ended() }) {
				stuck = append(stuck, row)
			}
		}
		return nil
	})
	for _, row := range stuck {
		if err != nil {
			break
		}
		_, err = jobs.Enqueue(ctx, row.next(), row.ID, nil)
	}
	return err
}

// next is the kind of job that the import needs.
func (r importRow) next() string {
	switch r.State {
	case ImportStaging:
		return jobStage
	case ImportCommitting:
		return jobCommit
	}
	return jobDiscard
}
