// Muban is a web console for WeChat mini-program template messages
// (小程序模板消息), with a simulated WeChat inside.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"muban/store"
	"muban/web"
	"muban/wechat/audit"
	"muban/wechat/sandbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errFindings):
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "muban:", err)
		os.Exit(2)
	}
}

const help = `Muban: a console for WeChat mini-program template messages.

  muban [serve]  the console; without an app it opens on the sandbox
  muban sandbox  only the simulated WeChat, for SDKs and other programs
  muban audit    check proposals against WeChat's review rules
  muban user     add, list and change people
  muban backup   a consistent copy of the database, also while serving
  muban help     this text

muban COMMAND -h lists a command's flags. Every flag can be set by an
environment variable as well: -addr is MUBAN_ADDR, and so on.
`

// program is what a command gets: nothing is taken from the process itself.
type program struct {
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// run is the whole program.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	p := &program{getenv, stdin, stdout, stderr}
	name, rest := "serve", args
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, rest = args[0], args[1:]
	}
	switch name {
	case "serve":
		return p.serve(ctx, rest)
	case "sandbox":
		return p.sandbox(ctx, rest)
	case "audit":
		return p.audit(ctx, rest)
	case "user":
		return p.user(ctx, rest)
	case "backup":
		return p.backup(ctx, rest)
	case "help":
		_, err := io.WriteString(stdout, help)
		return err
	}
	return fmt.Errorf("there is no command %q; muban help lists them", name)
}

// flags is a command's flag set; it complains on the program's own stderr.
func (p *program) flags(command string) *flag.FlagSet {
	set := flag.NewFlagSet("muban "+command, flag.ContinueOnError)
	set.SetOutput(p.stderr)
	return set
}

// parse reads the environment first (-public-url is MUBAN_PUBLIC_URL) and the
// arguments over it.
func (p *program) parse(set *flag.FlagSet, args []string) error {
	var bad error
	set.VisitAll(func(f *flag.Flag) {
		name := "MUBAN_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if value := p.getenv(name); value != "" {
			if err := f.Value.Set(value); err != nil {
				bad = errors.Join(bad, fmt.Errorf("%s=%q: %w", name, value, err))
			}
		}
	})
	if bad != nil {
		return bad
	}
	return set.Parse(args)
}

func (p *program) logger(level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("-log %q: use debug, info, warn or error", level)
	}
	return slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: l})), nil
}

func (p *program) serve(ctx context.Context, args []string) error {
	set := p.flags("serve")
	addr := set.String("addr", "127.0.0.1:8080", "where to listen")
	data := p.dataFlag(set)
	public := set.String("public-url", "", "the address people use, such as https://muban.example.com; with https, cookies are Secure")
	private := set.Bool("allow-private-api", false, "let an app's API base be this machine or a private network")
	var proxies prefixes
	set.Var(&proxies, "trusted-proxy", "whose X-Forwarded-For to believe: addresses or networks, with commas between")
	level := set.String("log", "info", "debug, info, warn or error")
	if err := p.parse(set, args); err != nil {
		return err
	}
	log, err := p.logger(*level)
	if err != nil {
		return err
	}
	st, err := store.Open(ctx, *data, store.Options{Log: log})
	if err != nil {
		return fmt.Errorf("the data in %s cannot be opened: %w", *data, err)
	}
	defer st.Close()
	console, err := web.New(ctx, web.Config{
		Store: st, Sandbox: sandbox.New(sandbox.Options{}), SandboxFile: filepath.Join(*data, "sandbox.json"),
		Log: log, PublicURL: *public, AllowPrivateAPI: *private, TrustedProxies: proxies,
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", *addr, err)
	}
	welcome, err := p.firstRun(ctx, st, listener.Addr(), *public)
	if err != nil {
		listener.Close()
		return err
	}
	fmt.Fprint(p.stdout, welcome)
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() { console.Run(background); close(done) }()
	err = serveUntil(ctx, listener, console.Handler(), log)
	stop() // after the last request, so that what it changed is kept too
	<-done
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
		hash, err := web.HashNewPassword(password)
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

// serveUntil answers requests until ctx ends, then finishes those under way. Its
// limits are for people with browsers: no header or body may trickle in for long.
func serveUntil(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
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

func (p *program) sandbox(ctx context.Context, args []string) error {
	set := p.flags("sandbox")
	addr := set.String("addr", "127.0.0.1:9090", "where to listen")
	seed := set.Uint64("seed", sandbox.DefaultSeed, "of everything that looks random")
	dump := set.Bool("print-library", false, "print the title library as JSON lines, for muban audit -library, and end")
	if err := p.parse(set, args); err != nil {
		return err
	}
	if *dump {
		return sandbox.WriteLibrary(p.stdout, sandbox.Library(*seed))
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", *addr, err)
	}
	fmt.Fprintf(p.stdout, "The simulated WeChat is at http://%s\nAppID %s\nAppSecret %s\n", listener.Addr(), sandbox.DefaultAppID, sandbox.DefaultSecret)
	log := slog.New(slog.NewTextHandler(p.stderr, nil))
	return serveUntil(ctx, listener, sandbox.New(sandbox.Options{Seed: *seed}), log)
}

// errFindings is muban audit's exit 1: the run went well, the proposals did not.
var errFindings = errors.New("a finding is an error")

func (p *program) audit(ctx context.Context, args []string) error {
	set := p.flags("audit")
	lang := set.String("lang", "zh", "language of the messages: zh or en")
	known := set.String("library", "", "file of titles to compare with (rules 1.1 and 1.2), JSON lines")
	if err := p.parse(set, args); err != nil {
		return err
	}
	if *lang != "zh" && *lang != "en" {
		return fmt.Errorf("-lang %q: use zh or en", *lang)
	}
	options := audit.LintOptions{Lang: *lang}
	if *known != "" {
		f, err := os.Open(*known)
		if err != nil {
			return err
		}
		defer f.Close()
		titles, err := audit.ReadLibrary(f)
		if err != nil {
			return fmt.Errorf("%s: %w", *known, err)
		}
		options.Index = audit.NewIndex(titles)
	}
	in := p.stdin
	if set.NArg() > 0 && set.Arg(0) != "-" {
		f, err := os.Open(set.Arg(0))
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	refused, err := audit.Lint(ctx, in, p.stdout, options)
	if err == nil && refused > 0 {
		err = errFindings
	}
	return err
}

func (p *program) user(ctx context.Context, args []string) error {
	set := p.flags("user")
	data := p.dataFlag(set)
	set.Usage = func() { fmt.Fprint(p.stderr, web.PeopleHelp); set.PrintDefaults() }
	if err := p.parse(set, args); err != nil {
		return err
	}
	st, err := store.Open(ctx, *data, store.Options{})
	if err != nil {
		return err
	}
	defer st.Close()
	return web.ManagePeople(ctx, st, set.Args(), p.stdin, p.stdout)
}

func (p *program) backup(ctx context.Context, args []string) error {
	set := p.flags("backup")
	data := p.dataFlag(set)
	if err := p.parse(set, args); err != nil {
		return err
	}
	if set.NArg() != 1 {
		return errors.New("usage: muban backup [-data DIR] FILE")
	}
	st, err := store.Open(ctx, *data, store.Options{})
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Backup(ctx, set.Arg(0)); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s holds the whole database. Keep %s with it: its secrets open with that key alone.\n", set.Arg(0), filepath.Join(*data, "muban.key"))
	return nil
}

// dataFlag is where the database, its key and the sandbox's state live.
func (p *program) dataFlag(set *flag.FlagSet) *string {
	home := p.getenv("XDG_DATA_HOME")
	if home == "" {
		home = filepath.Join(p.getenv("HOME"), ".local", "share")
	}
	return set.String("data", filepath.Join(home, "muban"), "directory of the database")
}
