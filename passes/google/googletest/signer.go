package googletest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// Message is what a callback tells.
type Message struct {
	ClassID   string `json:"classId"`
	ObjectID  string `json:"objectId"`
	EventType string `json:"eventType"`
	Expires   int64  `json:"expTimeMillis"`
	Count     int    `json:"count"`
	Nonce     string `json:"nonce"`
}

// signer signs callbacks as Tink's ECv2SigningOnly does, and independently of the
// code that verifies them.
type signer struct{ root, intermediate *ecdsa.PrivateKey }

func newSigner() *signer { return &signer{newKey(), newKey()} }

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic("googletest: no P-256 key: " + err.Error())
	}
	return key
}

func newNonce() string { return uuid.NewString() }

func (s *signer) sign(issuer string, m Message, now time.Time) []byte {
	m.Count = 1
	message, _ := json.Marshal(m) // plain fields are always JSON
	key, _ := json.Marshal(map[string]string{
		"keyValue": public(s.intermediate), "keyExpiration": strconv.FormatInt(now.Add(24*time.Hour).UnixMilli(), 10),
	})
	const sender, version = "GooglePayPasses", "ECv2SigningOnly"
	body, _ := json.Marshal(map[string]any{
		"protocolVersion": version,
		"signature":       signed(s.intermediate, sender, issuer, version, string(message)),
		"signedMessage":   string(message),
		"intermediateSigningKey": map[string]any{
			"signedKey": string(key), "signatures": []string{signed(s.root, sender, version, string(key))},
		},
	})
	return body
}

func signed(key *ecdsa.PrivateKey, parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		var length [4]byte
		binary.LittleEndian.PutUint32(length[:], uint32(len(part)))
		h.Write(length[:])
		h.Write([]byte(part))
	}
	der, err := ecdsa.SignASN1(rand.Reader, key, h.Sum(nil))
	if err != nil {
		panic("googletest: cannot sign: " + err.Error())
	}
	return base64.StdEncoding.EncodeToString(der)
}

func public(key *ecdsa.PrivateKey) string {
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		panic("googletest: cannot write a key: " + err.Error())
	}
	return base64.StdEncoding.EncodeToString(der)
}

// keysLife is how long the page of root keys may be kept.
const keysLife = time.Hour

func (g *Google) keys(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age="+strconv.Itoa(int(keysLife.Seconds())))
	tell(w, http.StatusOK, map[string]any{"keys": []any{
		map[string]string{"keyValue": public(newKey()), "protocolVersion": "ECv1"}, // others use the page too
		map[string]string{
			"keyValue": public(g.signer.root), "protocolVersion": "ECv2SigningOnly",
			"keyExpiration": strconv.FormatInt(g.now().AddDate(1, 0, 0).UnixMilli(), 10),
		},
	}})
}
