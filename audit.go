package main

import (
	"context"

	"muban/wechat/audit"
)

func (p *program) audit(ctx context.Context, args []string) error {
	set := p.flags("audit")
	lang := set.String("lang", "zh", "language of the messages: zh or en")
	known := set.String("library", "", "file of titles to compare with (rules 1.1, 1.2 and 2.1): JSON lines, or the JSON that the console exports")
	if err := p.parse(set, args); err != nil {
		return err
	}
	return audit.LintFile(ctx, *lang, *known, set.Arg(0), p.stdin, p.stdout)
}
