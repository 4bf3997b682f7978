package pgtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Server is a PostgreSQL that can be stopped and started. Nothing is left of it when the test binary has ended, however
// that ends.
type Server struct {
	dir string
	in  io.WriteCloser
	out *bufio.Reader
}

// NewServer is one of a test's own, which listens at an address of this machine and lets everybody in who comes from a
// network. It has not been started.
func NewServer(t testing.TB, address, from string) *Server {
	t.Helper()
	s, err := newServer(address, from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.in.Close() })
	return s
}

// Start has it take connections.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	if err := s.do("start"); err != nil {
		t.Fatal(err)
	}
}

// Stop ends it: "fast" in good order, "immediate" as a crash does.
func (s *Server) Stop(t testing.TB, mode string) {
	t.Helper()
	if err := s.do("stop -m " + mode); err != nil {
		t.Fatal(err)
	}
}

// script makes a cluster, and does with it what it reads, until its standard input ends, as it does when the test binary
// does.
const script = `trap : INT TERM HUP # what ends the test binary may reach us too
dir=$(mktemp -d /tmp/muban-pg.XXXXXX) || exit 1
said=$("$0/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-locale 2>&1) || { echo "initdb:" $said; rm -rf "$dir"; exit 1; }
printf "listen_addresses = '%s'\nunix_socket_directories = '%s'\nmax_connections = 300\nmax_wal_size = 4GB\n" \
	"$1" "$dir" >>"$dir/data/postgresql.conf"
[ -z "$2" ] || echo "host all all $2 trust" >>"$dir/data/pg_hba.conf"
echo "$dir"
while read -r does; do
	if "$0/pg_ctl" -D "$dir/data" -w -l "$dir/log" $does >"$dir/said" 2>&1 </dev/null; then echo done; else echo $(cat "$dir/said" "$dir/log"); fi
done
"$0/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1
rm -rf "$dir"`

func newServer(address, from string) (*Server, error) {
	installed, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(installed) == 0 {
		return nil, errors.New("PostgreSQL is not here: apt-get install postgresql, or set " + Variable)
	}
	slices.Sort(installed)
	args := []string{"sh", "-c", script, filepath.Dir(installed[len(installed)-1]), address, from}
	if os.Geteuid() == 0 { // PostgreSQL does not run as root
		args = append([]string{"runuser", "-u", "postgres", "--"}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = "/"
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Server{in: in, out: bufio.NewReader(out)}
	if s.dir, err = s.line(); err == nil && !filepath.IsAbs(s.dir) {
		err = fmt.Errorf("PostgreSQL is not made: %s", s.dir)
	}
	return s, err
}

// do has the cluster do something, and waits until it is done.
func (s *Server) do(what string) error {
	if _, err := io.WriteString(s.in, what+"\n"); err != nil {
		return err
	}
	said, err := s.line()
	if err == nil && said != "done" {
		err = fmt.Errorf("PostgreSQL does not %s: %s", what, said)
	}
	return err
}

func (s *Server) line() (string, error) {
	line, err := s.out.ReadString('\n')
	return strings.TrimSpace(line), err
}
