package account

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// DelegationPath names a delegation.
type DelegationPath struct {
	Tenant string `path:"tenant" maxLength:"64"`
	ID     string `path:"id" maxLength:"64"`
}

// DelegationList is a page of delegations.
type DelegationList struct {
	Items []Delegation `json:"items" nullable:"false"`
	Total int          `json:"total"`
	Page  int          `json:"page"`
}

// ColleagueList is who could stand in.
type ColleagueList struct {
	Items []Colleague `json:"items" nullable:"false"`
}

type delegationOutput struct{ Body Delegation }

func (s *Service) delegationRoutes(api huma.API) {
	const path = "/api/{tenant}/delegations"
	tags := []string{"delegations"}
	huma.Register(api, huma.Operation{OperationID: "list-delegations", Method: http.MethodGet, Path: path, Summary: "Who stands in for whom: one's own; all of them to administrators and auditors", Tags: tags},
		func(ctx context.Context, in *struct {
			Tenant string `path:"tenant" maxLength:"64"`
			Only   string `query:"only" enum:"open,past" doc:"in force or to come; over or ended"`
			Page   int    `query:"page" minimum:"1" maximum:"100000" default:"1"`
			Per    int    `query:"per" minimum:"1" maximum:"200" default:"20"`
		}) (*struct{ Body DelegationList }, error) {
			items, total, err := s.Delegations(ctx, in.Only, in.Page, in.Per)
			if err != nil {
				return nil, err
			}
			return &struct{ Body DelegationList }{DelegationList{Items: items, Total: total, Page: in.Page}}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "list-stand-ins", Method: http.MethodGet, Path: "/api/{tenant}/stand-ins", Summary: "Who could stand in, at most 50, by name", Tags: tags},
		func(ctx context.Context, in *struct {
			Tenant string `path:"tenant" maxLength:"64"`
			Q      string `query:"q" maxLength:"100" doc:"part of a login or name"`
		}) (*struct{ Body ColleagueList }, error) {
			items, err := s.StandIns(ctx, in.Q)
			if err != nil {
				return nil, err
			}
			return &struct{ Body ColleagueList }{ColleagueList{items}}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "delegate", Method: http.MethodPost, Path: path, Summary: "Let somebody stand in while one is away; for somebody else: administrators", Tags: tags, DefaultStatus: http.StatusCreated, MaxBodyBytes: 64 << 10},
		func(ctx context.Context, in *struct {
			Tenant string `path:"tenant" maxLength:"64"`
			Body   struct {
				Absent  string  `json:"absent,omitempty" maxLength:"64" doc:"account of who is away; left out: whoever asks"`
				StandIn string  `json:"stand_in" minLength:"1" maxLength:"64" doc:"account of who stands in"`
				Grants  []Grant `json:"grants,omitempty" maxItems:"200" doc:"of the absent; left out: all that may be delegated"`
				From    string  `json:"from,omitempty" maxLength:"10" doc:"first day, 2026-11-30; left out: today"`
				Until   string  `json:"until" maxLength:"10" doc:"last day"`
				Reason  string  `json:"reason" maxLength:"800"`
			}
		}) (*delegationOutput, error) {
			b := in.Body
			out, err := s.Delegate(ctx, NewDelegation{Absent: b.Absent, StandIn: b.StandIn, Grants: b.Grants, From: b.From, Until: b.Until, Reason: b.Reason})
			if err != nil {
				return nil, err
			}
			return &delegationOutput{out}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "approve-delegation", Method: http.MethodPost, Path: path + "/{id}/approve", Summary: "Let a delegation count that another administrator made for somebody (administrators)", Tags: tags},
		func(ctx context.Context, in *DelegationPath) (*delegationOutput, error) {
			out, err := s.ApproveDelegation(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &delegationOutput{out}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "end-delegation", Method: http.MethodPost, Path: path + "/{id}/end", Summary: "End a delegation at once: who is away, who stands in, administrators", Tags: tags, MaxBodyBytes: 16 << 10},
		func(ctx context.Context, in *struct {
			DelegationPath
			Body struct {
				Reason string `json:"reason,omitempty" maxLength:"800"`
			}
		}) (*delegationOutput, error) {
			out, err := s.EndDelegation(ctx, in.ID, in.Body.Reason)
			if err != nil {
				return nil, err
			}
			return &delegationOutput{out}, nil
		})
}
