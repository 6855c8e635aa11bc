package server

import (
	"context"
	"net/url"

	"shanglin/internal/platform/notify"
	"shanglin/internal/process"
)

// tell makes of what the engine says a notification with a link to the subject's page: its own for those who speak for a firm, the desk's
// for everybody else, and the inbox for what is many.
func tell(ctx context.Context, all []process.Telling) error {
	out := make([]notify.Telling, len(all))
	for i, t := range all {
		link := "desk/cases/" + url.PathEscape(t.Subject.ID)
		switch {
		case t.Applicant:
			link = "firm/" + url.PathEscape(t.Subject.Party) + "/cases/" + url.PathEscape(t.Subject.ID)
		case t.Many > 1:
			link = "desk/tasks"
		case t.Subject.Flow == "round":
			link = "desk/rounds/" + url.PathEscape(t.Subject.ID)
		}
		out[i] = notify.Telling{To: t.To, Note: notify.Note{Kind: "process." + t.Kind, Title: t.Title, Body: t.Body, Link: link, Key: t.Title}}
	}
	return notify.TellAll(ctx, out)
}

// tellOf tells accounts what concerns themselves.
func tellOf(ctx context.Context, accounts []string, kind, title, body, link string) error {
	return notify.Tell(ctx, accounts, notify.Note{Kind: kind, Title: title, Body: body, Link: link, Key: title})
}
