package googletest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"stempel/passes/google"
)

// saving are the claims of a save link.
type saving struct {
	Type    string   `json:"typ"`
	Origins []string `json:"origins"`
	Payload struct {
		Objects []map[string]any `json:"loyaltyObjects"`
	} `json:"payload"`
	jwt.RegisteredClaims
}

// Read is what Google makes of a save link: the id of the object that it names.
// Errors say what Google would not take: another signer, more than 1800 characters,
// an object that does not stand there, or anything about it that belongs into no link.
func (g *Google) Read(link string) (object string, err error) {
	if len(link) > google.MaxSaveLink {
		return "", fmt.Errorf("the link has %d characters", len(link))
	}
	text, ok := strings.CutPrefix(link, "https://pay.google.com/gp/v/save/")
	if !ok {
		return "", errors.New("the link leads elsewhere")
	}
	var claims saving
	_, err = jwt.ParseWithClaims(text, &claims, func(*jwt.Token) (any, error) { return &g.key.PublicKey, nil },
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(email), jwt.WithAudience("google"),
		jwt.WithIssuedAt(), jwt.WithTimeFunc(g.now), jwt.WithStrictDecoding())
	if err != nil {
		return "", err
	}
	if claims.Type != "savetowallet" || claims.IssuedAt == nil || len(claims.Payload.Objects) != 1 {
		return "", errors.New("typ, iat or payload are not those of a save link")
	}
	named := claims.Payload.Objects[0]
	g.mu.Lock()
	defer g.mu.Unlock()
	stored := g.objects[fmt.Sprint(named["id"])]
	if stored == nil || named["classId"] != stored.ClassId || len(named) != 2 {
		return "", fmt.Errorf("the link does not name an object that was inserted, and nothing else: %v", named)
	}
	return stored.Id, nil
}

// Save puts the pass of a save link into a wallet. Google calls back afterwards:
// see Call.
func (g *Google) Save(link string) (object string, err error) {
	if object, err = g.Read(link); err != nil {
		return "", err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.objects[object].holders++
	g.objects[object].HasUsers = true
	return object, nil
}

// Hold puts an object into a wallet, without a link.
func (g *Google) Hold(id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.objects[id].holders++
	g.objects[id].HasUsers = true
}

// callbackLife is how long a callback is good.
const callbackLife = 10 * time.Minute

// Callback is the signed body that tells of an object: event is save or del. Each
// has a nonce of its own.
func (g *Google) Callback(object, event string) []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	class := ""
	if o := g.objects[object]; o != nil {
		class = o.ClassId
	}
	return g.signer.sign(Issuer, Message{
		ClassID: class, ObjectID: object, EventType: event, Expires: g.now().Add(callbackLife).UnixMilli(), Nonce: newNonce(),
	}, g.now())
}

// Call calls the address that stands in the object's class. Errors: one for an
// answer that would make Google call again.
func (g *Google) Call(ctx context.Context, client *http.Client, address string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the callback was answered %s", answer.Status)
	}
	return nil
}

// Code is what a phone shows of an object now, made as the page "Rotating barcodes"
// says; empty for an object without one.
func (g *Google) Code(id string) string {
	o := g.Object(id)
	if o == nil || o.RotatingBarcode == nil {
		return ""
	}
	text, details := o.RotatingBarcode.ValuePattern, o.RotatingBarcode.TotpDetails
	for i, p := range details.Parameters {
		key, _ := hex.DecodeString(p.Key) // held to be Base16 when it came
		text = strings.ReplaceAll(text, fmt.Sprintf("{totp_value_%d}", i), totp(key, g.now(), details.PeriodMillis, p.ValueLength))
	}
	return text
}

// totp is RFC 6238 with SHA-1, independent of the code that reads it.
func totp(key []byte, at time.Time, periodMillis, digits int64) string {
	h := hmac.New(sha1.New, key)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(at.UnixMilli()/periodMillis)))
	sum := h.Sum(nil)
	value := int64(binary.BigEndian.Uint32(sum[sum[len(sum)-1]&0xf:]) & 0x7fffffff)
	modulus := int64(1)
	for range digits {
		modulus *= 10
	}
	return fmt.Sprintf("%0*d", int(digits), value%modulus)
}
