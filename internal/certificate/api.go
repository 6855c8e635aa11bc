package certificate

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/account"
	"shanglin/internal/platform/rest"
	"shanglin/internal/platform/spreadsheet"
)

var op = rest.Operations("certificate", "")

// Query narrows the register.
type Query struct {
	Q      string `query:"q" maxLength:"100" doc:"part of the number, the holder's name or its code"`
	Scheme string `query:"scheme" maxLength:"160" doc:"document/scheme"`
	Party  string `query:"party" maxLength:"64"`
	Town   string `query:"town" maxLength:"64"`
	State  State  `query:"state" enum:"valid,suspended,expired,revoked,surrendered"`
	Within int    `query:"within" minimum:"0" maximum:"3660" doc:"only what comes to its end within so many days"`
}

func (q Query) filter() Filter {
	return Filter{Text: q.Q, Scheme: q.Scheme, Party: q.Party, Town: q.Town, State: q.State, Within: q.Within}
}

type codeInput struct {
	rest.ItemPath
	host string // where the pages are, as whoever asks reached them
}

// Resolve reads the host from the request.
func (in *codeInput) Resolve(hc huma.Context) []error {
	in.host = hc.Host()
	return nil
}

// Routes registers the register of certificates. Who may read what is checked where the data is.
func (r *Register) Routes(api huma.API) {
	huma.Register(api, op("list-certificates", http.MethodGet, "/certificates", "Certificates: a party's own, the desk's within its scope"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			Query
			rest.PageQuery
		}) (*rest.Body[*Page], error) {
			f := in.filter()
			f.Page, f.Per = in.Page, in.Per
			out, err := r.Certificates(ctx, f)
			return &rest.Body[*Page]{Body: out}, err
		})
	huma.Register(api, op("list-certificate-series", http.MethodGet, "/certificates/series", "How far the numbers of certificates have come, and whether one is missing (administrators, auditors)"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			rest.PageQuery
		}) (*rest.Body[*SeriesPage], error) {
			out, err := r.ReadSeries(ctx, in.Page, in.Per)
			return &rest.Body[*SeriesPage]{Body: out}, err
		})
	huma.Register(api, op("export-certificates", http.MethodGet, "/certificates.xlsx", "Certificates as a workbook, under the filters of the list"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			Query
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("证书登记簿.xlsx", func(w io.Writer) error { return r.Export(ctx, in.filter(), w) })
		})
	huma.Register(api, op("verify-certificate", http.MethodGet, "/certificates/verify", "What is public of the certificate with exactly that number (everybody)"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			Number string `query:"number" required:"true" minLength:"1" maxLength:"80"`
		}) (*rest.Body[*Verified], error) {
			out, err := r.Verify(ctx, in.Number)
			return &rest.Body[*Verified]{Body: out}, err
		})
	huma.Register(api, op("get-certificate", http.MethodGet, "/certificates/{id}", "A certificate with what became of it (its holder, the desk within its scope)"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[*Certificate], error) {
			out, err := r.Certificate(ctx, in.ID)
			return &rest.Body[*Certificate]{Body: out}, err
		})
	huma.Register(api, op("certificate-code", http.MethodGet, "/certificates/{id}/code.svg", "The QR code of a certificate: the address of the public page that verifies it"),
		func(ctx context.Context, in *codeInput) (*huma.StreamResponse, error) {
			c, err := r.Certificate(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			site := "http://" + in.host
			if account.VisitFrom(ctx).Secure {
				site = "https://" + in.host
			}
			svg, err := picture(site + verifyPath(in.Tenant, c.Number, c.Print.N))
			if err != nil {
				return nil, err
			}
			return &huma.StreamResponse{Body: func(hc huma.Context) {
				hc.SetHeader("Content-Type", "image/svg+xml")
				hc.SetHeader("Cache-Control", "private, no-cache") // it changes when the certificate is issued anew
				_, _ = io.WriteString(hc.BodyWriter(), svg)        // the reader went away: nobody is left to tell
			}}, nil
		})
}
