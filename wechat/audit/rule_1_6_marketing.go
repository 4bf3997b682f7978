package audit

import (
	"cmp"
	"strings"
	"unicode/utf8"
)

// marketing applies 审核说明 1.6 to a title.
func marketing(p *proposal) []Finding {
	verdict := judgeTrade(readTrade(p.body))
	if verdict.level == "" {
		return nil
	}
	return []Finding{{
		Rule: RuleMarketing, Level: verdict.level, Key: verdict.key,
		Args: map[string]string{"word": verdict.word}, at: theTitle,
	}}
}

// tradeReading holds the first word of each trade that a title uses.
type tradeReading struct {
	words   [launch + 1]string
	taken   string // what the user takes, where older titles of the library have it
	adverts int    // different words of advertising
	gives   bool
}

func (r *tradeReading) has(t trade) bool { return r.words[t] != "" }

func readTrade(text string) tradeReading {
	r := tradeReading{}
	if tag := priceTag(text); tag != "" {
		r.words[advert], r.adverts = tag, 1
	}
	for before := harmless; len(text) > 0; {
		piece, t, ok := tradeWords().next(text)
		text = text[len(piece):]
		if !ok {
			before = harmless
			continue
		}
		if t == advert && r.words[advert] != piece {
			r.adverts++
		}
		r.gives = r.gives || before == give && (t == voucher || t == former || t == account || t == prize)
		if r.words[t] == "" {
			r.words[t] = piece
		}
		before = t
	}
	if r.has(taking) && !r.has(giving) && !r.gives {
		r.taken = cmp.Or(r.words[former], r.words[account])
	}
	r.words[voucher] = cmp.Or(r.words[voucher], r.words[former])
	r.words[giving] = cmp.Or(r.words[giving], r.words[taking])
	r.gives = r.gives || r.has(giving)
	return r
}

// tradeVerdict is what 1.6 makes of a title; no level means that it stands.
type tradeVerdict struct {
	level Level
	key   string
	word  string
}

// judgeTrade weighs the words of a title against each other. What happened to
// the user's own thing is service; what invites, gives away, discounts or
// advertises is marketing.
func judgeTrade(r tradeReading) tradeVerdict {
	switch {
	case r.has(advert):
		return judgeAdvert(r)
	case r.has(goods) && (r.has(renewal) || r.has(update)) && !r.has(outcome):
		return tradeVerdict{Error, "marketing.goods", r.words[goods]}
	case r.has(goods) && r.has(launch) && !r.has(outcome):
		return tradeVerdict{Warning, "marketing.launch", r.words[goods]}
	case r.has(voucher):
		return judgeVoucher(r)
	case r.has(sale) && !r.has(outcome):
		return judgeSale(r)
	case r.has(account):
		return judgeAccount(r)
	case r.has(prize) && !r.has(outcome):
		return tradeVerdict{Warning, "marketing.prize", r.words[prize]}
	case r.has(game):
		return tradeVerdict{Note, "marketing.game", r.words[game]}
	}
	return tradeVerdict{}
}

// judgeAdvert: advertising beside a result may be the name of what was bought
// (特价机票预订成功); twice over it is advertising.
func judgeAdvert(r tradeReading) tradeVerdict {
	if r.adverts == 1 && r.has(outcome) && !r.gives {
		return tradeVerdict{Warning, "marketing.ask", r.words[advert]}
	}
	return tradeVerdict{Error, "marketing.advert", r.words[advert]}
}

// judgeVoucher: only a result clears a coupon, and a reviewer might still ask.
func judgeVoucher(r tradeReading) tradeVerdict {
	switch {
	case r.has(outcome):
		return tradeVerdict{Warning, "marketing.ask", r.words[voucher]}
	case r.has(either) && !r.gives:
		return tradeVerdict{Warning, "marketing.invites", r.words[voucher]}
	case r.taken != "":
		return tradeVerdict{Warning, "marketing.formerly", r.taken}
	case r.gives:
		return tradeVerdict{Error, "marketing.gives", r.words[voucher]}
	}
	return tradeVerdict{Error, "marketing.bare", r.words[voucher]}
}

// judgeSale: a person who booked a sale may be told that it begins.
func judgeSale(r tradeReading) tradeVerdict {
	if r.has(planned) || r.has(service) || r.has(either) {
		return tradeVerdict{Warning, "marketing.sale", r.words[sale]}
	}
	return tradeVerdict{Error, "marketing.advert", r.words[sale]}
}

// judgeAccount: points, membership cards and activities are often the user's
// own, so any step of a service clears them, and the word alone does not
// convict: a reviewer would ask what happened.
func judgeAccount(r tradeReading) tradeVerdict {
	switch {
	case r.has(outcome):
		return tradeVerdict{Note, "marketing.own", r.words[account]}
	case r.taken != "":
		return tradeVerdict{Warning, "marketing.formerly", r.taken}
	case r.gives:
		return tradeVerdict{Error, "marketing.gives", r.words[account]}
	case r.has(renewal), r.has(launch):
		return tradeVerdict{Error, "marketing.goods", r.words[account]}
	case r.has(service), r.has(planned), r.has(update):
		return tradeVerdict{Note, "marketing.own", r.words[account]}
	case r.has(either):
		return tradeVerdict{Warning, "marketing.invites", r.words[account]}
	}
	return tradeVerdict{Warning, "marketing.alone", r.words[account]}
}

// priceTag returns the written price cut of a title, such as 8折 or 满100减20.
func priceTag(text string) string {
	if !strings.ContainsAny(text, "折满买立直") {
		return ""
	}
	for _, tag := range priceTags {
		if found := tagged(text, tag.before, tag.after); found != "" {
			return found
		}
	}
	return ""
}

// tagged finds a number between two words, either of which may be empty.
func tagged(text, before, after string) string {
	for from := 0; ; {
		i := strings.Index(text[from:], before)
		if i < 0 {
			return ""
		}
		start := from + i
		number := start + len(before)
		end := number + numberPrefix(text[number:])
		if end > number && strings.HasPrefix(text[end:], after) {
			end += len(after)
			return text[start : end+numberPrefix(text[end:])]
		}
		_, size := utf8.DecodeRuneInString(text[start:])
		from = max(end, start+size)
		if from >= len(text) {
			return ""
		}
	}
}

// numberPrefix returns how many bytes of s are a number, in digits or numerals.
func numberPrefix(s string) int {
	n := 0
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if !isDigit(r) && !strings.ContainsRune("一二三四五六七八九十百千两半.", r) {
			break
		}
		n += size
	}
	return n
}

// trade is what a word has to do with marketing (审核说明 1.6). No word convicts
// by itself: see marketing in rules_marketing.go for what they say together.
type trade uint8

const (
	harmless trade = iota // listed to shield a shorter word inside it
	advert                // praises, discounts, invites: the vocabulary of advertising
	sale                  // a selling event that a user may have taken part in
	voucher               // what shops give away, named by the clause: 优惠券, 代金券, 红包, 返利
	account               // what the clause names too, but a user may own or have booked: 会员卡, 积分, 活动
	prize                 // won or earned, not named by the clause
	giving                // handing out or inviting
	give                  // a single character that gives when a gift follows: 送积分, 领红包
	outcome               // what happened to the user's own thing
	service               // an ordinary step of a service: it clears points, cards and activities, but no voucher
	either                // could be a step of the user's or an invitation to take it
	planned               // something that begins, ends or changes
	goods                 // what a shop sells
	renewal               // goods that are new or back: with goods it is 商品更新类
	update                // 商品更新类 with goods, and something planned with the rest
	former                // vouchers that older titles of the library have: 红包, 代金券
	taking                // 领取: gives, unless it is such a voucher that is taken
	game                  // 抽奖: named by no clause, and refused all the same
	launch                // 上线: of goods it is 商品更新类, of a product perhaps not
)

// tradeWords is read by longest match over the folded title.
var tradeWords = readLexicon("marketing", map[string]trade{
	"advert": advert, "sale": sale, "voucher": voucher, "account": account, "prize": prize,
	"giving": giving, "give": give, "outcome": outcome, "service": service, "either": either,
	"planned": planned, "goods": goods, "renewal": renewal, "update": update, "harmless": harmless,
	"former": former, "taking": taking, "game": game, "launch": launch,
})

// priceTags are written prices cuts: 8折, 满100减20, 买二送一. Each is a run of
// digits or numerals between or before these characters.
var priceTags = []struct{ before, after string }{
	{"", "折"},
	{"满", "减"},
	{"满", "送"},
	{"满", "返"},
	{"买", "送"},
	{"买", "赠"},
	{"立减", ""},
	{"立省", ""},
	{"直降", ""},
}
