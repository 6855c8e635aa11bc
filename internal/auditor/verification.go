package auditor

import (
	"context"
	"encoding/json"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/store"
)

// Verification is how far the latest verification of the log is, and what the last one that came to its end has found.
type Verification struct {
	State   jobs.State `json:"state" enum:"none,waiting,running,done,failed,cancelled"`
	Done    int64      `json:"done" doc:"records and rows compared, of total"`
	Total   int64      `json:"total" doc:"0: not known yet"`
	Failure string     `json:"failure,omitempty" doc:"why it failed, for people"`
	AskedAt string     `json:"asked_at,omitempty"`
	Found   *Finding   `json:"found,omitempty" doc:"of the last that came to its end; absent: there was none"`
}

// Finding is what a verification found, when, and for whom.
type Finding struct {
	At string `json:"at"`
	By string `json:"by" doc:"who asked for it: login and name"`
	Outcome
}

// Outcome is a report as the log keeps it.
type Outcome struct {
	audit.Report
	Count int `json:"count" doc:"of problems found, of which the first are named; 1000: so many, or more"`
}

// noVerification is the state where the log was never verified here.
const noVerification jobs.State = "none"

// A verification is a job of this kind and key, and its finding a record of the log itself: nobody can change it unnoticed later.
const (
	jobVerify    = "audit.verify"
	verifyKey    = "log"
	logKind      = "log"
	verifyAction = "log.verify"
)

// named is how many problems the log keeps of a finding.
const named = 100

func init() {
	audit.RegisterWords(logKind, audit.Words{Label: "审计记录", Actions: map[string]string{verifyAction: "核验审计记录"}})
}

// Verification tells of the latest. Forbidden for everybody but an auditor of the whole tenant.
func (a *Auditor) Verification(ctx context.Context) (Verification, error) {
	if err := mayAudit(ctx); err != nil {
		return Verification{}, err
	}
	v := Verification{State: noVerification}
	err := store.Read(ctx, func(ctx context.Context) error {
		j, err := latest(ctx)
		if err != nil {
			return err
		}
		if j != nil {
			v = Verification{State: j.State, Done: j.Done, Total: j.Total, Failure: j.Failure, AskedAt: j.CreatedAt}
		}
		records, err := audit.List(ctx, audit.Filter{Kind: logKind, Action: verifyAction, Limit: 1})
		if err != nil || len(records) == 0 {
			return err
		}
		entries, err := read(ctx, records)
		if err != nil {
			return err
		}
		found := Finding{At: records[0].At, By: entries[0].By}
		if err := json.Unmarshal([]byte(records[0].Data), &found.Outcome); err != nil {
			return err
		}
		v.Found = &found
		return nil
	})
	return v, err
}

// latest is the job of the latest verification; nil if there was none.
func latest(ctx context.Context) (*jobs.Job, error) {
	list, err := jobs.List(ctx, jobs.Filter{Kind: jobVerify, Key: verifyKey, Limit: 1})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// Verify asks for a verification, unless one is under way. Errors as Verification.
func (a *Auditor) Verify(ctx context.Context) (Verification, error) {
	if err := mayAudit(ctx); err != nil {
		return Verification{}, err
	}
	err := store.Write(ctx, func(ctx context.Context) error {
		j, err := latest(ctx)
		if err != nil || j != nil && !j.State.Ended() {
			return err
		}
		_, err = jobs.Enqueue(ctx, jobVerify, verifyKey, nil)
		return err
	})
	if err != nil {
		return Verification{}, err
	}
	return a.Verification(ctx)
}

// Cancel ends a verification that is under way. Conflict if none is.
func (a *Auditor) Cancel(ctx context.Context) (Verification, error) {
	if err := mayAudit(ctx); err != nil {
		return Verification{}, err
	}
	j, err := latest(ctx)
	if err == nil && j == nil {
		err = fault.New(fault.Conflict, "没有正在进行的核验。")
	}
	if err == nil {
		err = jobs.Cancel(ctx, j.ID)
	}
	if err != nil {
		return Verification{}, err
	}
	return a.Verification(ctx)
}

// Handle gives the room's job its handler.
func (a *Auditor) Handle(h *jobs.Handlers) { h.Handle(jobVerify, verify) }

// verify is the job: it compares the whole log and notes in it what it found.
func verify(ctx context.Context, j *jobs.Job) error {
	report, err := audit.Verification{Progress: func(done, total int64) error { return j.Progress(ctx, done, total, "") }}.Run(ctx)
	if err != nil {
		return err
	}
	found := Outcome{Report: *report, Count: len(report.Problems)}
	found.Problems = found.Problems[:min(named, found.Count)]
	return store.Write(ctx, func(ctx context.Context) error {
		return audit.Append(ctx, audit.Event{Action: verifyAction, Kind: logKind, ID: j.ID, Data: found})
	})
}
