package wechat_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"muban/wechat"
)

func TestAnswersAreReadWithTolerance(t *testing.T) {
	for name, body := range map[string]string{
		"as documented":      `{"errcode":0,"errmsg":"ok","title":"标题","keyword_list":[{"keyword_id":3,"name":"名","example":"例"}]}`,
		"numeric strings":    `{"errcode":"0","errmsg":"ok","title":"标题","keyword_list":[{"keyword_id":"3","name":"名","example":"例"}]}`,
		"a fraction of zero": `{"errcode":0.0,"title":"标题","keyword_list":[{"keyword_id":3.0,"name":"名","example":"例"}]}`,
		"extra fields":       `{"errcode":0,"hint":{"a":[1]},"title":"标题","keyword_list":[{"keyword_id":3,"name":"名","example":"例","rule":"thing"}],"rid":7}`,
		"no errcode":         `{"title":"标题","keyword_list":[{"keyword_id":3,"name":"名","example":"例"}]}`,
		"a byte order mark":  "\ufeff" + `{"errcode":0,"title":"标题","keyword_list":[{"keyword_id":3,"name":"名","example":"例"}]}`,
		"nulls":              `{"errcode":0,"errmsg":null,"title":"标题","keyword_list":[{"keyword_id":3,"name":"名","example":"例"}],"id":null}`,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := newClient(t, serve(t, saying(body))).LibraryGet(t.Context(), "AT1")
			if err != nil {
				t.Fatal(err)
			}
			if want := `{"ID":"AT1","Text":"标题","Keywords":[{"ID":3,"Name":"名","Example":"例"}]}`; marshal(t, got) != want {
				t.Errorf("read %s", marshal(t, got))
			}
		})
	}
}

func TestRawControlCharactersInStringsAreKept(t *testing.T) {
	body := "{\"errcode\":0,\r\n\t\"title\":\"a\tb\x00c\nd\\\ne\\\"\x1f\\\\\",\"keyword_list\":[]}"
	got, err := newClient(t, serve(t, saying(body))).LibraryGet(t.Context(), "AT1")
	if want := "a\tb\x00c\nd\\\ne\"\x1f\\"; err != nil || got.Text != want {
		t.Errorf("read %q, %v, want %q", got.Text, err, want)
	}
}

func TestAnErrcodeIsToldWhateverElseIsInTheAnswer(t *testing.T) {
	for _, body := range []string{
		`{"errcode":"45009","errmsg":"reach max api daily quota limit"}`,
		`{"errcode":45009,"errmsg":"reach max api daily quota limit","list":"odd","total_count":{}}`,
		`{"list":[],"errmsg":"reach max api daily quota limit","errcode":45009.0}`,
	} {
		_, err := newClient(t, serve(t, saying(body))).LibraryList(t.Context(), 0, 20)
		var e *wechat.Error
		if !errors.As(err, &e) || *e != (wechat.Error{Op: "library/list", Code: 45009, Msg: "reach max api daily quota limit"}) {
			t.Errorf("%s: %#v", body, err)
		}
	}
}

func TestWhatIsNoAnswerOfWeChatsIsAnErrorAndUncertainUnlessItOnlyReads(t *testing.T) {
	for name, body := range map[string]string{
		"empty": "", "HTML": "<html><body>网关错误</body></html>", "half": `{"errcode":0,"errmsg":"o`,
		"null": "null", "an array": "[]", "a number": "0", "nothing in it": "{}", "another shape": `{"error":"no"}`,
		"two": `{"errcode":0}{"errcode":0}`, "an odd code": `{"errcode":"zero"}`, "a half code": `{"errcode":0.5}`,
		"deep": strings.Repeat("[", 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, serve(t, saying(body)))
			for i, err := range []error{
				c.Send(t.Context(), wechat.Message{}),
				c.DeleteTemplate(t.Context(), "x"),
				second(c.AddTemplate(t.Context(), "AT1", []int{1})),
				second(c.LibraryList(t.Context(), 0, 20)),
				second(c.LibraryGet(t.Context(), "AT1")),
				second(c.ListTemplates(t.Context(), 0, 20)),
			} {
				if acts := i < 3; !errors.Is(err, wechat.ErrNotJSON) || wechat.Uncertain(err) != acts {
					t.Errorf("got %v", err)
				}
				if err != nil && len(err.Error()) > 400 {
					t.Errorf("an error of %d bytes", len(err.Error()))
				}
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }

func TestASuccessWithoutItsContentIsNotTakenForAnEmptyOne(t *testing.T) {
	c := newClient(t, serve(t, saying(`{"errcode":0,"errmsg":"ok"}`)))
	for _, err := range []error{
		second(c.AddTemplate(t.Context(), "AT1", []int{1})),
		second(c.LibraryList(t.Context(), 0, 20)),
		second(c.LibraryGet(t.Context(), "AT1")),
		second(c.AllTemplates(t.Context())),
	} {
		if !errors.Is(err, wechat.ErrNotJSON) {
			t.Errorf("got %v", err)
		}
	}
	c = newClient(t, serve(t, saying(`{"errcode":0,"list":null}`)))
	if all, err := c.AllTemplates(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("a list that is null: %v, %v", all, err)
	}
}

func TestTheTotalIsNeverLessThanWhatIsListed(t *testing.T) {
	c := newClient(t, serve(t, saying(`{"errcode":0,"list":[{"id":"a"},{"id":"b"}]}`)))
	if p, err := c.LibraryList(t.Context(), 40, 20); err != nil || p.Total != 42 {
		t.Errorf("total %d, %v", p.Total, err)
	}
}

// Every string, with whatever control characters, comes through an answer unharmed.
func FuzzAnswersWithControlCharacters(f *testing.F) {
	for _, seed := range []string{"", "\x00\x1f\n\t", `\`, "\\\n\\\"\x01", "标题\u2028", "\x7f\"\"", `\\u0000`} {
		f.Add(seed)
	}
	var answer string
	base := serve(f, sayingWhat(&answer))
	c := newClient(f, base)
	f.Fuzz(func(t *testing.T, text string) {
		if text != strings.ToValidUTF8(text, "") {
			t.Skip()
		}
		// As WeChat writes it: quotes and backslashes escaped, control characters raw.
		raw := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
		answer = `{"errcode":0,"title":"` + raw + `","keyword_list":[]}`
		got, err := c.LibraryGet(t.Context(), "AT1")
		if err != nil || got.Text != text {
			t.Errorf("%q came back as %q, %v", text, got.Text, err)
		}
	})
}

// No body makes the client panic, or succeed where there is no JSON.
func FuzzAnyAnswer(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"errcode":0,"list":[]}`, `{"list":[{"id":"a"}],"total_count":"1e3"}`, "{\"errcode\":\"\x00\"}", "<html>"} {
		f.Add(seed)
	}
	var answer string
	base := serve(f, sayingWhat(&answer))
	c := newClient(f, base)
	f.Fuzz(func(t *testing.T, body string) {
		answer = body
		_, err := c.LibraryList(t.Context(), 0, 20)
		if err == nil && !strings.Contains(body, "{") {
			t.Errorf("%q was read as a list", body)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\n\r\x00") {
			t.Errorf("the error %q breaks the line", err)
		}
		if json.Valid([]byte(body)) && errors.Is(err, wechat.ErrTooLarge) {
			t.Errorf("%d bytes are too large", len(body))
		}
	})
}
