package values

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Message says why a value is refused, or what is not settled about it, in "zh", or in English for any other
// language; "" where there is nothing to say.
func (v Verdict) Message(lang string) string {
	texts := textsOf(lang)
	key := "why." + v.Why
	if v.Why == "" {
		key = "note." + v.Note
	}
	return strings.NewReplacer("{count}", strconv.Itoa(v.Count), "{limit}", strconv.Itoa(v.Limit), "{type}", v.Type,
		"{char}", shown(v.Char), "{takes}", texts["type."+v.Type]).Replace(texts[key])
}

// shown is a character for a sentence; one that cannot be seen is shown by its number.
func shown(c rune) string {
	if unicode.IsPrint(c) && !unicode.IsMark(c) {
		return string(c)
	}
	return fmt.Sprintf("U+%04X", c)
}

func textsOf(lang string) map[string]string {
	if lang == "zh" {
		return textsZH
	}
	return textsEN
}

var textsZH = map[string]string{
	"type.thing":            "20 个以内字符：汉字、数字、字母或符号，不能换行",
	"type.number":           "32 位以内数字，只能数字，可带小数",
	"type.letter":           "32 位以内字母，只能字母",
	"type.symbol":           "5 位以内符号，只能符号",
	"type.character_string": "32 位以内数字、字母或符号，不能有汉字",
	"type.time":             "24 小时制时间，前面可带年月日；时间段用英文 ~ 连接",
	"type.date":             "年月日，后面可带 24 小时制时间；时间段用英文 ~ 连接",
	"type.amount":           "1 个币种符号（可无）+ 10 位以内数字，可带小数，结尾可带“元”",
	"type.phone_number":     "17 位以内数字、符号",
	"type.car_number":       "8 位以内，第一位与最后一位可为汉字，其余为字母或数字",
	"type.name":             "10 个以内汉字，或 20 个以内字母或符号；汉字与字母混合按 10 个算；不能有数字",
	"type.phrase":           "5 个以内汉字，只能汉字",
	"type.enum":             "只能是模板列出的值之一",
	"type.enum_string":      "只能是模板列出的值之一",
	"type.const":            "20 个以内字符，只能是已审核的值之一（仅公众号）",

	"why.text":       "不是有效的 UTF-8 文字，微信收到的会是问号；请用 UTF-8 发送。",
	"why.empty":      "没有内容，微信会拒绝空值；请填写。",
	"why.long":       "有 {count} 个字符，{type} 最多 {limit} 个；请缩短。",
	"why.control":    "含有换行或控制字符（{char}），{type} 不接受；请删去。",
	"why.char":       "“{char}”不能用在 {type} 里。要求：{takes}。",
	"why.digit":      "name 不能有数字（“{char}”）；请删去，或改用 thing 类型的关键词。",
	"why.form":       "格式不对。要求：{takes}。",
	"why.range_sign": "时间段只能用英文的 ~ 连接，不能用全角的 ～ 或其他符号。",
	"why.no_time":    "只有日期，缺少时间；time 要写成 15:01 或 2019年10月1日 15:01。",
	"why.no_date":    "只有时间，缺少日期；date 要写成 2019年10月1日 或 2019年10月1日 15:01。",
	"why.unlisted":   "不在模板列出的值里；请从模板列出的值中选一个。",
	"why.json":       "是 JSON 数字，微信会拒绝；请用双引号写成字符串。",

	"note.type":     "不认识类型 {type}，没有检查。",
	"note.blank":    "只有空格；有报告说微信会拒绝。",
	"note.broken":   "含有 �，多半是表情被从中间截断了；用户看到的就是 �，请按字符截断。",
	"note.hidden":   "含有看不见的字符，例如零宽空格或改变文字方向的符号；多半是复制带来的，请删去。",
	"note.emoji":    "含有表情；这里按每个码位算 1 个字符，微信怎样算没有公开说明。",
	"note.symbols":  "含有 ASCII 以外的符号；微信接受哪些符号没有公开说明。",
	"note.space":    "含有空格；微信是否接受没有公开说明。",
	"note.letters":  "含有 A–Z 以外的字母；微信是否接受没有公开说明。",
	"note.decimals": "整数与小数合计超过 10 位；小数是否计入没有公开说明，这里不计。",
	"note.seconds":  "带有秒；多数报告说可以，也有一例被拒绝。",
	"note.midnight": "写作 24:00；微信是否接受没有公开说明，写成次日 00:00 更稳妥。",
	"note.spacing":  "空格的写法与微信的示例不同，是否接受没有公开说明。",
	"note.list":     "不知道模板列出了哪些值，只检查了长度。",
	"note.number":   "是 JSON 数字而不是字符串；微信是否接受没有公开说明。",
}

var textsEN = map[string]string{
	"type.thing":            "at most 20 characters: Chinese characters, digits, letters or symbols, on one line",
	"type.number":           "at most 32 digits, with a decimal point if need be",
	"type.letter":           "at most 32 letters, nothing else",
	"type.symbol":           "at most 5 symbols, nothing else",
	"type.character_string": "at most 32 digits, letters or symbols, no Chinese characters",
	"type.time":             "a time of day in 24 hours, which may have a date before it; a range with an ASCII ~",
	"type.date":             "a date, which may have a time of day in 24 hours behind it; a range with an ASCII ~",
	"type.amount":           "a currency sign (or none), at most 10 digits, with decimals if need be, which may end in 元",
	"type.phone_number":     "at most 17 digits and symbols",
	"type.car_number":       "at most 8 characters: the first and the last may be Chinese, the rest are letters or digits",
	"type.name": "at most 10 Chinese characters, or at most 20 letters or symbols; a mixture counts as Chinese; " +
		"no digits",
	"type.phrase":      "at most 5 Chinese characters, nothing else",
	"type.enum":        "one of the values that the template lists",
	"type.enum_string": "one of the values that the template lists",
	"type.const":       "at most 20 characters, one of the values that were reviewed (service accounts alone)",

	"why.text":       "This is not valid UTF-8, so WeChat sees question marks. Send it as UTF-8.",
	"why.empty":      "There is nothing in it, and WeChat refuses an empty value. Fill it in.",
	"why.long":       "It has {count} characters, and {type} takes {limit} at most. Shorten it.",
	"why.control":    "It holds a newline or another control character ({char}), which {type} does not take. Remove it.",
	"why.char":       "“{char}” does not go into {type}, which takes {takes}.",
	"why.digit":      "A name takes no digits (“{char}”). Remove them, or use a keyword of the type thing.",
	"why.form":       "This is not in the form that {type} takes: {takes}.",
	"why.range_sign": "A range takes an ASCII ~ between its two ends, not the full-width ～ or another sign.",
	"why.no_time":    "This is a date without a time of day. Write 15:01 or 2019年10月1日 15:01.",
	"why.no_date":    "This is a time of day without a date. Write 2019年10月1日 or 2019年10月1日 15:01.",
	"why.unlisted":   "This is none of the values that the template lists. Take one of those.",
	"why.json":       "This is a number in JSON, which WeChat refuses. Put it in double quotes, as a string.",

	"note.type":     "The type {type} is not known, so nothing was checked.",
	"note.blank":    "It is made of spaces alone; one report says that WeChat refuses that.",
	"note.broken":   "It holds �, probably what is left of an emoji that was cut in two; readers see �. Cut between characters.",
	"note.hidden":   "It holds a character that cannot be seen, such as a zero-width space or one that turns the direction of text, probably copied with it. Remove it.",
	"note.emoji":    "It holds an emoji, counted here as one for each code point; WeChat does not say how it counts.",
	"note.symbols":  "It holds a symbol outside ASCII; WeChat does not say which it takes.",
	"note.space":    "It holds a space; WeChat does not say whether it takes one.",
	"note.letters":  "It holds letters other than A to Z; WeChat does not say whether it takes them.",
	"note.decimals": "With its decimals it has more than 10 digits; WeChat does not say whether those count, here not.",
	"note.seconds":  "It has seconds; most reports say that they are taken, one was refused.",
	"note.midnight": "It says 24:00; WeChat does not say whether it takes that. 00:00 of the next day is safer.",
	"note.spacing":  "Its spaces differ from WeChat's examples; whether that is taken is not said.",
	"note.list":     "Which values the template lists is not known, so the length alone was checked.",
	"note.number":   "It is a number in JSON instead of a string; WeChat does not say whether it takes that.",
}
