package account

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"muban/wechat"
	"muban/wechat/kind"
)

// told writes a line as the tests compare it.
func (l ImportRow) told() string {
	if l.Problem != nil {
		return fmt.Sprintf("%d: %s %v", l.Number, l.Problem.Code, l.Problem.Args)
	}
	c := l.Combination
	var keywords []string
	for _, k := range c.Keywords {
		keywords = append(keywords, spoken(k))
	}
	return fmt.Sprintf("%d: %s|%s|%s|%s|%s", l.Number, c.TitleID, c.Title, strings.Join(keywords, "+"), c.Alias, c.Scenario)
}

func readFile(file string) (Sheet, error) {
	text, err := ImportText([]byte(file))
	if err != nil {
		return Sheet{}, err
	}
	return ReadCombinations(text, kind.Template)
}

func reads(t *testing.T, file string, want ...string) Sheet {
	t.Helper()
	s, err := readFile(file)
	noError(t, err)
	var got []string
	for _, l := range s.Lines {
		got = append(got, l.told())
		if l.Problem != nil && !slices.Contains(Problems(), l.Problem.Code) {
			t.Errorf("%q is not among Problems", l.Problem.Code)
		}
	}
	equal(t, file, strings.Join(got, "\n"), strings.Join(want, "\n"))
	return s
}

func TestCombinationsAreReadInEveryFormThatPeopleWrite(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		want []string
	}{
		"in Chinese":                 {"标题ID,关键词,别名,使用场景\nAT0002,购买地点、物品名称,order-paid,付款之后\n", []string{"2: AT0002||购买地点+物品名称|order-paid|付款之后"}},
		"in English":                 {"title_id,keywords,alias,scenario\nAT0002,3;5,order-paid,after paying\n", []string{"2: AT0002||3+5|order-paid|after paying"}},
		"in another order":           {"Scenario , Keywords,TITLE ID\nx,3,AT0002", []string{"2: AT0002||3||x"}},
		"keywords in columns":        {"title_id,keyword1,keyword2,keyword3\nAT0002,3,5,\n", []string{"2: AT0002||3+5||"}},
		"ids and names":              {"标题ID,关键词1,关键词2\nAT0002,3,物品名称\n", []string{"2: AT0002||3+物品名称||"}},
		"a list in quotes":           {"id,keyword_id_list\nAT0002,\"3,5\"\n", []string{"2: AT0002||3+5||"}},
		"full-width signs":           {"标题ID,关键词\nAT0002,3；5，4\n", []string{"2: AT0002||3+5+4||"}},
		"a title for its id":         {"标题,关键词\n购买成功通知,购买地点\n", []string{"2: |购买成功通知|购买地点||"}},
		"the mark of the order":      {"\ufefftitle_id,keywords\r\nAT0002,3\r\n", []string{"2: AT0002||3||"}},
		"returns alone":              {"title_id,keywords\rAT0002,3\rAT0004,1\r", []string{"2: AT0002||3||", "3: AT0004||1||"}},
		"from a spreadsheet":         {"title_id\tkeywords\talias\nAT0002\t3、5\t\n", []string{"2: AT0002||3+5||"}},
		"an empty cell between tabs": {"title_id\talias\tkeywords\nAT0002\t\t3\n", []string{"2: AT0002||3||"}},
		"a line as long as can be": {"title_id,keywords,note\nAT0002,3," + strings.Repeat("x", MaxLine-10) + "\nAT0004,1\n",
			[]string{"2: AT0002||3||", "3: AT0004||1||"}},
		"blank lines":   {"title_id,keywords\n\n , \nAT0002,3\n\n\nAT0004,1\n", []string{"4: AT0002||3||", "7: AT0004||1||"}},
		"blanks around": {"title_id, keywords\n AT0002 , \"3; 5\"\n", []string{"2: AT0002||3+5||"}},
		"a cell of several lines": {"title_id,keywords,scenario\nAT0002,3,\"one\ntwo\"\nAT0004,1,\n",
			[]string{"2: AT0002||3||one\ntwo", "4: AT0004||1||"}},
		"guarded against formulas": {"title_id,keywords,scenario\nAT0002,'=SUM,'+1\n", []string{"2: AT0002||=SUM||+1"}},
		"an apostrophe":            {"title_id,keywords,scenario\nAT0002,3,'tis\n", []string{"2: AT0002||3||'tis"}},
		"no line at all":           {"title_id,keywords\n", nil},
		"a short line":             {"title_id,keywords,alias\nAT0002,3\n", []string{"2: AT0002||3||"}},
		"not an id":                {"title_id,keywords\nAT0002,0;-3;03x;99999999999999999999\n", []string{"2: AT0002||0+-3+03x+99999999999999999999||"}},
	} {
		t.Run(name, func(t *testing.T) { reads(t, c.file, c.want...) })
	}
}

func TestEachLineSaysWhatIsWrongWithItAndStopsNoOther(t *testing.T) {
	eleven := "1;2;3;4;5;6;7;8;9;10;11"
	for name, c := range map[string]struct{ line, want string }{
		"no title":                {",3", "no_title_id map[]"},
		"no keyword":              {"AT0002,", "no_keywords map[]"},
		"separators alone":        {"AT0002,;、 ;", "no_keywords map[]"},
		"too many":                {"AT0002," + eleven, "many_keywords map[Count:11 Most:10]"},
		"one twice":               {"AT0002,3;5;3", "keyword_twice map[Keyword:3]"},
		"a bad alias":             {"AT0002,3,Order Paid", "bad_alias map[Alias:Order Paid]"},
		"a long scenario":         {"AT0002,3,," + strings.Repeat("长", 501), "long_scenario map[Count:501]"},
		"a control character":     {"AT0002,3\x1b", "line_control map[Cell:2]"},
		"a quote inside":          {"AT0002,3\"4", "line_quotes map[]"},
		"a quote left open":       {"AT0002,\"3;4", "line_quotes map[]"},
		"text behind a quote":     {"AT0002,\"3\"4", "line_quotes map[]"},
		"more cells than columns": {"AT0002,3,,,5", "line_cells map[Columns:4 Count:5]"},
		"a long line":             {"AT0002,3,," + strings.Repeat("x", MaxLine), "line_long map[]"},
		"the combination again":   {"AT0001,1", "line_twice map[Line:2]"},
		"the alias again":         {"AT0002,3,first", "alias_twice map[Alias:first Line:2]"},
		"a long value is cut":     {"AT0002,3," + strings.Repeat("A", 99), "bad_alias map[Alias:" + strings.Repeat("A", 60) + "…]"},
	} {
		t.Run(name, func(t *testing.T) {
			file := "title_id,keywords,alias,scenario\nAT0001,1,first\n" + c.line + "\nAT0003,\"1;2\"\n"
			reads(t, file, "2: AT0001||1|first|", "3: "+c.want, "4: AT0003||1+2||")
		})
	}
}

// A file is read whatever stands between its cells, in Chinese and English, and in either width.
func TestFault64_CellsAreSeparatedAsSpreadsheetsAndPeopleDoIt(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"semicolons":            {"标题ID;标题;关键词;使用场景\nAT0002;购买成功通知;购买地点、物品名称;付款之后\n", "2: AT0002|购买成功通知|购买地点+物品名称||付款之后"},
		"semicolons, quoted":    {"title_id;keywords;alias\nAT0002;\"3;5\";a\n", "2: AT0002||3+5|a|"},
		"semicolons and commas": {"title_id;keywords;alias\nAT0002;3,5;a\n", "2: AT0002||3+5|a|"},
		"full-width commas":     {"标题ID，标题，关键词\nAT0002，购买成功通知，购买地点、物品名称\n", "2: AT0002|购买成功通知|购买地点+物品名称||"},
		"full-width semicolons": {"关键词；标题ID\n3、5；AT0002\n", "2: AT0002||3+5||"},
		"bars":                  {"title_id|keywords\nAT0002|3;5\n", "2: AT0002||3+5||"},
		"full-width bars":       {"标题ID｜关键词\nAT0002｜3;5\n", "2: AT0002||3+5||"},
		"tabs":                  {"标题\t关键词1\t关键词2\n购买成功通知\t购买地点\t3\n", "2: |购买成功通知|购买地点+3||"},
		"Excel's own line":      {"sep=;\r\ntitle_id;keywords\r\nAT0002;3\r\n", "3: AT0002||3||"},
		"wide letters":          {"标题ＩＤ,关键词１,关键词２\nAT0002,3,5\n", "2: AT0002||3+5||"},
		"other names":           {"标题编号,关键字,场景\nAT0002,3,付款\n", "2: AT0002||3||付款"},
		"a dash":                {"Title-ID,Keyword IDs\nAT0002,3\n", "2: AT0002||3||"},
	} {
		t.Run(name, func(t *testing.T) { reads(t, c.file, c.want) })
	}
}

func TestFault64_AFileIsReadInTheEncodingsOfChinesePrograms(t *testing.T) {
	const file = "标题ID;标题;关键词;使用场景\r\nAT0002;购买成功通知;购买地点、物品名称;用户付款成功之后\r\n"
	utf16le := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	for name, e := range map[string]encoding.Encoding{
		"GB18030": simplifiedchinese.GB18030, "GBK": simplifiedchinese.GBK, "UTF-16": utf16le,
		"UTF-16, big": unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "UTF-8 with a mark": unicode.UTF8BOM,
	} {
		t.Run(name, func(t *testing.T) {
			encoded, err := e.NewEncoder().String(file)
			noError(t, err)
			reads(t, encoded, "2: AT0002|购买成功通知|购买地点+物品名称||用户付款成功之后")
		})
	}
}

// An open quotation mark takes whatever follows for its cell; here it must not.
func TestAnOpenQuoteDoesNotSwallowTheRest(t *testing.T) {
	var file strings.Builder
	file.WriteString("title_id,keywords\n")
	want := make([]string, 0, 500)
	for i := range 500 {
		if i%2 == 0 {
			fmt.Fprintf(&file, "AT%04d,\"3\n", i)
			want = append(want, fmt.Sprintf("%d: line_quotes map[]", i+2))
			continue
		}
		fmt.Fprintf(&file, "AT%04d,3\n", i)
		want = append(want, fmt.Sprintf("%d: AT%04d||3||", i+2, i))
	}
	reads(t, file.String(), want...)
}

func TestColumnsThatNobodyAskedForAreNamed(t *testing.T) {
	s := reads(t, "title_id,keywords,备注,alias,alias,\nAT0002,3,x,a,b,\n", "2: AT0002||3|a|")
	equal(t, "ignored", s.Ignored, []string{"备注", "alias"})
}

func TestAFileThatCannotBeReadSaysWhy(t *testing.T) {
	lines := "title_id,keywords\n" + strings.Repeat("AT0002,3\n", MaxLines+1)
	for name, c := range map[string]struct{ file, code string }{
		"nothing":         {"", FileEmpty},
		"blanks":          {"\ufeff \n\t\n", FileEmpty},
		"cut UTF-16":      {"\xff\xfet\x00i", FileFormat},
		"a workbook":      {"PK\x03\x04 and so on", FileFormat},
		"a page":          {"<!DOCTYPE html><html><body>sign in</body></html>", FileFormat},
		"no encoding":     {"\xff\x80\x81,\xfe\xff\n", FileEncoding},
		"no header":       {"AT0002,3\n", FileHeader},
		"no keywords":     {"title_id,alias\nAT0002,a\n", FileHeader},
		"no title":        {"keywords,alias\n3,a\n", FileHeader},
		"a broken header": {"\"title_id,keywords\nAT0002,3\n", FileHeader},
		"an unknown sign": {"标题ID:关键词\nAT0002:3\n", FileSeparator},
		"blanks between":  {"标题ID 标题 关键词\nAT0002 购买成功通知 3\n", FileSeparator},
		"slashes":         {"title_id/keywords\nAT0002/3\n", FileSeparator},
		"too large":       {"title_id,keywords\n" + strings.Repeat("x", MaxFile), FileTooLarge},
		"too many lines":  {lines, FileLines},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readFile(c.file)
			p, ok := errors.AsType[*Problem](err)
			if !ok || p.Code != c.code || !slices.Contains(Problems(), c.code) {
				t.Errorf("%v, want %s", err, c.code)
			}
		})
	}
	most := "title_id,keywords\n" + strings.Repeat("AT0002,3\n", MaxLines)
	if s, err := readFile(most); err != nil || len(s.Lines) != MaxLines {
		t.Errorf("%d lines, %v", len(s.Lines), err)
	}
}

func TestALineIsResolvedAgainstItsTitle(t *testing.T) {
	title := titled("AT0002", "购买成功通知", "购买地点", "编号", "编号", "物品名称")
	for name, c := range map[string]struct {
		combination Combination
		want        string
	}{
		"ids and names, in order": {Combination{TitleID: "AT0002", Keywords: []wechat.Keyword{{Name: "物品名称"}, {ID: 1}}}, "[{4 物品名称  } {1 购买地点  }]"},
		"one of two by its id":    {Combination{Title: "购买成功通知", Keywords: []wechat.Keyword{{ID: 3}}}, "[{3 编号  }]"},
		"one of two by its name":  {Combination{Keywords: []wechat.Keyword{{Name: "编号"}}}, "several_keywords map[Keyword:编号]"},
		"an unknown id":           {Combination{Keywords: []wechat.Keyword{{ID: 9}}}, "unknown_keyword map[Keyword:9]"},
		"an unknown name":         {Combination{Keywords: []wechat.Keyword{{Name: "地点"}}}, "unknown_keyword map[Keyword:地点]"},
		"once by each":            {Combination{Keywords: []wechat.Keyword{{ID: 1}, {Name: "购买地点"}}}, "keyword_twice map[Keyword:购买地点]"},
		"by another title":        {Combination{TitleID: "AT0002", Title: "退款通知", Keywords: []wechat.Keyword{{ID: 1}}}, "other_title map[Text:购买成功通知 Title:退款通知 TitleID:AT0002]"},
	} {
		t.Run(name, func(t *testing.T) {
			found, p := c.combination.Resolve(title)
			got := fmt.Sprint(found)
			if p != nil {
				got = fmt.Sprintf("%s %v", p.Code, p.Args)
			}
			equal(t, "keywords", got, c.want)
		})
	}
}

func FuzzReadCombinations(f *testing.F) {
	for _, seed := range []string{
		"title_id,keywords\nAT0002,3;5\n", "标题ID\t关键词1\t关键词2\r\nAT0002\t购买地点\t\r\n", "title_id,keywords\nAT0002,\"3\n\n\"\n\"", "\xff\xfe", "title,keyword\n\"\n\"\"\n,\r\r\n\",",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := readFile(string(file))
		if err != nil {
			if _, ok := errors.AsType[*Problem](err); !ok || len(s.Lines) > 0 {
				t.Fatalf("%v with %d lines", err, len(s.Lines))
			}
			return
		}
		last := 1
		for _, l := range s.Lines {
			c := l.Combination
			if l.Number <= last || l.Number > strings.Count(strings.ReplaceAll(string(file), "\r", "\n"), "\n")+1 {
				t.Fatalf("line %d after line %d", l.Number, last)
			}
			last = l.Number
			if l.Problem == nil && (c.TitleID+c.Title == "" || len(c.Keywords) == 0 || len(c.Keywords) > wechat.MaxKeywords || c.Alias != "" && !ValidAlias(c.Alias)) {
				t.Fatalf("line %d passes: %+v", l.Number, c)
			}
		}
	})
}
