package keys

import (
	"encoding/base64"
	"encoding/json"
)

// jwk is a public Ed25519 key (RFC 7517, RFC 8037 §2). Purpose is a member of
// our own: a receipt must not pass under a key for live tokens.
type jwk struct {
	KeyType   string  `json:"kty"`
	Curve     string  `json:"crv"`
	X         string  `json:"x"`
	KID       string  `json:"kid"`
	Use       string  `json:"use"`
	Algorithm string  `json:"alg"`
	Purpose   Purpose `json:"purpose"`
}

// JWKS is the JSON Web Key Set of all keys that sign and are not
// retired, those included that do not sign yet. Callers must not change it.
func (r *Ring) JWKS() []byte { return r.current.Load().jwks }

func (s *snapshot) publish() []byte {
	set := struct {
		Keys []jwk `json:"keys"`
	}{Keys: []jwk{}}
	for _, kind := range kinds {
		if !kind.signs {
			continue
		}
		for _, k := range s.families[kind.purpose].line {
			x := base64.RawURLEncoding.EncodeToString(publicOf(k.key))
			set.Keys = append(set.Keys, jwk{"OKP", "Ed25519", x, k.kid, "sig", "EdDSA", kind.purpose})
		}
	}
	text, err := json.Marshal(set)
	if err != nil {
		panic("keys: a key set of plain fields cannot be written as JSON: " + err.Error())
	}
	return text
}
