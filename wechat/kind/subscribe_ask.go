package kind

import "muban/wechat"

// MaxAsked is how many templates one wx.requestSubscribeMessage asks for safely. Newer versions of WeChat take five,
// older ones answer 20003 from the fourth on; the documentation of both is in use.
const MaxAsked = 3

// Why a template cannot be asked for together with others.
const (
	AskTwin  = "twin"  // a title of its own name is asked for: WeChat shows one, and answers "filter" for the other
	AskMixed = "mixed" // one-time and long-term templates in one request: 20002
	AskFull  = "full"  // MaxAsked are asked for already: 20003
)

// AskBeside tells why t cannot be asked for in one request with picked, "" where it can.
func AskBeside(picked []wechat.Template, t wechat.Template) string {
	for _, p := range picked {
		switch {
		case p.Title == t.Title:
			return AskTwin
		case (p.Type == wechat.LongTerm) != (t.Type == wechat.LongTerm):
			return AskMixed
		}
	}
	if len(picked) >= MaxAsked {
		return AskFull
	}
	return ""
}
