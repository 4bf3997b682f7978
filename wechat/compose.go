package wechat

import (
	"strconv"
	"strings"
)

// Compose is the content and the example that WeChat makes of a combination, as
// template/list gives them (spec/README): the name directly before its
// placeholder, the example behind a full-width colon, a line feed after each.
func Compose(keywords []Keyword) (content, example string) {
	var c, e strings.Builder
	for i, k := range keywords {
		c.WriteString(k.Name + "{{" + FieldKey(i) + ".DATA}}\n")
		e.WriteString(k.Name + "：" + k.Example + "\n")
	}
	return c.String(), e.String()
}

// FieldKey names the i-th field of a template, counted from 0: "keyword1".
func FieldKey(i int) string { return "keyword" + strconv.Itoa(i+1) }
