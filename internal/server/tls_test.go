package server

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store/storetest"
)

// The files of a certificate change under a server that runs; who connects sees which one it uses.
//
// Mutations that turn this red: read the pair once; look at the files at every connection, or never again; look at the certificate's file
// only; give up the old pair when the new one cannot be read; do not try again what could not be read; log at every look, or not at all.
func TestARenewedCertificateIsTakenUp(t *testing.T) {
	var mu sync.Mutex
	now := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	pass := func(d time.Duration) { mu.Lock(); now = now.Add(d); mu.Unlock() }
	var log logged
	usual := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(usual) })

	certFile, keyFile, pool := certificateFiles(t)
	written := now
	put := func(name string, content []byte) { // each writing has a time of its own, whatever the file system's clock
		t.Helper()
		written = written.Add(time.Second)
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, written, written); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(clock.With(t.Context(), func() time.Time { mu.Lock(); defer mu.Unlock(); return now }))
	inst := storetest.Open(t, ctx, storetest.URL(t, "sqlite"))
	bound, ended := make(chan string, 1), make(chan error, 1)
	listen := Listen{Address: "127.0.0.1:0", CertFile: certFile, KeyFile: keyFile, Ready: func(address string) { bound <- address }}
	go func() { ended <- New(Options{Store: inst}, NewRooms(inst)).Serve(ctx, listen) }()
	address := <-bound
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	serial := func() int64 {
		t.Helper()
		c, err := tls.Dial("tcp", address, &tls.Config{RootCAs: pool})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	expect := func(what string, want int64, refusals int) {
		t.Helper()
		if got := serial(); got != want {
			t.Errorf("%s: certificate %d, want %d", what, got, want)
		}
		if got := strings.Count(log.String(), "cannot be used"); got != refusals {
			t.Errorf("%s: %d refusals are logged, want %d:\n%s", what, got, refusals, log.String())
		}
	}
	second, secondKey := pairOf(t, 2)
	third, thirdKey := pairOf(t, 3)
	fourth, fourthKey := pairOf(t, 4)
	for _, c := range [][]byte{second, third, fourth} {
		pool.AppendCertsFromPEM(c)
	}

	expect("at first", 1, 0)
	pass(lookEvery)
	expect("nothing was written", 1, 0)
	put(certFile, second)
	put(keyFile, secondKey)
	expect("written, before the next look", 1, 0)
	pass(lookEvery - time.Nanosecond)
	expect("shortly before it", 1, 0)
	pass(time.Nanosecond)
	expect("renewed", 2, 0)

	put(certFile, third) // the key comes later
	pass(lookEvery)
	expect("half of a pair", 2, 1)
	pass(lookEvery)
	expect("still half of it", 2, 1)
	put(keyFile, thirdKey)
	pass(lookEvery)
	expect("the other half", 3, 1)

	put(keyFile, []byte("no key"))
	pass(lookEvery)
	expect("a broken key", 3, 2)
	put(certFile, []byte("no certificate"))
	pass(lookEvery)
	expect("a broken certificate", 3, 3)
	for _, name := range []string{certFile, keyFile} {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	pass(lookEvery)
	expect("no files", 3, 4)

	// Unreadable at first, and then readable without having been written again, as when its owner is changed after it was written.
	if err := os.Mkdir(filepath.Join(filepath.Dir(certFile), "elsewhere"), 0o700); err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(filepath.Dir(certFile), "elsewhere", "key.pem")
	put(target, fourthKey)
	put(certFile, fourth)
	pass(lookEvery)
	expect("a certificate without its key", 3, 5)
	if err := os.Symlink(target, keyFile); err != nil {
		t.Fatal(err)
	}
	pass(lookEvery)
	expect("with a link to it", 4, 5)
	if strings.Contains(log.String(), "PRIVATE") {
		t.Error("the log holds a key")
	}
}

// What was refused is tried again at the next look even if neither time nor size tell of a change: only who may read it has changed.
// Mutation: read what was refused only after it was written again → red.
func TestACertificateThatBecomesReadable(t *testing.T) {
	now := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	ctx := clock.With(t.Context(), func() time.Time { return now })
	certFile, keyFile, _ := certificateFiles(t)
	c, err := openCertificate(ctx, certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	next, nextKey := pairOf(t, 2)
	written := now
	// Of one size and time throughout; first the bytes are no key, which is how a key that may not be read looks.
	stand := func(content []byte) {
		t.Helper()
		for name, content := range map[string][]byte{certFile: next, keyFile: content} {
			if err := os.WriteFile(name, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(name, written, written); err != nil {
				t.Fatal(err)
			}
		}
	}
	stand(bytes.Repeat([]byte("x"), len(nextKey)))
	now = now.Add(lookEvery)
	if got := c.current(ctx).Leaf.SerialNumber.Int64(); got != 1 {
		t.Errorf("unreadable: certificate %d", got)
	}
	stand(nextKey)
	now = now.Add(lookEvery)
	if got := c.current(ctx).Leaf.SerialNumber.Int64(); got != 2 {
		t.Errorf("readable: certificate %d", got)
	}
}

// logged is what was logged.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// pairOf makes a certificate of that number for 127.0.0.1, and its key.
func pairOf(t *testing.T, serial int64) (certPEM, keyPEM []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
}

// certificateFiles writes the first one.
func certificateFiles(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	certPEM, keyPEM := pairOf(t, 1)
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, content := range map[string][]byte{certFile: certPEM, keyFile: keyPEM} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	return certFile, keyFile, pool
}
