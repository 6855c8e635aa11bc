// Package rest holds what the calls of every room share: the part of a path that names the tenant and a thing of it, a page of a list, an
// answer, and how an operation is named.
package rest

import "github.com/danielgtaylor/huma/v2"

// huma reads the parameters of an embedded struct only when its name is exported.

// TenantPath is the part of a path that every call has.
type TenantPath struct {
	Tenant string `path:"tenant" maxLength:"64"`
}

// ItemPath names one thing of a tenant.
type ItemPath struct {
	TenantPath
	ID string `path:"id" maxLength:"64"`
}

// PageQuery chooses a page of a list.
type PageQuery struct {
	Page int `query:"page" minimum:"1" maximum:"100000" default:"1"`
	Per  int `query:"per" minimum:"1" maximum:"200" default:"20"`
}

// Body is an answer.
type Body[T any] struct{ Body T }

// Operations names the operations of a room; their paths stand below the tenant's, and below the room's own if it has one (/treasury).
func Operations(room, below string) func(id, method, path, summary string) huma.Operation {
	return func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/api/{tenant}" + below + path, Summary: summary, Tags: []string{room}}
	}
}
