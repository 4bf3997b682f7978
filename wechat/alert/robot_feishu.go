package alert

import "strconv"

// feishu is a group robot of 飞书 (飞书开放平台: 自定义机器人使用指南). Where its signature check is switched on, the time
// and the signature stand in the body.
type feishu struct{}

type feishuMessage struct {
	Timestamp string        `json:"timestamp,omitempty"` // seconds since 1970
	Sign      string        `json:"sign,omitempty"`
	MsgType   string        `json:"msg_type"`
	Content   feishuContent `json:"content"`
}

type feishuContent struct {
	Post feishuPost `json:"post"`
}

type feishuPost struct {
	ZhCN feishuText `json:"zh_cn"`
}

type feishuText struct {
	Title   string         `json:"title"`
	Content [][]feishuSpan `json:"content"` // lines
}

type feishuSpan struct {
	Tag  string `json:"tag"`
	Text string `json:"text"`
	Href string `json:"href,omitempty"`
}

func (feishu) pack(c Channel, d Delivery, n Notice) parcel {
	text := feishuText{Title: n.heading(), Content: [][]feishuSpan{{{Tag: "text", Text: plain(n.words())}}}}
	if n.Detail != "" {
		text.Content = append(text.Content, []feishuSpan{{Tag: "text", Text: plain(n.Detail)}})
	}
	if n.URL != "" {
		text.Content = append(text.Content, []feishuSpan{{Tag: "a", Text: linkText, Href: n.URL}})
	}
	message := feishuMessage{MsgType: "post", Content: feishuContent{feishuPost{text}}}
	if c.Secret != "" {
		message.Timestamp = strconv.FormatInt(d.TriedAt.Unix(), 10)
		message.Sign = signed(message.Timestamp+"\n"+c.Secret.Reveal(), "")
	}
	return parcel{address: c.URL.Reveal(), body: encoded(message)}
}

func (feishu) read(status int, answer []byte) (code int, problem string) {
	return readRobot(status, answer, "code", map[int]string{
		9499: "limited", 11232: "limited", 19001: "gone", 19021: "signature", 19022: "ip", 19024: "keyword",
	})
}
