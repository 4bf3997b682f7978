package values_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"muban/wechat/values"
)

// What was recorded of WeChat, and more of each kind. A want that begins with + is the note of a value that is taken.
var judged = map[string]map[string]string{
	"thing": {
		"TIT造舰厂咖啡 2 杯":                "",
		strings.Repeat("字", 18):       "",
		strings.Repeat("字", 20):       "",
		strings.Repeat("字", 21):       values.Long,
		strings.Repeat("é", 20):       "",
		strings.Repeat("a", 21):       values.Long,
		"第一行\n第二行":                    values.Control,
		"制表\t符":                       values.Control,
		"\u0085":                      values.Control,
		"":                            values.Empty,
		"  ":                          "+" + values.Blank,
		"\u3000":                      "+" + values.Blank,
		"🎉 开业":                        "+" + values.Emoji,
		strings.Repeat("🎉", 20):       "+" + values.Emoji,
		strings.Repeat("🎉", 21):       values.Long,
		"坏\xff字":                      values.BadText,
		`<b>"&'`:                      "",
		"价：￥5，100%～":                  "",
		strings.Repeat("　", 19) + "字": "",
	},
	"number": {
		"88": "", "0": "", "007": "", "3.14": "", strings.Repeat("9", 32): "", strings.Repeat("9", 33): values.Long,
		strings.Repeat("9", 30) + ".12": "", strings.Repeat("9", 31) + ".12": values.Long,
		"+10": values.Char, "-10": values.Char, "1,000": values.Char, "１２": values.Char, "12个": values.Char,
		"1.2.3": values.Form, ".": values.Form, ".5": values.Form, "5.": values.Form, "1e5": values.Char, "": values.Empty,
	},
	"letter": {
		"VIP": "", strings.Repeat("z", 32): "", strings.Repeat("z", 33): values.Long,
		"V1": values.Char, "V I": values.Char, "金": values.Char, "é": values.Char, "a-b": values.Char,
	},
	"symbol": {
		"!@#": "", "*****": "", "******": values.Long, "★": "+" + values.Symbols, "！": "+" + values.Symbols,
		"a": values.Char, "1": values.Char, "中": values.Char, " ": values.Char,
	},
	"character_string": {
		"NO.20191001-01": "", "a_b/c#1": "", strings.Repeat("1", 32): "", strings.Repeat("1", 33): values.Long,
		"北京": values.Char, "京A-1": values.Char, "A（1）": "+" + values.Symbols, "A 1": "+" + values.Space,
		"a\nb": values.Char, "Ａ": values.Char, "〇": values.Char, "": values.Empty,
	},
	"time": {
		"15:01": "", "08:00~12:00": "", "2019年10月1日 15:01": "", "2019-10-01 15:01": "", "2019/10/01 15:01": "",
		"2019年10月1日 08:00~2019年10月2日 09:30": "", "2019-10-01 08:00~12:00": "", "8:05": "", "23:59": "", "00:00": "",
		"15:01:30": "+" + values.Seconds, "2019-10-01 15:01:30": "+" + values.Seconds, "24:00": "+" + values.Midnight,
		"08:00 ~ 12:00": "+" + values.Spacing, "2019年10月1日15:01": "+" + values.Spacing,
		"08:00～12:00": values.RangeSign, "08:00—12:00": values.RangeSign, "08:00至12:00": values.RangeSign,
		"2024-07-24 08~12": values.Form, ":15:01": values.Form, "25:00": values.Form, "12:60": values.Form, "24:01": values.Form,
		"15：01": values.Form, "下午3点": values.Form, "15:01~": values.Form, "~15:01": values.Form, "08:00~09:00~10:00": values.Form,
		"2019-10-01": values.NoTime, "2019年10月1日": values.NoTime, "2019-02-30 15:01": values.Form, "15:1": values.Form,
		"2019-10-01T15:01:00Z": values.Form, "2019-10-0115:01": values.Form, "08:00-12:00": values.Form, "": values.Empty,
	},
	"date": {
		"2019年10月1日": "", "2019-10-01": "", "2019/10/01": "", "2019.10.01": "", "2019-10": "", "10-01": "", "2019年10月": "",
		"10月1日": "", "2019-10-1": "", "2019年10月01日 15:01": "", "2020-02-29": "", "02-29": "",
		"2019-10-01~2019-10-07": "", "2019年10月1日 15:01~16:00": "", "10-01~10-07": "",
		"2019-10-01 15:01:49": "+" + values.Seconds, "2019-10-01 15:01:49.0": "+" + values.Seconds,
		"15:01": values.NoDate, "15:01~16:00": values.NoDate, "2019-10-01～2019-10-07": values.RangeSign,
		"2019-02-29": values.Form, "2019-13-01": values.Form, "2019-00-10": values.Form, "2019-10/01": values.Form,
		"20191001": values.Form, "1569888000": values.Form, "2019-10-01~07": values.Form, "2019年": values.Form,
		"19-10-01": values.Form, "2019年10月1": values.Form, "明天": values.Form, "2019-10-01 ": values.Form,
		"2019年10月1日 星期二": values.Form, "2019-10-01~16:00": values.Form,
	},
	"amount": {
		"¥12.3元": "", "￥12": "", "$1": "", "12元": "", "0.01": "", "656887888.00": "+" + values.Decimals, "1234567890": "",
		"12345678901": values.Long, "1234567890.5": "+" + values.Decimals, "12345.67": "", "€3": "",
		"-12": values.Char, "1,234.00": values.Char, "12 元": values.Char, "12块": values.Char, "12美元": values.Char, "¥": values.Form,
		"元": values.Form, "¥¥1": values.Char, "1.": values.Form, "RMB12": values.Char, "１２": values.Char, "": values.Empty,
	},
	"phone_number": {
		"+86-0766-66888866": "", "13800138000": "", "(020)8888": "", "+86-0766-668888661": values.Long,
		"ext12": values.Char, "电话": values.Char, "020 8888": "+" + values.Space, "（020）": "+" + values.Symbols,
	},
	"car_number": {
		"粤A8Z888挂": "", "粤AD12345": "", "京a12345": "", "A12345": "", "粤A8Z8888挂": values.Long,
		"粤港A123": values.Form, "粤A·1234": values.Char, "粤A 1234": values.Char, "粤A1中2": values.Form,
	},
	"name": {
		"张三": "", "Alice": "", strings.Repeat("张", 10): "", strings.Repeat("张", 11): values.Long, "a-b_c": "",
		strings.Repeat("a", 20): "", strings.Repeat("a", 21): values.Long, "张" + strings.Repeat("a", 9): "",
		"张" + strings.Repeat("a", 10): values.Long, "user25": values.Digit, "用户410774": values.Digit, "张１": values.Digit,
		"٣": values.Digit, "John Smith": "+" + values.Space, "买买提·艾力": "+" + values.Symbols, "José": "+" + values.Letters,
		"a\nb": values.Char, "": values.Empty,
	},
	"phrase": {
		"配送中": "", "已经完成了": "", "已经全部完成": values.Long, "完成1": values.Char, "完成!": values.Char, "完成！": values.Char,
		"OK": values.Char, "𠮷": "", "": values.Empty,
	},
	"video":  {"anything": "+" + values.UnknownType, "": "+" + values.UnknownType, "\xff": "+" + values.UnknownType},
	"Thing":  {strings.Repeat("字", 30): "+" + values.UnknownType},
	"enum":   {"已付款": "+" + values.NoList, "": values.Empty},
	"const":  {"审核通过": "+" + values.NoList, strings.Repeat("字", 21): values.Long},
	"suffix": {"x": "+" + values.UnknownType},
}

func TestValuesAreTakenAndRefusedAsWeChatDoes(t *testing.T) {
	for typ, of := range judged {
		for value, want := range of {
			v := values.Check(typ, value, nil)
			got := v.Why
			if v.OK() && v.Note != "" {
				got = "+" + v.Note
			}
			if got != want {
				t.Errorf("%s %q: %q, want %q", typ, value, got, want)
			}
		}
	}
}

func TestAnEnumTakesWhatItsTemplateLists(t *testing.T) {
	listed := []string{"已付款", "未付款"}
	for _, typ := range []string{"enum", "enum_string", "const"} {
		for value, want := range map[string]string{"已付款": "", "未付款": "", "付款": values.Unlisted, "已付款 ": values.Unlisted} {
			if v := values.Check(typ, value, listed); v.Why != want || v.Note != "" {
				t.Errorf("%s %q: %+v", typ, value, v)
			}
		}
		if v := values.Check(typ, "已付款", []string{}); v.Why != values.Unlisted {
			t.Errorf("%s with an empty list: %+v", typ, v)
		}
	}
}

func TestTheExamplesOfTheRulesFitThem(t *testing.T) {
	for _, r := range values.Rules() {
		if v := values.Check(r.Type, r.Example, nil); !v.OK() {
			t.Errorf("%s %q: %+v", r.Type, r.Example, v)
		}
		if r.Characters("zh") == "" || r.Characters("en") == "" || r.Source == "" || r.Sure == "" {
			t.Errorf("%s lacks a text: %+v", r.Type, r)
		}
	}
	if _, known := values.RuleOf("video"); known {
		t.Error("an unknown type has a rule")
	}
}

func TestEveryVerdictHasItsSentences(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		said := map[string]bool{}
		for _, v := range verdicts() {
			text := v.Message(lang)
			if text == "" || strings.Contains(text, "{") || said[text] {
				t.Errorf("%s %+v: %q", lang, v, text)
			}
			said[text] = true
		}
	}
}

func verdicts() (all []values.Verdict) {
	for _, why := range values.Reasons {
		all = append(all, values.Verdict{Type: "thing", Why: why, Char: 'x', Count: 21, Limit: 20})
	}
	for _, note := range values.Notes {
		all = append(all, values.Verdict{Type: "thing", Note: note})
	}
	return all
}

func TestASuggestionCutsNoCharacter(t *testing.T) {
	const family, flag = "👨‍👩‍👧", "🇨🇳"
	for _, c := range []struct{ typ, value, want string }{
		{"thing", strings.Repeat("字", 25), strings.Repeat("字", 20)},
		{"thing", strings.Repeat("字", 18) + family + "末", strings.Repeat("字", 18)},
		{"thing", strings.Repeat("字", 19) + flag + "末", strings.Repeat("字", 19)},
		{"thing", strings.Repeat("字", 18) + flag + "末", strings.Repeat("字", 18) + flag},
		{"thing", strings.Repeat("字", 19) + "e\u0301末", strings.Repeat("字", 19)},
		{"thing", strings.Repeat("字", 19) + "👍🏽末", strings.Repeat("字", 19)},
		{"thing", strings.Repeat("字", 19) + " 末末", strings.Repeat("字", 19)},
		{"thing", "第一行\n第二行", "第一行 第二行"},
		{"time", "08:00～12:00", "08:00~12:00"},
		{"time", "15：01", "15:01"},
		{"date", "2019-10-01至2019-10-07", "2019-10-01~2019-10-07"},
		{"amount", "１,２３４.５", "1234.5"},
		{"number", "1，000", "1000"},
		{"phrase", "已经全部完成", ""},
		{"character_string", strings.Repeat("7", 33), ""},
		{"name", "阿卜杜拉·买买提·艾合买提", "阿卜杜拉·买买提·艾"},
		{"name", "Wolfeschlegelsteinhausen", "Wolfeschlegelsteinha"},
		{"thing", strings.Repeat("字", 18) + "\u1112\u1161\u11ab", strings.Repeat("字", 18)},
		{"thing", strings.Repeat("字", 19) + "𠮷𠮷", strings.Repeat("字", 19) + "𠮷"},
		{"thing", "合适", ""},
		{"video", "长", ""},
	} {
		got, ok := values.Suggest(c.typ, c.value)
		if ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s %q: %q %v, want %q", c.typ, c.value, got, ok, c.want)
		}
	}
	if got := values.Shorten("e"+strings.Repeat("\u0301", 30), 20); got != "" {
		t.Errorf("a character of 31 is cut to %q", got)
	}
}

func TestAValueIsCountedAsItIsChecked(t *testing.T) {
	for _, c := range []struct {
		typ, value string
		n, limit   int
	}{
		{"thing", "燕麦拿铁", 4, 20}, {"thing", "👨‍👩‍👧e\u0301𠮷Ａ", 9, 20}, {"number", "+86 13.50", 6, 32}, {"amount", "¥1,234.56元", 4, 10},
		{"amount", "12345678901", 11, 10}, {"name", "Zhang San", 9, 20}, {"name", "Zhang 三", 7, 10}, {"date", "2019年10月1日", 0, 0},
		{"phrase", "", 0, 5}, {"video", "长", 0, 0},
	} {
		if n, limit := values.Count(c.typ, c.value); n != c.n || limit != c.limit {
			t.Errorf("%s %q: %d / %d", c.typ, c.value, n, limit)
		}
	}
	for typ, of := range judged {
		for value := range of {
			v := values.Check(typ, value, nil)
			n, limit := values.Count(typ, value)
			if v.Why == values.Long && (n != v.Count || limit != v.Limit) || v.OK() && limit > 0 && n > limit {
				t.Errorf("%s %q: %d / %d, %+v", typ, value, n, limit, v)
			}
		}
	}
}

func TestTheKeyNamesTheType(t *testing.T) {
	for key, want := range map[string]string{"thing4": "thing", "character_string12": "character_string", "thing": "thing", "4": ""} {
		if got := values.TypeOf(key); got != want {
			t.Errorf("%q: %q, want %q", key, got, want)
		}
	}
}

func FuzzTheRegularExpressionsSayWhatTheCheckSays(f *testing.F) {
	patterns := map[string]*regexp.Regexp{}
	for _, r := range values.Rules() {
		if r.Pattern != "" {
			patterns[r.Type] = regexp.MustCompile(r.Pattern)
		}
	}
	for _, of := range judged {
		for value := range of {
			f.Add(value)
		}
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, r := range values.Rules() {
			v := values.Check(r.Type, value, nil)
			if p := patterns[r.Type]; p != nil && utf8.ValidString(value) && v.OK() != p.MatchString(value) {
				t.Errorf("%s %q: %+v, and the pattern says %v", r.Type, value, v, !v.OK())
			}
			if s, ok := values.Suggest(r.Type, value); ok && !values.Check(r.Type, s, nil).OK() {
				t.Errorf("%s %q: the suggestion %q is refused", r.Type, value, s)
			}
			if v.Message("zh") == "" != (v.Why == "" && v.Note == "") {
				t.Errorf("%s %q: %+v says %q", r.Type, value, v, v.Message("zh"))
			}
		}
	})
}

// One message of five keywords.
func BenchmarkCheckOneMessage(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		for _, d := range [...][2]string{
			{"thing", "TIT造舰厂咖啡两杯加一份蛋糕"}, {"time", "2019年10月1日 15:01~2019年10月1日 16:00"}, {"amount", "¥12.3元"},
			{"character_string", "NO.2019100115010000001"}, {"phrase", "配送中"},
		} {
			if v := values.Check(d[0], d[1], nil); !v.OK() {
				b.Fatal(v)
			}
		}
	}
}

func TestAGoodMessageIsCheckedWithoutAllocating(t *testing.T) {
	listed := []string{"已付款"}
	n := testing.AllocsPerRun(100, func() {
		values.Check("thing", "TIT造舰厂咖啡", nil)
		values.Check("date", "2019-10-01~2019-10-07", nil)
		values.Check("name", "张三", nil)
		values.Check("enum", "已付款", listed)
		values.Check("car_number", "粤A8Z888挂", nil)
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
