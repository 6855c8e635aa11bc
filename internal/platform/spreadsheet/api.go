package spreadsheet

import (
	"io"
	"net/url"
	"os"

	"github.com/danielgtaylor/huma/v2"
)

// mediaType is that of a workbook.
const mediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Answer makes the whole workbook before it answers, so that a failure is an error and not half a file; it waits on disk, so that a
// large one takes no memory, and in no transaction, so that a slow reader holds up nobody.
func Answer(name string, write func(io.Writer) error) (*huma.StreamResponse, error) {
	f, err := os.CreateTemp("", "shanglin-*.xlsx")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(f.Name()) // the open file stays readable, and nothing is left of it whatever happens
	if err := write(f); err != nil {
		f.Close()
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		f.Close()
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer f.Close()
		hc.SetHeader("Content-Type", mediaType)
		hc.SetHeader("Content-Disposition", `attachment; filename*=UTF-8''`+url.PathEscape(name))
		hc.SetHeader("Cache-Control", "no-store")
		_, _ = io.Copy(hc.BodyWriter(), f) // the reader went away: nobody is left to tell
	}}, nil
}
