package audit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wording applies 审核说明 1.4 to a title, and 2.3 to a keyword: no symbols and
// no personal wording. Each kind of offence is named once.
func (c *checker) wording(rule string, at spot, text string) {
	seen := offencesOf(text)
	if seen == (offences{}) {
		return
	}
	suggestion := clean(text)
	if at == theTitle {
		suggestion = mendTitle(text)
	}
	if suggestion == text {
		suggestion = ""
	}
	for o, piece := range seen {
		if piece == "" {
			continue
		}
		c.add(at, Finding{
			Rule: rule, Level: offenceLevels[o].level, Key: offenceLevels[o].key,
			Args: map[string]string{"text": piece}, Suggestion: suggestion,
		})
	}
}

// offence is a kind of wording that has no general use in a trade.
type offence uint8

const (
	offMarkup offence = iota
	offInvisible
	offEmoji
	offRepeated
	offSymbol
	offPunctuation
	offSpace
	offForeign
	offChatty
	offSentence
	offPronoun
	offBrand
	offenceCount
)

// offences holds, by kind, the first piece of text that offends.
type offences [offenceCount]string

func (o *offences) note(kind offence, piece string) {
	if o[kind] == "" {
		o[kind] = piece
	}
}

var offenceLevels = [offenceCount]struct {
	level Level
	key   string
}{
	offMarkup:      {Error, "wording.markup"},
	offInvisible:   {Error, "wording.invisible"},
	offEmoji:       {Error, "wording.emoji"},
	offRepeated:    {Error, "wording.repeated"},
	offSymbol:      {Error, "wording.symbol"},
	offPunctuation: {Warning, "wording.punctuation"}, // brackets and dashes: some approved keywords hold them
	offSpace:       {Warning, "wording.space"},
	offForeign:     {Warning, "wording.foreign"},
	offChatty:      {Error, "wording.chatty"},
	offSentence:    {Warning, "wording.sentence"},
	offPronoun:     {Warning, "wording.pronoun"},
	offBrand:       {Warning, "wording.brand"},
}

func offencesOf(text string) offences {
	var seen offences
	noteSigns(text, &seen)
	if seen[offMarkup] != "" {
		seen[offSymbol], seen[offRepeated] = "", "" // the markup's own
	}
	notePersonal(text, &seen)
	return seen
}

// notePersonal looks for words that only one shop, one age or one mood uses.
func notePersonal(text string, seen *offences) {
	rest := fold(text)
	for before := ' '; len(rest) > 0; {
		piece, m, known := personalWords().next(rest)
		rest = rest[len(piece):]
		if known && standsAlone(piece, before, rest) {
			notePersonalWord(piece, m, rest, seen)
		}
		before, _ = utf8.DecodeLastRuneInString(piece)
	}
}

func notePersonalWord(piece string, m manner, rest string, seen *offences) {
	switch m {
	case chatty, oneSelf:
		seen.note(offChatty, piece)
	case closing:
		if closes(rest) {
			seen.note(offChatty, piece)
		}
	case pronoun:
		seen.note(offPronoun, piece)
	case sentence:
		seen.note(offSentence, piece)
	case brand:
		seen.note(offBrand, piece)
	}
}

// standsAlone says whether a word in Latin letters or digits is a word of its
// own: nb is slang, and NBA is none. Chinese has no such bounds.
func standsAlone(piece string, before rune, rest string) bool {
	first, _ := utf8.DecodeRuneInString(piece)
	if !isASCIIWord(first) {
		return true
	}
	after, _ := utf8.DecodeRuneInString(rest)
	return !isASCIIWord(before) && !isASCIIWord(after)
}

// closes says whether nothing but an ending or signs follows.
func closes(rest string) bool {
	rest = strings.TrimLeftFunc(rest, func(r rune) bool { return !isHan(r) && !isASCIIWord(r) })
	return rest == "" || endingOf(rest) == rest
}

// noteSigns looks for everything in a text that is neither a Chinese character
// nor a Latin letter nor a digit.
func noteSigns(text string, seen *offences) {
	if tag := markup(text); tag != "" {
		seen.note(offMarkup, tag)
	}
	before := ' '
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		if !isWordRune(r) {
			noteSign(text, i, size, r, before, seen)
		}
		before = r
	}
}

// noteSign notes the sign that ends at end, and that it stands there twice:
// 通知！！ is louder than a title may be.
func noteSign(text string, end, size int, r, before rune, seen *offences) {
	if r == before && !unicode.IsSpace(r) && !isEmoji(r) && !isInvisible(r) {
		seen.note(offRepeated, text[end-2*size:end])
	}
	kind := signOf(r, before, text[end:])
	if kind == offInvisible && isEmoji(before) {
		kind = offEmoji // the joiners inside one emoji
	}
	if kind < offenceCount {
		seen.note(kind, visible(text[end-size:end], r))
	}
}

func isWordRune(r rune) bool { return isHan(r) || isASCIIWord(r) || r == '〇' }

// signOf returns the kind of offence that r is, or offenceCount for none.
func signOf(r, before rune, rest string) offence {
	after, _ := utf8.DecodeRuneInString(rest)
	switch folded := foldRune(r); {
	case isInvisible(r) || r == utf8.RuneError:
		return offInvisible
	case isEmoji(r):
		return offEmoji
	case unicode.IsSpace(r):
		if isASCIIWord(before) && isASCIIWord(after) {
			return offenceCount // between two Latin words
		}
		return offSpace
	case isASCIIWord(folded):
		return offenceCount // full-width letters and digits
	case strings.ContainsRune("-.&+/", folded) && isASCIIWord(before) && isASCIIWord(after):
		return offenceCount // Wi-Fi, 2.0, O2O/B2C
	case strings.ContainsRune("()/、·-—&.+%", folded):
		return offPunctuation
	case unicode.IsLetter(r):
		return offForeign
	}
	return offSymbol
}

// isEmoji covers the pictures of Unicode, and the marks that colour and join them.
func isEmoji(r rune) bool {
	switch {
	case r >= 0x1F000 && r <= 0x1FBFF, r >= 0xE0000 && r <= 0xE007F:
		return true
	case r >= 0x2600 && r <= 0x27BF, r >= 0x2B00 && r <= 0x2BFF, r >= 0x2300 && r <= 0x23FF:
		return true
	}
	return r == 0xFE0F || r == 0x20E3 || r == 0x3030 || r == 0x303D || r == 0x3297 || r == 0x3299
}

// markups are what betrays a text written for a program: tags, entities,
// placeholders, links. Each begins with the first and holds the second later.
var markups = []struct{ open, close string }{
	{"<", ">"}, {"{{", ""}, {"}}", ""}, {"${", "}"}, {"&nbsp", ""}, {"&lt", ""}, {"&gt", ""}, {"&amp", ""}, {"&#", ""}, {"&quot", ""},
	{"**", ""}, {"__", ""}, {"```", ""}, {"[/", "]"}, {"](", ")"}, {`\n`, ""}, {`\r`, ""}, {`\t`, ""}, {`\u`, ""}, {"http://", ""}, {"https://", ""}, {"www.", ""}, {".data", ""}, {"%s", ""}, {"%d", ""},
}

func markup(text string) string {
	if !strings.ContainsAny(text, "<{}$&*_`[]\\/.%") {
		return ""
	}
	lower := strings.ToLower(text)
	for _, m := range markups {
		if i := strings.Index(lower, m.open); i >= 0 && strings.Contains(lower[i+len(m.open):], m.close) {
			return m.open
		}
	}
	return ""
}

// visible returns how a finding shows a sign: what cannot be seen by its code point.
func visible(piece string, r rune) string {
	if isBlank(r) || r == utf8.RuneError {
		return codePoint(r)
	}
	return piece
}

func codePoint(r rune) string {
	const hex = "0123456789ABCDEF"
	digits := [6]byte{}
	n := len(digits)
	for ; r > 0 || n > 2; r >>= 4 {
		n--
		digits[n] = hex[r&15]
	}
	return "U+" + string(digits[n:])
}

// manner is why a word has no place in a title or keyword (审核说明 1.4 and 2.3:
// 个性化字词等没有行业通用性的内容).
type manner uint8

const (
	plain    manner = iota // innocent, and listed to shield a shorter word inside it
	chatty                 // pet names, slang, moods: a reviewer refuses them
	closing                // a particle that is chatty only where the text ends
	pronoun                // speaks to somebody instead of naming the matter
	brand                  // names one company, where a title serves a whole line of business
	oneSelf                // 亲: an address, unless a word of kinship or closeness holds it
	sentence               // words of a whole sentence, where a title is a name
)

// personalWords is read by longest match over folded text.
var personalWords = newLexicon(
	// Pet names and forms of address: a shop's way of talking, not a line of business.
	group[manner]{chatty, `亲爱的 亲们 亲亲 各位亲 宝宝们 宝贝们 宝子 宝子们 宝儿 小宝贝 小仙女 仙女 仙女们 小可爱 小哥哥 小姐姐
		小主 小主们 小伙伴 小伙伴们 小祖宗 老铁 铁子 铁铁 铁汁 兄弟们 姐妹 姐妹们 家人们 友友们 粉粉 大大 大佬
		亲妈粉 主子 铲屎官 剁手党 吃货 土豪 壕友 男神 欧巴 萌新 萌友 靓仔 靓女 靓妹 美眉 帅哥 美女 童鞋 亲故 老板大气
		本宫 朕 寡人 爱妃 陛下 臣妾 娘娘 尊敬的 尊贵的 敬爱的 亲亲们 宝们 主播大大 官人 客官 大侠 少侠 勇士们`},
	// 们 makes an address of any noun; a title addresses nobody.
	group[manner]{chatty, `们 男士们 女士们 哈喽`},
	// Net slang: passes with the season, and no trade uses it as a term.
	group[manner]{chatty, `么么哒 么么 萌萌哒 棒棒哒 美美哒 妥妥 妥妥的 美滋滋 绝绝子 永远的神 给力 奥利给 冲鸭 打call 种草 拔草
		安利一下 剁手 薅羊毛 撸羊毛 羊毛党 躺平 躺赢 躺赚 内卷 摸鱼 吃土 吃瓜 撒花 比心 加鸡腿 666 6666 66666 233 2333 23333
		yyds awsl xswl nbcs zqsg u1s1 dbq emo cpdd bingo nice oh wow hi hello hey omg lol plmm 酱紫 肿么 有木有 木有 造吗 蓝瘦 香菇蓝瘦
		开挂 爆棚 炸裂 炸街 太香了 真香 香爆 破防 神仙 yes no1 绝了 爱了 爱了爱了 冲冲冲 冲呀 冲啊 来鸭 快来鸭
		嗨皮 嗨翻 嗨起来 hold住 酷毙 酷炫 帅呆 屌丝 装逼 牛逼 牛掰 牛叉 牛气冲天 碉堡 吊炸天 逆天 666啊 好嗨哟 笑死 笑哭 哭了`},
	// Laughter, greetings and moods.
	group[manner]{chatty, `哈哈 哈哈哈 呵呵 嘻嘻 嘿嘿 嘿 嘻 呜呜 嘤嘤 嘤嘤嘤 嗷嗷 哇塞 哇哦 哇 耶 喵 汪汪 哼哼 嗨 哎呀 哎哟 诶
		您好 你好 早上好 中午好 下午好 晚上好 晚安 早安 恭喜 恭喜您 恭喜你 恭喜发财 新年快乐 节日快乐 生日快乐 祝您 祝你 感谢您 谢谢您 谢谢
		辛苦了 开心 好开心 好消息 重磅 惊喜 大惊喜 小惊喜 速来 快来 速看 快看 必看 速戳 戳我 戳这里 看过来 注意啦 来啦 到啦 别忘了
		别错过 千万别 想你 想你了 爱你 抱抱 亲亲抱抱 拥抱 嘘寒问暖 温馨小 甜甜 萌 萌宠驾到 驾到 来袭 嘎嘎`},
	// Particles of speech that stand at no word's end.
	group[manner]{chatty, `啦 哦 哟 呦 噢 喔 哒 咯 嘞 吖 呐 嗷 咧 咩 呗 喽 耶耶`},
	group[manner]{closing, `呀 呢 吧 嘛 吗 啊 哈 了哈 鸭 滴`},
	// Pronouns: the reader is addressed, where a title names what happened.
	group[manner]{pronoun, `您 您的 您有 你 你的 你们 你有 我 我的 我们 我们的 咱 咱们 俺 俺们 大家 大家的 各位 诸位 他 她 他的 她的`},
	// Parts of sentences: a title is a name and no sentence.
	group[manner]{sentence, `请您 请你 请查收 请注意 请尽快 请及时 请点击 点击查看 点击这里 有一条 有一个 有一份 一下 这是 怎么 为什么 什么时候 快点 赶紧 赶快`},
	// One company's name: other companies cannot use such a title.
	group[manner]{brand, `淘宝 天猫 京东 拼多多 唯品会 苏宁 当当网 亚马逊 阿里 阿里巴巴 支付宝 花呗 借呗 百度 抖音 快手 小红书 微博 知乎 哔哩哔哩 bilibili
		美团 饿了么 大众点评 滴滴 高德 携程 去哪儿 飞猪 途牛 同程 腾讯 网易 华为 小米 苹果公司 星巴克 麦当劳 肯德基 必胜客 海底捞 瑞幸 喜茶 奈雪
		蜜雪冰城 顺丰 圆通 中通 申通 韵达 德邦 百世 沃尔玛 家乐福 永辉 盒马 优衣库 耐克 阿迪达斯 招商银行 工商银行 建设银行 农业银行 中国银行
		平安保险 中国移动 中国联通 中国电信 有限公司 有限责任公司 旗舰店 专营店`},
	group[manner]{oneSelf, `亲`},
	// Innocent words that hold one of the above.
	group[manner]{plain, `人们 啦啦操 啦啦队 呐喊 咯血 仙女山 仙女湖 亲子 亲友 亲属 亲人 亲戚 亲情 亲密 亲密付 亲笔 亲自 亲历 亲测 亲临 亲缘 亲和 亲信 亲朋 亲家 亲生 亲近 亲水 亲肤 亲手 亲身 亲购 亲选 亲征
		父亲 母亲 探亲 相亲 双亲 成亲 定亲 省亲 近亲 血亲 至亲 直系亲属 单亲 乡亲 娶亲 迎亲 结亲 养亲
		美女蛇 自我 忘我 其他 他人 他行 吉他 他项 他项权证 维他 维他命 马耳他 利他 他汀 大家庭 大家电 大家族 大家居 大家长 国学大家
		哈尔滨 哈密 哈佛 哈弗 哈啰 哈罗 哈根达斯 娃哈哈 哈萨克 呢绒 毛呢 花呢 呢子 酒吧 网吧 书吧 水吧 茶吧 氧吧 贴吧 吧台 陶吧 餐吧 清吧
		卡拉 哇哈哈 喵街 耶鲁 耶路撒冷 萌芽 萌发 萌宠 温馨提示 温馨提醒 开心农场 开心果 大大提升
		安吉 拉萨 神仙居 女神节 香菇 巧克力 给力量
		仙女座 女神湖 呀诺达 滴滴出行 滴灌 滴定 点滴 一滴 水滴 滴剂 滴眼液 小鸭 鸭脖 烤鸭 鸭肉 鸭子 阿里山 阿里地区 苹果 小米粥 高德纳 申通地铁
		惊喜价 谢谢参与 宝宝 美女与野兽 咖啡 咖喱 寻找 我方 我司 我行 萌新手 大大小小 您好漂亮 网易考拉 hip hiphop history high hive hire nbc`},
)
