// Muban is a web console for WeChat mini-program template messages
// (小程序模板消息), with a simulated WeChat inside.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"muban/store"
	"muban/web/auth"
	"muban/wechat/audit"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, audit.ErrFindings), errors.Is(err, store.ErrBroken):
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
	case "restore":
		return p.restore(ctx, rest)
	case "verify":
		return p.verify(ctx, rest)
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

func (p *program) backup(ctx context.Context, args []string) error {
	set := p.flags("backup")
	data := p.dataFlags(set)
	if err := p.parse(set, args); err != nil {
		return err
	}
	return data.Backup(ctx, set.Args(), p.stdout)
}

func (p *program) restore(ctx context.Context, args []string) error {
	set := p.flags("restore")
	data := p.dataFlags(set)
	confirm := set.Bool("confirm", false, "let messages go out again after a restore, and the API keys in that it shut")
	if err := p.parse(set, args); err != nil {
		return err
	}
	if *confirm {
		return data.ConfirmRestore(ctx, p.stdout)
	}
	return data.Restore(ctx, set.Args(), p.stdout)
}

func (p *program) verify(ctx context.Context, args []string) error {
	set := p.flags("verify")
	data := p.dataFlags(set)
	head := set.String("head", "", "a head that an earlier run printed: prove that the log still holds that line")
	if err := p.parse(set, args); err != nil {
		return err
	}
	return data.Verify(ctx, *head, p.stdout)
}
