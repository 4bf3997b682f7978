package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"

	"muban/web"
	"muban/wechat/sandbox"
)

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
	return web.Serve(ctx, listener, sandbox.New(sandbox.Options{Seed: *seed}), web.Certificate{}, log)
}
