package audit

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"muban/wechat"
)

// keywords applies the count and 审核说明 2.1 to 2.5.
func (c *checker) keywords(p Proposal) {
	c.count(len(p.Keywords))
	var met metKeywords
	for i, k := range p.Keywords {
		at := spot{"keywords", i, ".name"}
		name := tight(k.Name)
		if name == "" {
			c.add(at, Finding{Rule: RuleBroadKeyword, Level: Error, Key: "keyword.empty"})
		} else {
			c.repeated(p.Keywords, at, name, &met)
			c.wording(RuleKeywordWording, at, k.Name)
			c.broad(at, name, p.Title)
		}
		c.example(spot{"keywords", i, ".example"}, k)
	}
}

func (c *checker) count(n int) {
	args := map[string]string(nil)
	key := "count.none"
	switch {
	case n > wechat.MaxKeywords:
		key = "count.many"
		args = map[string]string{"count": strconv.Itoa(n), "over": strconv.Itoa(n - wechat.MaxKeywords), "most": strconv.Itoa(wechat.MaxKeywords)}
	case n > 0 || !c.options.Count:
		return
	}
	c.add(spot{list: "keywords", i: whole}, Finding{Rule: RuleCount, Level: Error, Key: key, Args: args})
}

// broad applies 2.5 to a tight keyword.
func (c *checker) broad(at spot, name, title string) {
	f := Finding{Rule: RuleBroadKeyword}
	switch breadthOf(name) {
	case broad:
		f.Level, f.Key, f.Suggestion = Error, "keyword.broad", limitedBy(title, name)
	case messaging:
		f.Level, f.Key, f.Suggestion = Warning, "keyword.messaging", limitedBy(title, name)
	case accustomed:
		f.Level, f.Key = Note, "keyword.accustomed"
	default:
		return
	}
	f.Args = map[string]string{"name": name}
	c.add(at, f)
}

// breadthOf judges a tight keyword: broad only if every word of it is, so that
// 订单信息 stands and 其他信息 does not. Figures at the end number a field and
// limit nothing: 字段1.
func breadthOf(name string) breadth {
	rest := strings.TrimRightFunc(name, func(r rune) bool {
		return unicode.IsDigit(r) || strings.ContainsRune("一二三四五六七八九十", r)
	})
	var seen [accustomed + 1]int
	for len(rest) > 0 {
		piece, b, known := breadthWords().next(rest)
		r, _ := utf8.DecodeRuneInString(piece)
		switch {
		case known:
			seen[b]++
		case unicode.IsLetter(r):
			return limited
		}
		rest = rest[len(piece):]
	}
	switch {
	case seen[limited] > 0, seen[accustomed] > 1, seen[accustomed] == 1 && seen[broad]+seen[messaging] > 0:
		return limited // 商品信息, 系统时间: each word limits the other
	case seen[accustomed] == 1:
		return accustomed
	case seen[messaging] > 0:
		return messaging
	}
	return broad
}

// limitedBy suggests a keyword that the title's own subject limits: 留言内容
// for 内容 under 留言通知.
func limitedBy(title, name string) string {
	subject := withoutEnding(tight(title))
	for _, s := range []string{"成功", "失败", "结果", "状态"} {
		subject = strings.TrimSuffix(subject, s)
	}
	if n := utf8.RuneCountInString(subject); n < 2 || n > 4 || offencesOf(subject) != (offences{}) {
		return ""
	}
	if mended := subject + name; breadthOf(subject) == limited && breadthOf(mended) == limited && offencesOf(name) == (offences{}) {
		return mended
	}
	return ""
}

// breadth is how little a word of a keyword limits what may stand there
// (审核说明 2.5).
type breadth uint8

const (
	limited    breadth = iota // listed to shield a shorter word inside it
	broad                     // 内容 and its like: no limit at all
	qualifier                 // limits nothing: 其他, 相关
	messaging                 // belongs to the message, not to the service: 通知内容
	accustomed                // as broad, but the approved library holds it: 备注
)

var breadthWords = newLexicon(
	group[breadth]{broad, `内容 信息 数据 其他 其它 消息 资料 资讯 事情 东西 情况 详细 文本 文字 字段 参数 变量 数值 值 关键词 关键字 字符串 正文 描述信息 keyword key value
		text content data info message msg other test demo name field 测试 样例 例子 示例 未命名 默认 无 空`},
	group[breadth]{qualifier, `相关 有关 更多 全部 所有 主要 主体 具体 一般 各种 各类 某 某些 部分 基本 其余 剩下的 额外 的 和 与 您的 你的 我的 一些 以上 以下 自定义 通用 任意 新`},
	group[breadth]{messaging, `通知 提醒 推送 模板 模版 系统 平台 小程序 消息内容 消息正文 消息标题`},
	// 备注 and its like stand in the library (data/library.jsonl), so they are no ground for refusal.
	group[breadth]{accustomed, `备注 备注信息 备注说明 附言 说明 补充说明 详情 描述 提示 提示说明 温馨提示 温馨提醒 友情提示 注意事项 事项 项目 类型 名称 标题 主题 状态 结果 原因 理由 时间 日期 地址 地点 方式 金额 数量
		单号 编号 号码 姓名 电话 账号 服务 商品 产品 物品 进度 操作 动态 问题 记录 明细`},
	group[breadth]{limited, `信息技术 数据线 数据流量 参数设置 系统版本 平台名称 小程序名称 通知单号 通知人 通知时间 提醒时间 提醒人 模板名称 推送时间 系统时间 系统单号 新房 新车 新生 无线 空调 空间 空气 空房 无人 值班 值守`},
)
