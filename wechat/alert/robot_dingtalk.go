package alert

import (
	"bytes"
	"net/url"
	"strconv"
)

// dingtalk is a group robot of 钉钉 (钉钉开放平台: 自定义机器人安全设置). Where signing is switched on, the time and the
// signature stand in the address.
type dingtalk struct{}

type dingtalkMessage struct {
	MsgType  string           `json:"msgtype"`
	Markdown dingtalkMarkdown `json:"markdown"`
}

type dingtalkMarkdown struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

func (dingtalk) pack(c Channel, d Delivery, n Notice) parcel {
	text := "#### " + unmarked(n.heading()) + "\n\n" + unmarked(n.words())
	if n.Detail != "" {
		text += "\n\n> " + unmarked(n.Detail)
	}
	if n.URL != "" {
		text += "\n\n[" + linkText + "](" + n.URL + ")"
	}
	address := c.URL.Reveal()
	if c.Secret != "" {
		timestamp := strconv.FormatInt(d.TriedAt.UnixMilli(), 10)
		sign := signed(c.Secret.Reveal(), timestamp+"\n"+c.Secret.Reveal())
		address += "&timestamp=" + timestamp + "&sign=" + url.QueryEscape(sign)
	}
	return parcel{address: address, body: encoded(dingtalkMessage{"markdown", dingtalkMarkdown{unmarked(n.heading()), text}})}
}

// read tells the reasons for 310000 apart by their words: the code is one for all that a robot's security settings
// refuse.
func (dingtalk) read(status int, answer []byte) (code int, problem string) {
	code, problem = readRobot(status, answer, "errcode", map[int]string{
		130101: "limited", 300001: "gone", 300005: "gone", 310000: "signature",
	})
	if code == 310000 {
		switch {
		case bytes.Contains(answer, []byte("keyword")), bytes.Contains(answer, []byte("关键词")):
			problem = "keyword"
		case bytes.Contains(answer, []byte("whitelist")), bytes.Contains(answer, []byte("白名单")):
			problem = "ip"
		}
	}
	return code, problem
}
