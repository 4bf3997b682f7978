package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat/sandbox"
)

// pipes is a listener whose network is in memory, so that simulated time counts on it.
type pipes struct {
	dialed chan net.Conn
	closed chan struct{}
	close  func()
}

func newPipes() *pipes {
	p := &pipes{dialed: make(chan net.Conn), closed: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.closed) })
	return p
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.dialed:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.close(); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (p *pipes) dial() net.Conn {
	ours, theirs := net.Pipe()
	p.dialed <- theirs
	return ours
}

// serving runs serveUntil as muban does, in the bubble of the test; stop ends it.
func serving(t *testing.T, h http.HandlerFunc) (p *pipes, stop func() error) {
	t.Helper()
	p = newPipes()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serveUntil(ctx, p, h, certificate{}, slog.New(slog.DiscardHandler)) }()
	stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return p, stop
}

// trickle writes a byte a second until the other side hangs up, at most for an hour, and
// answers how long that took.
func trickle(conn net.Conn) time.Duration {
	begin := time.Now()
	for range 3600 {
		if _, err := io.WriteString(conn, "a"); err != nil {
			break
		}
		time.Sleep(time.Second) // in simulated time
	}
	return time.Since(begin)
}

func TestFault45_AHeaderThatTricklesInIsHungUpOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := serving(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was made of it") })
		conn := p.dial()
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
		if took := trickle(conn); took > 6*time.Second {
			t.Errorf("it was heard for %v", took)
		}
	})
}

func TestFault45_ABodyThatTricklesInIsHungUpOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan error, 1)
		p, _ := serving(t, func(_ http.ResponseWriter, r *http.Request) {
			_, err := io.Copy(io.Discard, r.Body)
			failed <- err
		})
		conn := p.dial()
		fmt.Fprint(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
		go func() { _, _ = io.Copy(io.Discard, conn) }()
		if took := trickle(conn); took > 31*time.Second {
			t.Errorf("it was heard for %v", took)
		}
		if err := <-failed; err == nil {
			t.Error("half a body was taken for a whole one")
		}
	})
}

func TestFault45_WhoSaysNothingMoreIsHungUpOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := serving(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "done") })
		conn := p.dial()
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		begin := time.Now()
		if _, err := io.Copy(io.Discard, conn); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took > 2*time.Minute {
			t.Errorf("the connection was kept for %v", took)
		}
	})
}

// What nobody's browser sends, whole and as often as four attackers can, over TCP.
func TestFault45_HugeRequestsAreRefusedAndMemoryStaysFlat(t *testing.T) {
	s := start(t, map[string]string{"MUBAN_ADMIN_PASSWORD": "correct horse battery"}, "-addr", "127.0.0.1:0", "-data", t.TempDir())
	form := "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s"
	var fields strings.Builder
	for i := range 60_000 {
		fmt.Fprintf(&fields, "f%d=1&", i)
	}
	deep := strings.Repeat("[", 500_000)
	attacks := map[string]struct{ request, want string }{
		"a huge header":       {"GET /sign-in HTTP/1.1\r\nHost: x\r\nX-Huge: " + strings.Repeat("a", 1<<20) + "\r\n\r\n", " 431 "},
		"many headers":        {"GET /sign-in HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-Many: a\r\n", 50_000) + "\r\n", " 431 "},
		"a huge body":         {"POST /sign-in HTTP/1.1\r\nHost: x\r\n" + fmt.Sprintf(form, 1<<40, "name="+strings.Repeat("a", 8<<20)), " 413 "},
		"thousands of fields": {"POST /sign-in HTTP/1.1\r\nHost: x\r\n" + fmt.Sprintf(form, fields.Len(), fields.String()), " 400 "},
		"deep JSON without a key": {"POST /api/v1/rights HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
			fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(deep), deep), " 401 "},
		"a long address": {"GET /sign-in?" + strings.Repeat("a", 1<<20) + " HTTP/1.1\r\nHost: x\r\n\r\n", " 431 "},
	}
	for name, a := range attacks { // once, so that what is kept for good is there
		if got := s.said(t, a.request); !strings.Contains(got, a.want) {
			t.Errorf("%s: %q, want%s", name, got, a.want)
		}
	}
	before := held()
	var attackers sync.WaitGroup
	for range 4 {
		attackers.Go(func() {
			for range 5 {
				for _, a := range attacks {
					_ = s.said(t, a.request)
				}
			}
		})
	}
	attackers.Wait()
	if after := held(); after > before+8<<20 {
		t.Errorf("%d MB are held after, %d MB before", after>>20, before>>20)
	}
	if got := status(t, s.base+"/sign-in"); got != http.StatusOK {
		t.Errorf("then a visitor is answered %d", got)
	}
}

// With a key, it is let in as far as the reader.
func TestFault45_DeepJSONIsRefused(t *testing.T) {
	o := newOffice(t)
	s := o.serve(t)
	for _, deep := range []string{strings.Repeat("[", 500_000), strings.Repeat(`{"a":`, 100_000), `{"appid":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}"} {
		res, err := http.DefaultClient.Do(s.request(http.MethodPost, "/api/v1/access_token/refresh", []byte(deep)))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusBadRequest {
			t.Errorf("%.20s…: %d", deep, res.StatusCode)
		}
	}
}

// said sends the bytes and answers the first line that comes back, "" where the server
// hangs up on what is still being written.
func (s *started) said(t *testing.T, request string) string {
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		t.Error(err)
		return ""
	}
	defer conn.Close()
	go func() { _, _ = io.WriteString(conn, request) }()
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return line
}

// held is the memory in use, in bytes.
func held() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestFault46_AStopFinishesWhatIsUnderWayAndTakesNothingNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, stop := serving(t, func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(15 * time.Second) // in simulated time
			_, _ = io.WriteString(w, "done")
		})
		conn := p.dial()
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		synctest.Wait()
		ended := make(chan error, 1)
		go func() { ended <- stop() }()
		answer, err := io.ReadAll(conn)
		if err != nil || !strings.HasSuffix(string(answer), "done") {
			t.Errorf("the answer: %q, %v", answer, err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		select {
		case <-p.closed:
		default:
			t.Error("it still listens")
		}
	})
}

// The signal itself, to a process of its own, over a request that WeChat takes a while for.
func TestFault46_SIGTERMFinishesWhatIsUnderWay(t *testing.T) {
	o := newOffice(t)
	s := o.serve(t)
	if err := o.wechat.AddFault(sandbox.Fault{Path: "/cgi-bin/token", Delay: sandbox.Duration(500 * time.Millisecond)}); err != nil {
		t.Fatal(err)
	}
	answered := make(chan string, 1)
	go func() { answered <- s.token() }()
	<-o.asked
	if err := s.process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if token := <-answered; !o.works(t, token) {
		t.Error("the answer holds no token that works")
	}
	if state, err := s.process.Wait(); err != nil || !state.Success() {
		t.Errorf("the process ended with %v, %v", state, err)
	}
}
