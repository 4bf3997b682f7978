package dispatch_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"muban/store"
	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/kind"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

// What the test binary is told when it is the process that will be killed.
const (
	childDir  = "MUBAN_TEST_SEND_FROM"
	childBase = "MUBAN_TEST_SEND_TO"
	childGap  = "MUBAN_TEST_GAP" // where it stops and waits for its end; "" for nowhere
	childForm = "MUBAN_TEST_FORM"
)

func TestMain(m *testing.M) {
	if os.Getenv(childDir) != "" {
		fmt.Println(sendAsChild())
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// sendAsChild sends one message under the form it is given, or messages without end under what is picked.
func sendAsChild() error {
	ctx := context.Background()
	st, err := store.Open(ctx, os.Getenv(childDir), store.Options{})
	if err != nil {
		return err
	}
	apps, err := st.Apps(ctx)
	if err != nil {
		return err
	}
	base := os.Getenv(childBase)
	credentials := wechat.Credentials{Base: base, AppID: apps[0].AppID, Secret: apps[0].Secret, Transport: wechat.PrivateTransport()}
	client, err := wechat.NewClient(wechat.Config{Base: base, Tokens: plainTokens{credentials}, Transport: wechat.PrivateTransport()})
	if err != nil {
		return err
	}
	templates, err := client.AllTemplates(ctx)
	if err != nil {
		return err
	}
	var deliveries dispatch.Deliveries
	sender := dispatch.Sender{Journal: gaps{journal{st}}, WeChat: dispatch.Through(kind.Template, client)}
	for i := 0; ; i++ {
		m := wechat.Message{ToUser: openID, TemplateID: templates[0].ID, FormID: os.Getenv(childForm)}
		s, err := deliveries.Send(ctx, sender, dispatch.Send{App: apps[0].ID, Key: fmt.Sprint(os.Getpid(), "-", i)}, m)
		if err != nil {
			return err
		}
		fmt.Println("answered", s.ID, s.Outcome)
	}
}

// plainTokens keeps nothing: the child lives for a moment.
type plainTokens struct{ c wechat.Credentials }

func (p plainTokens) Token(ctx context.Context) (wechat.Secret, error) {
	t, err := wechat.FetchToken(ctx, p.c)
	return t.Value, err
}

func (p plainTokens) Refresh(ctx context.Context, _ wechat.Secret) (wechat.Secret, error) {
	return p.Token(ctx)
}

// stopAt waits for the kill where the parent asked for it.
func stopAt(gap string) {
	if os.Getenv(childGap) == gap {
		fmt.Println("gap")
		select {}
	}
}

type gaps struct{ journal }

func (g gaps) BeginSend(ctx context.Context, s dispatch.Send) (dispatch.Send, ledger.Right, error) {
	stopAt("before it is begun")
	s, r, err := g.journal.BeginSend(ctx, s)
	stopAt("before WeChat is asked")
	return s, r, err
}

func (g gaps) FinishSend(ctx context.Context, s dispatch.Send) error {
	stopAt("before it is recorded")
	err := g.journal.FinishSend(ctx, s)
	stopAt("after it is recorded")
	return err
}

// abroad serves the simulated WeChat to other processes, and closes the store for them to open.
func (w *world) abroad(t *testing.T) (base string) {
	t.Helper()
	must(t, w.store.Close())
	server := httptest.NewServer(w.sandbox)
	t.Cleanup(server.Close)
	return server.URL
}

// killed runs a child until it stops in a gap, or for as long as it takes it to answer so many sends.
func (w *world) killed(t *testing.T, base, gap, form string, answers int) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+w.dir, childBase+"="+base, childGap+"="+gap, childForm+"="+form)
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan() && lines.Text() != "gap"; {
		if n++; gap == "" && n > answers {
			break
		}
	}
	if gap == "" {
		time.AfterFunc(time.Duration(rand.IntN(int(3*time.Millisecond))), func() { child.Process.Kill() })
	} else {
		must(t, child.Process.Kill())
	}
	for lines.Scan() {
	}
	child.Wait()
}

func TestFault19_KilledInEveryGapOfASend(t *testing.T) {
	for gap, want := range map[string]struct {
		outcome   string // "" where there is no record
		delivered int
		state     string // of the right
	}{
		"before it is begun":     {"", 0, ledger.Usable},
		"before WeChat is asked": {dispatch.Unknown, 0, ledger.Held},
		"before it is recorded":  {dispatch.Unknown, 1, ledger.Held},
		"after it is recorded":   {dispatch.Sent, 1, ledger.EndSpent},
	} {
		t.Run(gap, func(t *testing.T) {
			w := newWorld(t)
			m := w.known(t)
			w.killed(t, w.abroad(t), gap, m.FormID, 0)
			w.open(t)
			sends, _, err := w.store.Sends(t.Context(), store.SendFilter{App: w.app})
			must(t, err)
			outcome := ""
			if len(sends) > 0 {
				outcome = sends[0].Outcome
			}
			state := w.right(t, m.FormID).State(w.clock.now())
			if outcome != want.outcome || w.delivered() != want.delivered || state != want.state {
				t.Fatalf("outcome %q, %d delivered, right %s", outcome, w.delivered(), state)
			}
			// A second try sends it where it certainly was not, and else nothing more.
			_, err = w.send(t.Context(), "again", m)
			if refusal, ok := errors.AsType[*ledger.Refusal](err); want.outcome != "" && !ok {
				t.Errorf("%v, %v", refusal, err)
			}
			if w.delivered() > 1 {
				t.Errorf("%d delivered under one form", w.delivered())
			}
		})
	}
}

// Wherever it was, every message that arrived stands in a record, and no right went
// further than it goes.
func TestFault19_KilledAnywhereNothingIsSentTwiceOrForgotten(t *testing.T) {
	w := newWorld(t)
	base := w.abroad(t)
	for range 12 {
		w.open(t)
		var reports []ledger.Report
		for range 10 {
			reports = append(reports, ledger.Report{OpenID: openID, ID: w.form(t)})
		}
		reports = append(reports, ledger.Report{OpenID: openID, ID: w.payment(t, 0)})
		_, err := w.store.ReportRights(t.Context(), actor, w.app, reports)
		must(t, err)
		must(t, w.store.Close())
		w.killed(t, base, "", "", 1+rand.IntN(8))
	}
	w.open(t)
	arrived := map[string]int{}
	for _, d := range w.sandbox.Messages(sandbox.DefaultAppID, openID) {
		arrived[d.FormID]++
	}
	sent, unknown := map[string]int{}, map[string]int{}
	for s, err := range w.store.EachSend(t.Context(), store.SendFilter{App: w.app}) {
		must(t, err)
		switch s.Outcome {
		case dispatch.Sent:
			sent[s.FormID]++
		case dispatch.Unknown:
			unknown[s.FormID]++
		default:
			t.Errorf("send %d is %s %d", s.ID, s.Outcome, s.ErrCode)
		}
	}
	for r, err := range w.store.EachRight(t.Context(), store.RightFilter{App: w.app}) {
		must(t, err)
		if r.Used != sent[r.ID] || r.Held != unknown[r.ID] || arrived[r.ID] < r.Used || arrived[r.ID] > r.Used+r.Held || arrived[r.ID] > r.Total {
			t.Errorf("%+v: %d arrived, %d sent, %d unknown", r, arrived[r.ID], sent[r.ID], unknown[r.ID])
		}
		delete(arrived, r.ID)
	}
	if len(arrived) > 0 || len(sent) == 0 {
		t.Errorf("arrived without a record: %v; %d sent", arrived, len(sent))
	}
	t.Logf("%d sent, %d unknown", len(sent), len(unknown))
}
