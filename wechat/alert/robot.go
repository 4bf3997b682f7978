package alert

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"
	"unicode"
)

// What the group robots of all makes have in common: the message that people read, and how answers are read.

const (
	lineAtMost = 300 // characters of a line; a message of 企业微信 has 4,096 bytes (企业微信: 群机器人配置说明)
	linkText   = "查看"
)

// heading stands on top of every message. Its first word is one that a robot may be set to insist on.
func (n Notice) heading() string {
	if n.App == nil {
		return "Muban"
	}
	return "Muban · " + plain(n.App.Name)
}

// words are the text without the mini program's name, which the heading has.
func (n Notice) words() string {
	if n.App == nil {
		return n.Text
	}
	return strings.TrimPrefix(n.Text, "【"+n.App.Name+"】")
}

// plain is a text on one line, without what would act in a chat or on the screen: controls and marks of direction.
func plain(text string) string {
	text = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, text)), " ")
	if runes := []rune(text); len(runes) > lineAtMost {
		text = string(runes[:lineAtMost-1]) + "…"
	}
	return text
}

// unmarked is plain for markdown: a sign that would make a link, a quotation or a mention is shown in full width.
func unmarked(text string) string {
	return strings.NewReplacer("[", "［", "]", "］", "<", "＜", ">", "＞", "*", "＊", "_", "＿", "`", "｀", "#", "＃", "@", "＠",
		"~", "～", "\\", "＼", "!", "！", "|", "｜").Replace(plain(text))
}

// signed is the base64 of the HMAC-SHA256 of text under key.
func signed(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	io.WriteString(mac, text)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// readRobot reads a robot's answer, {"errcode":0,"errmsg":"ok"} or {"code":0,"msg":"success"}: it says what came of the
// message, whatever the HTTP status. problems are those of the codes that are known.
func readRobot(status int, answer []byte, member string, problems map[int]string) (code int, problem string) {
	var members map[string]json.RawMessage
	if json.Unmarshal(answer, &members) != nil || json.Unmarshal(members[member], &code) != nil {
		if status/100 != 2 {
			return 0, "status"
		}
		return 0, "unread"
	}
	switch known := problems[code]; {
	case code == 0 && status/100 != 2:
		return 0, "status"
	case code == 0:
		return 0, ""
	case known != "":
		return code, known
	}
	return code, "refused"
}

func encoded(message any) []byte {
	body, err := json.Marshal(message)
	if err != nil {
		panic(err) // texts always marshal
	}
	return body
}
