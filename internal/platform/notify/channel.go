package notify

import (
	"context"
	"errors"
	"net/mail"
	"regexp"
	"strings"
)

// The channels out of the app.
const (
	Mail  = "mail"  // e-mail
	Phone = "phone" // whatever a signed webhook brings to a telephone: SMS, WeChat
)

// Message is what goes out. ID is the same whenever it is sent anew, so that a receiver can tell.
type Message struct {
	ID     string
	Tenant string
	To     string
	Title  string
	Body   string
	Link   string // the whole address of a page, or empty
}

// Channel brings messages out of the app.
type Channel interface {
	// Send sends messages and says of each how it went: nil when the other side took it. An error that trying again cannot mend is Refused.
	Send(ctx context.Context, messages []Message) []error
}

// Refused is an error of a message that its receiver will never take.
type Refused struct{ Reason string }

func (r Refused) Error() string { return r.Reason }

func refused(err error) bool { return errors.As(err, new(Refused)) }

var mobile = regexp.MustCompile(`^1[3-9]\d{9}$`)

// addressOf is an address of a channel as it is kept; false if it is none.
func addressOf(channel, text string) (string, bool) {
	text = strings.TrimSpace(text)
	switch channel {
	case Mail:
		parsed, err := mail.ParseAddress(text)
		if err != nil || parsed.Address != text || len(text) > 254 {
			return "", false
		}
		_, domain, _ := strings.Cut(text, "@")
		return text, strings.Contains(domain, ".")
	case Phone:
		return text, mobile.MatchString(text)
	}
	return "", false
}

// masked is an address as pages show it: enough for its owner to know it again.
func masked(channel, address string) string {
	if channel == Mail {
		name, domain, _ := strings.Cut(address, "@")
		return string([]rune(name)[:1]) + "***@" + domain
	}
	return address[:3] + "****" + address[len(address)-4:]
}
