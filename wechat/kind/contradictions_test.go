package kind_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"muban/wechat"
	"muban/wechat/kind"
	"muban/wechat/sandbox"
)

// tokens fetches one for each call.
type tokens struct{ wechat.Credentials }

func (f tokens) Token(ctx context.Context) (wechat.Secret, error) {
	t, err := wechat.FetchToken(ctx, f.Credentials)
	return t.Value, err
}

func (f tokens) Refresh(ctx context.Context, _ wechat.Secret) (wechat.Secret, error) {
	return f.Token(ctx)
}

// WeChat's documents contradict themselves: whichever side the simulator takes, the same is read of it.
func TestBothSidesOfWhatWeChatsDocumentsContradictAreRead(t *testing.T) {
	for side, other := range map[string]string{"the usual side": "false", "the other side": "true"} {
		t.Run(side, func(t *testing.T) {
			simulator := sandbox.New(sandbox.Options{})
			server := httptest.NewServer(simulator)
			defer server.Close()
			res, err := http.Post(server.URL+"/sandbox/contradictions", "application/json", strings.NewReader(`{"other":`+other+`}`))
			if err != nil || res.StatusCode != http.StatusOK {
				t.Fatal(err, res.Status)
			}
			credentials := wechat.Credentials{Base: server.URL, AppID: sandbox.DefaultAppID, Secret: sandbox.DefaultSecret,
				Transport: wechat.PrivateTransport()}
			c, err := wechat.NewClient(wechat.Config{Base: server.URL, Tokens: tokens{credentials}, Transport: wechat.PrivateTransport()})
			if err != nil {
				t.Fatal(err)
			}
			w := contradicted{t, c, simulator}
			w.library()
			id := w.template(other == "true")
			w.sends(id, other == "true")
		})
	}
}

type contradicted struct {
	*testing.T
	*wechat.Client
	simulator *sandbox.Server
}

func (w contradicted) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w contradicted) library() {
	ctx := w.Context()
	categories, err := w.Categories(ctx)
	w.must(err)
	page, err := w.SubscribeTitles(ctx, []string{categories[0].ID, categories[1].ID}, 0, 30)
	w.must(err)
	for _, t := range page.Titles {
		if strings.Trim(t.ID, "0123456789") != "" || len(t.Categories) != 1 || strings.Trim(t.Categories[0], "0123456789") != "" {
			w.Errorf("%+v", t)
		}
	}
	keywords, err := w.SubscribeKeywords(ctx, "4817")
	w.must(err)
	if page.Total <= 30 || len(page.Titles) != 30 || len(keywords) < 3 || !strings.HasPrefix(keywords[1].Rule, "enum") {
		w.Errorf("%d of %d titles, %+v", len(page.Titles), page.Total, keywords)
	}
	_, err = w.SubscribeKeywords(ctx, "no number")
	if !errors.Is(err, wechat.ErrArgs) {
		w.Error(err)
	}
}

// template adds one, again, and once more after it was deleted.
func (w contradicted) template(other bool) (id string) {
	ctx := w.Context()
	id, err := w.AddSubscribeTemplate(ctx, "4817", []int{2, 3}, "测试")
	w.must(err)
	again, err := w.AddSubscribeTemplate(ctx, "4817", []int{3, 2}, "测试")
	same, refused := errors.AsType[*wechat.Error](err)
	switch {
	case other && (err != nil || again == id):
		w.Errorf("a second one is not there: %s, %v", again, err)
	case !other && (!errors.Is(err, wechat.ErrSame) || !refused || same.TemplateID != id):
		w.Errorf("the one that is there is not told: %v", err)
	}
	list, err := w.SubscribeTemplates(ctx)
	w.must(err)
	fields := kind.Subscribe.Fields(list[0])
	if len(fields) != 2 || fields[0].Name == "" || fields[0].Example == "" || strings.ContainsAny(fields[0].Name+fields[0].Example, "：:\n") ||
		len(list[0].Enums) != 2 || fields[0].Key != list[0].Enums[0].Key || len(kind.KeywordIDs(list[0])) != 2 {
		w.Errorf("%+v of %+v", fields, list[0])
	}
	w.must(w.DeleteSubscribeTemplate(ctx, id))
	if err := w.DeleteSubscribeTemplate(ctx, id); !errors.Is(err, wechat.ErrArgs) {
		w.Error(err)
	}
	back, err := w.AddSubscribeTemplate(ctx, "4817", []int{2, 3}, "测试")
	if err != nil || (back == id) != other {
		w.Errorf("added again as %s, was %s: %v", back, id, err)
	}
	return back
}

func (w contradicted) sends(id string, other bool) {
	const user = "oSandbox0000000000000000_001"
	ctx := w.Context()
	list, err := w.SubscribeTemplates(ctx)
	w.must(err)
	m := wechat.Message{ToUser: user, TemplateID: id, Page: "pages/index"}
	for _, f := range kind.Subscribe.Fields(list[len(list)-1]) {
		m.Data = append(m.Data, wechat.Datum{Key: f.Key, Value: f.Example})
	}
	if _, err := w.SubscribeSend(ctx, m); !errors.Is(err, wechat.ErrConsent) {
		w.Error(err)
	}
	w.must(w.simulator.Allow(sandbox.DefaultAppID, user, false, id))
	bad := m
	bad.Data = append([]wechat.Datum{{Key: m.Data[0].Key, Value: "不在列表里的一个很长的值"}}, m.Data[1:]...)
	_, err = w.SubscribeSend(ctx, bad)
	if refusal, ok := errors.AsType[*wechat.Error](err); !ok || wechat.RefusedKey(refusal.Msg) != m.Data[0].Key {
		w.Error(err)
	}
	msgID, err := w.SubscribeSend(ctx, m)
	if err != nil || (msgID == "") != other {
		w.Errorf("msgid %q, %v", msgID, err)
	}
}
