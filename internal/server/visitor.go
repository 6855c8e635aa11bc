package server

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/notify"
	"shanglin/internal/platform/store"
)

// How long a call may take: an ordinary one, and one that carries a file up or down.
const (
	callTime = 60 * time.Second
	fileTime = 15 * time.Minute
)

func timeOf(op *huma.Operation) time.Duration {
	if isForm(op) || strings.HasSuffix(op.Path, ".xlsx") || strings.HasSuffix(op.Path, "/{file}") {
		return fileTime
	}
	return callTime
}

func deadlineOf(ctx huma.Context) time.Time { return time.Now().Add(timeOf(ctx.Operation())) }

// refuse answers an error before an operation's own code runs.
func (s *Server) refuse(ctx huma.Context, err error) {
	a := answerOf(err)
	logFailure(ctx.Context(), a, err)
	_, w := humago.Unwrap(ctx)
	writeAnswer(w, a)
}

// note names the operation for the log and bounds its time.
func (s *Server) note(ctx huma.Context, next func(huma.Context)) {
	op := ctx.Operation()
	trailOf(ctx.Context()).operation = op.OperationID
	limit := timeOf(op)
	bounded, cancel := context.WithTimeout(ctx.Context(), limit)
	defer cancel()
	if limit > callTime {
		_, w := humago.Unwrap(ctx)
		// Not every writer has a deadline; the server's own then holds.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(limit))
	}
	next(huma.WithContext(ctx, bounded))
}

// visitor finds out who asks and of which tenant: the path names the tenant, its database and the actor go into the context.
// An account of one tenant is the public in every other. What is not for everybody ends here for the public, before a word of the body is read
// and before anything is looked up: whether there is such a thing is nobody's to know who is not signed in.
func (s *Server) visitor(hctx huma.Context, next func(huma.Context)) {
	ctx := hctx.Context()
	r, _ := humago.Unwrap(hctx)
	t := trailOf(ctx)
	v := &account.Visit{Address: s.clientAddress(r), Secure: s.secure}
	if c, err := r.Cookie(account.CookieName(s.secure)); err == nil {
		v.Token = c.Value
	}
	op := hctx.Operation().OperationID
	if !allowances[op].visitors && !s.limits.take(op, v.Address, clock.Now(ctx)) {
		s.refuse(hctx, errTooMany)
		return
	}
	if v.Token != "" {
		session, err := s.sessionOf(ctx, hctx.Operation(), v.Token)
		if err != nil {
			s.refuse(hctx, err)
			return
		}
		v.Session = session
	}
	tenant := hctx.Param("tenant")
	if tenant == "" && v.Session != nil {
		tenant = v.Session.Tenant
	}
	actor := &account.Actor{}
	if tenant != "" {
		db, err := s.store.Tenant(ctx, tenant)
		if err != nil {
			s.refuse(hctx, err)
			return
		}
		t.tenant = tenant
		ctx = store.In(ctx, db)
		found, err := s.accounts.Actor(ctx, tenant, v.Session)
		if err != nil {
			s.refuse(hctx, err)
			return
		}
		if found != nil {
			t.account = found.AccountID
			// A password that somebody else knows opens nothing but its own change.
			if !v.Session.MustChange || strings.HasPrefix(hctx.Operation().Path, "/api/session") {
				actor = found
			}
			if absent := takeStead(r); absent != "" && !actor.Public() && !strings.HasPrefix(hctx.Operation().Path, "/api/session") {
				if actor, err = account.InStead(ctx, actor, absent); err != nil {
					s.refuse(hctx, err)
					return
				}
			}
		}
	}
	if allowances[op].visitors && actor.Public() && !s.limits.take(op, v.Address, clock.Now(ctx)) {
		s.refuse(hctx, errTooMany)
		return
	}
	if v.Session != nil && changes(hctx.Method()) && op != "sign-in" && !account.ValidCSRF(v.Token, hctx.Header("X-CSRF-Token")) {
		s.refuse(hctx, fault.New(fault.Forbidden, "页面已过期，请刷新后重试。"))
		return
	}
	ctx = account.WithActor(account.WithVisit(ctx, v), actor)
	if actor.Public() && !allowances[op].public {
		s.refuse(hctx, notSignedIn(ctx, fault.New(fault.Forbidden, ofStatus[http.StatusForbidden].message)))
		return
	}
	next(huma.WithContext(hctx, jobs.WithActor(ctx, actor.AccountID)))
}

// takeStead takes out of the query in whose stead a call is made: any call may be, so no operation describes it.
func takeStead(r *http.Request) string {
	query := r.URL.Query()
	absent := query.Get("stead")
	if query.Has("stead") {
		query.Del("stead")
		r.URL.RawQuery = query.Encode()
	}
	return absent
}

// sessionOf is whose session a token is. What a page asks by itself is no use of it.
func (s *Server) sessionOf(ctx context.Context, op *huma.Operation, token string) (*account.Session, error) {
	if op.Metadata[notify.Unattended] == true {
		return s.accounts.UnattendedSession(ctx, token)
	}
	return s.accounts.Session(ctx, token)
}

func changes(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}

// clientAddress is who is at the other end: the connection's peer, or, when that is a trusted proxy, the last address in
// X-Forwarded-For that is not one.
func (s *Server) clientAddress(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	address := peer.Addr().Unmap().WithZone("")
	if !s.trusts(address) {
		return address.String()
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		address = hop.Unmap().WithZone("")
		if !s.trusts(address) {
			break
		}
	}
	return address.String()
}

func (s *Server) trusts(address netip.Addr) bool {
	for _, p := range s.proxies {
		if p.Contains(address) {
			return true
		}
	}
	return false
}
