package web_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// The goal: a ready console at most three times as late as a program
// that only says hello.
func BenchmarkStartToFirstAnswerAgainstHelloWorld(b *testing.B) {
	dir := b.TempDir()
	hello := filepath.Join(dir, "hello.go")
	source := `package main
import ("net/http"; "os")
func main() {
	http.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("ready\n")) })
	http.ListenAndServe(os.Args[2], nil)
}`
	if err := os.WriteFile(hello, []byte(source), 0o600); err != nil {
		b.Fatal(err)
	}
	for out, from := range map[string]string{"hello": hello, "muban": ".."} {
		if text, err := exec.Command("go", "build", "-o", filepath.Join(dir, out), from).CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, text)
		}
	}
	env := append(os.Environ(), "MUBAN_ADMIN_PASSWORD=correct horse battery", "MUBAN_DATA="+filepath.Join(dir, "data"), "MUBAN_LOG=error")
	firstAnswer(b, env, filepath.Join(dir, "muban")) // the first run creates the database
	for b.Loop() {
		var times [2][]time.Duration
		for range 11 {
			times[0] = append(times[0], firstAnswer(b, env, filepath.Join(dir, "hello")))
			times[1] = append(times[1], firstAnswer(b, env, filepath.Join(dir, "muban")))
		}
		slices.Sort(times[0])
		slices.Sort(times[1])
		b.ReportMetric(float64(times[1][5])/float64(times[0][5]), "ratio")
		b.ReportMetric(float64(times[1][5].Microseconds())/1000, "ms")
	}
}

// firstAnswer starts a server and answers how long it took to a first 200.
func firstAnswer(b *testing.B, env []string, binary string) time.Duration {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	cmd := exec.Command(binary, "-addr", addr)
	cmd.Env = env
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	// As one stops a server: killed, it would leave the next start its log to replay.
	defer func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() }()
	for time.Since(begin) < 10*time.Second {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			continue
		}
		fmt.Fprintf(conn, "GET /readyz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", addr)
		answer, err := io.ReadAll(conn)
		conn.Close()
		if err == nil && bytes.Contains(answer, []byte(" 200 ")) {
			return time.Since(begin)
		}
	}
	b.Fatalf("%s does not answer", binary)
	return 0
}
