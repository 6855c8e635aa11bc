package server

import (
	"encoding/json"
	"net/http"
	"path"
	"reflect"
	"regexp"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// newAPI makes the huma API: JSON only, no pages of its own (they load from elsewhere), unknown fields and parameters refused.
func newAPI(mux humago.Mux, middleware ...func(huma.Context, func(huma.Context))) huma.API {
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Shanglin", Version: "1", Description: "Industrial policy: schemes, parties and facts, answers. Errors never hold what was sent."},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"session": {Type: "apiKey", In: "cookie", Name: "shanglin", Description: "Opened by POST /api/session; over HTTPS the cookie is __Host-shanglin. Changes also need the header X-CSRF-Token."},
				},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
	api := humago.New(mux, config)
	api.UseMiddleware(middleware...)
	return api
}

// schemaName tells types of the same name apart by their package: policy's stand alone, others are prefixed (registry.Party is RegistryParty).
func schemaName(t reflect.Type, hint string) string {
	name := identifier(huma.DefaultSchemaNamer(t, hint))
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t == reflect.TypeFor[answerError]() {
		return "Error"
	}
	room := path.Base(t.PkgPath())
	if t.Name() == "" || room == "." || room == "policy" {
		return name
	}
	room = string(unicode.ToUpper(rune(room[0]))) + room[1:]
	if strings.HasPrefix(name, room) {
		return name
	}
	return room + name
}

var (
	structTag = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	notName   = regexp.MustCompile(`[^A-Za-z0-9]+`)
)

// identifier makes of the name of a type without one of its own (create-accountRequest, or a struct written out) what a program can use.
func identifier(name string) string {
	var b strings.Builder
	for _, part := range notName.Split(structTag.ReplaceAllString(name, ""), -1) {
		if part != "" {
			b.WriteString(string(unicode.ToUpper(rune(part[0]))) + part[1:])
		}
	}
	return b.String()
}

// OpenAPI is the description of the API, indented, as api/openapi.json holds it.
func OpenAPI() ([]byte, error) {
	s := New(Options{}, newRooms(nil))
	out, err := json.MarshalIndent(s.api.OpenAPI(), "", "  ")
	if err != nil {
		return nil, err
	}
	return append(out, '\n'), nil
}

func (s *Server) openAPI() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := json.Marshal(s.api.OpenAPI())
		if err != nil {
			logFailure(r.Context(), answerOfStatus(http.StatusInternalServerError), err)
			writeAnswer(w, answerOfStatus(http.StatusInternalServerError))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-cache")
		w.Write(body)
	}
}

// askForSessions says in the description which operations need a session.
func askForSessions(o *huma.OpenAPI) {
	for _, item := range o.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete, item.Patch} {
			if op != nil && !allowances[op.OperationID].public {
				op.Security = []map[string][]string{{"session": {}}}
			}
		}
	}
}

// namesOf is every name of a field or parameter that the API has.
func namesOf(o *huma.OpenAPI) map[string]bool {
	names := map[string]bool{}
	seen := map[*huma.Schema]bool{}
	var fields func(s *huma.Schema)
	fields = func(s *huma.Schema) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		for name, property := range s.Properties {
			names[name] = true
			fields(property)
		}
		fields(s.Items)
	}
	for _, s := range o.Components.Schemas.Map() {
		fields(s)
	}
	for _, item := range o.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete, item.Patch} {
			if op == nil {
				continue
			}
			for _, p := range op.Parameters {
				names[p.Name] = true
			}
			if op.RequestBody != nil {
				for _, content := range op.RequestBody.Content {
					fields(content.Schema)
				}
			}
		}
	}
	return names
}
