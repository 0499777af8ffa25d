package credential

import "stempel/internal/loyalty"

// Why a text is refused.
const (
	Malformed  loyalty.Code = "credential_malformed"   // begins like one of ours, but has not its form
	Unknown    loyalty.Code = "credential_unknown"     // nothing that this server makes
	Invalid    loyalty.Code = "credential_invalid"     // not made by this server, or changed since
	Expired    loyalty.Code = "credential_expired"     // too old
	FromFuture loyalty.Code = "credential_from_future" // ends later than any code made by now

	ClaimMalformed loyalty.Code = "claim_malformed" // no claim code can look so

	ContactInvalid   loyalty.Code = "contact_invalid"
	StatementInvalid loyalty.Code = "statement_invalid"
	StatementExpired loyalty.Code = "statement_expired"

	LinkInvalid loyalty.Code = "link_invalid"
	LinkExpired loyalty.Code = "link_expired"
)

func refuse(code loyalty.Code, message string) error {
	return &loyalty.Refusal{Code: code, Message: message}
}

func errDamaged() error {
	return refuse(Malformed, "This code is damaged, incomplete or none of ours. Scan it again, or ask the customer to show a fresh one.")
}

func errForged() error {
	return refuse(Invalid, "This code was not made by this shop's system, or has been changed. Ask the customer to show a fresh one.")
}
