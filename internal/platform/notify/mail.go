package notify

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	smtp "github.com/wneessen/go-mail"
)

// mailTimeout is how long a mail server may take for an answer.
const mailTimeout = 30 * time.Second

// post is the channel of e-mail.
type post struct {
	host    string
	from    string
	domain  string // of message ids
	options []smtp.Option
}

// NewMail is e-mail by SMTP. server is smtp://user@host:587, whose connection must become one by TLS (STARTTLS), or smtps://user@host:465;
// smtp://host:25?tls=none is for a relay on this machine or in the same protected network. A user signs in with password. from is the
// sender: 某某平台 <notice@example.gov.cn>. An error names what is wrong.
func NewMail(server, password, from string) (Channel, error) {
	u, err := url.Parse(server)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Path != "" {
		return nil, errors.New("the mail server is written like smtp://user@mail.example.gov.cn:587 or smtps://user@mail.example.gov.cn:465")
	}
	if _, given := u.User.Password(); given {
		return nil, errors.New("the password of the mail server belongs into its own variable, not into the address")
	}
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("the sender is written like 某某平台 <notice@example.gov.cn>: %w", err)
	}
	options := []smtp.Option{smtp.WithTimeout(mailTimeout)}
	switch tls := u.Query().Get("tls"); {
	case u.Scheme == "smtps":
		options = append(options, smtp.WithSSL())
	case tls == "none":
		options = append(options, smtp.WithTLSPolicy(smtp.NoTLS))
	case tls == "":
		options = append(options, smtp.WithTLSPolicy(smtp.TLSMandatory))
	default:
		return nil, errors.New("tls is none or not given")
	}
	if text := u.Port(); text != "" {
		port, err := strconv.Atoi(text)
		if err != nil {
			return nil, err
		}
		options = append(options, smtp.WithPort(port))
	}
	if user := u.User.Username(); user != "" {
		options = append(options, smtp.WithSMTPAuth(smtp.SMTPAuthAutoDiscover), smtp.WithUsername(user), smtp.WithPassword(password))
	}
	p := &post{host: u.Hostname(), from: sender.String(), domain: sender.Address[strings.LastIndexByte(sender.Address, '@')+1:], options: options}
	_, err = smtp.NewClient(p.host, p.options...)
	return p, err
}

// Send sends all by one connection. A permanent answer of the server (5xx) refuses the message; everything else may be tried again.
func (p *post) Send(ctx context.Context, messages []Message) []error {
	errs := make([]error, len(messages))
	all := func(err error) []error {
		for i := range errs {
			if errs[i] == nil {
				errs[i] = err
			}
		}
		return errs
	}
	client, err := smtp.NewClient(p.host, p.options...)
	if err != nil {
		return all(err)
	}
	var out []*smtp.Msg
	var of []int
	for i, m := range messages {
		msg := smtp.NewMsg()
		if err := errors.Join(msg.From(p.from), msg.To(m.To)); err != nil {
			errs[i] = Refused{"地址不能用"}
			continue
		}
		msg.Subject(m.Title)
		msg.SetMessageIDWithValue(m.ID[:min(len(m.ID), 40)] + "@" + p.domain)
		msg.SetDate()
		msg.SetGenHeader("Auto-Submitted", "auto-generated")
		text := ""
		for _, part := range filled(m.Body, m.Link, "这是系统自动发出的提醒，请不要回复。") {
			text += part + "\n\n"
		}
		msg.SetBodyString(smtp.TypeTextPlain, text)
		out, of = append(out, msg), append(of, i)
	}
	if len(out) == 0 {
		return errs
	}
	if err := client.DialWithContext(ctx); err != nil {
		return all(err)
	}
	defer client.Close()
	failed := client.Send(out...)
	for i, msg := range out {
		switch {
		case msg.IsDelivered():
		case msg.HasSendError():
			errs[of[i]] = msg.SendError()
			var send *smtp.SendError
			if errors.As(msg.SendError(), &send) && !send.IsTemp() && send.ErrorCode() >= 500 {
				errs[of[i]] = Refused{fmt.Sprintf("邮件服务器答复%d", send.ErrorCode())}
			}
		case failed != nil:
			errs[of[i]] = failed
		default:
			errs[of[i]] = errors.New("the mail server did not take the message")
		}
	}
	return errs
}
