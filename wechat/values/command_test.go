package values_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muban/wechat/values"
)

type line struct {
	Key, Value, Why, Note string
	OK                    *bool
}

func check(t *testing.T, lang, in string) ([]line, error) {
	t.Helper()
	var out strings.Builder
	err := values.CheckFile(lang, "", strings.NewReader(in), &out)
	var lines []line
	for text := range strings.Lines(out.String()) {
		var l line
		if bad := json.Unmarshal([]byte(text), &l); bad != nil || l.OK == nil || !strings.Contains(text, `"why":`) {
			t.Fatalf("%q: %v", text, bad)
		}
		lines = append(lines, l)
	}
	return lines, err
}

func TestCheckValuesAnswersLineByLine(t *testing.T) {
	lines, err := check(t, "zh", "\ufeff"+`{"key":"thing4","value":"咖啡 <两杯>"}
{"key":"name1","value":"user25"}

{"key":"enum_string2","value":"已付款","values":["已付款"]}
{"key":"enum2","value":"付款","values":["已付款"]}
{"key":"time3","value":"15:01:30","more":1}
{"key":"amount7","value":656887888.00}
{"key":"number7","value":10}
{"key":"video7","value":"…"}`+"\r\n")
	if !errors.Is(err, values.ErrRefused) || len(lines) != 8 {
		t.Fatalf("%+v, %v", lines, err)
	}
	for i, want := range []struct{ ok, noted bool }{{true, false}, {}, {true, false}, {}, {true, true}, {}, {true, true}, {true, true}} {
		l := lines[i]
		if *l.OK != want.ok || (l.Why == "") != want.ok || (l.Note != "") != want.noted {
			t.Errorf("%d: ok %v, %+v", i, *l.OK, l)
		}
	}
	if lines[0].Value != "咖啡 <两杯>" || lines[5].Value != "656887888.00" {
		t.Errorf("%+v", lines)
	}
	if lines, err := check(t, "en", `{"key":"phrase1","value":"完成"}`); err != nil || len(lines) != 1 {
		t.Errorf("%+v, %v", lines, err)
	}
	if lines, err := check(t, "en", ""); err != nil || len(lines) != 0 {
		t.Errorf("%+v, %v", lines, err)
	}
}

func TestALineThatCannotBeReadIsNamedAndTheOthersAreChecked(t *testing.T) {
	for name, bad := range map[string]string{
		"no JSON":   `thing4 咖啡`,
		"cut":       `{"key":"thing4","value":"咖`,
		"a list":    `[{"key":"thing4","value":"咖啡"}]`,
		"no key":    `{"value":"咖啡"}`,
		"no value":  `{"key":"thing4"}`,
		"null":      `{"key":"thing4","value":null}`,
		"an object": `{"key":"thing4","value":{"value":"咖啡"}}`,
		"a word":    `{"key":"enum4","value":"咖啡","values":"咖啡"}`,
		"not UTF-8": "{\"key\":\"thing4\",\"value\":\"\xbf\xa7\"}",
		"two":       `{"key":"thing4","value":"a"} {"key":"thing4","value":"b"}`,
	} {
		for _, lang := range []string{"zh", "en"} {
			lines, err := check(t, lang, `{"key":"name1","value":"1"}`+"\n"+bad+"\n"+`{"key":"thing1","value":"1"}`+"\n")
			unread, ok := errors.AsType[*values.LineError](err)
			if !ok || unread.Line != 2 || !strings.Contains(err.Error(), "2") || len(lines) != 2 {
				t.Errorf("%s: %d lines, %v", name, len(lines), err)
			}
		}
	}
	_, err := check(t, "zh", `{"key":"thing1","value":"`+strings.Repeat("a", 2<<20)+`"}`)
	if unread, ok := errors.AsType[*values.LineError](err); !ok || unread.Line != 1 {
		t.Errorf("a long line: %v", err)
	}
	if _, err := check(t, "fr", ""); err == nil {
		t.Error("another language is taken")
	}
}

func TestCheckValuesReadsAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "values.jsonl")
	if err := os.WriteFile(file, []byte(`{"key":"letter1","value":"1"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := values.CheckFile("zh", file, nil, &out); !errors.Is(err, values.ErrRefused) || out.Len() == 0 {
		t.Errorf("%q, %v", out.String(), err)
	}
	if err := values.CheckFile("zh", file+"x", nil, &out); err == nil {
		t.Error("no file, and no error")
	}
}
