package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/notify"
	"shanglin/internal/server"
	"shanglin/web"
)

func newServe() *cobra.Command {
	var o struct {
		store, listen, tenant, cert, key, logs, level, demo string
		public, mail, mailFrom, hook                        string
		proxies, metricsFrom                                []string
		demoFirms, ahead                                    int
		withDemo, behindTLS                                 bool
	}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the pages and the API, and do the background work 启动服务",
		Long: `Serve the pages and the API of every tenant in the store, and do the work of the background: recomputing answers, imports, time limits,
the daily sweep. Tables are brought up to this program first. SIGINT or SIGTERM ends it after the requests under way.

A store without a tenant has nothing to show: make one first with shanglin init, or try --demo, which makes a county of invented firms.

启动网站、接口和后台任务。启动时自动升级数据表；收到中断信号后，处理完手头的请求再退出。
还没有县（市、区）的，先用 shanglin init 新建，或用 --demo 看演示。

For the public, serve HTTPS: either here (--tls-cert, --tls-key) or at a proxy before it (--behind-tls, --trusted-proxy).
Renewed certificate files are taken up within seconds, without a restart 证书更新后自动换用，无需重启.
  /healthz    the process lives        /readyz    its database answers
  /metrics    for Prometheus; only for this machine and --metrics-from
Notices leave the app by e-mail (--mail, password in ` + mailVariable + `) and by a signed webhook to the place's own SMS or WeChat service (--hook, secret
in ` + hookVariable + `), to whoever has confirmed an address 邮件和短信提醒；--public-url 是链接里的网址.
Logs are one JSON object a line on standard error; they hold no passwords, no bodies and no figures.`,
		Example: `  shanglin serve --demo
  shanglin serve --listen :443 --tls-cert cert.pem --tls-key key.pem
  shanglin serve --listen 127.0.0.1:8080 --behind-tls --trusted-proxy 127.0.0.1/32
  ` + storeVariable + `=postgres://shanglin@db/shanglin shanglin serve`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (o.cert == "") != (o.key == "") {
				return &exitError{2, "--tls-cert and --tls-key go together."}
			}
			proxies, err := prefixes("--trusted-proxy", o.proxies)
			if err != nil {
				return err
			}
			metricsFrom, err := prefixes("--metrics-from", o.metricsFrom)
			if err != nil {
				return err
			}
			if err := logTo(cmd.ErrOrStderr(), o.logs, o.level); err != nil {
				return err
			}
			ctx := cmd.Context()
			inst, err := openStore(ctx, o.store, true)
			if err != nil {
				return err
			}
			defer inst.Close()
			rooms := server.NewRooms(inst)
			if err := outside(rooms, o.public, o.mail, o.mailFrom, o.hook); err != nil {
				return err
			}
			var county *demoCounty
			if o.withDemo {
				if county, err = makeDemo(ctx, cmd.OutOrStdout(), inst, rooms, o.demo, o.demoFirms); err != nil {
					if errors.Is(err, context.Canceled) {
						return &exitError{1, "已中断；下次启动时从中断处继续。"}
					}
					return err
				}
				if o.tenant == "" {
					o.tenant = county.tenant
				}
			}
			if o.ahead != 0 {
				if !o.withDemo {
					return &exitError{2, "--demo-ahead: only a demo county may live in the future."}
				}
				ahead := time.Duration(o.ahead) * 24 * time.Hour
				ctx = clock.With(ctx, func() time.Time { return time.Now().Add(ahead) })
			}
			if o.tenant != "" {
				if _, err := chosenTenants(ctx, inst, o.tenant); err != nil {
					return err
				}
			}
			pages, built := web.Pages()
			if !built {
				slog.Warn("the web pages are not built into this program; make build builds them")
			}
			s := server.New(server.Options{
				Store: inst, Pages: pages, DefaultTenant: o.tenant, Secure: o.cert != "" || o.behindTLS, Proxies: proxies, MetricsFrom: metricsFrom,
			}, rooms)
			return s.Serve(ctx, server.Listen{Address: o.listen, CertFile: o.cert, KeyFile: o.key, Ready: func(address string) {
				announce(cmd.OutOrStdout(), o.listen, address, o.cert != "", county)
			}})
		},
	}
	storeFlag(cmd, &o.store)
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "localhost:8080", "host:port to listen on 监听地址")
	f.StringVar(&o.tenant, "tenant", "", "where / leads 首页所属 (default the only tenant, or the first)")
	f.StringVar(&o.cert, "tls-cert", "", "certificate, PEM")
	f.StringVar(&o.key, "tls-key", "", "its private key, PEM")
	f.BoolVar(&o.behindTLS, "behind-tls", false, "a proxy speaks HTTPS to the clients: secure cookies, HSTS")
	f.StringSliceVar(&o.proxies, "trusted-proxy", nil, "network of a proxy whose X-Forwarded-For is believed, e.g. 10.0.0.0/8; may be repeated")
	f.StringSliceVar(&o.metricsFrom, "metrics-from", nil, "network that may read /metrics; may be repeated")
	f.StringVar(&o.logs, "log", "json", "json or text")
	f.StringVar(&o.level, "log-level", "info", "debug, info, warn or error")
	f.StringVar(&o.public, "public-url", "", "address of the pages in messages, e.g. https://shanglin.example.gov.cn 提醒里的网址")
	f.StringVar(&o.mail, "mail", "", "mail server, smtp://user@host:587 or smtps://user@host:465 邮件服务器")
	f.StringVar(&o.mailFrom, "mail-from", "", "sender of the mail, 某某平台 <notice@example.gov.cn> 发件人")
	f.StringVar(&o.hook, "hook", "", "address that brings messages to telephones, https://… 短信、微信接口")
	f.BoolVar(&o.withDemo, "demo", false, "make a demo county first, if it is not there 先建演示县市（数据均为虚构）")
	f.StringVar(&o.demo, "demo-place", "", "which demo county, where there are several")
	f.IntVar(&o.demoFirms, "demo-firms", 5000, "how many firms it gets")
	f.IntVar(&o.ahead, "demo-ahead", 0, "with --demo: let the clock run so many days ahead, to see time limits pass 演示时把时钟拨快的天数")
	return cmd
}

// The variables with what must not stand on a command line.
const (
	mailVariable = "SHANGLIN_MAIL_PASSWORD"
	hookVariable = "SHANGLIN_HOOK_SECRET"
)

// outside gives the rooms the channels out of the app.
func outside(rooms *server.Rooms, public, mail, from, hook string) error {
	if public != "" {
		u, err := url.Parse(public)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return &exitError{2, "--public-url: an address like https://shanglin.example.gov.cn."}
		}
		rooms.Notes.Pages(public)
	}
	if mail != "" {
		c, err := notify.NewMail(mail, os.Getenv(mailVariable), from)
		if err != nil {
			return &exitError{2, "--mail, --mail-from: " + err.Error() + "."}
		}
		rooms.Notes.Use(notify.Mail, c)
	}
	if hook != "" {
		c, err := notify.NewHook(hook, os.Getenv(hookVariable))
		if err != nil {
			return &exitError{2, "--hook, " + hookVariable + ": " + err.Error() + "."}
		}
		rooms.Notes.Use(notify.Phone, c)
	}
	return nil
}

func prefixes(flag string, texts []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			address, addressErr := netip.ParseAddr(text)
			if addressErr != nil {
				return nil, &exitError{2, flag + ": a network is written like 10.0.0.0/8, an address like 10.0.0.1."}
			}
			p = netip.PrefixFrom(address, address.BitLen())
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func logTo(w io.Writer, form, level string) error {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return &exitError{2, "--log-level: debug, info, warn or error."}
	}
	options := &slog.HandlerOptions{Level: l}
	switch form {
	case "json":
		slog.SetDefault(slog.New(slog.NewJSONHandler(w, options)))
	case "text":
		slog.SetDefault(slog.New(slog.NewTextHandler(w, options)))
	default:
		return &exitError{2, "--log: json or text."}
	}
	return nil
}

// announce tells whoever started it where to look.
func announce(w io.Writer, asked, bound string, tls bool, county *demoCounty) {
	scheme := "http"
	if tls {
		scheme = "https"
	}
	host, _, err := net.SplitHostPort(asked)
	_, port, portErr := net.SplitHostPort(bound)
	if err != nil || portErr != nil {
		host, port = bound, ""
	}
	if host == "" {
		host = "localhost"
	}
	base := scheme + "://" + host
	if port != "" {
		base = scheme + "://" + net.JoinHostPort(host, port)
	}
	fmt.Fprintf(w, "\n上林已启动：%s\n", base)
	if county != nil {
		county.announce(w, base)
	}
}
