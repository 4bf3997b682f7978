package alert

// wecom is a group robot of 企业微信 (企业微信: 群机器人配置说明). It is not signed: who has the key may write.
type wecom struct{}

type wecomMessage struct {
	MsgType  string        `json:"msgtype"`
	Markdown wecomMarkdown `json:"markdown"`
}

type wecomMarkdown struct {
	Content string `json:"content"`
}

func (wecom) pack(c Channel, _ Delivery, n Notice) parcel {
	content := "**" + unmarked(n.heading()) + "**\n" + unmarked(n.words())
	if n.Detail != "" {
		content += "\n> " + unmarked(n.Detail)
	}
	if n.URL != "" {
		content += "\n[" + linkText + "](" + n.URL + ")"
	}
	return parcel{address: c.URL.Reveal(), body: encoded(wecomMessage{"markdown", wecomMarkdown{content}})}
}

func (wecom) read(status int, answer []byte) (code int, problem string) {
	return readRobot(status, answer, "errcode", map[int]string{45009: "limited", 93000: "gone"})
}
