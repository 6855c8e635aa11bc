package process

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/store"
)

// Kinds of rows in the audit log. An instance stands there with all its tasks and steps: whichever of them is edited, it differs.
const (
	kindDefinition = "process_definition"
	kindInstance   = "process"
	kindFilter     = "process_filter"
)

func init() {
	audit.RegisterRow(kindDefinition, digestOfDefinition)
	audit.RegisterList(kindDefinition, audit.IDsBy(`SELECT hash FROM process_definitions WHERE hash > ? ORDER BY hash LIMIT ?`))
	audit.RegisterRow(kindInstance, func(ctx context.Context, id string) (string, error) {
		digests, err := digestsOf(ctx, []string{id}, atHand{})
		return digests[id], err
	})
	audit.RegisterList(kindInstance, audit.IDs("process_instances"))
	audit.RegisterRow(kindFilter, digestOfFilter)
	audit.RegisterList(kindFilter, audit.IDs("process_filters"))
}

func digestOfDefinition(ctx context.Context, hash string) (string, error) {
	r, found, err := definitionOf(ctx, hash)
	if err != nil || !found {
		return "", err
	}
	return audit.Digest(r.Hash, r.ID, r.Title, r.Path, r.Body, r.KeptAt, r.KeptBy), nil
}

// atHand is what whoever holds instances knows of them as they stand in the database: their rows, and all their steps.
type atHand struct {
	rows  []instanceRow
	steps map[string][]stepRow
}

// digestsOf are the digests of instances, each over its row, its tasks and its steps; an instance that is not there has none. What is at hand
// is of all of them, or nothing is.
func digestsOf(ctx context.Context, ids []string, known atHand) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	held := make(map[string]instanceRow, len(known.rows))
	for _, r := range known.rows {
		held[r.ID] = r
	}
	for part := range slices.Chunk(ids, chunk) {
		var rows []instanceRow
		if known.rows == nil {
			if err := store.Tx(ctx).NewRaw(`SELECT `+instanceColumns+` FROM process_instances WHERE id IN (?)`, bun.List(part)).Scan(ctx, &rows); err != nil {
				return nil, err
			}
		} else {
			for _, id := range part {
				rows = append(rows, held[id])
			}
		}
		tasks, err := tasksOf(ctx, part...)
		if err != nil {
			return nil, err
		}
		steps := known.steps
		if steps == nil {
			if steps, err = stepsOf(ctx, part...); err != nil {
				return nil, err
			}
		}
		for _, r := range rows {
			texts := []string{audit.Digest(r.texts()...)}
			for _, t := range tasks[r.ID] {
				texts = append(texts, audit.Digest(t.texts()...))
			}
			texts = append(texts, "steps")
			for _, s := range steps[r.ID] {
				texts = append(texts, audit.Digest(s.texts()...))
			}
			out[r.ID] = audit.Digest(texts...)
		}
	}
	return out, nil
}

func (r *instanceRow) texts() []string {
	return append(r.subjectRow.texts(), r.ID, r.Definition, r.Stage, r.Since, fmt.Sprint(r.Version), fmt.Sprint(r.Visit), r.Outcome, r.StartedAt, r.StartedBy)
}

func (r *taskRow) texts() []string {
	out := append(r.subjectRow.texts(), r.ID, r.Instance, fmt.Sprint(r.Visit), r.Stage, r.StageTitle, r.Task, r.TaskTitle, r.Role, r.Who, r.ScopeDepartment,
		r.State, fmt.Sprint(r.Version), r.Assignee, r.OpenedAt, r.Begins, fmt.Sprint(r.N), r.Unit, r.Due, r.DueAt, r.Unknown, fmt.Sprint(r.Late),
		r.DoneAt, r.DoneBy, r.Action, r.Definition)
	if r.RemindAt != "" { // those of files without reminders keep their digests
		out = append(out, r.RemindAt)
	}
	return out
}

func (r *stepRow) texts() []string {
	out := []string{r.Instance, fmt.Sprint(r.Seq), r.At, r.Kind, r.Actor, r.Role, r.Who, r.Task, r.TaskTitle, fmt.Sprint(r.Version), r.Action, r.ActionTitle,
		r.FromStage, r.ToStage, r.Reason, r.Data}
	if r.Stead != "" { // steps that were logged before there was such a thing keep their digest
		out = append(out, r.Stead)
	}
	return out
}

// logged is what the audit log keeps of a change besides the digest: nothing that people wrote.
type logged struct {
	Flow    string `json:"flow"`
	Subject string `json:"subject"`
	Task    string `json:"task,omitempty"`
	Action  string `json:"action,omitempty"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
}

// record appends the audit events of instances that this transaction has changed and holds.
func record(ctx context.Context, action string, data map[string]logged) error {
	return recordOf(ctx, action, data, atHand{})
}

// recordOf is record for instances of which something is at hand.
func recordOf(ctx context.Context, action string, data map[string]logged, known atHand) error {
	ids := make([]string, 0, len(data))
	for id := range data {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	digests, err := digestsOf(ctx, ids, known)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := audit.Append(ctx, audit.Event{Action: "process." + action, Kind: kindInstance, ID: id, Digest: digests[id], Data: data[id]}); err != nil {
			return err
		}
	}
	return nil
}
