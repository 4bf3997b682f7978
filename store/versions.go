package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Overtaken tells whether a save would undo a change that whoever saves has not seen: what is stored is neither
// what they began from nor what they want. "" begins from whatever is stored.
func Overtaken(stored, was, wanted string) bool {
	return was != "" && stored != was && stored != wanted
}

// RolesVersion names roles as they are: equal roles have equal versions.
func RolesVersion(role Role, apps AppRoles) string { return versionOf(role, byApp(apps)) }

// AppVersion names the settings that a form changes, as they are. The secret is not among them: a save without
// one keeps the stored one.
func AppVersion(a App) string { return versionOf(a.Name, a.Base, a.TokenMode, a.Color) }

func versionOf(parts ...any) string {
	text, err := json.Marshal(parts)
	if err != nil {
		panic(err) // texts and maps of texts have a form in JSON
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
