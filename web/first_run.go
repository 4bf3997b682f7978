package web

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"muban/store"
	"muban/web/auth"
)

// FirstRun makes sure that somebody can sign in to the console that listens at addr, and says
// how. password is the first administrator's; "" for a link that creates them.
func FirstRun(ctx context.Context, st *store.Store, addr net.Addr, public, password string) (string, error) {
	base := strings.TrimSuffix(cmp.Or(public, "http://"+addr.String()), "/")
	welcome := "Muban is at " + base + "/\n"
	people, err := st.CountPeople(ctx)
	if err != nil || people > 0 {
		return welcome, err
	}
	if password != "" {
		hash, err := auth.HashNewPassword("admin", password)
		if err != nil {
			return "", fmt.Errorf("MUBAN_ADMIN_PASSWORD: %w", err)
		}
		first := store.Person{Name: "admin", Role: store.Administrator, PasswordHash: hash}
		_, err = st.AddFirstAdministrator(ctx, store.Actor{Name: "MUBAN_ADMIN_PASSWORD"}, first)
		if errors.Is(err, store.ErrTaken) { // another machine was quicker
			err = nil
		}
		return welcome + "Sign in as admin with the password in MUBAN_ADMIN_PASSWORD.\n", err
	}
	if tcp, ok := addr.(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		return "", fmt.Errorf("nobody can sign in yet, so listening on %s would let the first visitor become the administrator; set MUBAN_ADMIN_PASSWORD, or start on 127.0.0.1 first", addr)
	}
	token := rand.Text()
	sum := sha256.Sum256([]byte(token))
	if err := st.SetSetupToken(ctx, sum[:], time.Now().Add(24*time.Hour)); err != nil {
		return "", err
	}
	return welcome + "Create the first administrator (this link works once, for 24 hours):\n  " + base + "/set-up?token=" + token + "\n", nil
}

// Reachable tells whether people on other machines come to the console, by its address or by a proxy in front of it.
func Reachable(addr net.Addr, public string) bool {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsLoopback() {
		return true
	}
	u, err := url.Parse(public)
	if err != nil || public == "" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() != "localhost" && (err != nil || !ip.IsLoopback())
}
