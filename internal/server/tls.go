package server

import (
	"context"
	"crypto/tls"
	"log/slog"
	"os"
	"sync"
	"time"

	"shanglin/internal/platform/clock"
)

// lookEvery is how often, at most, the files of the certificate are looked at: at the first connection after it.
const lookEvery = 5 * time.Second

// serverKeys are the pair of a certificate and its key that connections get. Whoever renews the files need not tell anybody: when they
// are others than those that were read, by time or size, they are read again. What cannot be read, or does not fit together because only
// one of the two is written yet, is logged, and tried again at every look; the old pair stays in use meanwhile.
type serverKeys struct {
	certFile, keyFile string

	mu      sync.Mutex
	pair    *tls.Certificate
	read    [2]stamp // of the files that the pair was read from
	refused [2]stamp // of those that could not be used and were logged; at first as read
	looked  time.Time
}

// stamp tells one state of a file from another; the zero stamp is a file that cannot be looked at.
type stamp struct {
	modified time.Time
	size     int64
}

func stampOf(name string) stamp {
	info, err := os.Stat(name)
	if err != nil {
		return stamp{}
	}
	return stamp{info.ModTime(), info.Size()}
}

// openCertificate reads the pair for the first time.
func openCertificate(ctx context.Context, certFile, keyFile string) (*serverKeys, error) {
	c := &serverKeys{certFile: certFile, keyFile: keyFile}
	if err := c.load(c.stamps()); err != nil {
		return nil, err
	}
	c.looked = clock.Now(ctx)
	return c, nil
}

func (c *serverKeys) stamps() [2]stamp { return [2]stamp{stampOf(c.certFile), stampOf(c.keyFile)} }

// load reads the files that had these stamps. The stamps are older than what is read, so that a change in between is seen the next time.
func (c *serverKeys) load(stamps [2]stamp) error {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.pair, c.read, c.refused = &pair, stamps, stamps
	return nil
}

// current is the pair for a new connection.
func (c *serverKeys) current(ctx context.Context) *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := clock.Now(ctx)
	if now.Sub(c.looked) < lookEvery {
		return c.pair
	}
	c.looked = now
	stamps := c.stamps()
	if stamps == c.read {
		return c.pair
	}
	if err := c.load(stamps); err == nil {
		slog.InfoContext(ctx, "the certificate was renewed", "not_after", c.pair.Leaf.NotAfter)
	} else if stamps != c.refused {
		c.refused = stamps
		slog.ErrorContext(ctx, "the renewed certificate cannot be used; the old one stays", "error", err)
	}
	return c.pair
}

// config serves the pair over TLS. What is logged and what time it is come from ctx.
func (c *serverKeys) config(ctx context.Context) *tls.Config {
	return &tls.Config{
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current(ctx), nil },
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"h2", "http/1.1"},
	}
}
