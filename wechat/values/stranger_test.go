package values_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"muban/wechat/values"
)

// What somebody who only knows WeChat's page and its recorded answers would try, type by type.
// open values are taken, but not settled: they have a note.
type tried struct{ taken, refused, open []string }

var tries = map[string]tried{
	"thing": {
		taken: []string{
			"预约成功", "a b c", "3号窗口 （二楼）", "¥12.3元~，。！", `{"a":1}`, "<script>", "{{thing1.DATA}}", " 前有空格",
			strings.Repeat("中", 20), strings.Repeat("𠮷", 20), strings.Repeat("e\u0301", 10), strings.Repeat("中a", 10),
		},
		refused: []string{
			"", strings.Repeat("中", 21), strings.Repeat("𠮷", 21), strings.Repeat("e\u0301", 11), strings.Repeat("中a", 10) + "!",
			"a\rb", "a\r\nb", "\x00", "a\x7f", "\ta", "\xe4\xb8", "\u0090", strings.Repeat("👨‍👩‍👧", 5),
		},
		open: []string{"👍", strings.Repeat("👨‍👩‍👧", 4), "   ", "1️⃣", "🇨🇳"},
	},
	"number": {
		taken: []string{"1", "0.5", "12345678901234567890123456789012", "1234567890123456.1234567890123456", "00", "3.1400"},
		refused: []string{
			"", "123456789012345678901234567890123", "+10", "-1", "1,234.5", "１２３", "1.2.3", "abc", " 12", "12 ", "1e3", "0x1F",
			"12元", "٣", ".", "1。5", "1．5", "NaN", "½", "²", "Ⅳ", "一", "1\n",
		},
	},
	"letter": {
		taken: []string{"A", "ABCdef", strings.Repeat("z", 32)},
		refused: []string{
			"", strings.Repeat("z", 33), "abc1", "a-b", "a.b", "北京", "a中", "1", "!", "a\n", "a👍", "a_b",
		},
	},
	"symbol": {
		taken:   []string{"!", "!@#$%", "+-*/="},
		refused: []string{"", "!@#$%^", "a!", "1", "中", "!a", "\n", "！！！！！！", "À"},
		open:    []string{"，。！", "￥", "《》"},
	},
	"character_string": {
		taken:   []string{"A-2024/001", "abc", "0", "#$%&", strings.Repeat("x", 32), "SF1234567890123", "a@b.cn", "http://a.cn/?b=1"},
		refused: []string{"", strings.Repeat("x", 33), "北京", "AB北", "北1", "a\nb", "\x01", "カ中"},
	},
	"time": {
		taken: []string{
			"15:01", "00:00", "23:59", "08:00~12:00", "2019年10月1日 15:01", "2019-10-01 15:01", "2019/10/01 15:01",
			"2019.10.01 15:01", "10-01 15:01", "10月1日 15:01", "2019-10-01 08:00~12:00", "2020年2月29日 10:00",
			"2019年10月1日 08:00~2019年10月2日 12:00", "2019-10-01 08:00~2019-10-02 12:00", "22:00~06:00",
		},
		refused: []string{
			"", "24:01", "25:00", "12:60", "3:01 PM", "下午3:01", "15：01", "08:00～12:00", "08:00〜12:00", "2024-07-24 08~12", ":15",
			"15:", "2019-10-01", "08:00-12:00", "08:00—12:00", "08:00~", "~12:00", "2019-13-01 10:00", "2019-02-30 10:00",
			"2019年2月29日 10:00", "08:00~10:00~12:00", "1571234567", "今天 15:01", "08:00至12:00", "15:01左右", "１５:０１",
			"2019-10-01\n15:01", "15:01:60", "-1:00", "15:01:01:01", "2019-10/01 15:01", "15:01 2019-10-01", "time",
		},
		open: []string{"15:01:30", "2019-10-01 15:01:30", "24:00"},
	},
	"date": {
		taken: []string{
			"2019年10月1日", "2019-10-01", "2019/10/01", "2019.10.01", "2019-10", "10-01", "2019年10月1日 15:01", "2019年10月",
			"10月1日", "2019-10-01~2019-10-05", "2019年10月1日~2019年10月5日", "2019-10-01 08:00~2019-10-01 09:00", "2020-02-29",
			"2019-10-01 08:00~09:00", "2019年1月5日",
		},
		refused: []string{
			"", "15:01", "15:01~16:00", "2019-10-01～2019-10-05", "2019-10-01 至 2019-10-05", "2019-10-01至2019-10-05", "2019-02-30",
			"2019-02-29", "2019-00-10", "2019-13-01", "2019-10-32", "2019-10-00", "2019-10-01 24:30", "明天", "13-01", "02-30", "2019-10-01 25:00",
			"~2019-10-01", "2019-10-01~", "2019年13月1日", "2019-10-01 星期二", "Tue Oct 1 2019", "2019-10/01", "２０１９-10-01",
			"1571234567", "2019-10-01~2019-10-03~2019-10-05", "null", "2019-10-01 ab",
		},
		open: []string{"2019-10-01 15:01:30", "2019-10-01 15:01:49.0"},
	},
	"amount": {
		taken: []string{
			"¥12.3元", "￥12.30", "12", "12元", "$12.5", "€10", "1234567890", "0.01", "£3", "¥0", "¥1234567890元", "0.00元",
		},
		refused: []string{
			"", "12345678901", "¥12345678901元", "¥¥12", "12.3.4", "-12", "+12", "1,234.00", "元12", "12块", "¥", "元", "12USD", "¥元",
			"¥12.3元元", "１２", "12人民币", "约12元", "12.3元/月", "12\n", "十二元", "1e3", "¥$1", ".", "¥.元", "免费",
		},
		open: []string{"1234567890.12", "¥1234567890.12元"},
	},
	"phone_number": {
		taken: []string{"+86-0766-66888866", "13800138000", "(010)12345678", "010-12345678", "400-800-8888", "12345678901234567"},
		refused: []string{
			"", "+86-0766-668888661", "123456789012345678", "abc", "1380013800a", "四零零", "１３８", "13800138000转1", "138\n0013", "ext.1",
		},
	},
	"car_number": {
		taken:   []string{"粤A8Z888挂", "京A12345", "京AD12345", "A12345", "京A1234学", "粤a12345", "粤Z1234港"},
		refused: []string{"", "粤A8Z8888挂", "粤A-12345", "粤A·12345", "京京A1234", "A粤12345", "京A123 45", "京A1２345", "京A\n1234", "京A👍1234"},
	},
	"name": {
		taken: []string{
			"张三", strings.Repeat("张", 10), "JohnSmith", strings.Repeat("j", 20), "张John", "O'Brien", "张" + strings.Repeat("j", 9),
			"J.R.R.Tolkien", "𠮷野",
		},
		refused: []string{
			"", strings.Repeat("张", 11), strings.Repeat("j", 21), "张" + strings.Repeat("j", 10), "user25", "用户410774", "张三1", "１号",
			"张三\n", "张三٣", strings.Repeat("!", 21), strings.Repeat("j", 20) + "张",
		},
		open: []string{"阿卜杜拉·买买提"},
	},
	"phrase": {
		taken:   []string{"配送中", "已到货啦啦", "𠮷"},
		refused: []string{"", "已经到货啦啦", "ok", "已付款1", "配送中!", "配送 中", "，", "已付款。", "１", "\n", "👍", "配送中\u200b", "カナ", "한국"},
	},
}

func TestWhatAStrangerTriesIsTakenAsWeChatTakesIt(t *testing.T) {
	for typ, tries := range tries {
		for _, value := range tries.taken {
			if v := values.Check(typ, value, nil); !v.OK() || v.Note != "" {
				t.Errorf("%s %q: why %q, note %q, want it taken", typ, value, v.Why, v.Note)
			}
		}
		for _, value := range tries.refused {
			if v := values.Check(typ, value, nil); v.OK() {
				t.Errorf("%s %q is taken, note %q, want it refused", typ, value, v.Note)
			}
		}
		for _, value := range tries.open {
			if v := values.Check(typ, value, nil); !v.OK() || v.Note == "" {
				t.Errorf("%s %q: why %q, note %q, want it taken with a note", typ, value, v.Why, v.Note)
			}
		}
		for _, value := range []string{"\xff", "\xb1\xb1\xbe\xa9", "", "1\x00", "\u202e\xff"} {
			if values.Check(typ, value, nil).OK() {
				t.Errorf("%s takes %q", typ, value)
			}
		}
	}
}

func TestAStrangersEnumIsOneOfItsValuesToTheLetter(t *testing.T) {
	listed := []string{"已发货", "Paid", "待 付"}
	for _, typ := range []string{"enum", "enum_string"} {
		for _, value := range listed {
			if v := values.Check(typ, value, listed); !v.OK() || v.Note != "" {
				t.Errorf("%s %q: %+v", typ, value, v)
			}
		}
		for _, value := range []string{"", "已发货 ", " 已发货", "paid", "PAID", "待付", "已发货\n", "未列"} {
			if values.Check(typ, value, listed).OK() {
				t.Errorf("%s takes %q", typ, value)
			}
		}
		if v := values.Check(typ, "未列", nil); !v.OK() || v.Note == "" {
			t.Errorf("without a list: %+v", v)
		}
	}
}

func TestAStrangersValuesMatchThePublishedPatternsAsTheyAreChecked(t *testing.T) {
	for typ, tries := range tries {
		rule, known := values.RuleOf(typ)
		if !known {
			t.Errorf("%s is not known", typ)
		}
		if rule.Pattern == "" {
			continue
		}
		pattern := regexp.MustCompile(rule.Pattern)
		for _, value := range slices.Concat(tries.taken, tries.refused, tries.open) {
			if utf8.ValidString(value) && pattern.MatchString(value) != values.Check(typ, value, nil).OK() {
				t.Errorf("%s %q: the pattern says %v", typ, value, pattern.MatchString(value))
			}
		}
	}
}

// What is suggested in the place of a refused value is taken.
func TestWhatIsSuggestedIsTaken(t *testing.T) {
	for typ, tries := range tries {
		for _, value := range slices.Concat(tries.refused, tries.open) {
			if mended, ok := values.Suggest(typ, value); ok && !values.Check(typ, mended, nil).OK() {
				t.Errorf("%s %q: %q is suggested, and refused", typ, value, mended)
			}
		}
	}
}

// What nobody meant to send is told, whatever brought it in. It is taken all the same: WeChat's rule says nothing of it.
func TestWhatCannotBeSeenOrWasCutInTwoIsTold(t *testing.T) {
	for value, want := range map[string]string{
		"预约\ufffd": values.Broken, "\ufffd\u200b": values.Broken, "a\u202ecba": values.Hidden, "取餐\u2028码": values.Hidden,
		"\ufeff取餐": values.Hidden, "取\u00ad餐": values.Hidden, "a\u2066b\u2069": values.Hidden, "\u200b": values.Blank,
		"\u3000\ufeff ": values.Blank, "👨\u200d👩\u200d👧": values.Emoji, "🏴\U000e0067\U000e0062\U000e007f": values.Emoji, "e\u0301": "", "مرحبا": "",
	} {
		if got := values.Check("thing", value, nil); !got.OK() || got.Note != want {
			t.Errorf("%+q: %+v, want %q", value, got, want)
		}
	}
	for _, typ := range []string{"symbol", "character_string", "name", "phone_number"} {
		if got := values.Check(typ, "-\ufffd", nil); !got.OK() || got.Note != values.Broken {
			t.Errorf("%s: %+v", typ, got)
		}
	}
}

func TestACharacterThatCannotBeSeenIsNamedByItsCodePoint(t *testing.T) {
	for value, want := range map[string]string{"a\nb": "U+000A", "a\x1bb": "U+001B", "a\u0085b": "U+0085"} {
		if got := values.Check("thing", value, nil).Message("en"); !strings.Contains(got, "("+want+")") {
			t.Errorf("%q: %s", value, got)
		}
	}
	if got := values.Check("letter", "a\u0301", nil).Message("zh"); !strings.Contains(got, "U+0301") {
		t.Error(got)
	}
}
