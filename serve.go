package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"muban/store"
	"muban/web"
	"muban/web/auth"
	"muban/wechat/sandbox"
)

// serving is what the flags of serve say.
type serving struct {
	addr, level, format string
	data                *store.Data
	certificate         web.Certificate
	schedule            store.Schedule
	config              web.Config
}

func (p *program) serveFlags(args []string) (*serving, error) {
	set := p.flags("serve")
	o := &serving{data: p.dataFlags(set)}
	set.StringVar(&o.addr, "addr", "127.0.0.1:8080", "where to listen")
	set.StringVar(&o.config.PublicURL, "public-url", "", "the address people use, such as https://muban.example.com; with https, cookies are Secure")
	set.BoolVar(&o.config.AllowPrivateAPI, "allow-private-api", false, "let an app's API base be this machine or a private network")
	set.Var((*prefixes)(&o.config.TrustedProxies), "trusted-proxy", "whose X-Forwarded-For to believe: addresses or networks, with commas between")
	set.StringVar(&o.certificate.Cert, "tls-cert", "", "certificate file, to serve https without a proxy; read again when it changes")
	set.StringVar(&o.certificate.Key, "tls-key", "", "the certificate's key file")
	set.StringVar(&o.schedule.Dir, "backup-dir", "", "where to keep backups while serving; empty: none are made")
	set.DurationVar(&o.schedule.Every, "backup-every", 24*time.Hour, "how old the newest backup may get")
	set.IntVar(&o.schedule.Keep, "backup-keep", 14, "how many backups to keep")
	set.StringVar(&o.level, "log", "info", "debug, info, warn or error")
	set.StringVar(&o.format, "log-format", "text", "text, or json for programs")
	set.IntVar(&o.config.KeyRate, "key-rate", 1000, "calls a second that each API key is good for; five times as many at once")
	if err := p.parse(set, args); err != nil {
		return nil, err
	}
	switch c := o.certificate; {
	case o.config.KeyRate < 1:
		return nil, fmt.Errorf("-key-rate %d: an API key needs at least 1 call a second", o.config.KeyRate)
	case (c.Cert == "") != (c.Key == ""):
		return nil, errors.New("-tls-cert and -tls-key go together")
	case c.Cert != "" && !strings.HasPrefix(o.config.PublicURL, "https://"):
		return nil, errors.New("with a certificate, say by -public-url under which https address people come: links and cookies need it")
	}
	return o, nil
}

func (p *program) serve(ctx context.Context, args []string) error {
	o, err := p.serveFlags(args)
	if err != nil {
		return err
	}
	log, err := p.logger(o.level, o.format)
	if err != nil {
		return err
	}
	st, err := o.data.Open(ctx, log)
	if err != nil {
		return fmt.Errorf("the data in %s cannot be opened: %w", o.data.Dir, err)
	}
	defer st.Close()
	o.config.Store, o.config.Log = st, log
	o.config.Sandbox, o.config.SandboxFile = sandbox.New(sandbox.Options{}), filepath.Join(o.data.Dir, "sandbox.json")
	console, err := web.New(ctx, o.config)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", o.addr, err)
	}
	welcome, err := p.firstRun(ctx, st, listener.Addr(), o.config.PublicURL)
	if err != nil {
		listener.Close()
		return err
	}
	fmt.Fprint(p.stdout, welcome)
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var work sync.WaitGroup
	work.Go(func() { console.Run(background) })
	if o.schedule.Dir != "" {
		work.Go(func() { st.KeepBackups(background, o.schedule) })
	}
	err = web.Serve(ctx, listener, console.Handler(), o.certificate, log)
	stop() // after the last request, so that what it changed is kept too
	work.Wait()
	return err
}

// prefixes is a flag of addresses and networks.
type prefixes []netip.Prefix

func (p *prefixes) String() string { return fmt.Sprint(*p) }

func (p *prefixes) Set(list string) error {
	for one := range strings.SplitSeq(list, ",") {
		prefix, err := netip.ParsePrefix(one)
		if addr, single := netip.ParseAddr(one); single == nil {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return fmt.Errorf("%q is no address and no network such as 10.0.0.0/8", one)
		}
		*p = append(*p, prefix)
	}
	return nil
}

// firstRun makes sure that somebody can sign in, and says how.
func (p *program) firstRun(ctx context.Context, st *store.Store, addr net.Addr, public string) (string, error) {
	base := strings.TrimSuffix(cmp.Or(public, "http://"+addr.String()), "/")
	welcome := "Muban is at " + base + "/\n"
	people, err := st.CountPeople(ctx)
	if err != nil || people > 0 {
		return welcome, err
	}
	if password := p.getenv("MUBAN_ADMIN_PASSWORD"); password != "" {
		hash, err := auth.HashNewPassword(password)
		if err != nil {
			return "", fmt.Errorf("MUBAN_ADMIN_PASSWORD: %w", err)
		}
		first := store.Person{Name: "admin", Role: store.Administrator, PasswordHash: hash}
		_, err = st.AddFirstAdministrator(ctx, store.Actor{Name: "MUBAN_ADMIN_PASSWORD"}, first)
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
