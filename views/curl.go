package views

import "strings"

// Curl is a shell command that sends body. The token stays a placeholder: a
// command is copied into chats and tickets.
func Curl(base, body string) string {
	return "curl -X POST " + quote(base+"/cgi-bin/message/wxopen/template/send?access_token=ACCESS_TOKEN") + " \\\n" +
		"  -H 'Content-Type: application/json' \\\n" +
		"  -d " + quote(body)
}

// quote makes one word of s for a shell, whatever s holds.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
