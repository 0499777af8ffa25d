package resource

import (
	"encoding/json"

	"google.golang.org/api/googleapi"
)

// The fields stand in the order of their names: with and without nulls a resource is the
// same text, but for those.

// LoyaltyClass is what all passes of a program have in common.
type LoyaltyClass struct {
	CallbackOptions                        *CallbackOptions    `json:"callbackOptions,omitempty"`
	EnableSmartTap                         bool                `json:"enableSmartTap,omitempty"`
	HexBackgroundColor                     string              `json:"hexBackgroundColor,omitempty"`
	ID                                     string              `json:"id,omitempty"`
	IssuerName                             string              `json:"issuerName,omitempty"`
	LocalizedAccountNameLabel              *LocalizedString    `json:"localizedAccountNameLabel,omitempty"`
	MerchantLocations                      []*MerchantLocation `json:"merchantLocations,omitempty"`
	MultipleDevicesAndHoldersAllowedStatus string              `json:"multipleDevicesAndHoldersAllowedStatus,omitempty"`
	ProgramLogo                            *Image              `json:"programLogo,omitempty"`
	ProgramName                            string              `json:"programName,omitempty"`
	RedemptionIssuers                      googleapi.Int64s    `json:"redemptionIssuers,omitempty"`
	ReviewStatus                           string              `json:"reviewStatus,omitempty"`
	SecurityAnimation                      *SecurityAnimation  `json:"securityAnimation,omitempty"`

	Nulls []string `json:"-"` // names of fields that a patch takes away
}

// MarshalJSON makes what is sent.
func (c *LoyaltyClass) MarshalJSON() ([]byte, error) {
	type fields LoyaltyClass
	return withNulls((*fields)(c), c.Nulls)
}

// LoyaltyObject is one pass.
type LoyaltyObject struct {
	AccountName             string            `json:"accountName,omitempty"`
	ClassID                 string            `json:"classId,omitempty"`
	HasUsers                bool              `json:"hasUsers,omitempty"` // says Google
	HeroImage               *Image            `json:"heroImage,omitempty"`
	ID                      string            `json:"id,omitempty"`
	LoyaltyPoints           *LoyaltyPoints    `json:"loyaltyPoints,omitempty"`
	Messages                []*Message        `json:"messages,omitempty"`
	NotifyPreference        string            `json:"notifyPreference,omitempty"`
	PassConstraints         *PassConstraints  `json:"passConstraints,omitempty"`
	RotatingBarcode         *RotatingBarcode  `json:"rotatingBarcode,omitempty"`
	SecondaryLoyaltyPoints  *LoyaltyPoints    `json:"secondaryLoyaltyPoints,omitempty"`
	SmartTapRedemptionValue string            `json:"smartTapRedemptionValue,omitempty"`
	State                   string            `json:"state,omitempty"`
	TextModulesData         []*TextModuleData `json:"textModulesData,omitempty"`
	ValidTimeInterval       *TimeInterval     `json:"validTimeInterval,omitempty"`

	Nulls []string `json:"-"` // names of fields that a patch takes away
}

// MarshalJSON makes what is sent.
func (o *LoyaltyObject) MarshalJSON() ([]byte, error) {
	type fields LoyaltyObject
	return withNulls((*fields)(o), o.Nulls)
}

// withNulls is a resource with nulls for what it has not (RFC 7396).
func withNulls(fields any, names []string) ([]byte, error) {
	text, err := json.Marshal(fields)
	if err != nil || len(names) == 0 {
		return text, err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	for _, name := range names {
		all[name] = json.RawMessage("null")
	}
	return json.Marshal(all)
}

// AddMessageRequest asks to add a message to an object.
type AddMessageRequest struct {
	Message *Message `json:"message,omitempty"`
}
