package server

import (
	"context"
	"net/url"

	"shanglin/internal/platform/notify"
	"shanglin/internal/process"
)

// tell makes of what the engine says a notification with a link to the subject's page: its own for those who speak for a firm, the desk's
// for everybody else, and the inbox for what is many.
func tell(ctx context.Context, accounts []string, n process.Note) error {
	link := "desk/cases/" + url.PathEscape(n.Subject.ID)
	switch {
	case n.Applicant:
		link = "firm/" + url.PathEscape(n.Subject.Party) + "/cases/" + url.PathEscape(n.Subject.ID)
	case n.Many > 1:
		link = "desk/tasks"
	case n.Subject.Flow == "round":
		link = "desk/rounds/" + url.PathEscape(n.Subject.ID)
	}
	return notify.Tell(ctx, accounts, notify.Note{Kind: "process." + n.Kind, Title: n.Title, Body: n.Body, Link: link, Key: n.Title})
}

// tellOf tells accounts what concerns themselves.
func tellOf(ctx context.Context, accounts []string, kind, title, body, link string) error {
	return notify.Tell(ctx, accounts, notify.Note{Kind: kind, Title: title, Body: body, Link: link, Key: title})
}
