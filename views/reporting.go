package views

import "strings"

// Snippets are working pieces of programs that report rights, for one app and one address of the console.
type Snippets struct{ Base, AppID string }

// FormWXML is the page of a mini program whose form gives a form_id.
func (s Snippets) FormWXML() string {
	return `<form report-submit bindsubmit="submitOrder">
  <button form-type="submit">提交订单</button>
</form>`
}

// FormJS hands the form_id to the mini program's own server.
func (s Snippets) FormJS() string {
	return `Page({
  submitOrder(e) {
    wx.request({
      url: 'https://api.example.com/orders',
      method: 'POST',
      data: { formId: e.detail.formId },
    })
  },
})`
}

// One reports one right as it comes.
func (s Snippets) One() string {
	return s.curl(`{
  "appid": "` + s.AppID + `",
  "openid": "OPENID",
  "kind": "form",
  "id": "FORM_ID"
}`)
}

// Many reports what has gathered in a queue.
func (s Snippets) Many() string {
	return s.curl(`{
  "appid": "` + s.AppID + `",
  "rights": [
    {"openid": "OPENID", "kind": "form", "id": "FORM_ID", "when": "2018-05-15T12:00:00+08:00"},
    {"openid": "OPENID", "kind": "payment", "id": "wx15120000PREPAY_ID"}
  ]
}`)
}

// AnswerOne is what comes back for one.
func (s Snippets) AnswerOne() string {
	return `{
  "id": "FORM_ID",
  "right": {
    "id": "FORM_ID", "kind": "form", "openid": "OPENID",
    "state": "usable", "left": 1,
    "expires_at": "2018-05-22T04:00:00Z"
  }
}`
}

// AnswerMany is what comes back for a list.
func (s Snippets) AnswerMany() string {
	return `{
  "kept": 2, "refused": 1,
  "results": [
    {"id": "FORM_ID", "known": true, "right": {…}},
    {"id": "prepay_id=wx15…", "cleaned": "prepay_id=", "right": {…}},
    {"id": "the formId is a mock one",
     "error": {"code": "right_mock", "message": "…"}}
  ]
}`
}

// curl keeps the key out of the command: it would stay in the shell's history.
func (s Snippets) curl(body string) string {
	return "curl -X POST " + quote(strings.TrimSuffix(s.Base, "/")+"/api/v1/rights") + " \\\n" +
		"  -H \"Authorization: Bearer $MUBAN_KEY\" \\\n" +
		"  -H 'Content-Type: application/json' \\\n" +
		"  -d " + quote(body)
}
