package account

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/spreadsheet"
)

// AuthorizationPath names a version.
type AuthorizationPath struct {
	Tenant string `path:"tenant" maxLength:"64"`
	ID     string `path:"id" maxLength:"64"`
}

// AuthorizationQuery narrows the list of versions.
type AuthorizationQuery struct {
	Tenant  string `path:"tenant" maxLength:"64"`
	Account string `query:"account" maxLength:"64" doc:"of one account"`
	State   string `query:"state" enum:"waiting,approved,returned,withdrawn"`
}

// AuthorizationList is a page of versions.
type AuthorizationList struct {
	Items []Authorization `json:"items" nullable:"false"`
	Total int             `json:"total"`
	Page  int             `json:"page"`
}

type authorizationOutput struct{ Body Authorization }

func authorizationOf(a Authorization, err error) (*authorizationOutput, error) {
	if err != nil {
		return nil, err
	}
	return &authorizationOutput{a}, nil
}

func (s *Service) authorizationRoutes(api huma.API) {
	const path = "/api/{tenant}/authorizations"
	tags := []string{"accounts"}
	huma.Register(api, huma.Operation{OperationID: "list-authorizations", Method: http.MethodGet, Path: path, Summary: "What accounts were given and taken, those that wait for approval first (administrators, auditors)", Tags: tags},
		func(ctx context.Context, in *struct {
			AuthorizationQuery
			Page int `query:"page" minimum:"1" maximum:"100000" default:"1"`
			Per  int `query:"per" minimum:"1" maximum:"200" default:"20"`
		}) (*struct{ Body AuthorizationList }, error) {
			items, total, err := s.Authorizations(ctx, AuthorizationFilter{Account: in.Account, State: in.State, Page: in.Page, Per: in.Per})
			if err != nil {
				return nil, err
			}
			return &struct{ Body AuthorizationList }{AuthorizationList{Items: items, Total: total, Page: in.Page}}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "export-authorizations", Method: http.MethodGet, Path: path + ".xlsx", Summary: "The same as a workbook", Tags: tags},
		func(ctx context.Context, in *AuthorizationQuery) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("授权记录.xlsx", func(w io.Writer) error {
				return s.ExportAuthorizations(ctx, AuthorizationFilter{Account: in.Account, State: in.State}, w)
			})
		})
	huma.Register(api, huma.Operation{OperationID: "approve-authorization", Method: http.MethodPost, Path: path + "/{id}/approve", Summary: "Let a version count that another administrator made (administrators)", Tags: tags},
		func(ctx context.Context, in *AuthorizationPath) (*authorizationOutput, error) {
			return authorizationOf(s.Approve(ctx, in.ID))
		})
	huma.Register(api, huma.Operation{OperationID: "return-authorization", Method: http.MethodPost, Path: path + "/{id}/return", Summary: "Return a version that waits, with the reason (administrators)", Tags: tags, MaxBodyBytes: 16 << 10},
		func(ctx context.Context, in *struct {
			AuthorizationPath
			Body struct {
				Reason string `json:"reason" maxLength:"2000"`
			}
		}) (*authorizationOutput, error) {
			return authorizationOf(s.Return(ctx, in.ID, in.Body.Reason))
		})
	huma.Register(api, huma.Operation{OperationID: "withdraw-authorization", Method: http.MethodPost, Path: path + "/{id}/withdraw", Summary: "Withdraw a version that waits: who made it", Tags: tags},
		func(ctx context.Context, in *AuthorizationPath) (*authorizationOutput, error) {
			return authorizationOf(s.Withdraw(ctx, in.ID))
		})
}

// authorizationWords are what people call the states.
var authorizationWords = map[string]string{AuthorizationWaiting: "待核准", AuthorizationApproved: "已生效", AuthorizationReturned: "已退回", AuthorizationWithdrawn: "已撤回"}

// ExportAuthorizations writes the list of versions as a workbook. Errors as Authorizations.
func (s *Service) ExportAuthorizations(ctx context.Context, f AuthorizationFilter, w io.Writer) error {
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "授权记录", Columns: []spreadsheet.Column{{Heading: "登录名", Width: 20}, {Heading: "姓名或单位", Width: 24},
		{Heading: "第几次", Width: 8}, {Heading: "给予", Width: 44}, {Heading: "收回", Width: 44}, {Heading: "使用", Width: 10}, {Heading: "理由", Width: 30}, {Heading: "状态", Width: 10},
		{Heading: "提出人", Width: 14}, {Heading: "提出时间", Width: 18}, {Heading: "办理人", Width: 14}, {Heading: "办理时间", Width: 18}, {Heading: "退回理由", Width: 30}},
		Rows: func(emit spreadsheet.Emit) error {
			return s.EachAuthorization(ctx, f, func(a Authorization) error {
				usage := map[string]string{usageClosed: "停用", usageOpened: "恢复使用"}[a.Usage]
				decided := ""
				if a.DecidedAt != "" {
					decided = clock.Shown(a.DecidedAt)
				}
				return emit(a.Account.Login, a.Account.Name, a.Number, lines(a.Give), lines(a.Take), usage, a.Reason, authorizationWords[a.State],
					a.MadeBy, clock.Shown(a.MadeAt), a.DecidedBy, decided, a.Decision)
			})
		}})
}

// lines are grants as people read them, each on a line of its own.
func lines(grants []Grant) string {
	return strings.ReplaceAll(sayGrants(grants), "；", "\n")
}
