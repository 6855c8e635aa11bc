package notify

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Page is a page of somebody's notifications.
type Page struct {
	Items  []Notification `json:"items" nullable:"false"`
	Total  int            `json:"total" doc:"on all pages"`
	Unread int            `json:"unread" doc:"of all"`
	Page   int            `json:"page"`
}

// Count is how much there is to read.
type Count struct {
	Unread int `json:"unread"`
}

type countOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Count
}

// Unattended is the key of an operation's metadata that says: a page asks this by itself, and nobody need be sitting there. It does not
// keep a session alive.
const Unattended = "unattended"

const noStore = "no-store"

// Routes registers what people read of their own.
func (b *Box) Routes(api huma.API) {
	op := func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/api/{tenant}/notifications" + path, Summary: summary, Tags: []string{"notifications"}}
	}
	huma.Register(api, op("list-notifications", http.MethodGet, "", "One's own notifications, the newest first"),
		func(ctx context.Context, in *struct {
			Tenant string `path:"tenant" maxLength:"64"`
			Unread bool   `query:"unread" doc:"only what has not been read"`
			Page   int    `query:"page" minimum:"1" maximum:"100000" default:"1"`
			Per    int    `query:"per" minimum:"1" maximum:"200" default:"20"`
		}) (*struct {
			CacheControl string `header:"Cache-Control"`
			Body         Page
		}, error) {
			items, total, err := b.List(ctx, Filter{Unread: in.Unread, Page: in.Page, Per: in.Per})
			if err != nil {
				return nil, err
			}
			unread, err := b.Unread(ctx)
			if err != nil {
				return nil, err
			}
			return &struct {
				CacheControl string `header:"Cache-Control"`
				Body         Page
			}{noStore, Page{Items: items, Total: total, Unread: unread, Page: in.Page}}, nil
		})
	count := op("count-notifications", http.MethodGet, "/count", "How many of one's own are unread; asking does not keep a session alive")
	count.Metadata = map[string]any{Unattended: true}
	huma.Register(api, count, func(ctx context.Context, _ *struct {
		Tenant string `path:"tenant" maxLength:"64"`
	}) (*countOutput, error) {
		n, err := b.Unread(ctx)
		if err != nil {
			return nil, err
		}
		return &countOutput{noStore, Count{n}}, nil
	})
	huma.Register(api, op("read-notification", http.MethodPost, "/{id}/read", "Mark one of one's own as read"),
		func(ctx context.Context, in *struct {
			Tenant string `path:"tenant" maxLength:"64"`
			ID     string `path:"id" maxLength:"64"`
		}) (*countOutput, error) {
			if err := b.Read(ctx, in.ID); err != nil {
				return nil, err
			}
			n, err := b.Unread(ctx)
			return &countOutput{noStore, Count{n}}, err
		})
	huma.Register(api, op("read-all", http.MethodPost, "/read", "Mark all of one's own as read"),
		func(ctx context.Context, in *struct {
			Tenant string `path:"tenant" maxLength:"64"`
			Body   struct {
				Until string `json:"until,omitempty" maxLength:"40" doc:"at of the newest that was seen; left out: all"`
			}
		}) (*countOutput, error) {
			if _, err := b.ReadAll(ctx, in.Body.Until); err != nil {
				return nil, err
			}
			n, err := b.Unread(ctx)
			return &countOutput{noStore, Count{n}}, err
		})

	huma.Register(api, op("list-reaches", http.MethodGet, "/reaches", "How one is reached outside the app, for every channel that there is"),
		func(ctx context.Context, _ *struct {
			Tenant string `path:"tenant" maxLength:"64"`
		}) (*reachesOutput, error) {
			items, err := b.Reaches(ctx)
			if err != nil {
				return nil, err
			}
			return &reachesOutput{noStore, Reaches{items}}, nil
		})
	huma.Register(api, op("change-reach", http.MethodPut, "/reaches/{channel}", "Change how one is reached; a new address is sent a code"),
		func(ctx context.Context, in *struct {
			Tenant  string `path:"tenant" maxLength:"64"`
			Channel string `path:"channel" enum:"mail,phone"`
			Body    Wish
		}) (*reachOutput, error) {
			r, err := b.Reach(ctx, in.Channel, in.Body)
			if err != nil {
				return nil, err
			}
			return &reachOutput{noStore, r}, nil
		})
	huma.Register(api, op("confirm-reach", http.MethodPost, "/reaches/{channel}/confirm", "Confirm one's address with the code that was sent there"),
		func(ctx context.Context, in *struct {
			Tenant  string `path:"tenant" maxLength:"64"`
			Channel string `path:"channel" enum:"mail,phone"`
			Body    struct {
				Code string `json:"code" pattern:"^[0-9]{6}$"`
			}
		}) (*reachOutput, error) {
			r, err := b.Confirm(ctx, in.Channel, in.Body.Code)
			if err != nil {
				return nil, err
			}
			return &reachOutput{noStore, r}, nil
		})
	remove := op("remove-reach", http.MethodDelete, "/reaches/{channel}", "Forget one's address of a channel")
	remove.DefaultStatus = http.StatusNoContent
	huma.Register(api, remove, func(ctx context.Context, in *struct {
		Tenant  string `path:"tenant" maxLength:"64"`
		Channel string `path:"channel" enum:"mail,phone"`
	}) (*struct{}, error) {
		return nil, b.Unreach(ctx, in.Channel)
	})
}

// Reaches is how somebody is reached.
type Reaches struct {
	Items []Reach `json:"items" nullable:"false"`
}

type reachesOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Reaches
}

type reachOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Reach
}
