package process

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Definition is a kept process file.
type Definition struct {
	Hash   string `json:"hash"`
	ID     string `json:"id"`
	Title  string `json:"title"`
	KeptAt string `json:"kept_at"`
	Source string `json:"source,omitempty" doc:"the file itself"`

	Charts []policy.Chart `json:"charts,omitempty" doc:"of one: its flows as diagrams"`
}

type definitionRow struct {
	Hash   string `bun:"hash"`
	ID     string `bun:"id"`
	Title  string `bun:"title"`
	Path   string `bun:"path"`
	Body   string `bun:"body"`
	KeptAt string `bun:"kept_at"`
	KeptBy string `bun:"kept_by"`
}

func (r definitionRow) definition() Definition {
	return Definition{Hash: r.Hash, ID: r.ID, Title: r.Title, KeptAt: r.KeptAt, Source: r.Body}
}

// definitions are the processes that were read, by hash. What a hash names never changes, so one is kept for every tenant.
type definitions struct {
	mu     sync.RWMutex
	byHash map[string]*policy.Process
}

func (d *definitions) get(hash string) *policy.Process {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.byHash[hash]
}

func (d *definitions) put(p *policy.Process) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byHash == nil {
		d.byHash = map[string]*policy.Process{}
	}
	d.byHash[p.Hash] = p
}

// read parses a stored process and refuses one that is not what its hash says.
func read(hash, path, body string) (*policy.Process, error) {
	sum := sha256.Sum256([]byte(body))
	if hex.EncodeToString(sum[:]) != hash {
		return nil, fmt.Errorf("process: the file kept as %s is another one", hash)
	}
	p, problems := policy.ReadProcess(policy.File{Path: path, Data: []byte(body)})
	if p == nil {
		return nil, fmt.Errorf("process: the file kept as %s cannot be read: %v", hash, problems)
	}
	return p, nil
}

// Keep keeps a copy of a process by its hash, once, never to be changed, and returns the hash. Invalid if the hash is not that of the source,
// or the file uses an effect or a guard that no room implements for its flow, or names an official document where nobody drafts any (Details name them).
func (e *Engine) Keep(ctx context.Context, p *policy.Process) (hash string, err error) {
	if _, err := read(p.Hash, p.Path, string(p.Source)); err != nil {
		return "", fault.Wrap(fault.Invalid, "流程文件与它的校验值不符，或不能单独读出。", err)
	}
	if missing := e.missing(p); len(missing) > 0 {
		return "", fault.New(fault.Invalid, "流程文件用到的词，系统还不会办。", missing...)
	}
	return p.Hash, store.Write(ctx, func(ctx context.Context) error {
		n, err := change(ctx, `INSERT INTO process_definitions (hash, id, title, path, body, kept_at, kept_by) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING`,
			p.Hash, p.ID, p.Title, p.Path, string(p.Source), store.Stamp(clock.Now(ctx)), account.ActorFrom(ctx).AccountID)
		if err != nil || n == 0 {
			return err
		}
		digest, err := digestOfDefinition(ctx, p.Hash)
		if err != nil {
			return err
		}
		return audit.Append(ctx, audit.Event{Action: "process.keep", Kind: kindDefinition, ID: p.Hash, Digest: digest, Data: map[string]string{"process": p.ID}})
	})
}

// missing lists the verbs of a process that nobody implements.
func (e *Engine) missing(p *policy.Process) (out []fault.Detail) {
	add := func(f *policy.Flow, name string) {
		d := fault.Detail{Field: f.Key, Message: "没有实现：" + name}
		if !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	for _, f := range p.Flows {
		if e.joined[f.Key] == nil && slices.ContainsFunc(f.Stages, func(s *policy.Stage) bool { return s.Joint != nil }) {
			add(f, "joint")
		}
		eachAction(f, func(a *policy.Action) {
			for _, g := range a.If {
				if e.guard(f.Key, g) == nil {
					add(f, g)
				}
			}
			for _, d := range a.Do {
				if e.effect(f.Key, d.Name) == nil {
					add(f, d.Name)
				}
			}
			if a.Document != "" && e.drafts[f.Key] == nil {
				add(f, "document")
			}
		})
	}
	return out
}

// eachAction goes through every action of a flow.
func eachAction(f *policy.Flow, fn func(*policy.Action)) {
	for _, a := range f.Actions() {
		fn(a)
	}
}

// Process is a kept process by its hash. NotFound if it is not kept.
func (e *Engine) Process(ctx context.Context, hash string) (*policy.Process, error) {
	if p := e.kept.get(hash); p != nil {
		// What another tenant keeps is not kept here, but a row that names it is proof enough that it is.
		return p, nil
	}
	var p *policy.Process
	err := store.Read(ctx, func(ctx context.Context) error {
		row, found, err := definitionOf(ctx, hash)
		if err != nil {
			return err
		}
		if !found {
			return fault.New(fault.NotFound, "没有这份流程文件。")
		}
		p, err = read(row.Hash, row.Path, row.Body)
		return err
	})
	if err != nil {
		return nil, err
	}
	e.kept.put(p)
	return p, nil
}

func definitionOf(ctx context.Context, hash string) (definitionRow, bool, error) {
	return one[definitionRow](ctx, `SELECT hash, id, title, path, body, kept_at, kept_by FROM process_definitions WHERE hash = ?`, hash)
}

// flowOf is the process of an instance or task, and its flow.
func (e *Engine) flowOf(ctx context.Context, hash, flow string) (*policy.Process, *policy.Flow, error) {
	p, err := e.Process(ctx, hash)
	if err != nil {
		return nil, nil, err
	}
	f := p.Flow(flow)
	if f == nil {
		return nil, nil, fmt.Errorf("process: %s has no flow %s", hash, flow)
	}
	return p, f, nil
}

// Definitions lists what is kept, the newest first, without sources. Anybody may read how things are dealt with.
func (e *Engine) Definitions(ctx context.Context) ([]Definition, error) {
	out := []Definition{}
	err := store.Read(ctx, func(ctx context.Context) error {
		var rows []definitionRow
		if err := store.Tx(ctx).NewRaw(`SELECT hash, id, title, kept_at FROM process_definitions ORDER BY kept_at DESC, hash`).Scan(ctx, &rows); err != nil {
			return err
		}
		out = out[:0]
		for _, r := range rows {
			out = append(out, r.definition())
		}
		return nil
	})
	return out, err
}

// Definition is one that is kept, with its source. NotFound if it is not.
func (e *Engine) Definition(ctx context.Context, hash string) (out Definition, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		row, found, err := definitionOf(ctx, hash)
		if err == nil && !found {
			err = fault.New(fault.NotFound, "没有这份流程文件。")
		}
		if err != nil {
			return err
		}
		out = row.definition()
		p, err := e.Process(ctx, hash)
		if err == nil {
			out.Charts = p.Charts()
		}
		return err
	})
	return out, err
}
