package schemes

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/platform/clock"
	"shanglin/policy"
)

// About is what every page must know of a tenant before anything else.
type About struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Today       policy.Date `json:"today"`
	Departments []string    `json:"departments" nullable:"false"`
	Towns       []string    `json:"towns" nullable:"false"`
	Industries  []string    `json:"industries" nullable:"false"`
	Sizes       []string    `json:"sizes" nullable:"false"`
	Demo        bool        `json:"demo" doc:"its firms are invented"`
	Notice      string      `json:"notice" doc:"what every reader should be told first; may be empty"`
}

type aboutOutput struct{ Body *About }

// RouteAbout registers what everybody may know of a tenant. fill gives what other rooms know: id, name, towns, industries, sizes, demo, notice;
// the rest comes from the published set.
func RouteAbout(api huma.API, fill func(context.Context) (*About, error)) {
	huma.Register(api, huma.Operation{OperationID: "about", Method: http.MethodGet, Path: "/api/{tenant}/about",
		Summary: "The tenant: its name, today's date there, departments, towns, industries, sizes", Tags: []string{"schemes"}},
		func(ctx context.Context, _ *tenantInput) (*aboutOutput, error) {
			a, err := fill(ctx)
			if err != nil {
				return nil, err
			}
			c, err := Current(ctx)
			if err != nil {
				return nil, err
			}
			a.Today = clock.Today(ctx)
			a.Departments = c.Departments()
			for _, e := range c.entries {
				a.Industries = append(a.Industries, e.industries...)
				a.Sizes = append(a.Sizes, e.sizes...)
			}
			a.Towns, a.Industries, a.Sizes = distinct(a.Towns), distinct(a.Industries), distinct(a.Sizes)
			return &aboutOutput{a}, nil
		})
}

// distinct keeps the first of each word, in the order given, without empty ones; never nil.
func distinct(list []string) []string {
	out := []string{}
	for _, w := range list {
		if w != "" && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}
