// Package server composes the rooms into one program: routes, middleware, the OpenAPI description, the embedded pages, background work.
package server

import (
	"context"
	"io/fs"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// Options of a server.
type Options struct {
	Store         *store.Installation // required
	Pages         fs.FS               // the built web app; nil: no pages
	DefaultTenant string              // where / leads; empty: the only tenant, or the first
	Secure        bool                // clients come by HTTPS, here or at a proxy
	Proxies       []netip.Prefix      // whose X-Forwarded-For is believed
	MetricsFrom   []netip.Prefix      // who may read /metrics besides this machine
}

// ReservedNames are first parts of paths that are no tenant's.
var ReservedNames = []string{"api", "assets", "healthz", "readyz", "metrics", "openapi.json", "index.html"}

// Server answers requests for one installation.
type Server struct {
	store         *store.Installation
	rooms         *Rooms
	accounts      *account.Service
	api           huma.API
	metrics       *metrics
	limits        *limiter
	names         map[string]bool
	secure        bool
	proxies       []netip.Prefix
	metricsFrom   []netip.Prefix
	defaultTenant string
	handler       http.Handler
}

// New makes a server. It reads nothing from the databases.
func New(o Options, rooms *Rooms) *Server {
	s := &Server{
		store: o.Store, rooms: rooms, accounts: rooms.Accounts, metrics: newMetrics(o.Store), limits: newLimiter(),
		secure: o.Secure, proxies: o.Proxies, metricsFrom: o.MetricsFrom, defaultTenant: o.DefaultTenant,
	}
	mux := http.NewServeMux()
	s.api = newAPI(mux, s.note, s.guard, s.visitor, s.form)
	rooms.register(s.api)
	s.registerAbout(s.api)
	askForSessions(s.api.OpenAPI())
	s.names = namesOf(s.api.OpenAPI())
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("GET /metrics", s.readMetrics)
	mux.HandleFunc("GET /openapi.json", s.openAPI())
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) { writeAnswer(w, answerOfStatus(http.StatusNotFound)) })
	mux.HandleFunc("GET /{$}", s.home)
	if o.Pages != nil {
		mux.Handle("/", &pages{files: o.Pages})
	}
	s.handler = s.follow(s.shielded(s.sameOrigin(compressed(mux))))
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// sameOrigin refuses changes that a page of another site sends, by what the browser itself says of where they come from.
func (s *Server) sameOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeAnswer(w, answerOf(fault.New(fault.Forbidden, "不接受其他网站发来的操作。")))
	}))
	return protection.Handler(next)
}

// home leads from / to a tenant's own pages.
func (s *Server) home(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	id := s.defaultTenant
	if id == "" {
		tenants, err := s.store.Tenants(ctx)
		if err != nil {
			logFailure(ctx, answerOfStatus(http.StatusInternalServerError), err)
			http.Error(w, internalMessage, http.StatusInternalServerError)
			return
		}
		if len(tenants) == 0 {
			http.Error(w, "这里还没有县（市、区）。请先运行 shanglin init。", http.StatusServiceUnavailable)
			return
		}
		id = tenants[0].ID
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/"+id+"/", http.StatusFound)
}

func (s *Server) healthz(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Write([]byte("ok\n"))
}

// readyz says whether the control database answers, so that a balancer sends nobody here while it does not.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	w.Header().Set("Cache-Control", "no-store")
	if err := s.store.Ping(ctx); err != nil {
		logFailure(ctx, answerOfStatus(http.StatusServiceUnavailable), err)
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
		return
	}
	w.Write([]byte("ready\n"))
}

// readMetrics answers this machine and those who were named, so that the counts are nobody else's.
func (s *Server) readMetrics(w http.ResponseWriter, r *http.Request) {
	from, err := netip.ParseAddr(s.clientAddress(r))
	allowed := err == nil && from.IsLoopback() && !forwarded(r)
	for _, p := range s.metricsFrom {
		allowed = allowed || err == nil && p.Contains(from)
	}
	if !allowed {
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	s.metrics.handler().ServeHTTP(w, r)
}

// forwarded says that a proxy handed the request on: then a peer on this machine is the proxy and not the client.
func forwarded(r *http.Request) bool {
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Forwarded-") || name == "Forwarded" || name == "Via" {
			return true
		}
	}
	return false
}
