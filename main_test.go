package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"muban/store"
	"muban/store/pgtest"
	"muban/web"
	"muban/wechat"
	"muban/wechat/audit"
	"muban/wechat/sandbox"
	"muban/wechat/values"
)

// started is a muban that runs inside the test.
type started struct {
	base string
	out  *output
	stop func() error
}

// output is what a command printed so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // has room for one signal that there is more
}

func newOutput() *output { return &output{more: make(chan struct{}, 1)} }

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.more <- struct{}{}:
	default:
	}
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

var address = regexp.MustCompile(`https?://[\d.]+:\d+`)

// start runs a command that serves until stop, and waits for its address.
func start(t testing.TB, env map[string]string, args ...string) *started {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &started{out: newOutput()}
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, args, func(name string) string { return env[name] }, strings.NewReader(""), s.out, s.out)
	}()
	s.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Errorf("muban %v: %v", args, err)
		}
	})
	for {
		if m := address.FindString(s.out.String()); m != "" {
			s.base = m
			return s
		}
		select {
		case <-s.out.more:
		case err := <-ended:
			ended <- err
			t.Fatalf("muban %v ended at once: %v\n%s", args, err, s.out)
		case <-time.After(20 * time.Second):
			t.Fatalf("muban %v printed no address:\n%s", args, s.out)
		}
	}
}

func status(t testing.TB, url string) int {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

func TestTheFirstStartPrintsALinkThatCreatesTheAdministrator(t *testing.T) {
	dir := t.TempDir()
	s := start(t, nil, "-addr", "127.0.0.1:0", "-data", dir)
	link := regexp.MustCompile(`http://\S+/set-up\?token=(\S+)`).FindStringSubmatch(s.out.String())
	if link == nil {
		t.Fatalf("no set-up link:\n%s", s.out)
	}
	if got := status(t, link[0]); got != http.StatusOK {
		t.Fatalf("the link answers %d", got)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	form := url.Values{"token": {link[1]}, "name": {"alice"}, "password": {"correct horse battery"}}
	for _, want := range []int{http.StatusSeeOther, http.StatusUnprocessableEntity} { // it works once
		res, err := client.PostForm(s.base+"/set-up", form)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Fatalf("set-up: %d, want %d", res.StatusCode, want)
		}
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	again := start(t, nil, "serve", "-addr", "127.0.0.1:0", "-data", dir)
	if strings.Contains(again.out.String(), "set-up") {
		t.Errorf("a second start offers the set-up again:\n%s", again.out)
	}
}

func TestTheEnvironmentSetsFlagsAndTheFirstPassword(t *testing.T) {
	env := map[string]string{"MUBAN_ADDR": "127.0.0.1:0", "MUBAN_DATA": t.TempDir(), "MUBAN_ADMIN_PASSWORD": "correct horse battery"}
	s := start(t, env)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(s.base+"/sign-in", url.Values{"name": {"admin"}, "password": {env["MUBAN_ADMIN_PASSWORD"]}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/" {
		t.Errorf("sign-in: %d to %q", res.StatusCode, res.Header.Get("Location"))
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if got := status(t, s.base+path); got != http.StatusOK {
			t.Errorf("%s: %d", path, got)
		}
	}
}

func TestUnsafeAndMistypedStartsAreRefusedWithASentence(t *testing.T) {
	for _, c := range []struct {
		args []string
		env  map[string]string
		want string
	}{
		{args: []string{"-addr", "0.0.0.0:0"}, want: "nobody can sign in yet"},
		{env: map[string]string{"MUBAN_ADMIN_PASSWORD": "short"}, args: []string{"-addr", "127.0.0.1:0"}, want: "10 to 128 characters"},
		{args: []string{"-public-url", "muban.example.com"}, want: "not an http or https address"},
		{args: []string{"-log", "loud"}, want: "use debug, info, warn or error"},
		{args: []string{"-log-format", "xml"}, want: "use text or json"},
		{args: []string{"-key-rate", "0"}, want: "at least 1 call a second"},
		{env: map[string]string{"MUBAN_ALLOW_PRIVATE_API": "maybe"}, want: "MUBAN_ALLOW_PRIVATE_API"},
		{args: []string{"sevre"}, want: `no command "sevre"`},
		{args: []string{"audit", "-lang", "fr"}, want: "use zh or en"},
		{args: []string{"backup"}, want: "usage"},
	} {
		env := map[string]string{"MUBAN_DATA": t.TempDir()}
		for k, v := range c.env {
			env[k] = v
		}
		err := run(t.Context(), c.args, func(name string) string { return env[name] }, strings.NewReader(""), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("muban %v: %v, want %q", c.args, err, c.want)
		}
	}
}

func TestALogInJSONNamesTheRequestThatTheAnswerNames(t *testing.T) {
	env := map[string]string{"MUBAN_ADMIN_PASSWORD": "correct horse battery"}
	s := start(t, env, "-addr", "127.0.0.1:0", "-data", t.TempDir(), "-log", "debug", "-log-format", "json")
	res, err := http.Get(s.base + "/sign-in?secret=canary")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	found := false
	for line := range strings.Lines(s.out.String()) {
		var entry struct{ Msg, Path, Request string }
		if !strings.HasPrefix(line, "{") {
			continue // the welcome
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		found = found || entry.Path == "/sign-in" && entry.Request == res.Header.Get("X-Request-Id")
	}
	if !found || strings.Contains(s.out.String(), "canary") {
		t.Errorf("%s is not in the log, or what was asked is:\n%s", res.Header.Get("X-Request-Id"), s.out)
	}
}

func TestTheSandboxStateSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	env := map[string]string{"MUBAN_ADMIN_PASSWORD": "correct horse battery"}
	first := start(t, env, "-addr", "127.0.0.1:0", "-data", dir)
	b := signIn(t, first.base)
	res, err := b.PostForm(first.base+"/library/AT0002", url.Values{"k": {"3", "4"}, "do": {"account"}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	path := res.Request.URL.Path
	if !strings.HasPrefix(path, "/templates/") {
		t.Fatalf("adding led to %s", path)
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	second := start(t, env, "-addr", "127.0.0.1:0", "-data", dir)
	res, err = signIn(t, second.base).Get(second.base + path)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("after a restart the template's page answers %d", res.StatusCode)
	}
}

// signIn is a client with an administrator's session, which says where its posts
// come from as a browser does.
func signIn(t testing.TB, base string) *http.Client {
	t.Helper()
	client := &http.Client{Jar: &jar{}, Transport: sameOrigin(base)}
	res, err := client.PostForm(base+"/sign-in", url.Values{"name": {"admin"}, "password": {"correct horse battery"}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return client
}

type sameOrigin string

func (base sameOrigin) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Origin", string(base))
	return http.DefaultTransport.RoundTrip(r)
}

// jar keeps every cookie for every address: each test has one server.
type jar struct{ cookies []*http.Cookie }

func (j *jar) SetCookies(_ *url.URL, c []*http.Cookie) { j.cookies = append(j.cookies, c...) }

func (j *jar) Cookies(*url.URL) (sent []*http.Cookie) { return j.cookies }

func TestSandboxServesTheSimulatedWeChat(t *testing.T) {
	s := start(t, nil, "sandbox", "-addr", "127.0.0.1:0")
	fetch := func(appID string) {
		t.Helper()
		res, err := http.Get(s.base + "/cgi-bin/token?grant_type=client_credential&appid=" + appID + "&secret=" + sandbox.DefaultSecret)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var answer struct {
			Token   string `json:"access_token"`
			Expires int    `json:"expires_in"`
		}
		if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.Token == "" || answer.Expires != 7200 {
			t.Errorf("token of %s: %+v, %v", appID, answer, err)
		}
	}
	fetch(sandbox.DefaultAppID)
	fetch(sandbox.BesideAppID) // a console beside has an app of the other AppID already
	res, err := http.Post(s.base+"/sandbox/reset", "application/json", nil)
	if err != nil || res.StatusCode >= http.StatusMultipleChoices {
		t.Fatalf("reset: %v, %v", res, err)
	}
	res.Body.Close()
	fetch(sandbox.BesideAppID)
}

func TestAuditReadsTitlesAndExitsWithOneWhereAFindingIsAnError(t *testing.T) {
	library := filepath.Join(t.TempDir(), "library.jsonl")
	var lines bytes.Buffer
	if err := run(t.Context(), []string{"sandbox", "-print-library"}, none, nil, &lines, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(library, lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		in   string
		want error
		rule string
	}{
		{"下单成功播报\n", audit.ErrFindings, `"rule":"1.3"`},
		{"购买成功通知\n", audit.ErrFindings, `"rule":"1.1"`},
		{`{"title":"打印机缺纸提醒","keywords":[{"name":"所在位置","example":"3号楼"},{"name":"故障时间","example":"2016年6月6日"}]}` + "\n", nil, `"title":"打印机缺纸提醒"`},
	} {
		var out bytes.Buffer
		err := run(t.Context(), []string{"audit", "-lang", "en", "-library", library}, none, strings.NewReader(c.in), &out, io.Discard)
		if err != c.want || !strings.Contains(out.String(), c.rule) {
			t.Errorf("%q: %v, want %v with %s:\n%s", c.in, err, c.want, c.rule, out.String())
		}
	}
}

func TestTheSandboxPrintsTheLibraryOfEitherKindForTheAudit(t *testing.T) {
	library := filepath.Join(t.TempDir(), "subscribe.jsonl")
	var lines bytes.Buffer
	if err := run(t.Context(), []string{"sandbox", "-print-library", "-kind", "subscribe"}, none, nil, &lines, io.Discard); err != nil {
		t.Fatal(err)
	}
	var first struct {
		ID, Title  string
		Type       int
		Categories []string
		Keywords   []struct{ Name, Example, Rule string }
	}
	if err := json.NewDecoder(strings.NewReader(lines.String())).Decode(&first); err != nil || first.Type != 2 || len(first.Categories) == 0 ||
		len(first.Keywords) == 0 || first.Keywords[0].Rule == "" || strings.Trim(first.ID, "0123456789") != "" {
		t.Errorf("%+v, %v", first, err)
	}
	if n := strings.Count(lines.String(), "\n"); n < 300 {
		t.Errorf("%d titles", n)
	}
	if err := os.WriteFile(library, lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := run(t.Context(), []string{"audit", "-library", library}, none, strings.NewReader(first.Title+"\n"), &out, io.Discard)
	if err != audit.ErrFindings || !strings.Contains(out.String(), `"rule":"1.1"`) {
		t.Errorf("%v: %s", err, out.String())
	}
	if run(t.Context(), []string{"sandbox", "-print-library", "-kind", "qq"}, none, nil, io.Discard, io.Discard) == nil {
		t.Error("a kind that there is not has a library")
	}
}

// A file that was not read must not look like one without findings: exit 2, and a
// sentence in the language asked for.
func TestFault64_AuditReadsWhatItIsGivenOrRefusesByName(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	gbk := func(text string) string {
		encoded, err := simplifiedchinese.GBK.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	const library = `[{"id":"AT0200","title":"图书归还提醒","keywords":[{"keyword_id":1,"name":"书名","example":"红楼梦"}]}]`
	for name, c := range map[string]struct {
		library, proposals string
		same               bool // 1.1 finds the title
	}{
		"library in GBK":   {gbk(library), "图书归还提醒\n", true},
		"both in GBK":      {gbk(library), gbk("图书归还提醒\n"), true},
		"exported library": {library, "图书归还提醒\n", true},
		"a page":           {"<!doctype html><title>Sign in</title>", "图书归还提醒\n", false},
		"a workbook":       {"PK\x03\x04", "图书归还提醒\n", false},
		"no title":         {"[]", "图书归还提醒\n", false},
		"proposals a page": {library, "<html><body>图书归还提醒</body></html>", false},
	} {
		var out bytes.Buffer
		args := []string{"audit", "-library", file("library", c.library), file("proposals", c.proposals)}
		err := run(t.Context(), args, none, strings.NewReader(""), &out, io.Discard)
		if c.same {
			if err != audit.ErrFindings || !strings.Contains(out.String(), `"rule":"1.1"`) {
				t.Errorf("%s: %v\n%s", name, err, out.String())
			}
			continue
		}
		if err == nil || err == audit.ErrFindings || !strings.HasSuffix(err.Error(), "。") {
			t.Errorf("%s: %v\n%s", name, err, out.String())
		}
	}
}

func none(string) string { return "" }

func TestCheckValuesTellsARefusedValueFromAnUnreadableLine(t *testing.T) {
	for in, want := range map[string]error{
		`{"key":"thing4","value":"咖啡"}`:    nil,
		`{"key":"name4","value":"用户25"}`:   values.ErrRefused,
		`{"key":"name4","value":"用户25"} }`: &values.LineError{},
	} {
		var out bytes.Buffer
		err := run(t.Context(), []string{"check-values", "-lang", "en"}, none, strings.NewReader(in), &out, io.Discard)
		_, unread := errors.AsType[*values.LineError](err)
		_, wanted := errors.AsType[*values.LineError](want)
		if unread != wanted || !wanted && err != want {
			t.Errorf("%s: %v\n%s", in, err, out.String())
		}
	}
}

func TestPeopleAreManagedFromTheShell(t *testing.T) {
	env := map[string]string{"MUBAN_DATA": t.TempDir()}
	user := func(in string, words ...string) (string, error) {
		var out bytes.Buffer
		err := run(t.Context(), append([]string{"user"}, words...), func(name string) string { return env[name] }, strings.NewReader(in), &out, io.Discard)
		return out.String(), err
	}
	for _, c := range []struct {
		words []string
		in    string
		want  string // "" for success, else what the error says
	}{
		{[]string{"add", "alice", "administrator"}, "correct horse battery\n", ""},
		{[]string{"add", "ALICE", "qa"}, "correct horse battery\n", "already"},
		{[]string{"add", "bob", "boss"}, "correct horse battery\n", "no role"},
		{[]string{"add", "bob", "qa"}, "short\n", "10 to 128"},
		{[]string{"add", "bob", "qa"}, "correct horse battery\n", ""},
		{[]string{"role", "bob", "operator"}, "", ""},
		{[]string{"role", "bob", "king"}, "", "usage"},
		{[]string{"disable", "alice"}, "", "administrator"},
		{[]string{"disable", "bob"}, "", ""},
		{[]string{"passwd", "carol"}, "", "nobody is called"},
		{[]string{"openid", "bob", "wx0000000000000000", "oFqLoEA0699ge30abcdefghijklm"}, "", "no mini program"},
		{[]string{"openid", "bob", "wx0000000000000000", "too short"}, "", "28"},
		{nil, "", "usage"},
	} {
		_, err := user(c.in, c.words...)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("user %v: %v, want %q", c.words, err, c.want)
		}
	}
	out, err := user("", "list")
	if want := "alice\tadministrator\tenabled\nbob\toperator\tdisabled\n"; err != nil || out != want {
		t.Errorf("list: %q, %v", out, err)
	}
}

func TestABackupTakenWhileServingOpens(t *testing.T) {
	dir := t.TempDir()
	start(t, map[string]string{"MUBAN_ADMIN_PASSWORD": "correct horse battery"}, "-addr", "127.0.0.1:0", "-data", dir)
	restored := t.TempDir()
	if err := run(t.Context(), []string{"backup", "-data", dir, filepath.Join(restored, "muban.db")}, none, nil, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(dir, "muban.key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(restored, "muban.key"), key, 0o600); err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), restored, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	apps, err := st.Apps(t.Context())
	if err != nil || len(apps) != 1 || apps[0].Secret.Reveal() != sandbox.DefaultSecret {
		t.Errorf("the copy's apps: %d, %v", len(apps), err)
	}
}

// once runs a command that ends by itself.
func once(t testing.TB, args ...string) (string, error) {
	t.Helper()
	out := newOutput()
	err := run(t.Context(), args, func(string) string { return "" }, strings.NewReader(""), out, out)
	return out.String(), err
}

func TestABackupIsRestoredOnceTheServerIsStopped(t *testing.T) {
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "backup.db")
	s := start(t, map[string]string{"MUBAN_ADMIN_PASSWORD": "a good password"}, "serve", "-addr", "127.0.0.1:0", "-data", dir)
	if _, err := once(t, "backup", "-data", dir, file); err != nil {
		t.Fatal(err)
	}
	if _, err := once(t, "restore", "-data", dir, file); !errors.Is(err, store.ErrInUse) {
		t.Fatalf("restored under a running server: %v", err)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	out, err := once(t, "restore", "-data", dir, file)
	if err != nil || !strings.Contains(out, "is checked and restored") || !strings.Contains(out, "muban.db.replaced-") {
		t.Fatalf("%s (%v)", out, err)
	}
	if out, err := once(t, "user", "-data", dir, "list"); err != nil || !strings.Contains(out, "admin") {
		t.Fatalf("%s (%v)", out, err)
	}
}

func TestAConsoleIsMovedAndTheCommandsWorkOnPostgreSQL(t *testing.T) {
	dir, dsn := t.TempDir(), postgres(t)
	env := map[string]string{"MUBAN_ADMIN_PASSWORD": "a good password"}
	if err := start(t, env, "serve", "-addr", "127.0.0.1:0", "-data", dir).stop(); err != nil {
		t.Fatal(err)
	}
	before, err := once(t, "verify", "-data", dir)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := once(t, "move", "-data", dir, "-to", dsn); err != nil || !strings.Contains(out, strings.TrimSpace(before)) {
		t.Fatalf("%s (%v)", out, err)
	}
	if after, err := once(t, "verify", "-database", dsn); err != nil || after != before {
		t.Errorf("verify: %s (%v), before: %s", after, err, before)
	}
	if out, err := once(t, "user", "-data", dir, "-database", dsn, "list"); err != nil || !strings.Contains(out, "admin") {
		t.Errorf("user: %s (%v)", out, err)
	}
	env["MUBAN_DATABASE"] = dsn
	s := start(t, env, "-addr", "127.0.0.1:0", "-data", dir)
	if got := status(t, s.base+"/readyz"); got != http.StatusOK {
		t.Errorf("readyz answers %d", got)
	}
	if out, err := once(t, "rotate-key", "-data", dir, "-database", dsn); err != nil {
		t.Errorf("rotate-key: %s (%v)", out, err)
	}
	for _, refused := range [][]string{{"backup", "x.db"}, {"restore", "x.db"}, {"move", "-to", dsn}, {"serve", "-backup-dir", dir}} {
		args := append([]string{refused[0], "-data", dir, "-database", dsn}, refused[1:]...)
		if out, err := once(t, args...); err == nil {
			t.Errorf("%v: %s", refused, out)
		}
	}
}

// The README shows how a PostgreSQL database is kept and put back: its lines are run as they stand there.
func TestTheReadmesDumpAndRestoreOfPostgreSQLWorks(t *testing.T) {
	dir, dsn := t.TempDir(), postgres(t)
	env := map[string]string{"MUBAN_ADMIN_PASSWORD": "a good password", "MUBAN_DATABASE": dsn}
	if err := start(t, env, "serve", "-addr", "127.0.0.1:0", "-data", dir).stop(); err != nil {
		t.Fatal(err)
	}
	verified, err := once(t, "verify", "-database", dsn)
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(readme), "```\npg_dump ")
	block, _, ends := strings.Cut(block, "```")
	if !found || !ends {
		t.Fatal("the README does not show it")
	}
	server, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	name := "restored_" + strings.Trim(server.Path, "/")
	restored := *server
	restored.Path = "/" + name
	commands := strings.NewReplacer("postgres://…/restored", "'"+restored.String()+"'", "DIR", dir, "HASH",
		verified[strings.LastIndex(strings.TrimSpace(verified), " ")+1:], "createdb restored", "createdb "+name,
		"-d restored", "-d "+name).Replace("pg_dump " + block)

	bin := t.TempDir()
	program := "#!/bin/sh\n" + asProgram + "=1 MUBAN_DATABASE= exec '" + os.Args[0] + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(bin, "muban"), []byte(program), 0o700); err != nil {
		t.Fatal(err)
	}
	script := exec.Command("sh", "-ec", commands)
	script.Dir = bin
	script.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "MUBAN_DATABASE="+dsn,
		"PGHOST="+server.Query().Get("host"), "PGUSER="+server.User.Username())
	t.Cleanup(func() { pgtest.Exec(t, dsn, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	if out, err := script.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, commands, out)
	}
	env["MUBAN_DATABASE"] = restored.String()
	if got := status(t, start(t, env, "-addr", "127.0.0.1:0", "-data", dir).base+"/readyz"); got != http.StatusOK {
		t.Errorf("a console on what was restored answers %d", got)
	}
}

func TestVerifyProvesTheLogAndAnEarlierHead(t *testing.T) {
	dir := t.TempDir()
	if _, err := once(t, "user", "-data", dir, "list"); err != nil {
		t.Fatal(err)
	}
	out, err := once(t, "verify", "-data", dir)
	if err != nil || !strings.Contains(out, "All 0 lines hold together") {
		t.Fatalf("%s (%v)", out, err)
	}
	s := start(t, map[string]string{"MUBAN_ADMIN_PASSWORD": "a good password"}, "serve", "-addr", "127.0.0.1:0", "-data", dir)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	out, err = once(t, "verify", "-data", dir)
	_, head, found := strings.Cut(strings.TrimSpace(out), "Head ")
	if err != nil || !found {
		t.Fatalf("%s (%v)", out, err)
	}
	if _, err := once(t, "verify", "-data", dir, "-head", head); err != nil {
		t.Error(err)
	}
	if out, err := once(t, "verify", "-data", dir, "-head", strings.Repeat("ab", 32)); !errors.Is(err, store.ErrBroken) {
		t.Errorf("%s (%v)", out, err)
	}
}

func TestWithCertificateFilesItServesHTTPS(t *testing.T) {
	dir := t.TempDir()
	cert, key, pool := selfSigned(t, dir)
	addr := freeAddress(t)
	s := start(t, map[string]string{"MUBAN_ADMIN_PASSWORD": "a good password"}, "serve", "-addr", addr, "-data", dir,
		"-tls-cert", cert, "-tls-key", key, "-public-url", "https://"+addr)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	res, err := client.Get(s.base + "/healthz")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%v (%v)", res, err)
	}
	res.Body.Close()
	for _, args := range [][]string{{"-tls-cert", cert}, {"-tls-cert", cert, "-tls-key", key}, {"-tls-cert", key, "-tls-key", cert, "-public-url", "https://x"}} {
		if out, err := once(t, append([]string{"serve", "-addr", "127.0.0.1:0", "-data", t.TempDir()}, args...)...); err == nil {
			t.Errorf("%v: %s", args, out)
		}
	}
}

// freeAddress is one that nobody listens on just now.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// selfSigned writes the files of a certificate for 127.0.0.1, and answers who trusts it.
func selfSigned(t testing.TB, dir string) (cert, key string, trust *x509.CertPool) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key, trust = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), x509.NewCertPool()
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: signed}, key: {Type: "PRIVATE KEY", Bytes: encoded}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trust.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}))
	return cert, key, trust
}

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

func (p *pipes) Close() error { p.close(); return nil }

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (p *pipes) dial() net.Conn {
	ours, theirs := net.Pipe()
	p.dialed <- theirs
	return ours
}

// listening runs web.Serve as muban does, in the bubble of the test; stop ends it.
func listening(t *testing.T, h http.HandlerFunc) (p *pipes, stop func() error) {
	t.Helper()
	p = newPipes()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(ctx, p, h, web.Certificate{}, slog.New(slog.DiscardHandler)) }()
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
		p, _ := listening(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was made of it") })
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
		p, _ := listening(t, func(_ http.ResponseWriter, r *http.Request) {
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
		p, _ := listening(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "done") })
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
		"thousands of fields": {"POST /sign-in HTTP/1.1\r\nHost: x\r\n" + fmt.Sprintf(form, fields.Len(), fields.String()), " 413 "},
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

// Eight hundred connections that each hold back the last byte of a megabyte, at every address that is open to anyone.
func TestFault48_HeldPostsOfStrangersCostLittleMemory(t *testing.T) {
	s := start(t, map[string]string{"MUBAN_ADMIN_PASSWORD": "correct horse battery"}, "-addr", "127.0.0.1:0", "-data", t.TempDir())
	paths := []string{"/sign-in", "/sign-in/code", "/set-up", "/join", "/reset", "/preferences", "/cgi-bin/token", "/cgi-bin/stable_token", "/api/v1/rights", "/none"}
	body := "name=" + strings.Repeat("a", 1<<20-6)
	before, answered := held(), make(chan bool, 800)
	var conns []net.Conn
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	for i := range 800 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
		go func() {
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n", paths[i%len(paths)], len(body)+1)
			go func() { _, _ = io.WriteString(conn, body) }() // it blocks where the server reads no more
			line, _ := bufio.NewReader(conn).ReadString('\n')
			answered <- strings.Contains(line, " 4") || strings.Contains(line, " 200 ")
		}()
	}
	for range 800 {
		if !<-answered {
			t.Error("a held post got no answer")
			break
		}
	}
	if after := held(); after > before+64<<20 {
		t.Errorf("%d MB are held, %d MB before", after>>20, before>>20)
	}
	if got := status(t, s.base+"/sign-in"); got != http.StatusOK {
		t.Errorf("then a visitor is answered %d", got)
	}
}

// With a key, it is let in as far as the reader.
func TestFault45_DeepJSONIsRefused(t *testing.T) {
	o := newOffice(t, "")
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
		p, stop := listening(t, func(w http.ResponseWriter, _ *http.Request) {
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
	o := newOffice(t, "")
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

// asProgram names the environment variable that makes the test binary be muban.
const asProgram = "MUBAN_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// office is what two muban processes have in common: a database with an app and a key of
// it, and a WeChat.
type office struct {
	dir    string
	dsn    string // of a PostgreSQL database; "" for SQLite in dir
	wechat *sandbox.Server
	asked  chan struct{}                    // a signal for every request for a token that has reached WeChat
	watch  atomic.Pointer[http.HandlerFunc] // nil, or what stands in front of WeChat
}

const officeKey = "muban_prefix00_0123456789abcdef0123456789abcdef"

func newOffice(t *testing.T, dsn string) *office {
	t.Helper()
	return newOfficeAt(t, dsn, "127.0.0.1:0")
}

// newOfficeAt has its WeChat at an address of this machine.
func newOfficeAt(t *testing.T, dsn, addr string) *office {
	t.Helper()
	o := &office{dir: t.TempDir(), dsn: dsn, wechat: sandbox.New(sandbox.Options{}), asked: make(chan struct{}, 100)}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/cgi-bin/token" {
			o.asked <- struct{}{}
		}
		if watch := o.watch.Load(); watch != nil {
			(*watch)(w, r)
			return
		}
		o.wechat.ServeHTTP(w, r)
	}))
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	st, err := store.Open(t.Context(), o.dir, store.Options{Database: dsn})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	app, err := st.AddApp(t.Context(), store.Actor{}, store.App{
		AppID: sandbox.DefaultAppID, Name: "Shop", Base: server.URL, Secret: sandbox.DefaultSecret,
	})
	if err != nil {
		t.Fatal(err)
	}
	key := store.APIKey{App: app.ID, Name: "orders", Prefix: "prefix00", Hash: sha256.Sum256([]byte(officeKey)), Scopes: []string{"token", "rights", "send"}}
	if _, err := st.AddAPIKey(t.Context(), store.Actor{}, key); err != nil {
		t.Fatal(err)
	}
	return o
}

// server is a muban serve in a process of its own.
type server struct {
	t       *testing.T
	base    string
	process *os.Process
	kill    func()
}

func (o *office) serve(t *testing.T) *server {
	t.Helper()
	return o.serveAt(t, o.dir, o.dsn)
}

// serveAt is another machine where the database is one of PostgreSQL: what it shares is that, and the key.
func (o *office) serveAt(t *testing.T, dir, dsn string) *server {
	t.Helper()
	return o.serveOn(t, machine{dir: dir, dsn: dsn, addr: "127.0.0.1"})
}

// machine is where a server runs.
type machine struct {
	dir, dsn, addr string
	within         []string // the command that leads into its network
}

func (o *office) serveOn(t *testing.T, m machine) *server {
	t.Helper()
	out := newOutput()
	args := append(slices.Clone(m.within), os.Args[0], "serve", "-addr", m.addr+":0", "-data", m.dir, "-allow-private-api",
		"-key-file", filepath.Join(o.dir, "muban.key"))
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "MUBAN_ADMIN_PASSWORD=correct horse battery", "MUBAN_DATABASE="+m.dsn)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, process: cmd.Process, kill: sync.OnceFunc(func() { cmd.Process.Kill(); cmd.Wait() })}
	t.Cleanup(s.kill)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("a process said:\n%s", out)
		}
	})
	patience := time.After(20 * time.Second)
	for s.base = address.FindString(out.String()); s.base == ""; s.base = address.FindString(out.String()) {
		select {
		case <-out.more:
		case <-patience:
			t.Fatalf("no address:\n%s", out)
		}
	}
	return s
}

// token asks the server for the token, in Muban's words.
func (s *server) token() string {
	s.t.Helper()
	return s.answer(s.request(http.MethodGet, "/api/v1/access_token", nil))
}

// report is a request that reports a token as rejected.
func (s *server) report(rejected string) *http.Request {
	s.t.Helper()
	body, err := json.Marshal(map[string]string{"appid": sandbox.DefaultAppID, "access_token": rejected})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.request(http.MethodPost, "/api/v1/access_token/refresh", body)
}

func (s *server) request(method, path string, body []byte) *http.Request {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+officeKey)
	return req
}

func (s *server) answer(req *http.Request) string {
	s.t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		Token string `json:"access_token"`
		Error any    `json:"error"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.Token == "" {
		s.t.Fatalf("%s answers %d, %v, %v", req.URL.Path, res.StatusCode, answer.Error, err)
	}
	return answer.Token
}

// works tells whether WeChat takes the token.
func (o *office) works(t *testing.T, value string) bool {
	t.Helper()
	client, err := wechat.NewClient(wechat.Config{Tokens: fixed(value), Transport: o.wechat.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.ListTemplates(t.Context(), 0, 1)
	return err == nil
}

type fixed string

func (f fixed) Token(context.Context) (wechat.Secret, error) { return wechat.Secret(f), nil }

func (f fixed) Refresh(context.Context, wechat.Secret) (wechat.Secret, error) {
	return "", wechat.ErrToken
}

// With real processes and a real kill −9: over a request that WeChat carries
// out. The store's tests have half an hour of it, in simulated time.
func TestFault09_AServerThatIsKilledOverARefreshIsReplacedByTheOtherWithinSeconds(t *testing.T) {
	o := newOffice(t, "")
	o.replaces(t, o.serve(t), o.serve(t))
}

// postgres is an empty database.
func postgres(t *testing.T) string {
	t.Helper()
	if err := pgtest.Missing(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return pgtest.Empty(t)
}

func TestFault68_AMachineThatIsKilledOverARefreshIsReplacedByTheOtherWithinSeconds(t *testing.T) {
	o := newOffice(t, postgres(t))
	o.replaces(t, o.serve(t), o.serveAt(t, t.TempDir(), o.dsn))
}

func TestFault68_WithoutItsDatabaseAMachineHandsOutTheTokenThatLivesAndIsNotReady(t *testing.T) {
	o := newOffice(t, postgres(t))
	wire, through := pgtest.NewWire(t, o.dsn)
	s := o.serveAt(t, t.TempDir(), through)
	old := s.token()
	becomes := func(path, key string, want int) *http.Response {
		t.Helper()
		for until := time.Now().Add(15 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			req := s.request(http.MethodGet, path, nil)
			req.Header.Set("Authorization", "Bearer "+key)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode == want {
				return res
			}
			if time.Now().After(until) {
				t.Fatalf("%s answers %d and not %d", path, res.StatusCode, want)
			}
		}
	}
	becomes("/readyz", officeKey, http.StatusOK)
	wire.Cut()
	becomes("/readyz", officeKey, http.StatusServiceUnavailable)
	time.Sleep(1100 * time.Millisecond) // the key is looked up again after a second
	if s.token() != old {
		t.Error("it hands out another token")
	}
	unseen := strings.Replace(officeKey, "prefix00", "another0", 1)
	if res := becomes("/api/v1/access_token", unseen, http.StatusServiceUnavailable); res.Header.Get("Retry-After") == "" {
		t.Error("it does not say when to ask again")
	}
	time.Sleep(5 * time.Second) // in which the console looks for damage, and finds no database
	wire.Mend()
	becomes("/readyz", officeKey, http.StatusOK)
	becomes("/api/v1/access_token", unseen, http.StatusUnauthorized)
	if s.token() != old {
		t.Error("it hands out another token after it")
	}
}

func (o *office) replaces(t *testing.T, a, b *server) {
	old := a.token()
	if got := b.token(); got != old {
		t.Fatal("two servers hand out different tokens")
	}
	<-o.asked
	if err := o.wechat.AddFault(sandbox.Fault{Path: "/cgi-bin/token", Delay: sandbox.Duration(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	go http.DefaultClient.Do(a.report(old))
	<-o.asked
	a.kill()

	start := time.Now()
	fresh := b.answer(b.report(old))
	if took := time.Since(start); took > 9*time.Second {
		t.Errorf("the other server took %v", took)
	}
	if fresh == old || !o.works(t, fresh) || b.token() != fresh {
		t.Errorf("the new token is new: %v, works: %v, is handed out: %v", fresh != old, o.works(t, fresh), b.token() == fresh)
	}
	if got := o.serve(t).token(); got != fresh {
		t.Error("a third server hands out another token")
	}
	if n := o.wechat.Stats()["/cgi-bin/token"]; n != 3 { // the first, the one that got lost, and its replacement
		t.Errorf("WeChat was asked %d times", n)
	}
}

// A token that has ended is replaced once, however many ask for another at both machines at once.
func TestFault68_OfTwoHundredCallersAtTwoMachinesOneHasTheTokenRefreshed(t *testing.T) {
	o := newOffice(t, postgres(t))
	machines := []*server{o.serve(t), o.serveAt(t, t.TempDir(), o.dsn)}
	old := machines[0].token()
	if got := machines[1].token(); got != old {
		t.Fatal("two machines hand out different tokens")
	}
	o.wechat.Advance(3 * time.Hour)
	answers := make([]string, 200)
	var callers sync.WaitGroup
	for i := range answers {
		callers.Go(func() { answers[i] = machines[i%2].answer(machines[i%2].report(old)) })
	}
	callers.Wait()
	slices.Sort(answers)
	if fresh := slices.Compact(answers); len(fresh) != 1 || fresh[0] == old || !o.works(t, fresh[0]) {
		t.Errorf("%d tokens were handed out in the place of the old one", len(fresh))
	}
	if n := o.wechat.Stats()["/cgi-bin/token"]; n != 2 {
		t.Errorf("WeChat was asked %d times", n)
	}
}

// drillRounds is how many rounds of a longer drill there are; each takes about ten seconds.
const drillRounds = "MUBAN_DRILL"

// Business servers report and send all the time, by two machines on one database, while the machines are killed, the
// database crashes, and the network to it is cut. What was acknowledged is there in the end, and went out once.
func TestFault68_ADrillOfKillsCutsAndCrashesLosesNothingAndSendsNothingTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	d := newDrill(t)
	what := map[string]func(){
		"a network that is cut for long":  func() { d.cut(6 * time.Second) },
		"a network that is cut for short": func() { d.cut(time.Second) },
		"a machine that is killed":        func() { d.kill(0) },
		"another that is killed":          func() { d.kill(1) },
		"a database that crashes":         func() { d.stop("immediate", time.Second) },
		"a database that is restarted":    func() { d.stop("fast", 0) },
	}
	names := slices.Sorted(maps.Keys(what))
	if rounds, err := strconv.Atoi(os.Getenv(drillRounds)); err == nil {
		once := names
		for names = nil; len(names) < rounds; {
			names = append(names, once[mathrand.IntN(len(once))])
		}
	}
	finish := d.work(6)
	for _, name := range names {
		begun := time.Now()
		what[name]()
		d.bothReady()
		t.Logf("%s: both are ready after %s, %d acknowledged", name, time.Since(begun).Round(10*time.Millisecond), d.acknowledged())
	}
	finish()
	d.check()
}

// drill is an office of two machines, of which the second has a network of its own.
type drill struct {
	*office
	t        *testing.T
	template string
	database *pgtest.Server
	link     string // the second machine's way to the database
	machines [2]machine
	servers  [2]atomic.Pointer[server]

	mu        sync.Mutex
	delivered map[string]int    // messages that WeChat took, by openid
	sent      map[string][]byte // sends that were acknowledged, by openid: what was asked
	outcomes  map[string]string
}

// newDrill needs Linux's network namespaces, and the right to make them.
func newDrill(t *testing.T) *drill {
	t.Helper()
	if err := pgtest.Missing(); err != nil {
		postgres(t) // skips, or fails
	}
	net := fmt.Sprintf("198.18.%d.", os.Getpid()%256) // for tests of networks (RFC 2544)
	name := fmt.Sprintf("mb%d", os.Getpid())
	d := &drill{t: t, link: name + "a", delivered: map[string]int{}, sent: map[string][]byte{}, outcomes: map[string]string{}}
	for i, command := range []string{
		"netns add " + name,
		"link add " + name + "a type veth peer name a netns " + name, // to the database, at .1
		"link add " + name + "b type veth peer name b netns " + name, // to everything else, at .5
		"address add " + net + "1/30 dev " + name + "a", "address add " + net + "5/30 dev " + name + "b",
		"-n " + name + " address add " + net + "2/30 dev a", "-n " + name + " address add " + net + "6/30 dev b",
		"link set " + name + "a up", "link set " + name + "b up",
		"-n " + name + " link set dev a up", "-n " + name + " link set dev b up", "-n " + name + " link set lo up",
	} {
		out, err := exec.Command("ip", strings.Fields(command)...).CombinedOutput()
		if err != nil && i < 2 {
			t.Skipf("no networks can be made here: ip %s: %v %s", command, err, out)
		}
		if err != nil {
			t.Fatalf("ip %s: %v %s", command, err, out)
		}
		if i == 0 {
			t.Cleanup(func() { exec.Command("ip", "netns", "delete", name).Run() })
		}
	}
	d.database = pgtest.NewServer(t, net+"1", net+"0/24")
	d.database.Start(t)
	d.office = newOfficeAt(t, "postgres://postgres@"+net+"1/postgres", net+"5:0")
	takes := http.HandlerFunc(d.takes)
	d.office.watch.Store(&takes)
	d.template = d.addTemplate(t)
	d.machines = [2]machine{
		{dir: t.TempDir(), dsn: d.dsn, addr: net + "5"},
		{dir: t.TempDir(), dsn: d.dsn, addr: net + "6", within: []string{"ip", "netns", "exec", name}},
	}
	for i, m := range d.machines {
		d.servers[i].Store(d.serveOn(t, m))
	}
	d.bothReady()
	return d
}

// addTemplate is done at WeChat, before there is a console.
func (o *office) addTemplate(t *testing.T) string {
	t.Helper()
	credentials := wechat.Credentials{AppID: sandbox.DefaultAppID, Secret: sandbox.DefaultSecret, Transport: o.wechat.Transport()}
	got, err := wechat.FetchToken(t.Context(), credentials)
	if err != nil {
		t.Fatal(err)
	}
	client, err := wechat.NewClient(wechat.Config{Tokens: fixed(got.Value), Transport: o.wechat.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	id, err := client.AddTemplate(t.Context(), "AT0002", []int{3, 4})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// takes counts what is delivered. WeChat takes its time, so that many sends are under way.
func (d *drill) takes(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/template/send") {
		d.wechat.ServeHTTP(w, r)
		return
	}
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	var message struct{ ToUser string }
	_ = json.Unmarshal(body, &message)
	answer := httptest.NewRecorder()
	d.wechat.ServeHTTP(answer, r)
	if strings.Contains(answer.Body.String(), `"errcode":0`) {
		d.mu.Lock()
		d.delivered[message.ToUser]++
		d.mu.Unlock()
	}
	time.Sleep(30 * time.Millisecond)
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// cut keeps what the second machine and the database send each other from arriving, for some time; nobody is told.
func (d *drill) cut(long time.Duration) {
	d.t.Helper()
	d.set("down")
	d.serves(0) // within seconds, though the second may have had the turn to write
	time.Sleep(long)
	d.set("up")
}

func (d *drill) set(state string) {
	d.t.Helper()
	if out, err := exec.Command("ip", "link", "set", d.link, state).CombinedOutput(); err != nil {
		d.t.Fatalf("%v %s", err, out)
	}
}

// kill is kill -9, of a machine that starts again a little later.
func (d *drill) kill(i int) {
	d.t.Helper()
	d.servers[i].Load().kill()
	d.serves(1 - i)
	d.servers[i].Store(d.serveOn(d.t, d.machines[i]))
}

func (d *drill) stop(mode string, long time.Duration) {
	d.t.Helper()
	d.database.Stop(d.t, mode)
	time.Sleep(long)
	d.database.Start(d.t)
}

// serves waits until a machine has taken something new, while the other does not.
func (d *drill) serves(i int) {
	d.t.Helper()
	for until := time.Now().Add(15 * time.Second); ; {
		if _, ok := d.sends(rand.Text(), func() *server { return d.servers[i].Load() }, 1); ok {
			return
		}
		if time.Now().After(until) {
			d.t.Fatalf("machine %d does not serve on", i)
		}
	}
}

func (d *drill) bothReady() {
	d.t.Helper()
	for i := range d.servers {
		for until := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			if s, _ := d.post(d.servers[i].Load(), http.MethodGet, "/readyz", nil); s == http.StatusOK {
				break
			}
			if time.Now().After(until) {
				d.t.Fatalf("machine %d is not ready again", i)
			}
		}
	}
}

// work has so many business servers report and send until finish is called.
func (d *drill) work(callers int) (finish func()) {
	stop := make(chan struct{})
	var all sync.WaitGroup
	for c := range callers {
		all.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				turn := c
				d.sends(fmt.Sprintf("%d-%d-%s", c, n, rand.Text()), func() *server { turn++; return d.servers[turn%2].Load() }, 20)
			}
		})
	}
	return func() { close(stop); all.Wait() }
}

// sends reports a form and sends under it, as often as it takes and no more than so often, each time by the next machine.
func (d *drill) sends(key string, next func() *server, tries int) (body []byte, ok bool) {
	openID := fmt.Sprintf("o%027.27s", strings.ReplaceAll(key, "-", "_"))
	form, err := d.wechat.SubmitForm(sandbox.DefaultAppID, openID)
	if err != nil {
		d.t.Error(err)
		return nil, false
	}
	report, _ := json.Marshal(map[string]string{"openid": openID, "kind": "form", "id": form})
	body, _ = json.Marshal(map[string]any{"key": key, "touser": openID, "template_id": d.template, "form_id": form,
		"data": map[string]string{"keyword1": "a", "keyword2": "b"}})
	if _, ok = d.until(next, "/api/v1/rights", report, tries); !ok {
		return body, false
	}
	outcome, ok := d.until(next, "/api/v1/sends", body, tries)
	if ok {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.sent[openID], d.outcomes[openID] = body, outcome
	}
	return body, ok
}

// until asks until it is acknowledged, which ok tells.
func (d *drill) until(next func() *server, path string, body []byte, tries int) (outcome string, ok bool) {
	for range tries {
		code, answer := d.post(next(), http.MethodPost, path, body)
		switch {
		case code == http.StatusOK:
			var x struct{ Outcome string }
			_ = json.Unmarshal(answer, &x)
			return x.Outcome, true
		case code == http.StatusAccepted: // by a machine that was killed: it takes half a minute until it counts as dead
			return "", false
		case code != 0 && code < http.StatusInternalServerError:
			d.t.Errorf("%s answers %d: %s", path, code, answer)
			return "", false
		}
		time.Sleep(20 * time.Millisecond)
	}
	return "", false
}

// post answers 0 where nothing was answered.
func (d *drill) post(s *server, method, path string, body []byte) (code int, answer []byte) {
	client := &http.Client{Timeout: 3 * time.Second}
	res, err := client.Do(s.request(method, path, body))
	if err != nil {
		return 0, nil
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(res.Body)
	if err != nil {
		return 0, nil
	}
	return res.StatusCode, answer
}

func (d *drill) acknowledged() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.sent)
}

// check asks for everything that was acknowledged once more, and counts what WeChat has delivered.
func (d *drill) check() {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	for openID, n := range d.delivered {
		if n > 1 {
			d.t.Errorf("%s got %d messages", openID, n)
		}
	}
	for openID, outcome := range d.outcomes {
		if n := d.delivered[openID]; outcome == "sent" && n != 1 || outcome == "refused" && n != 0 {
			d.t.Errorf("%s got %d messages, and the send was %s", openID, n, outcome)
		}
		code, answer := d.post(d.servers[0].Load(), http.MethodPost, "/api/v1/sends", d.sent[openID])
		if code != http.StatusOK || !bytes.Contains(answer, []byte(`"replayed":true`)) || !bytes.Contains(answer, []byte(outcome)) {
			d.t.Errorf("a send that was acknowledged as %s is answered %d: %s", outcome, code, answer)
		}
	}
	if out, err := once(d.t, "verify", "-data", d.dir, "-database", d.dsn); err != nil {
		d.t.Errorf("%v: %s", err, out)
	}
	d.t.Logf("%d sends were acknowledged, %d delivered", len(d.sent), len(d.delivered))
}

func TestAKeyIsRotatedWhileServing(t *testing.T) {
	dir := t.TempDir()
	s := start(t, map[string]string{"MUBAN_ADMIN_PASSWORD": "a good password"}, "serve", "-addr", "127.0.0.1:0", "-data", dir)
	lines := func() int {
		t.Helper()
		key, err := os.ReadFile(filepath.Join(dir, "muban.key"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(key), "\n")
	}
	before := lines()
	if out, err := once(t, "rotate-key", "-data", dir); err != nil || !strings.Contains(out, "muban.key") {
		t.Fatalf("%s (%v)", out, err)
	}
	if after := lines(); after != before+1 {
		t.Errorf("the file has %d keys, before %d", after, before)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
}

// floors are all packages, each with the floor it is on. A package imports what is on lower
// floors, and of its own floor nothing but what besides allows.
var floors = map[string]int{
	".":   9,
	"web": 8,

	"web/pages": 7, "web/api": 7, "web/push": 7, // the doors
	"web/webtest": 9, "web/browsertest": 9, // for tests alone

	"views": 6, "views/ui": 6, "web/auth": 6,
	"store": 5, "store/db": 5, "store/pgtest": 1, // the last for tests alone
	"views/text": 4, "wechat/account": 4,

	"wechat/dispatch": 3, "wechat/library": 3, "wechat/token": 3, "wechat/alert": 3,
	"wechat/kind": 2, "wechat/ledger": 2, "wechat/audit": 2, "wechat/search": 2, "wechat/penalty": 2, "wechat/sandbox": 2,
	"wechat": 1, "wechat/values": 1, "static": 1,
}

// besides are the imports between packages on one floor.
var besides = []string{"views → views/ui", "store → store/db", "wechat/alert → wechat/token"}

// drivers are imported by store/db alone, and by what makes databases for tests: whatever else asks the database does it by the
// store's words.
var drivers = []string{"modernc.org/sqlite", "github.com/jackc/pgx/v5"}

func TestPackagesImportDownwardsOnly(t *testing.T) {
	seen := map[string]bool{}
	for file, source := range sources(t, ".go") {
		from := path.Dir(file)
		seen[from] = true
		floor, known := floors[from]
		if !known {
			t.Errorf("%s is in a package that is on no floor", file)
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if slices.Contains(drivers, imported) && from != "store/db" && from != "store/pgtest" {
				t.Errorf("%s imports the driver %s", file, imported)
			}
			to, ours := strings.CutPrefix(imported, "muban/")
			if !ours {
				continue
			}
			if floors[to] >= floor && !slices.Contains(besides, from+" → "+to) {
				t.Errorf("%s, on floor %d, imports %s, on floor %d", file, floor, to, floors[to])
			}
			if (from == "web/api" || from == "web/push") && strings.HasPrefix(to+"/", "views/") && to != "views/text" {
				t.Errorf("%s imports %s: business servers and WeChat get no pages", file, to)
			}
			if to == "web/webtest" || to == "store/pgtest" && from != "web/webtest" {
				t.Errorf("%s imports the test harness", file)
			}
		}
	}
	for name := range floors {
		if !seen[name] && name != "web/browsertest" { // which has tests alone
			t.Errorf("there is no package %s", name)
		}
	}
}

// What lies at the top says what the program is made of.
func TestTheTopHoldsTheProgramAndItsFiveParts(t *testing.T) {
	want := []string{"main.go", "main_test.go", "static", "store", "views", "web", "wechat"}
	all, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range all {
		switch name := e.Name(); {
		case strings.HasPrefix(name, "."), !e.IsDir() && path.Ext(name) != ".go":
		default:
			got = append(got, name)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// In a page's file stands what its address leads to, and what it uses of other pages is in
// the shared files; so the files of web/pages stay few, and none is long.
func TestNoFileIsLongerThanItsReaderRemembers(t *testing.T) {
	const longest, pages = 350, 45
	n := 0
	for _, ext := range []string{".go", ".templ"} {
		for file, source := range sources(t, ext) {
			if strings.HasSuffix(file, "_templ.go") {
				continue
			}
			if lines := bytes.Count(source, []byte("\n")); lines > longest {
				t.Errorf("%s has %d lines, more than %d", file, lines, longest)
			}
			if path.Dir(file) == "web/pages" {
				n++
			}
		}
	}
	if n > pages {
		t.Errorf("web/pages has %d files, more than %d", n, pages)
	}
}

// sources are the files with this ending, without tests, by their paths from here.
func sources(t *testing.T, ext string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && file != ".") {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(file) != ext || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		found[filepath.ToSlash(file)], err = os.ReadFile(file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
