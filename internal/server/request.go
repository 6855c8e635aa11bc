package server

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// trail is what is noted of one request on its way, for the log and the metrics. It never holds a body, a query or an address.
type trail struct {
	id        string
	operation string // as in the OpenAPI description; empty for pages
	tenant    string
	account   string
	known     map[string]bool // names of our own fields and parameters
}

type trailKey struct{}

func trailOf(ctx context.Context) *trail {
	if t, ok := ctx.Value(trailKey{}).(*trail); ok {
		return t
	}
	return &trail{}
}

func requestID(ctx context.Context) string           { return trailOf(ctx).id }
func knownNames(ctx context.Context) map[string]bool { return trailOf(ctx).known }

func newRequestID() string {
	b := make([]byte, 12)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// watched notes the status and size of an answer.
type watched struct {
	http.ResponseWriter
	status, bytes int
}

func (w *watched) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *watched) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// follow gives every request an id, writes one line of log and one observation, and answers a panic as an internal error.
func (s *Server) follow(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		t := &trail{id: newRequestID(), known: s.names}
		ctx := context.WithValue(r.Context(), trailKey{}, t)
		out := &watched{ResponseWriter: w}
		out.Header().Set("X-Request-ID", t.id)
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				slog.ErrorContext(ctx, "panic", "request", t.id, "operation", t.operation, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				if out.status == 0 {
					writeAnswer(out, answerOfStatus(http.StatusInternalServerError))
				}
			}
			took := time.Since(start)
			level := slog.LevelInfo
			if t.operation == "" {
				level = slog.LevelDebug // pages and probes
			}
			slog.LogAttrs(ctx, level, "request", slog.String("request", t.id), slog.String("method", r.Method), slog.String("operation", t.operation),
				slog.String("tenant", t.tenant), slog.String("account", t.account), slog.Int("status", out.status), slog.Int("bytes", out.bytes),
				slog.Float64("ms", float64(took.Microseconds())/1000))
			if t.operation != "" {
				s.metrics.observe(t.operation, out.status, took)
			}
		}()
		next.ServeHTTP(out, r.WithContext(ctx))
	})
}

// writeAnswer writes an error answer outside of huma.
func writeAnswer(w http.ResponseWriter, a *answerError) {
	body, err := json.Marshal(a)
	if err != nil {
		panic(err) // it holds texts only
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(a.status)
	w.Write(append(body, '\n'))
}
