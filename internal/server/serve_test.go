package server

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"shanglin/internal/platform/store/storetest"
)

// Mutations that turn this red: return from Serve before requests under way have come to an end; end their context with the signal;
// answer plain HTTP where a certificate was given.
func TestServeStopsGently(t *testing.T) {
	for _, withTLS := range []bool{false, true} {
		t.Run(map[bool]string{false: "plain", true: "tls"}[withTLS], func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			inst := storetest.Open(t, ctx, storetest.URL(t, "sqlite"))
			s := New(Options{Store: inst}, NewRooms(inst))
			arrived, goOn := make(chan struct{}), make(chan struct{})
			usual := s.handler
			s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/slow" {
					usual.ServeHTTP(w, r)
					return
				}
				close(arrived)
				<-goOn
				if r.Context().Err() != nil {
					t.Error("the signal ended a request under way")
				}
				io.WriteString(w, "done")
			})
			listen, scheme := Listen{Address: "127.0.0.1:0"}, "http"
			client := &http.Client{}
			if withTLS {
				var pool *x509.CertPool
				listen.CertFile, listen.KeyFile, pool = certificateFiles(t)
				client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
				scheme = "https"
			}
			bound := make(chan string, 1)
			listen.Ready = func(address string) { bound <- address }
			ended := make(chan error, 1)
			go func() { ended <- s.Serve(ctx, listen) }()
			address := <-bound
			if r, err := client.Get(scheme + "://" + address + "/readyz"); err != nil || r.StatusCode != http.StatusOK {
				t.Fatalf("%v %v", r, err)
			}
			if withTLS {
				if r, err := http.Get("http://" + address + "/readyz"); err == nil && r.StatusCode == http.StatusOK {
					t.Error("plain HTTP is answered too")
				}
			}
			slow := make(chan string, 1)
			go func() {
				r, err := client.Get(scheme + "://" + address + "/slow")
				if err != nil {
					slow <- err.Error()
					return
				}
				text, _ := io.ReadAll(r.Body)
				r.Body.Close()
				slow <- string(text)
			}()
			<-arrived
			stop()
			// The listener closes first; only then is the slow request let go.
			for {
				c, err := net.Dial("tcp", address)
				if err != nil {
					break
				}
				c.Close()
			}
			select {
			case err := <-ended:
				t.Errorf("Serve returned while a request was under way: %v", err)
				ended <- err
			default:
			}
			close(goOn)
			if text := <-slow; text != "done" {
				t.Errorf("the request under way came to %q", text)
			}
			if err := <-ended; err != nil {
				t.Errorf("Serve: %v", err)
			}
		})
	}
}

func TestServeSaysWhyNot(t *testing.T) {
	inst := storetest.Open(t, t.Context(), storetest.URL(t, "sqlite"))
	s := New(Options{Store: inst}, NewRooms(inst))
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if err := s.Serve(t.Context(), Listen{Address: taken.Addr().String()}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a port that is taken: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if err := s.Serve(ctx, Listen{Address: "127.0.0.1:0", CertFile: "nowhere.pem", KeyFile: "nowhere.pem", Ready: func(string) { stop() }}); err == nil {
		t.Error("a certificate that is not there is accepted")
	}
}
