package process

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Definition is a kept process file.
type Definition struct {
	Hash    string          `json:"hash"`
	ID      string          `json:"id"`
	Title   string          `json:"title"`
	KeptAt  string          `json:"kept_at"`
	Source  string          `json:"source,omitempty" doc:"the file itself"`
	Process *policy.Process `json:"-"`
}

// definitions are the processes that were read, by hash: content never changes under a hash, so nothing has to be invalidated.
type definitions struct {
	mu     sync.Mutex
	byHash map[string]*policy.Process
}

// Keep keeps a copy of a process by its hash, once, never to be changed, and returns the hash. Invalid if the file uses an effect or a guard
// that no room implements for its flow (Details name them).
func (e *Engine) Keep(ctx context.Context, p *policy.Process) (hash string, err error) {
	var details []fault.Detail
	for _, f := range p.Flows {
		for _, a := range actionsOf(f) {
			for _, g := range a.If {
				if g != guardReady && e.guards[verb{f.Key, g}] == nil {
					details = append(details, fault.Detail{Field: f.Key + "." + a.Key, Message: fmt.Sprintf("系统不支持条件 %s", g)})
				}
			}
			for _, x := range a.Do {
				if x.Name != effectMove && e.effects[verb{f.Key, x.Name}] == nil {
					details = append(details, fault.Detail{Field: f.Key + "." + a.Key, Message: fmt.Sprintf("系统不支持动作 %s", x.Name)})
				}
			}
		}
	}
	if len(details) > 0 {
		return "", fault.New(fault.Invalid, "这个办理流程用到了系统不支持的内容", details...)
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		result, err := store.Tx(ctx).NewRaw(`INSERT INTO process_definitions (hash, id, title, path, body, kept_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING`,
			p.Hash, p.ID, p.Title, p.Path, string(p.Source), store.Stamp(clock.Now(ctx))).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		d, err := digestOfDefinition(ctx, p.Hash)
		if err != nil {
			return err
		}
		return audit.Append(ctx, audit.Event{Action: "process.kept", Kind: definitionKind, ID: p.Hash, Digest: d, Data: map[string]string{"process": p.ID}})
	})
	return p.Hash, err
}

func actionsOf(f *policy.Flow) []*policy.Action {
	out := append([]*policy.Action{}, f.Always...)
	for _, s := range f.Stages {
		for _, t := range s.Tasks {
			out = append(out, t.Actions...)
		}
	}
	return out
}

// Process is a kept process by its hash. NotFound if it is not kept.
func (e *Engine) Process(ctx context.Context, hash string) (*policy.Process, error) {
	e.kept.mu.Lock()
	p := e.kept.byHash[hash]
	e.kept.mu.Unlock()
	if p != nil {
		return p, nil
	}
	var path, body string
	err := store.Read(ctx, func(ctx context.Context) error {
		err := store.Tx(ctx).QueryRowContext(ctx, `SELECT path, body FROM process_definitions WHERE hash = ?`, hash).Scan(&path, &body)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "没有这个办理流程")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p, problems := policy.ReadProcess(policy.File{Path: path, Data: []byte(body)})
	if policy.HasErrors(problems) || p == nil || p.Hash != hash {
		return nil, fault.Wrap(fault.Internal, "办理流程无法读取，请联系管理员", fmt.Errorf("process: kept definition %s does not read: %v", hash, problems))
	}
	e.kept.mu.Lock()
	if e.kept.byHash == nil {
		e.kept.byHash = map[string]*policy.Process{}
	}
	e.kept.byHash[hash] = p
	e.kept.mu.Unlock()
	return p, nil
}

// Definitions lists what is kept, the newest first, without sources.
func (e *Engine) Definitions(ctx context.Context) ([]Definition, error) {
	out := []Definition{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		rows, err := store.Tx(ctx).QueryContext(ctx, `SELECT hash, id, title, kept_at FROM process_definitions ORDER BY kept_at DESC, hash`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var d Definition
			if err := rows.Scan(&d.Hash, &d.ID, &d.Title, &d.KeptAt); err != nil {
				return err
			}
			out = append(out, d)
		}
		return rows.Err()
	})
	return out, err
}

// Definition is one that is kept, with its source. NotFound if it is not.
func (e *Engine) Definition(ctx context.Context, hash string) (Definition, error) {
	p, err := e.Process(ctx, hash)
	if err != nil {
		return Definition{}, err
	}
	d := Definition{Hash: hash, ID: p.ID, Title: p.Title, Source: string(p.Source), Process: p}
	err = store.Read(ctx, func(ctx context.Context) error {
		return store.Tx(ctx).QueryRowContext(ctx, `SELECT kept_at FROM process_definitions WHERE hash = ?`, hash).Scan(&d.KeptAt)
	})
	return d, err
}

func digestOfDefinition(ctx context.Context, hash string) (string, error) {
	var id, title, path, body, kept string
	err := store.Tx(ctx).QueryRowContext(ctx, `SELECT id, title, path, body, kept_at FROM process_definitions WHERE hash = ?`, hash).Scan(&id, &title, &path, &body, &kept)
	if errors.Is(err, sql.ErrNoRows) {
		return audit.Deleted, nil
	}
	return digest(hash, id, title, path, body, kept), err
}

// flowOf is the flow that an instance runs along.
func (e *Engine) flowOf(ctx context.Context, r *instanceRow) (*policy.Process, *policy.Flow, error) {
	p, err := e.Process(ctx, r.Definition)
	if err != nil {
		return nil, nil, err
	}
	f := p.Flow(r.Flow)
	if f == nil {
		return nil, nil, fmt.Errorf("process: %s has no flow %s", r.Definition, r.Flow)
	}
	return p, f, nil
}
