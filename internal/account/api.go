package account

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
)

// Self is who somebody is, as told to themselves.
type Self struct {
	Login  string    `json:"login"`
	Name   string    `json:"name"`
	Grants []Grant   `json:"grants"`
	Stands []InPlace `json:"stands,omitempty" doc:"for whom the account stands in today; a call with ?stead=ACCOUNT is made in that one's stead"`
}

// InPlace is a delegation in force, as told to who stands in.
type InPlace struct {
	Account string  `json:"account" doc:"of who is away"`
	Name    string  `json:"name"`
	Grants  []Grant `json:"grants" nullable:"false"`
	Until   string  `json:"until" doc:"last day"`
}

// SessionView is a session as told to its owner. Nobody signed in: no actor.
type SessionView struct {
	Actor      *Self    `json:"actor,omitempty" doc:"who is signed in; absent for the public"`
	CSRF       string   `json:"csrf" doc:"to be sent as X-CSRF-Token with every POST, PUT and DELETE; empty for the public"`
	Tenants    []string `json:"tenants" doc:"where the account belongs"`
	MustChange bool     `json:"must_change" doc:"the password was set by somebody else: ask for a new one"`
}

func viewOf(ctx context.Context, token string, a *Actor, mustChange bool) (SessionView, error) {
	if a.Public() {
		return SessionView{Tenants: []string{}}, nil
	}
	self := &Self{Login: a.Login, Name: a.Name, Grants: a.Grants}
	stands, err := Stands(ctx, a)
	for _, s := range stands {
		self.Stands = append(self.Stands, InPlace{Account: s.AccountID, Name: s.Name, Grants: s.Grants, Until: s.Until})
	}
	return SessionView{Actor: self, CSRF: CSRF(token), Tenants: []string{a.Tenant}, MustChange: mustChange}, err
}

type sessionOutput struct {
	SetCookie    http.Cookie `header:"Set-Cookie"`
	CacheControl string      `header:"Cache-Control"`
	Body         SessionView
}

type readSessionOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         SessionView
}

type signedOutOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

// AccountPath names an account of a tenant. (huma reads the parameters of an embedded struct only when its name is exported.)
type AccountPath struct {
	Tenant string `path:"tenant" maxLength:"64"`
	ID     string `path:"id" maxLength:"64"`
}

// AccountQuery narrows the list of accounts.
type AccountQuery struct {
	Tenant string `path:"tenant" maxLength:"64"`
	Q      string `query:"q" maxLength:"100" doc:"part of a login or name"`
	Role   Role   `query:"role" enum:"firm,officer,administrator,auditor,leader,finance,expert"`
}

type accountOutput struct{ Body Account }

// IssuedPassword is an account with the password that was generated for it, which is shown this once.
type IssuedPassword struct {
	Account  Account `json:"account"`
	Password string  `json:"password,omitempty" doc:"generated; shown this once"`
}

type issuedOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         IssuedPassword
}

// AccountList is a page of accounts.
type AccountList struct {
	Items []Account `json:"items"`
	Total int       `json:"total"`
	Page  int       `json:"page"`
}

const noStore = "no-store"

// Routes registers signing in and out, and the administration of accounts.
func Routes(api huma.API, s *Service) {
	s.sessionRoutes(api)
	s.signUpRoutes(api)
	s.accountRoutes(api)
	s.authorizationRoutes(api)
	s.delegationRoutes(api)
}

func (s *Service) sessionRoutes(api huma.API) {
	tags := []string{"session"}
	huma.Register(api, huma.Operation{OperationID: "sign-in", Method: http.MethodPost, Path: "/api/session", Summary: "Sign in", Tags: tags, MaxBodyBytes: 8 << 10},
		func(ctx context.Context, in *struct {
			Body struct {
				Tenant   string `json:"tenant,omitempty" maxLength:"64" doc:"may be left out where there is only one"`
				Login    string `json:"login" minLength:"1" maxLength:"128"`
				Password string `json:"password" minLength:"1" maxLength:"256"`
			}
		}) (*sessionOutput, error) {
			tenant, err := s.tenantOrOnly(ctx, in.Body.Tenant)
			if err != nil {
				return nil, err
			}
			db, err := s.inst.Tenant(ctx, tenant)
			if err != nil {
				return nil, err
			}
			return s.signIn(store.In(ctx, db), tenant, in.Body.Login, in.Body.Password)
		})
	huma.Register(api, huma.Operation{OperationID: "read-session", Method: http.MethodGet, Path: "/api/session", Summary: "Who is signed in", Tags: tags},
		func(ctx context.Context, _ *struct{}) (*readSessionOutput, error) {
			v := VisitFrom(ctx)
			view, err := viewOf(ctx, v.Token, ActorFrom(ctx), v.Session != nil && v.Session.MustChange)
			if err != nil {
				return nil, err
			}
			return &readSessionOutput{CacheControl: noStore, Body: view}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "sign-out", Method: http.MethodDelete, Path: "/api/session", Summary: "Sign out", Tags: tags},
		func(ctx context.Context, _ *struct{}) (*signedOutOutput, error) {
			v := VisitFrom(ctx)
			if err := s.SignOut(ctx, v.Token); err != nil {
				return nil, err
			}
			return &signedOutOutput{SetCookie: sessionCookie(v, "")}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "change-password", Method: http.MethodPut, Path: "/api/session/password", Summary: "Change one's own password; every other session ends", Tags: tags, MaxBodyBytes: 8 << 10},
		func(ctx context.Context, in *struct {
			Body struct {
				Current  string `json:"current" minLength:"1" maxLength:"256"`
				Password string `json:"password" minLength:"1" maxLength:"256"`
			}
		}) (*sessionOutput, error) {
			v := VisitFrom(ctx)
			token, err := s.ChangePassword(ctx, in.Body.Current, in.Body.Password, v.Address)
			if err != nil {
				return nil, err
			}
			view, err := viewOf(ctx, token, ActorFrom(ctx), false)
			if err != nil {
				return nil, err
			}
			return &sessionOutput{SetCookie: sessionCookie(v, token), CacheControl: noStore, Body: view}, nil
		})
}

// signIn opens a session in the tenant in ctx and answers with its cookie.
func (s *Service) signIn(ctx context.Context, tenant, login, password string) (*sessionOutput, error) {
	v := VisitFrom(ctx)
	token, err := s.SignIn(ctx, tenant, login, password, v.Address, v.Token)
	if err != nil {
		return nil, err
	}
	session, err := s.Session(ctx, token)
	if err != nil {
		return nil, err
	}
	actor, err := s.Actor(ctx, tenant, session)
	if err != nil {
		return nil, err
	}
	if actor == nil {
		return nil, wrongPassword() // taken away in this very moment
	}
	view, err := viewOf(ctx, token, actor, session.MustChange)
	if err != nil {
		return nil, err
	}
	return &sessionOutput{SetCookie: sessionCookie(v, token), CacheControl: noStore, Body: view}, nil
}

type signUpRuleOutput struct{ Body SignUpRule }

func (s *Service) signUpRoutes(api huma.API) {
	const path = "/api/{tenant}/sign-up"
	tags := []string{"session"}
	huma.Register(api, huma.Operation{OperationID: "read-sign-up", Method: http.MethodGet, Path: path, Summary: "Whether anybody may make an account for themselves", Tags: tags},
		func(ctx context.Context, _ *struct {
			Tenant string `path:"tenant" maxLength:"64"`
		}) (*signUpRuleOutput, error) {
			rule, err := s.SignUpRule(ctx)
			return &signUpRuleOutput{rule}, err
		})
	huma.Register(api, huma.Operation{OperationID: "set-sign-up", Method: http.MethodPut, Path: path, Summary: "Open or close it (administrators)", Tags: tags},
		func(ctx context.Context, in *struct {
			Tenant string `path:"tenant" maxLength:"64"`
			Body   struct {
				Closed bool `json:"closed"`
			}
		}) (*signUpRuleOutput, error) {
			rule, err := s.SetSignUp(ctx, in.Body.Closed)
			return &signUpRuleOutput{rule}, err
		})
	huma.Register(api, huma.Operation{OperationID: "sign-up", Method: http.MethodPost, Path: path, Summary: "Make an account for oneself, without any role, and sign in", Tags: tags, DefaultStatus: http.StatusCreated, MaxBodyBytes: 8 << 10},
		func(ctx context.Context, in *struct {
			Tenant string `path:"tenant" maxLength:"64"`
			Body   struct {
				Login    string `json:"login" maxLength:"128"`
				Name     string `json:"name" maxLength:"200"`
				Password string `json:"password" maxLength:"256"`
			}
		}) (*sessionOutput, error) {
			if _, err := s.SignUp(ctx, in.Tenant, in.Body.Login, in.Body.Name, in.Body.Password, VisitFrom(ctx).Address); err != nil {
				return nil, err
			}
			return s.signIn(ctx, in.Tenant, in.Body.Login, in.Body.Password)
		})
}

// tenantOrOnly is the tenant that was named, or the only one there is.
func (s *Service) tenantOrOnly(ctx context.Context, id string) (string, error) {
	if id != "" {
		return id, nil
	}
	tenants, err := s.inst.Tenants(ctx)
	if err != nil {
		return "", err
	}
	if len(tenants) != 1 {
		return "", fault.New(fault.Invalid, "请选择所在的县（市、区）。", fault.Detail{Field: "tenant", Message: "必须填写。"})
	}
	return tenants[0].ID, nil
}

func (s *Service) accountRoutes(api huma.API) {
	tags := []string{"accounts"}
	huma.Register(api, huma.Operation{OperationID: "list-accounts", Method: http.MethodGet, Path: "/api/{tenant}/accounts", Summary: "List the accounts of the tenant (administrators)", Tags: tags},
		func(ctx context.Context, in *struct {
			AccountQuery
			Page int `query:"page" minimum:"1" maximum:"100000" default:"1"`
			Per  int `query:"per" minimum:"1" maximum:"200" default:"20"`
		}) (*struct{ Body AccountList }, error) {
			items, total, err := s.List(ctx, Filter{Text: in.Q, Role: in.Role, Page: in.Page, Per: in.Per})
			if err != nil {
				return nil, err
			}
			return &struct{ Body AccountList }{AccountList{Items: items, Total: total, Page: in.Page}}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "export-accounts", Method: http.MethodGet, Path: "/api/{tenant}/accounts.xlsx", Summary: "The same as a workbook", Tags: tags},
		func(ctx context.Context, in *AccountQuery) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("账号与权限.xlsx", func(w io.Writer) error { return s.Export(ctx, Filter{Text: in.Q, Role: in.Role}, w) })
		})
	huma.Register(api, huma.Operation{OperationID: "create-account", Method: http.MethodPost, Path: "/api/{tenant}/accounts", Summary: "Create an account (administrators)", Tags: tags, DefaultStatus: http.StatusCreated, MaxBodyBytes: 64 << 10},
		func(ctx context.Context, in *struct {
			Tenant string `path:"tenant" maxLength:"64"`
			Body   struct {
				Login    string  `json:"login" maxLength:"128"`
				Name     string  `json:"name" maxLength:"200"`
				Password string  `json:"password,omitempty" maxLength:"256" doc:"left out: one is generated, to be changed at the first sign-in"`
				Grants   []Grant `json:"grants" maxItems:"200" doc:"counts once a second administrator approves"`
				Reason   string  `json:"reason,omitempty" maxLength:"800" doc:"why it gets them; needed with any"`
			}
		}) (*issuedOutput, error) {
			a, password, err := s.Create(ctx, in.Tenant, New{Login: in.Body.Login, Name: in.Body.Name, Password: in.Body.Password, Grants: in.Body.Grants, Reason: in.Body.Reason})
			if err != nil {
				return nil, err
			}
			return &issuedOutput{CacheControl: noStore, Body: IssuedPassword{Account: a, Password: password}}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "read-account", Method: http.MethodGet, Path: "/api/{tenant}/accounts/{id}", Summary: "Read an account (administrators)", Tags: tags},
		func(ctx context.Context, in *AccountPath) (*accountOutput, error) {
			a, err := s.Get(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &accountOutput{a}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "change-account", Method: http.MethodPut, Path: "/api/{tenant}/accounts/{id}", Summary: "Rename, disable, or grant roles (administrators)", Tags: tags, MaxBodyBytes: 64 << 10},
		func(ctx context.Context, in *struct {
			AccountPath
			Body struct {
				Name     *string  `json:"name,omitempty" maxLength:"200"`
				Disabled *bool    `json:"disabled,omitempty"`
				Grants   *[]Grant `json:"grants,omitempty" maxItems:"200" doc:"all roles, in place of what there were; to give one takes a second administrator"`
				Reason   string   `json:"reason,omitempty" maxLength:"800" doc:"why it is given more; needed for that"`
				Since    string   `json:"since,omitempty" maxLength:"40" doc:"changed_at of what was seen: a conflict if somebody else has changed it since"`
			}
		}) (*accountOutput, error) {
			a, err := s.Update(ctx, in.ID, Change{Name: in.Body.Name, Disabled: in.Body.Disabled, Grants: in.Body.Grants, Reason: in.Body.Reason, Since: in.Body.Since})
			if err != nil {
				return nil, err
			}
			return &accountOutput{a}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "reset-password", Method: http.MethodPost, Path: "/api/{tenant}/accounts/{id}/password", Summary: "Give an account a new, generated password and end its sessions (administrators)", Tags: tags},
		func(ctx context.Context, in *AccountPath) (*issuedOutput, error) {
			password, err := s.ResetPassword(ctx, in.Tenant, in.ID)
			if err != nil {
				return nil, err
			}
			a, err := s.Get(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &issuedOutput{CacheControl: noStore, Body: IssuedPassword{Account: a, Password: password}}, nil
		})
}
