package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

func lintText(t *testing.T, input string, o LintOptions) (int, []judged, error) {
	t.Helper()
	var out bytes.Buffer
	n, err := Lint(t.Context(), strings.NewReader(input), &out, o)
	var verdicts []judged
	for line := range strings.Lines(out.String()) {
		var v judged
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("the output is not JSON lines: %v in %s", err, line)
		}
		verdicts = append(verdicts, v)
	}
	return n, verdicts, err
}

func TestLintReadsObjectsAndBareTitles(t *testing.T) {
	input := "\ufeff订单发货通知\r\n" +
		`{"title":"购买成功通知","keywords":[{"name":"购买时间","example":"2016年6月6日"},{"name":"内容","example":"咖啡"},{"name":"购买日期","example":"咖啡"}]}` + "\n" +
		"\n   \n" +
		"  订单发货" + "\n" +
		`{"title":"退款成功通知","keywords":[],"by":"somebody","id":17}` + "\n" +
		"{{title}}通知"
	n, verdicts, err := lintText(t, input, LintOptions{Lang: "zh"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range verdicts {
		for _, f := range v.Findings {
			if f.Level == Error {
				got = append(got, fmt.Sprintf("%s %s %s", v.Title, f.Where, f.Rule))
			}
		}
	}
	want := []string{
		"购买成功通知 keywords[1].name 2.5", "购买成功通知 keywords[2].name 2.2", "购买成功通知 keywords[2].example 2.4",
		"  订单发货 title 1.3", "退款成功通知 keywords count", "{{title}}通知 title 1.4",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") || n != len(want) {
		t.Errorf("%d errors:\n%s", n, strings.Join(got, "\n"))
	}
	if len(verdicts) != 5 || verdicts[0].Findings == nil {
		t.Errorf("a proposal without findings has to be written with an empty list: %+v", verdicts)
	}
}

func TestLintWritesTheDocumentedLine(t *testing.T) {
	var out bytes.Buffer
	if _, err := Lint(t.Context(), strings.NewReader("订单<发货"), &out, LintOptions{Lang: "en"}); err != nil {
		t.Fatal(err)
	}
	want := `{"title":"订单<发货","findings":[{"rule":"1.3","level":"error","where":"title","message":"The title does not end in 提醒 or 通知, so a reviewer would refuse it. Change how it ends.","suggestion":"订单发货通知","confidence":"likely"},`
	if !strings.HasPrefix(out.String(), want) {
		t.Errorf("got %s", out.String())
	}
}

func TestLintComparesWithALibrary(t *testing.T) {
	titles, err := ReadLibrary(strings.NewReader(`{"id":"AT0002","title":"购买成功通知","keywords":[{"keyword_id":3,"name":"购买地点","example":"TIT造舰厂"}]}` + "\n" + `{"id":"AT0005","title":"付款成功通知","keywords":[]}` + "\n"))
	if err != nil || len(titles) != 2 || titles[1].ID != "AT0005" || titles[1].Source != SourceLibrary {
		t.Fatalf("%+v, %v", titles, err)
	}
	o := LintOptions{Lang: "zh", Index: NewIndex(titles)}
	_, verdicts, err := lintText(t, "购买成功通知\n支付成功提醒\n"+`{"id":"AT0002","title":"购买成功通知"}`+"\n", o)
	if err != nil {
		t.Fatal(err)
	}
	for i, rule := range []string{"1.1", "1.2", ""} {
		got := ""
		if len(verdicts[i].Findings) > 0 {
			got = verdicts[i].Findings[0].Rule
		}
		if got != rule {
			t.Errorf("line %d: rule %q, want %q", i+1, got, rule)
		}
	}
}

func TestALineThatCannotBeReadIsNamedByItsNumber(t *testing.T) {
	for input, line := range map[string]int{
		"订单发货通知\n\n{\"title\":\n退款通知": 3,
		`{"title":12}`:                          1,
		"a\n" + `{"name":"订单发货通知"}`:             2,
		`{"title":"a"} x`:                       1,
		`{"title":"a","keywords":{}}`:           1,
		"a\nb\n" + strings.Repeat("长", maxLine): 3,
	} {
		_, verdicts, err := lintText(t, input, LintOptions{Lang: "zh"})
		var bad *LineError
		if !errors.As(err, &bad) || bad.Line != line {
			t.Errorf("%.40q: %v, want line %d", input, err, line)
			continue
		}
		if number := fmt.Sprint(line); !strings.Contains(bad.Error(), number) || !strings.Contains(bad.Message("zh"), "第 "+number+" 行") {
			t.Errorf("the message does not name the line: %s / %s", bad, bad.Message("zh"))
		}
		if strings.HasPrefix(input, "订单发货通知") && len(verdicts) != 1 {
			t.Errorf("what was judged before the bad line is lost: %v", verdicts)
		}
	}
	if _, err := ReadLibrary(strings.NewReader("{")); err == nil || !strings.Contains(err.Error(), "Line 1") {
		t.Errorf("library: %v", err)
	}
}

func TestLintReportsTroubleWithItsStreams(t *testing.T) {
	broken := errors.New("broken pipe")
	if _, err := Lint(t.Context(), iotest.ErrReader(broken), &bytes.Buffer{}, LintOptions{}); !errors.Is(err, broken) {
		t.Errorf("reading: %v", err)
	}
	if _, err := Lint(t.Context(), strings.NewReader("订单发货通知"), failing{broken}, LintOptions{}); !errors.Is(err, broken) {
		t.Errorf("writing: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Lint(ctx, strings.NewReader("订单发货通知"), &bytes.Buffer{}, LintOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestTenThousandProposalsTakeNoMoreThanSeconds(t *testing.T) {
	var input bytes.Buffer
	encoder := json.NewEncoder(&input)
	draft := draftUnderWork()
	titles := manyTitles(10_000)
	for _, e := range titles {
		keywords := make([]jsonKeyword, len(draft.Keywords))
		for i, k := range draft.Keywords {
			keywords[i] = jsonKeyword(k)
		}
		if err := encoder.Encode(map[string]any{"title": e.Title, "keywords": keywords}); err != nil {
			t.Fatal(err)
		}
	}
	started := time.Now()
	var out bytes.Buffer
	if _, err := Lint(t.Context(), &input, &out, LintOptions{Lang: "zh", Index: NewIndex(titles)}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("took %s", took)
	} else {
		t.Logf("took %s", took)
	}
}

const exportedLibrary = `[
{"id":"AT0002","title":"购买成功通知","keywords":[{"keyword_id":3,"name":"购买地点","example":"TIT造舰厂"}]},
{"id":"AT0101","title":"洗衣完成通知","keywords":[]}
]
`

// The console exports its library as an array, and Windows writes it in GBK.
func TestFault64_ALibraryIsReadAsItWasExported(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(exportedLibrary)
	if err != nil {
		t.Fatal(err)
	}
	lines := `{"id":"AT0002","title":"购买成功通知","keywords":[{"name":"购买地点"}]}` + "\n" + `{"id":"AT0101","title":"洗衣完成通知"}`
	for name, text := range map[string]string{"array": exportedLibrary, "array in GBK": gbk, "lines": lines, "array with a mark": "\ufeff" + exportedLibrary} {
		titles, err := ReadLibrary(strings.NewReader(text))
		if err != nil || len(titles) != 2 || titles[1].Title != "洗衣完成通知" || titles[0].Keywords[0] != "购买地点" {
			t.Errorf("%s: %+v, %v", name, titles, err)
			continue
		}
		_, verdicts, err := lintText(t, "洗衣完成通知\n", LintOptions{Lang: "zh", Index: NewIndex(titles)})
		if err != nil || len(verdicts[0].Findings) == 0 || verdicts[0].Findings[0].Rule != RuleSameTitle {
			t.Errorf("%s: %+v, %v", name, verdicts, err)
		}
	}
}

func TestFault64_WhatIsNoLibraryIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"a page": "<html><body>302 Found</body></html>", "a page in the middle": "<p>error</p>", "nothing": "", "an empty array": "[]", "an error": `{"errcode":40001,"errmsg":"invalid credential"}`,
		"bare titles": "订单发货通知\n", "CSV": "id,title\nAT0002,购买成功通知\n", "half an array": `[{"id":"AT1","title":"订单发货通知"},`, "an array and more": `[{"id":"AT1","title":"订单发货通知"}] x`,
		"a workbook": "PK\x03\x04", "an array of texts": `["订单发货通知"]`,
	} {
		titles, err := ReadLibrary(strings.NewReader(text))
		if err == nil || titles != nil {
			t.Errorf("%s: %+v", name, titles)
			continue
		}
		var own interface{ Message(string) string }
		if !errors.As(err, &own) || !strings.HasSuffix(own.Message("zh"), "。") || !strings.HasSuffix(own.Message("en"), ".") {
			t.Errorf("%s: no sentence in %v", name, err)
		}
	}
}

func TestFault64_ProposalsAreReadInAnyEncodingAndAsAnArray(t *testing.T) {
	proposals := "还书提醒\n{\"title\":\"图书预约成功通知\",\"keywords\":[{\"name\":\"书名\",\"example\":\"红楼梦\"}]}\n发货播报\n"
	gb18030, err := simplifiedchinese.GB18030.NewEncoder().String(proposals)
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(proposals)
	if err != nil {
		t.Fatal(err)
	}
	array := `[{"title":"还书提醒"}, {"title":"图书预约成功通知","keywords":[{"name":"书名","example":"红楼梦"}]},` + "\n" + `{"title":"发货播报"}]`
	want, _, _ := lintText(t, proposals, LintOptions{Lang: "zh"})
	for name, text := range map[string]string{"GB18030": gb18030, "UTF-16": utf16, "array": array} {
		n, verdicts, err := lintText(t, text, LintOptions{Lang: "zh"})
		if err != nil || n != want || len(verdicts) != 3 || verdicts[0].Title != "还书提醒" || verdicts[2].Title != "发货播报" {
			t.Errorf("%s: %d errors, %+v, %v", name, n, verdicts, err)
		}
	}
	_, verdicts, err := lintText(t, "[订单]发货通知\n", LintOptions{Lang: "zh"})
	if err != nil || verdicts[0].Title != "[订单]发货通知" {
		t.Errorf("a title in brackets is no array: %+v, %v", verdicts, err)
	}
	_, _, err = lintText(t, "[\n{\"title\":\"还书提醒\"},\n\n{\"name\":\"还书提醒\"}\n]", LintOptions{Lang: "zh"})
	var bad *LineError
	if !errors.As(err, &bad) || bad.Line != 4 {
		t.Errorf("an object without title: %v, want line 4", err)
	}
}
