package api

import (
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// Codes of what is wrong with a request or with us; those of refusals come from
// the rooms that refuse. Status and title of every code stand in the contract.
const (
	malformedJSON         = loyalty.Code(gen.ProblemCodeMalformedJSON)
	unknownField          = loyalty.Code(gen.ProblemCodeUnknownField)
	unknownParameter      = loyalty.Code(gen.ProblemCodeUnknownParameter)
	wrongType             = loyalty.Code(gen.ProblemCodeWrongType)
	missingField          = loyalty.Code(gen.ProblemCodeMissingField)
	invalidField          = loyalty.Code(gen.ProblemCodeInvalidField)
	invalidID             = loyalty.Code(gen.ProblemCodeInvalidID)
	bodyTooLarge          = loyalty.Code(gen.ProblemCodeBodyTooLarge)
	unsupportedMediaType  = loyalty.Code(gen.ProblemCodeUnsupportedMediaType)
	notFound              = loyalty.Code(gen.ProblemCodeNotFound)
	methodNotAllowed      = loyalty.Code(gen.ProblemCodeMethodNotAllowed)
	idempotencyRequired   = loyalty.Code(gen.ProblemCodeIdempotencyKeyRequired)
	idempotencyKeyInvalid = loyalty.Code(gen.ProblemCodeIdempotencyKeyInvalid)
	unauthorized          = loyalty.Code(gen.ProblemCodeUnauthorized)
	forbidden             = loyalty.Code(gen.ProblemCodeForbidden)
	rateLimited           = loyalty.Code(gen.ProblemCodeRateLimited)
	pinWrong              = loyalty.Code(gen.ProblemCodePINWrong)
	pinLocked             = loyalty.Code(gen.ProblemCodePINLocked)
	outcomeUnknown        = loyalty.Code(gen.ProblemCodeOutcomeUnknown)
	overloaded            = loyalty.Code(gen.ProblemCodeOverloaded)
	unavailable           = loyalty.Code(gen.ProblemCodeUnavailable)
	timedOut              = loyalty.Code(gen.ProblemCodeTimeout)
	internalError         = loyalty.Code(gen.ProblemCodeInternal)
	walletNotConfigured   = loyalty.Code(gen.ProblemCodeWalletNotConfigured)
)

// newProblem fills in what the contract says of a code. A code that is not in
// the contract would be a mistake of ours, and is told as one.
func newProblem(code loyalty.Code, detail string) gen.Problem {
	known, ok := gen.Problems[gen.ProblemCode(code)]
	if !ok {
		return newProblem(internalError, "Something went wrong on our side.")
	}
	return gen.Problem{
		Type: "urn:stempel:problem:" + string(code), Title: known.Title, Status: int32(known.Status),
		Code: gen.ProblemCode(code), Detail: detail,
	}
}
