package rehearsal

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/platform/rest"
	"shanglin/internal/process"
)

var op = rest.Operations("rehearsal", "")

// Routes registers the room's calls. Who may what is checked where it is done.
func (r *Room) Routes(api huma.API) {
	huma.Register(api, op("plan-rehearsal", http.MethodGet, "/process-rehearsals/plan", "The ways through a process that may be rehearsed (administrators)"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			Draft   string `query:"draft" maxLength:"64" doc:"the draft whose process it is; empty: the one in use"`
			Process string `query:"process" required:"true" maxLength:"80"`
		}) (*rest.Body[*Plan], error) {
			out, err := r.Plan(ctx, in.Draft, in.Process)
			return &rest.Body[*Plan]{Body: out}, err
		})
	huma.Register(api, op("rehearse", http.MethodPost, "/process-rehearsals", "Walk a sample through a process; nothing is kept (administrators)"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			Body Order
		}) (*rest.Body[*process.Rehearsed], error) {
			out, err := r.Walk(ctx, in.Body)
			return &rest.Body[*process.Rehearsed]{Body: out}, err
		})
}
