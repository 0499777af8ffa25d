package api

import (
	"errors"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// GetClaimQRCode draws a code for the slip.
func (s *Server) GetClaimQRCode(c *fiber.Ctx, id gen.ClaimInPath, params gen.GetClaimQRCodeParams) error {
	size, err := pictureSize(c, params.Size, params.Expires)
	if err != nil {
		return err
	}
	code, err := s.drawnClaim(c, id, params)
	if err != nil {
		return err
	}
	if err := code.Usable(s.now()); err != nil {
		return err
	}
	text, ok := s.Claims.Text(code.ID, code.Key)
	if !ok { // its key was retired; the code on the slip is as good as before
		return refuse(loyalty.ClaimNotFound, "This code can no longer be drawn. Withdraw it and give out another.")
	}
	return sendPicture(c, text, size)
}

// drawnClaim is the claim whose code may be drawn: the till's own or, for a signed
// link, the one which the link was made for.
func (s *Server) drawnClaim(c *fiber.Ctx, id loyalty.ClaimID, params gen.GetClaimQRCodeParams) (loyalty.ClaimCode, error) {
	if !principalOf(c).Merchant.IsZero() {
		return s.claim(c, id)
	}
	if err := s.checkLink(c, claimScope(id), params.Expires, params.Signature, id); err != nil {
		return loyalty.ClaimCode{}, err
	}
	code, err := s.Store.Claim(c.UserContext(), id)
	if errors.Is(err, loyalty.ErrNotFound) {
		err = errNoClaim
	}
	return code, err
}

// claimLink is the signed address of a code as a picture.
func (s *Server) claimLink(id loyalty.ClaimID) string {
	return s.link("/v1/claims/"+id.String()+"/qr.png", claimScope(id), url.Values{})
}

// claimScope is what the signature of a link covers beside its end.
func claimScope(id loyalty.ClaimID) string { return "claim qr.png " + id.String() }
