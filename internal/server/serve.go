package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"shanglin/internal/platform/jobs"
)

// Listen is where and how a server is reached.
type Listen struct {
	Address           string // host:port
	CertFile, KeyFile string // both or none: HTTPS; when the files are renewed, so is what new connections get
	Ready             func(address string)
}

// stopTime is how long requests under way may go on after the server was told to stop.
const stopTime = 20 * time.Second

// Serve answers requests and does the background work until ctx ends; then it lets what is under way come to its end.
// The background work begins once the address is bound, so that nothing of it delays the start.
func (s *Server) Serve(ctx context.Context, l Listen) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", l.Address)
	if err != nil {
		return err
	}
	if l.CertFile != "" {
		c, err := openCertificate(ctx, l.CertFile, l.KeyFile)
		if err != nil {
			listener.Close()
			return err
		}
		listener = tls.NewListener(listener, c.config(context.WithoutCancel(ctx)))
	}
	base := context.WithoutCancel(ctx) // requests end with Shutdown, not with the signal
	web := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       callTime,
		WriteTimeout:      2 * callTime, // longer for what carries files: see note
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug), // handshakes of scanners
	}
	working, stopWork := context.WithCancel(ctx)
	defer stopWork()
	var background sync.WaitGroup
	background.Go(func() { s.keepTime(working) })
	background.Go(func() {
		if err := jobs.NewRunner(s.store, s.rooms.handlers(), jobs.Options{Context: asSystem}).Run(working); err != nil && working.Err() == nil {
			slog.ErrorContext(working, "the jobs runner ended", "error", err)
		}
	})
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()
	if l.Ready != nil {
		l.Ready(listener.Addr().String())
	}
	select {
	case err = <-failed:
	case <-ctx.Done():
		stopping, cancel := context.WithTimeout(base, stopTime)
		if err = web.Shutdown(stopping); err != nil {
			slog.WarnContext(base, "requests under way were cut off", "error", err)
			err = web.Close()
		}
		cancel()
	}
	stopWork()
	background.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}
