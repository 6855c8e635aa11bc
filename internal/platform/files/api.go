package files

import (
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// downloadPolicy is for a browser that shows the content all the same: it may load and run nothing, and nobody may frame it.
const downloadPolicy = "default-src 'none'; sandbox; frame-ancestors 'none'"

// Headers sets on an answer what makes a file a download and nothing else: a browser saves it under its name, never guesses at its type,
// runs nothing of it and keeps no copy.
func Headers(set func(name, value string), f File) {
	set("Content-Type", f.Type.MediaType())
	set("Content-Length", strconv.FormatInt(f.Size, 10))
	set("Content-Disposition", disposition(f.Name))
	set("X-Content-Type-Options", "nosniff")
	set("Content-Security-Policy", downloadPolicy)
	set("Cache-Control", "private, no-store")
}

// disposition gives the name twice: for old programs in ASCII, for all others as it is (RFC 6266).
func disposition(name string) string {
	ascii := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	return `attachment; filename="` + ascii + `"; filename*=UTF-8''` + strings.ReplaceAll(url.PathEscape(name), "'", "%27")
}

// Download answers with a file that Open gave, and closes it. Whether the actor may have it was decided by the room that calls this. When
// the content turns out to be damaged the answer is shorter than it said it would be, which ends the connection: nobody takes a part for
// the whole.
func Download(f File, content io.ReadCloser) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer content.Close()
		Headers(hc.SetHeader, f)
		hc.SetStatus(http.StatusOK)
		from := &source{r: content}
		if _, err := io.Copy(hc.BodyWriter(), from); from.err != nil && hc.Context().Err() == nil {
			slog.ErrorContext(hc.Context(), "a file could not be read to its end", "file", f.ID, "error", err)
		}
	}}
}
