// Muban is a web console for WeChat mini-program template messages
// (小程序模板消息), with a simulated WeChat inside.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"muban/store"
	"muban/web"
	"muban/web/auth"
	"muban/wechat/audit"
	"muban/wechat/sandbox"
	"muban/wechat/values"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, audit.ErrFindings), errors.Is(err, values.ErrRefused), errors.Is(err, store.ErrBroken):
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "muban:", err)
		os.Exit(2)
	}
}

// program is what a command gets: nothing is taken from the process itself.
type program struct {
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// run is the whole program.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout,
	stderr io.Writer) error {
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
	case "check-values":
		return p.checkValues(rest)
	case "user":
		return p.user(ctx, rest)
	case "backup", "restore", "verify", "rotate-key", "move":
		return p.data(ctx, name, rest)
	case "help":
		_, err := io.WriteString(stdout, help)
		return err
	}
	return fmt.Errorf("there is no command %q; muban help lists them", name)
}

func (p *program) user(ctx context.Context, args []string) error {
	set := p.flags("user")
	data := p.dataFlags(set)
	set.Usage = func() { fmt.Fprint(p.stderr, auth.PeopleHelp); set.PrintDefaults() }
	if err := p.parse(set, args); err != nil {
		return err
	}
	st, err := data.Open(ctx, nil)
	if err != nil {
		return err
	}
	defer st.Close()
	return auth.ManagePeople(ctx, st, set.Args(), p.stdin, p.stdout)
}

// data runs a command on data.
func (p *program) data(ctx context.Context, name string, args []string) error {
	set := p.flags(name)
	data := p.dataFlags(set)
	return data.Command(ctx, name, set, func() error { return p.parse(set, args) }, p.stdout, p.stderr)
}

const help = `Muban: a console for WeChat mini-program template messages.
  muban [serve]  the console; without an app it opens on the sandbox
  muban sandbox  only the simulated WeChat, for SDKs and other programs
  muban audit    check proposals against WeChat's review rules
  muban check-values  check values of subscribe messages by their types
  muban user     add, list and change people
  muban backup   a consistent copy of the database, also while serving
  muban restore  put a backup in the database's place, once it is checked
  muban verify   prove that nobody changed the activity log
  muban rotate-key  seal every secret with a new key, also while serving
  muban move     copy everything into a PostgreSQL database
  muban help     this text

muban COMMAND -h lists a command's flags. Every flag can be set by an
environment variable as well: -addr is MUBAN_ADDR, and so on.
`

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
	set.StringVar(&o.config.PublicURL, "public-url", "",
		"the address people use, such as https://muban.example.com; with https, cookies are Secure")
	set.BoolVar(&o.config.AllowPrivateAPI, "allow-private-api", false,
		"let an app's API base be this machine or a private network")
	set.Var((*web.Proxies)(&o.config.TrustedProxies), "trusted-proxy",
		"whose X-Forwarded-For to believe: addresses or networks, with commas between")
	set.StringVar(&o.certificate.Cert, "tls-cert", "",
		"certificate file, to serve https without a proxy; read again when it changes")
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
	case o.schedule.Dir != "" && o.data.Database != "":
		return nil, errors.New("-backup-dir is for SQLite; keep a PostgreSQL database with pg_dump")
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
		return fmt.Errorf("the data (-data %s) cannot be opened: %w", o.data.Dir, err)
	}
	defer st.Close()
	o.config.Store, o.config.Log = st, log
	if simulation := st.Simulation(); simulation != nil {
		o.config.Sandbox = sandbox.New(sandbox.Options{Shared: simulation})
	} else {
		o.config.Sandbox, o.config.SandboxFile = sandbox.New(sandbox.Options{}), filepath.Join(o.data.Dir, "sandbox.json")
	}
	console, err := web.New(ctx, o.config)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", o.addr, err)
	}
	welcome, err := web.FirstRun(ctx, st, listener.Addr(), o.config.PublicURL, p.getenv("MUBAN_ADMIN_PASSWORD"))
	if err != nil {
		listener.Close()
		return err
	}
	if web.Reachable(listener.Addr(), o.config.PublicURL) {
		if err := st.AtWork(ctx, store.Actor{Name: "muban serve"}); err != nil {
			listener.Close()
			return err
		}
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

func (p *program) sandbox(ctx context.Context, args []string) error {
	set := p.flags("sandbox")
	addr := set.String("addr", "127.0.0.1:9090", "where to listen")
	seed := set.Uint64("seed", sandbox.DefaultSeed, "of everything that looks random")
	dump := set.Bool("print-library", false, "print the title library as JSON lines, for muban audit -library, and end")
	of := set.String("kind", "template", "of message, for -print-library: template or subscribe")
	if err := p.parse(set, args); err != nil {
		return err
	}
	switch {
	case *dump && *of == "subscribe":
		return sandbox.WriteLibrary(p.stdout, sandbox.SubscribeLibrary(*seed))
	case *dump && *of == "template":
		return sandbox.WriteLibrary(p.stdout, sandbox.Library(*seed))
	case *of != "template" && *of != "subscribe":
		return fmt.Errorf("-kind %q: use template or subscribe", *of)
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", *addr, err)
	}
	fmt.Fprintf(p.stdout, "The simulated WeChat is at http://%s\nAppID %s\nAppSecret %s\n", listener.Addr(),
		sandbox.DefaultAppID, sandbox.DefaultSecret)
	fmt.Fprintf(p.stdout, "For a Muban console, started with -allow-private-api: AppID %s and the same AppSecret\n",
		sandbox.BesideAppID)
	log := slog.New(slog.NewTextHandler(p.stderr, nil))
	return web.Serve(ctx, listener, sandbox.New(sandbox.Options{Seed: *seed,
		OtherApps: []string{sandbox.BesideAppID}}), web.Certificate{}, log)
}

func (p *program) audit(ctx context.Context, args []string) error {
	set := p.flags("audit")
	lang := set.String("lang", "zh", "language of the messages: zh or en")
	known := set.String("library", "", "file of titles to compare with (rules 1.1, 1.2 and 2.1): JSON lines, or the JSON that the console exports")
	if err := p.parse(set, args); err != nil {
		return err
	}
	return audit.LintFile(ctx, *lang, *known, set.Arg(0), p.stdin, p.stdout)
}

func (p *program) checkValues(args []string) error {
	set := p.flags("check-values")
	lang := set.String("lang", "zh", "language of the sentences: zh or en")
	if err := p.parse(set, args); err != nil {
		return err
	}
	return values.CheckFile(*lang, set.Arg(0), p.stdin, p.stdout)
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

func (p *program) logger(level, format string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("-log %q: use debug, info, warn or error", level)
	}
	options := &slog.HandlerOptions{Level: l}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(p.stderr, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(p.stderr, options)), nil
	}
	return nil, fmt.Errorf("-log-format %q: use text or json", format)
}

func (p *program) dataFlags(set *flag.FlagSet) *store.Data {
	home := p.getenv("XDG_DATA_HOME")
	if home == "" {
		home = filepath.Join(p.getenv("HOME"), ".local", "share")
	}
	d := &store.Data{}
	set.StringVar(&d.Dir, "data", filepath.Join(home, "muban"),
		"directory of the database, its key and the sandbox's state")
	set.StringVar(&d.Database, "database", "", "postgres://user:password@host/name of a PostgreSQL database, which several"+
		" machines may share; SQLite in the data directory when empty")
	set.StringVar(&d.KeyFile, "key-file", "", "file of the keys that the secrets are sealed with; muban.key in the data directory when empty")
	return d
}
