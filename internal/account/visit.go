package account

import (
	"context"
	"net/http"
)

// Visit is what the HTTP server knows of a request before anybody is known to be signed in.
type Visit struct {
	Token   string   // of the session cookie; empty: none
	Session *Session // nil: nobody is signed in
	Address string   // of the client, behind any trusted proxy
	Secure  bool     // the client came by HTTPS
}

type visitKey struct{}

// WithVisit binds the visit of a request.
func WithVisit(ctx context.Context, v *Visit) context.Context {
	return context.WithValue(ctx, visitKey{}, v)
}

// VisitFrom is the visit of the request in ctx; never nil.
func VisitFrom(ctx context.Context) *Visit {
	if v, ok := ctx.Value(visitKey{}).(*Visit); ok {
		return v
	}
	return &Visit{}
}

// CookieName of the session. With HTTPS the browser itself sees to it that no other host and no plain connection set it.
func CookieName(secure bool) string {
	if secure {
		return "__Host-shanglin"
	}
	return "shanglin"
}

// sessionCookie carries a token; an empty one takes the cookie away. It ends with the browser, or when the session does.
func sessionCookie(v *Visit, token string) http.Cookie {
	c := http.Cookie{Name: CookieName(v.Secure), Value: token, Path: "/", HttpOnly: true, Secure: v.Secure, SameSite: http.SameSiteLaxMode}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}
