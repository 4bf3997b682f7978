package store

import (
	"context"
	"errors"

	"muban/wechat/ledger"
)

// consents are the allowances of subscribe messages; see allowances.
type consents struct{ *tx }

func (t consents) byID(app int64, id string) (ledger.Allowance, error) {
	return consentByID(t.ctx, t, app, id)
}

func (t consents) find(x Send) (ledger.Allowance, error) {
	if _, err := t.balanceOf(x.App, x.OpenID, x.TemplateID); err != nil { // so that nobody else picks the same one
		return ledger.Allowance{}, err
	}
	return pickConsent(t.ctx, t, x.App, x.OpenID, x.TemplateID)
}

func (t consents) change(before, after ledger.Allowance) error {
	number, _ := ledger.ConsentNumber(after.ID)
	begun := 0
	if after.Held > before.Held {
		begun = 1
	}
	err := t.update(`UPDATE consents SET used = ?, held = ?, closed = ?, reserved_at = CASE WHEN ? = 1 THEN ? ELSE reserved_at END
		WHERE app = ? AND id = ?`, after.Used, after.Held, after.Closed, begun, millis(t.now), after.App, number)
	if err != nil {
		return err
	}
	b, err := t.balanceOf(after.App, after.OpenID, after.TemplateID)
	if err != nil {
		return err
	}
	b.Left += after.Left() - before.Left()
	b.Held += after.Held - before.Held
	b.Used += after.Used - before.Used
	b.UpdatedAt = stored(t.now)
	if err := t.saveBalance(b); err != nil {
		return err
	}
	day := ledger.ConsentDay{Used: after.Used - before.Used}
	if after.Closed == ledger.EndEmptied {
		day.Emptied = 1
	}
	t.countConsents(b, day)
	return nil
}

// contradicted ends every consent that a send began under, or could have: WeChat says that there is none.
func (t consents) contradicted(x Send) error {
	_, err := t.answer(x.App, ledger.Answer{
		OpenID: x.OpenID, TemplateID: x.TemplateID, What: ledger.Emptied, Source: ledger.FromSend,
		Ref: object("send", x.ID), When: x.CreatedAt,
	})
	return err
}

// consentByID answers ErrNotFound for a name that is no consent of the app.
func consentByID(ctx context.Context, q querier, app int64, id string) (ledger.Allowance, error) {
	number, ok := ledger.ConsentNumber(id)
	if !ok {
		return ledger.Allowance{}, ErrNotFound
	}
	return one(ctx, q, scanConsent, "SELECT "+consentColumns+" FROM consents WHERE app = ? AND id = ?", app, number)
}

const consentColumns = `app, id, openid, template_id, source, long_term, used, held, closed, made_at, reported_at`

func scanConsent(r row) (a ledger.Allowance, err error) {
	var number int64
	err = r.Scan(&a.App, &number, &a.OpenID, &a.TemplateID, &a.Source, &a.Long, &a.Used, &a.Held, &a.Closed,
		instant{&a.MadeAt}, instant{&a.ReportedAt})
	a.ID = ledger.ConsentID(number)
	if !a.Long {
		a.Total = 1
	}
	return a, err
}

// pickConsent is the user's oldest usable consent to the template. Where sends hold all there are, the refusal names
// one of those.
func pickConsent(ctx context.Context, q querier, app int64, openID, templateID string) (ledger.Allowance, error) {
	a, err := one(ctx, q, scanConsent, "SELECT "+consentColumns+` FROM consents
		WHERE app = ? AND openid = ? AND template_id = ? AND closed = ''
		ORDER BY CASE WHEN long_term = 1 OR held = 0 THEN 0 ELSE 1 END, made_at, id LIMIT 1`, app, openID, templateID)
	if errors.Is(err, ErrNotFound) {
		none := ledger.Allowance{App: app, OpenID: openID, TemplateID: templateID}
		return none, &ledger.Refusal{Reason: ledger.None, Right: none}
	}
	return a, err
}
