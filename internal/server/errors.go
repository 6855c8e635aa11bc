package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
)

// answerError is the body of every failed call. It never holds anything that was sent.
type answerError struct {
	status  int
	Code    fault.Code     `json:"code" enum:"invalid,not_found,conflict,forbidden,unauthenticated,too_large,too_many,unavailable,internal" doc:"for machines"`
	Message string         `json:"message" doc:"for people, in Chinese"`
	Details []fault.Detail `json:"details" doc:"which field or cell, and why"`
}

func (e *answerError) Error() string  { return string(e.Code) + ": " + e.Message }
func (e *answerError) GetStatus() int { return e.status }

var statusOfCode = map[fault.Code]int{
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Forbidden:       http.StatusForbidden,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.Internal:        http.StatusInternalServerError,
}

// ofStatus is the code and sentence for a status that something other than our rooms gave.
var ofStatus = map[int]struct {
	code    fault.Code
	message string
}{
	http.StatusBadRequest:            {fault.Invalid, "请求内容有误，请检查后再试。"},
	http.StatusUnauthorized:          {fault.Unauthenticated, "请先登录。"},
	http.StatusForbidden:             {fault.Forbidden, "您没有查看或办理此项的权限。"},
	http.StatusNotFound:              {fault.NotFound, "没有找到所要的内容。"},
	http.StatusMethodNotAllowed:      {fault.NotFound, "此地址不支持这种操作。"},
	http.StatusNotAcceptable:         {fault.Invalid, "不能提供所要的格式。"},
	http.StatusRequestTimeout:        {fault.Unavailable, "内容传送超时，请重试。"},
	http.StatusConflict:              {fault.Conflict, "内容已被他人更新，请刷新后再试。"},
	http.StatusRequestEntityTooLarge: {fault.TooLarge, "内容过大，请减少后再试。"},
	http.StatusUnsupportedMediaType:  {fault.Invalid, "不支持这种内容格式。"},
	http.StatusUnprocessableEntity:   {fault.Invalid, "填写的内容有误，请检查后再试。"},
	http.StatusTooManyRequests:       {fault.TooMany, "操作过于频繁，请稍后再试。"},
	http.StatusServiceUnavailable:    {fault.Unavailable, "系统暂时不可用，请稍后再试。"},
}

const internalMessage = "系统出了问题，请稍后再试。"

// answerOf turns an error of a room into its answer. What is not a fault is internal and says nothing of itself.
func answerOf(err error) *answerError {
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		err = tooLarge(over.Limit)
	}
	var f *fault.Error
	if !errors.As(err, &f) {
		if errors.Is(err, context.DeadlineExceeded) {
			return answerOfStatus(http.StatusServiceUnavailable)
		}
		return answerOfStatus(http.StatusInternalServerError)
	}
	status, known := statusOfCode[f.Code]
	if !known || status == http.StatusInternalServerError {
		return answerOfStatus(http.StatusInternalServerError)
	}
	a := &answerError{status: status, Code: f.Code, Message: f.Message, Details: f.Details}
	if a.Message == "" {
		a.Message = ofStatus[status].message
	}
	if a.Details == nil {
		a.Details = []fault.Detail{}
	}
	return a
}

func answerOfStatus(status int) *answerError {
	if known, ok := ofStatus[status]; ok {
		return &answerError{status: status, Code: known.code, Message: known.message, Details: []fault.Detail{}}
	}
	if status >= 400 && status < 500 {
		return &answerError{status: status, Code: fault.Invalid, Message: ofStatus[http.StatusBadRequest].message, Details: []fault.Detail{}}
	}
	return &answerError{status: status, Code: fault.Internal, Message: internalMessage, Details: []fault.Detail{}}
}

// huma asks these for the answer to every error, a room's or its own. They are process-wide there, so they are set once here.
func init() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return makeAnswer(context.Background(), status, errs)
	}
	huma.NewErrorWithContext = func(hctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		ctx := context.Background()
		if hctx != nil {
			ctx = hctx.Context()
			if status == http.StatusRequestEntityTooLarge {
				return answerOf(tooLarge(bodyLimit(hctx.Operation())))
			}
		}
		return makeAnswer(ctx, status, errs)
	}
	huma.DefaultArrayNullable = false // an answer never holds null for a list: see arrays.go
}

func makeAnswer(ctx context.Context, status int, errs []error) *answerError {
	var details []fault.Detail
	for _, err := range errs {
		var f *fault.Error
		var over *http.MaxBytesError
		var d *huma.ErrorDetail
		switch {
		case err == nil:
		case errors.As(err, &f), errors.As(err, &over):
			a := answerOf(notSignedIn(ctx, err))
			logFailure(ctx, a, err)
			return a
		case errors.As(err, &d):
			details = append(details, fault.Detail{Field: cleanField(ctx, d.Location), Message: sentence(d.Message)})
		case status >= http.StatusInternalServerError:
			a := answerOf(err)
			logFailure(ctx, a, err)
			return a
		default:
			details = append(details, fault.Detail{Message: sentence(err.Error())})
		}
	}
	a := answerOfStatus(status)
	if details != nil {
		a.Details = details
	}
	return a
}

// notSignedIn says "sign in" in place of "you may not" to somebody who is nobody yet, and also in place of "no such thing" to somebody
// whose session has just ended.
func notSignedIn(ctx context.Context, err error) error {
	v := account.VisitFrom(ctx)
	switch code := fault.CodeOf(err); {
	case v.Session != nil && v.Session.MustChange && code == fault.Forbidden:
		return fault.New(fault.Forbidden, "请先修改密码，再继续使用。")
	case v.Session != nil:
	case v.Token != "" && (code == fault.Forbidden || code == fault.NotFound):
		return fault.New(fault.Unauthenticated, "登录已过期，请重新登录。")
	case code == fault.Forbidden:
		return fault.New(fault.Unauthenticated, ofStatus[http.StatusUnauthorized].message)
	}
	return err
}

// logFailure writes down what an answer hides. Somebody who went away is no failure.
func logFailure(ctx context.Context, a *answerError, err error) {
	if a.status >= http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		slog.ErrorContext(ctx, "request failed", "request", requestID(ctx), "code", a.Code, "error", err)
	}
}

// cleanField writes the place of a fault in a request (body.facts.x becomes facts.*). A name that is none of ours may hold what
// somebody typed, so it becomes *.
func cleanField(ctx context.Context, location string) string {
	known := knownNames(ctx)
	parts := strings.FieldsFunc(location, func(r rune) bool { return r == '.' })
	if len(parts) > 1 && (parts[0] == "body" || parts[0] == "path" || parts[0] == "query" || parts[0] == "header") {
		parts = parts[1:]
	}
	for i, p := range parts {
		name, index, _ := strings.Cut(p, "[")
		if name != "" && name != "body" && !known[name] || strings.IndexFunc(strings.TrimSuffix(index, "]"), func(r rune) bool { return !unicode.IsDigit(r) }) >= 0 {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, ".")
}

// sentences says in Chinese what huma found. Each pattern takes from the message only what the schema said, never what was sent.
var sentences = []struct {
	pattern *regexp.Regexp
	chinese string
}{
	{regexp.MustCompile(`^unexpected property$`), "没有这个字段。"},
	{regexp.MustCompile(`^unknown query parameter$`), "没有这个查询参数。"},
	{regexp.MustCompile(`^required \w+ parameter is missing$`), "必须填写。"},
	{regexp.MustCompile(`^expected required property (\w+) to be present$`), "缺少 ${1}。"},
	{regexp.MustCompile(`^expected value to be one of "([\w, :/-]*)"$`), "只能是其中之一：${1}。"},
	{regexp.MustCompile(`^expected (?:boolean|.*bool.*)$|^invalid boolean$`), "应为 true 或 false。"},
	{regexp.MustCompile(`^expected integer$|^invalid integer$`), "应为整数。"},
	{regexp.MustCompile(`^expected number$|^invalid float(?:ing value)?$`), "应为数字。"},
	{regexp.MustCompile(`^expected string$`), "应为文字。"},
	{regexp.MustCompile(`^expected array$`), "应为列表。"},
	{regexp.MustCompile(`^expected object$`), "应为对象。"},
	{regexp.MustCompile(`^expected number >= (-?[\d.]+)$`), "不能小于${1}。"},
	{regexp.MustCompile(`^expected number <= (-?[\d.]+)$`), "不能大于${1}。"},
	{regexp.MustCompile(`^expected length >= (\d+)$`), "至少${1}个字符。"},
	{regexp.MustCompile(`^expected length <= (\d+)$`), "最多${1}个字符。"},
	{regexp.MustCompile(`^expected array length >= (\d+)$`), "至少${1}项。"},
	{regexp.MustCompile(`^expected array length <= (\d+)$`), "最多${1}项。"},
	{regexp.MustCompile(`^expected object with at most (\d+) properties$`), "最多${1}项。"},
	{regexp.MustCompile(`^expected object with at least (\d+) properties$`), "至少${1}项。"},
	{regexp.MustCompile(`^expected at most one value, but received multiple values$`), "只能有一个值。"},
	{regexp.MustCompile(`^(?:unexpected end of JSON input|invalid character|json: )`), "不是正确的 JSON。"},
	{regexp.MustCompile(`^unusable characters$`), "含有不能使用的字符。"},
	{regexp.MustCompile(`^File required$`), "请选择文件。"},
}

func sentence(message string) string {
	for _, s := range sentences {
		if m := s.pattern.FindStringSubmatchIndex(message); m != nil {
			return string(s.pattern.ExpandString(nil, s.chinese, message, m))
		}
	}
	return "内容不符合要求。"
}
