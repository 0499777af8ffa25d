package loyalty

// Scope is what an API key may do. Both are for servers, never for phones.
type Scope string

// The scopes: Admin includes App.
const (
	Admin Scope = "admin" // runs the business
	App   Scope = "app"   // issues and shows cards
)

// Access is a till or an API key with the hash of its secret.
type Access struct {
	Merchant MerchantID
	Hash     Hash // SHA-256 of the secret part of the token
	Revoked  bool
	Key      APIKeyID // zero for a till
	Scope    Scope    // of the key
	Till     Till     // zero for a key
}
