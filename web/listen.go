package web

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Serve answers requests until ctx ends, then finishes those under way. Its
// limits are for people with browsers: no header or body may trickle in for long.
func Serve(ctx context.Context, l net.Listener, h http.Handler, c Certificate, log *slog.Logger) error {
	l = limit(l, connectionsMost)
	if c.Cert != "" {
		if _, err := c.load(nil); err != nil {
			return err
		}
		l = tls.NewListener(l, &tls.Config{GetCertificate: c.load, MinVersion: tls.VersionTLS12,
			NextProtos: []string{"h2", "http/1.1"}})
	}
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 90 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	return server.Shutdown(patience)
}

// Certificate is the files of one; none when they are "".
type Certificate struct{ Cert, Key string }

// load reads the files for every handshake: they are small, handshakes are rare,
// and a renewed certificate counts at once.
func (c Certificate) load(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
	if err != nil {
		return nil, fmt.Errorf("the certificate in %s and %s cannot be used: %w", c.Cert, c.Key, err)
	}
	return &pair, nil
}
