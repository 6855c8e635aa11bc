package registry

import (
	"context"
	"io"
	"mime/multipart"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/files"
	"shanglin/internal/platform/rest"
	"shanglin/internal/platform/spreadsheet"
)

// ClaimQuery narrows a list of claims.
type ClaimQuery struct {
	Q        string `query:"q" maxLength:"100" doc:"part of the firm's name, or the beginning of its code"`
	State    string `query:"state" enum:"open,approved,refused,withdrawn"`
	Town     string `query:"town" maxLength:"100"`
	Capacity string `query:"capacity" enum:"法定代表人,经办人,代理机构"`
	Asked    string `query:"asked" enum:"principal,officer" doc:"principal: the firm has one, who is asked first; officer: it has none"`
	Waited   int    `query:"waited" minimum:"0" maximum:"1000" doc:"at least so many days"`
}

func (q ClaimQuery) filter() ClaimFilter {
	return ClaimFilter{Text: q.Q, State: q.State, Town: q.Town, Capacity: q.Capacity, Asked: q.Asked, Waited: q.Waited}
}

// ClaimPage is a page of claims.
type ClaimPage struct {
	Items []Claim `json:"items" nullable:"false"`
	Total int     `json:"total"`
	Page  int     `json:"page"`
}

// OwnClaims is what somebody asked for and became.
type OwnClaims struct {
	Claims []Claim      `json:"claims" nullable:"false" doc:"the latest first"`
	Firms  []Membership `json:"firms" nullable:"false" doc:"that the account acts for by a claim or an invitation, and those that it did"`
}

type (
	makeClaimInput struct {
		rest.TenantPath
		RawBody multipart.Form
	}
	decideInput struct {
		rest.ItemPath
		Body struct {
			Approve bool   `json:"approve"`
			Reason  string `json:"reason,omitempty" maxLength:"2000" doc:"needed for a refusal; the claimant reads it"`
		}
	}
	personInput struct {
		rest.ItemPath
		Account string `path:"account" maxLength:"64"`
		Body    struct {
			Reason string `json:"reason,omitempty" maxLength:"2000" doc:"needed unless one leaves oneself"`
		}
	}
	appointInput struct {
		rest.ItemPath
		Account string `path:"account" maxLength:"64"`
		Body    struct{}
	}
	inviteInput struct {
		rest.ItemPath
		Body struct {
			Name     string `json:"name" maxLength:"200" doc:"whom it is meant for"`
			Capacity string `json:"capacity" enum:"法定代表人,经办人,代理机构"`
		}
	}
	withdrawInviteInput struct {
		rest.ItemPath
		Invitation string `path:"invitation" maxLength:"64"`
		Body       struct{}
	}
	joinInput struct {
		rest.TenantPath
		Body struct {
			Code string `json:"code" minLength:"1" maxLength:"64" doc:"of the invitation"`
		}
	}
)

// newClaim reads the form.
func (in *makeClaimInput) newClaim() (NewClaim, error) {
	text := func(name string) string {
		if v := in.RawBody.Value[name]; len(v) == 1 && len(v[0]) <= 4000 {
			return v[0]
		}
		return ""
	}
	n := NewClaim{Code: text("code"), Name: text("name"), Town: text("town"), Capacity: text("capacity"), Statement: text("statement")}
	if len(in.RawBody.File["file"]) > maxEvidence {
		return n, fault.New(fault.Invalid, "请更正标出的内容", fault.At("file", "请上传1至%d个证明文件", maxEvidence))
	}
	for _, f := range in.RawBody.File["file"] {
		n.Evidence = append(n.Evidence, Evidence{Name: f.Filename, Open: func() (io.ReadCloser, error) { return f.Open() }})
	}
	return n, nil
}

func (r *Registry) routesOfClaims(api huma.API) {
	huma.Register(api, op("read-firm-name", http.MethodGet, "/firm-names/{code}", "The name of the firm of a code, for somebody signed in who wants to act for it"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			Code string `path:"code" maxLength:"60"`
		}) (*rest.Body[FirmName], error) {
			n, err := r.FirmName(ctx, in.Code)
			return &rest.Body[FirmName]{Body: n}, err
		})
	claim := op("make-claim", http.MethodPost, "/claims", "Ask to act for the firm of a code: form fields code, capacity, statement, file (1 to 5), and name and town where the registry has no such firm")
	claim.MaxBodyBytes = maxEvidenceSum + 1<<20
	claim.DefaultStatus = http.StatusCreated
	huma.Register(api, claim, func(ctx context.Context, in *makeClaimInput) (*rest.Body[Claim], error) {
		n, err := in.newClaim()
		if err != nil {
			return nil, err
		}
		c, err := r.Claim(ctx, n)
		return &rest.Body[Claim]{Body: c}, err
	})
	huma.Register(api, op("list-own-claims", http.MethodGet, "/claims/mine", "One's own claims, and the firms that one acts for by them"),
		func(ctx context.Context, in *rest.TenantPath) (*rest.Body[OwnClaims], error) {
			claims, err := r.MyClaims(ctx)
			if err != nil {
				return nil, err
			}
			firms, err := r.Memberships(ctx)
			return &rest.Body[OwnClaims]{Body: OwnClaims{claims, firms}}, err
		})
	huma.Register(api, op("list-claims", http.MethodGet, "/claims", "Claims in scope: who waits longest first while open, else the latest first (officers, auditors)"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			ClaimQuery
			rest.PageQuery
		}) (*rest.Body[ClaimPage], error) {
			items, total, err := r.Claims(ctx, in.filter(), Page{in.Page, in.Per})
			return &rest.Body[ClaimPage]{Body: ClaimPage{items, total, in.Page}}, err
		})
	huma.Register(api, op("export-claims", http.MethodGet, "/claims.xlsx", "The same as a workbook"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			ClaimQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("企业认领.xlsx", func(w io.Writer) error { return r.ExportClaims(ctx, in.filter(), w) })
		})
	huma.Register(api, op("get-claim", http.MethodGet, "/claims/{id}", "A claim, to its claimant, to the firm's principal, and at the desk"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[Claim], error) {
			c, err := r.ClaimOf(ctx, in.ID)
			return &rest.Body[Claim]{Body: c}, err
		})
	huma.Register(api, op("get-claim-evidence", http.MethodGet, "/claims/{id}/evidence/{file}", "A file of a claim; reading another's is logged"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			File string `path:"file" maxLength:"64"`
		}) (*huma.StreamResponse, error) {
			f, content, err := r.ClaimEvidence(ctx, in.ID, in.File)
			if err != nil {
				return nil, err
			}
			return files.Download(f, content), nil
		})
	huma.Register(api, op("withdraw-claim", http.MethodPost, "/claims/{id}/withdraw", "Withdraw one's own open claim"),
		func(ctx context.Context, in *emptyInput) (*rest.Body[Claim], error) {
			c, err := r.WithdrawClaim(ctx, in.ID)
			return &rest.Body[Claim]{Body: c}, err
		})
	huma.Register(api, op("decide-claim", http.MethodPost, "/claims/{id}/decide", "Approve or refuse a claim (the firm's principal, officers of its town)"),
		func(ctx context.Context, in *decideInput) (*rest.Body[Claim], error) {
			c, err := r.DecideClaim(ctx, in.ID, in.Body.Approve, in.Body.Reason)
			return &rest.Body[Claim]{Body: c}, err
		})
}

func (r *Registry) routesOfPeople(api huma.API) {
	huma.Register(api, op("list-people", http.MethodGet, "/parties/{id}/people", "Who acts for a firm; its principal also sees open claims and invitations"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[FirmPeople], error) {
			p, err := r.PeopleOf(ctx, in.ID)
			return &rest.Body[FirmPeople]{Body: p}, err
		})
	huma.Register(api, op("dismiss-person", http.MethodPost, "/parties/{id}/people/{account}/dismiss", "End somebody's acting for a firm (its principal, officers of its town, themselves)"),
		func(ctx context.Context, in *personInput) (*rest.Body[FirmPeople], error) {
			p, err := r.Dismiss(ctx, in.ID, in.Account, in.Body.Reason)
			return &rest.Body[FirmPeople]{Body: p}, err
		})
	huma.Register(api, op("appoint-principal", http.MethodPost, "/parties/{id}/people/{account}/principal", "Make somebody the firm's principal (its principal, officers of its town)"),
		func(ctx context.Context, in *appointInput) (*rest.Body[FirmPeople], error) {
			p, err := r.HandOver(ctx, in.ID, in.Account)
			return &rest.Body[FirmPeople]{Body: p}, err
		})
	invite := op("invite-person", http.MethodPost, "/parties/{id}/invitations", "Invite somebody to act for a firm (its principal); the code is told this once")
	invite.DefaultStatus = http.StatusCreated
	huma.Register(api, invite, func(ctx context.Context, in *inviteInput) (*rest.Body[Invitation], error) {
		i, err := r.Invite(ctx, in.ID, in.Body.Name, in.Body.Capacity)
		return &rest.Body[Invitation]{Body: i}, err
	})
	huma.Register(api, op("withdraw-invitation", http.MethodPost, "/parties/{id}/invitations/{invitation}/withdraw", "Withdraw an invitation (the firm's principal)"),
		func(ctx context.Context, in *withdrawInviteInput) (*rest.Body[FirmPeople], error) {
			p, err := r.WithdrawInvitation(ctx, in.ID, in.Invitation)
			return &rest.Body[FirmPeople]{Body: p}, err
		})
	huma.Register(api, op("join-firm", http.MethodPost, "/firms/join", "Act for the firm whose invitation one has"),
		func(ctx context.Context, in *joinInput) (*rest.Body[Membership], error) {
			m, err := r.Join(ctx, in.Body.Code)
			return &rest.Body[Membership]{Body: m}, err
		})
}
