package loyalty

// Scope is what an API key may do. Both are for servers, never for phones.
type Scope string

// The scopes: Admin includes App.
const (
	Admin Scope = "admin" // runs the business
	App   Scope = "app"   // issues and shows cards
)

// Access is a till, an API key or a phone with the hash of its secret.
type Access struct {
	Merchant MerchantID
	Hash     Hash // SHA-256 of the secret part of the token
	Revoked  bool
	Key      APIKeyID // zero unless it is a key
	Scope    Scope    // of the key
	Till     Till     // zero unless it is a till
	Device   DeviceID // zero unless it is a phone
	Card     CardID   // the only one that the phone may use
}
