package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"shanglin/internal/platform/fault"
)

// How much one call may send: JSON, and a form with files when its operation does not say.
const (
	maxJSON = 1 << 20
	maxForm = 64 << 20
)

var (
	errText     = fault.New(fault.Invalid, "内容含有不能使用的字符。")
	errBodyText = errors.New("unusable characters") // see sentences

	errForm = fault.New(fault.Invalid, "上传的内容不完整或格式不正确。")
)

// cleanText says that a text is valid UTF-8 and holds no NUL, which databases and workbooks do not take alike.
func cleanText(text string) bool { return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 }

// isForm says whether an operation takes a form with files.
func isForm(op *huma.Operation) bool {
	if op.RequestBody == nil {
		return false
	}
	_, form := op.RequestBody.Content["multipart/form-data"]
	return form
}

// bodyLimit is how many bytes one call of an operation may send.
func bodyLimit(op *huma.Operation) int64 {
	switch form := isForm(op); {
	case op.RequestBody != nil && op.MaxBodyBytes > 0 && (form || op.MaxBodyBytes < maxJSON):
		return op.MaxBodyBytes
	case form:
		return maxForm
	}
	return maxJSON
}

// guard refuses what is too large or no text before anything reads it. Of the body it reads nothing: who asks comes first (visitor).
func (s *Server) guard(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	limit := bodyLimit(ctx.Operation())
	if r.ContentLength > limit {
		w.Header().Set("Connection", "close")
		s.refuse(ctx, tooLarge(limit))
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	if !cleanRequestLine(r) {
		s.refuse(ctx, errText)
		return
	}
	next(ctx)
}

// form reads a form, once the visitor may send one, and drops its files when the call is over.
func (s *Server) form(ctx huma.Context, next func(huma.Context)) {
	if isForm(ctx.Operation()) {
		if err := openForm(ctx); err != nil {
			s.refuse(ctx, err)
			return
		}
		r, _ := humago.Unwrap(ctx)
		defer r.MultipartForm.RemoveAll()
	}
	next(ctx)
}

// tooLarge says how much would have been accepted.
func tooLarge(limit int64) error {
	size := fmt.Sprintf("%dMB", limit>>20)
	if limit < 1<<20 {
		size = fmt.Sprintf("%dKB", limit>>10)
	}
	return fault.New(fault.TooLarge, "内容过大，一次最多"+size+"，请减少后再试。")
}

// cleanRequestLine checks the path and the query as they are read, after decoding.
func cleanRequestLine(r *http.Request) bool {
	if !cleanText(r.URL.Path) {
		return false
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return false
	}
	for key, values := range query {
		if !cleanText(key) {
			return false
		}
		for _, v := range values {
			if !cleanText(v) {
				return false
			}
		}
	}
	return true
}

// openForm reads a form to its end; large files go to temporary files.
func openForm(ctx huma.Context) error {
	var form *multipart.Form
	if err := ctx.SetReadDeadline(deadlineOf(ctx)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	form, err := ctx.GetMultipartForm()
	if err != nil {
		var over *http.MaxBytesError
		if errors.As(err, &over) || errors.Is(err, multipart.ErrMessageTooLarge) {
			return tooLarge(bodyLimit(ctx.Operation()))
		}
		return errForm
	}
	for key, values := range form.Value {
		for _, v := range append(values, key) {
			if !cleanText(v) {
				return errText
			}
		}
	}
	for key, files := range form.File {
		for _, f := range files {
			if !cleanText(key) || !cleanText(f.Filename) {
				return errText
			}
		}
	}
	return nil
}

// jsonFormat reads and writes JSON: texts are clean, one value only, no list is null.
var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(withoutNil(v))
	},
	Unmarshal: func(data []byte, v any) error {
		if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 || escapesNUL(data) {
			return errBodyText
		}
		return json.Unmarshal(data, v)
	},
}

// escapesNUL finds \u0000 in a JSON text; \\u0000 is a backslash and some letters.
func escapesNUL(data []byte) bool {
	for i := 0; i+1 < len(data); i++ {
		if data[i] == '\\' {
			if data[i+1] == 'u' && bytes.HasPrefix(data[i+2:], []byte("0000")) {
				return true
			}
			i++
		}
	}
	return false
}
