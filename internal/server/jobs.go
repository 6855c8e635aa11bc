package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/jobs"
)

// registerJobs lets those who work here follow long work.
func registerJobs(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "read-job", Method: http.MethodGet, Path: "/api/{tenant}/jobs/{id}", Summary: "How far a job is (officers, administrators, auditors)", Tags: []string{"jobs"}},
		func(ctx context.Context, in *struct {
			Tenant string `path:"tenant" maxLength:"64"`
			ID     string `path:"id" maxLength:"64"`
		}) (*struct{ Body *jobs.Job }, error) {
			if a := account.ActorFrom(ctx); !a.Reader() && !a.Is(account.RoleAdministrator) {
				return nil, fault.New(fault.Forbidden, ofStatus[http.StatusForbidden].message)
			}
			j, err := jobs.Get(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &struct{ Body *jobs.Job }{j}, nil
		})
}

// asSystem is how a job works: as the installation, with the log naming the account that asked for it.
func asSystem(ctx context.Context, j *jobs.Job) context.Context {
	ctx = account.System(ctx)
	if j.Actor != "" {
		ctx = audit.WithActor(ctx, j.Actor)
	}
	return ctx
}
