package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"shanglin/internal/platform/clock"
)

const (
	hookTimeout = 15 * time.Second
	leastSecret = 16
)

// hook is a service of the place's own that brings messages to telephones: SMS, WeChat.
type hook struct {
	address string
	secret  []byte
	client  *http.Client
}

// hooked is what it is sent.
type hooked struct {
	ID     string `json:"id"` // the same when it is sent anew
	Tenant string `json:"tenant"`
	To     string `json:"to"`
	Title  string `json:"title"`
	Body   string `json:"body"`
	Link   string `json:"link"`
}

// NewHook is a signed webhook: each message is posted as JSON to address, with
//
//	Shanglin-Signature: t=SECONDS,v1=HEX
//
// where HEX is HMAC-SHA256 under secret of "SECONDS.BODY". Answers 2xx mean that it was taken; 408, 425, 429 and 5xx that it is sent again
// later, under the same id; any other that it never will be. address is https://, or http:// on this machine. An error names what is wrong.
func NewHook(address, secret string) (Channel, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, errors.New("the webhook is an address like https://sms.example.gov.cn/shanglin; http:// only on this machine")
	}
	if len(secret) < leastSecret {
		return nil, fmt.Errorf("the secret of the webhook needs at least %d characters", leastSecret)
	}
	return &hook{address, []byte(secret), &http.Client{Timeout: hookTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (h *hook) Send(ctx context.Context, messages []Message) []error {
	errs := make([]error, len(messages))
	for i, m := range messages {
		if errs[i] = h.send(ctx, m); ctx.Err() != nil {
			for i++; i < len(errs); i++ {
				errs[i] = ctx.Err()
			}
			break
		}
	}
	return errs
}

func (h *hook) send(ctx context.Context, m Message) error {
	body, err := json.Marshal(hooked(m))
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("Shanglin-Signature", Sign(h.secret, clock.Now(ctx), body))
	got, err := h.client.Do(r)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(got.Body, 64<<10)) // so that the connection is used again
	switch code := got.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		return fmt.Errorf("the webhook answered %d", code)
	default:
		return Refused{fmt.Sprintf("短信接口答复%d", code)}
	}
}

// Sign is the signature of a body of the webhook.
func Sign(secret []byte, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
