package audit

import (
	"slices"
	"strings"
	"unicode"
)

// titleParts are what a title shows of a service: the first word of each part, and the last act.
type titleParts struct {
	subject, act, state, machine, game, weak, around string
}

type titlePart uint8

const (
	partSubject titlePart = iota
	partAct
	partState
	partMachine
	partGame
	partWeak
	partAround
	partFiller
)

var partWords = readLexicon("parts", map[string]titlePart{
	"subject": partSubject, "act": partAct, "state": partState,
	"machine": partMachine, "game": partGame, "weak": partWeak, "around": partAround, "filler": partFiller,
})

// partsOf reads a tight title without its ending. Characters that no table holds
// name a subject.
func partsOf(text string) titleParts {
	var t titleParts
	for len(text) > 0 {
		piece, part, known := partWords().next(text)
		if !known {
			part = partSubject
			if !strings.ContainsFunc(piece, unicode.IsLetter) {
				part = partFiller
			}
			for n := len(piece); n < len(text); {
				next, _, known := partWords().next(text[n:])
				if known {
					break
				}
				n += len(next)
				piece = text[:n]
			}
		}
		text = text[len(piece):]
		if word := t.word(part); word != nil && (*word == "" || part == partAct) {
			*word = piece // of several acts the last is what the title tells: 来访申请提醒
		}
	}
	return t
}

func (t *titleParts) word(part titlePart) *string {
	switch part {
	case partSubject:
		return &t.subject
	case partAct:
		return &t.act
	case partState:
		return &t.state
	case partMachine:
		return &t.machine
	case partGame:
		return &t.game
	case partWeak:
		return &t.weak
	case partAround:
		return &t.around
	}
	return nil
}

// serviceOf returns a tight title without its ending, its fillers and the words for
// whom it is told to: what a rewrite builds on.
func serviceOf(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		piece, part, known := partWords().next(text)
		text = text[len(piece):]
		if !known || part != partFiller && part != partWeak && part != partAround {
			b.WriteString(piece)
		}
	}
	return b.String()
}

// maxRewrites is how many titles a finding offers.
const maxRewrites = 3

// rewrites builds titles from the words of a tight title without its ending that
// show what it lacks. Only those are offered that pass every rule of titles and
// leave 1.5 nothing to say.
func rewrites(kind, text string, t titleParts) []string {
	var offered []string
	for _, title := range t.candidates(text) {
		if slices.Contains(offered, title) || !passesAsTitle(kind, title) {
			continue
		}
		q := &proposal{body: withoutEnding(title), trial: true}
		if q.body == text || len(scenario(q)) > 0 {
			continue
		}
		if offered = append(offered, title); len(offered) == maxRewrites {
			break
		}
	}
	return offered
}

// candidates puts the parts together with what is missing, the likeliest first:
// a reviewer made 预约成功提醒 of 顾客预约提醒.
func (t titleParts) candidates(text string) []string {
	base := serviceOf(text)
	switch {
	case base == "" || t.subject+t.act+t.machine+t.game+t.state == "":
		return nil // nothing to build on
	case t.subject+t.act+t.machine+t.game == "":
		return with(withEnding(base), "订单", "预约", "会员服务")
	case t.machine != "" && t.act == "":
		if t.state == "" {
			base += "完成"
		}
		return with(base+"通知", "项目", "应用", "订单文件")
	case t.game != "" && t.act == "":
		return []string{"活动" + base + "通知", "门店活动" + base + "通知", "社区" + base + "通知"}
	case t.act != "":
		list := tails(base, t.act)
		if t.weak != "" {
			list = append(list, tails(t.weak+base, t.act)...)
		}
		return list
	}
	return tails(base, base)
}

// with puts each of the words before a title.
func with(title string, words ...string) []string {
	titles := make([]string, len(words))
	for i, w := range words {
		titles[i] = w + title
	}
	return titles
}

// tails puts the ends that go with the last word of an act, or of a thing, behind a title.
func tails(base, last string) []string {
	_, ends, known := outcomeWords().longestSuffix(last)
	if !known {
		ends = "变更通知 预约成功提醒 申请受理通知 到期提醒"
	}
	var titles []string
	for end := range strings.FieldsSeq(ends) {
		titles = append(titles, base+end)
	}
	return titles
}

// outcomeWords holds the ends of titles, by acts and things.
var outcomeWords = readLexicon("outcomes", map[string]string{
	"settled":  "成功提醒 失败通知 结果通知",
	"asked":    "通过通知 审核结果通知 受理通知",
	"worked":   "受理通知 处理结果通知 完成通知",
	"answered": "回复通知 受理通知",
	"carried":  "完成通知 开始提醒 取消通知",
	"order":    "支付成功通知 发货通知 完成通知",
	"fee":      "缴费成功通知 待缴费提醒 缴费失败通知",
	"task":     "处理完成通知 处理结果通知 派单通知",
	"house":    "业务受理通知 预约成功提醒 申请审核结果通知",
	"right":    "开通成功通知 变更通知 到期提醒",
})
