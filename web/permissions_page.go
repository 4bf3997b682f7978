package web

import (
	"net/http"

	"muban/store"
	"muban/views"
	"muban/views/ui"
)

// permissionsPage shows the table of permissions as it is in the code.
func (s *Site) permissionsPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	p := views.PermissionsPage{Page: s.page(r, v), Roles: store.Roles(), Rows: permissionRows(store.Roles())}
	return s.render(w, r, http.StatusOK, views.Permissions(p))
}

// permissionRows are all permissions, in the order of the administrator's line, and
// which of the roles has each.
func permissionRows(roles []store.Role) []ui.PermissionRow {
	var rows []ui.PermissionRow
	for _, p := range Granted(store.Administrator) {
		row := ui.PermissionRow{Name: string(p), ForAllApps: p.ForAllApps()}
		for _, role := range roles {
			row.May = append(row.May, May(role, p))
		}
		rows = append(rows, row)
	}
	return rows
}

// ownRows are what the visitor may do in the current app.
func ownRows(v *visit) []ui.PermissionRow {
	var rows []ui.PermissionRow
	for _, p := range Granted(store.Administrator) {
		rows = append(rows, ui.PermissionRow{Name: string(p), ForAllApps: p.ForAllApps(), May: []bool{v.may(p)}})
	}
	return rows
}
