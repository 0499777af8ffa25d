package loyalty

import "time"

// Code is the stable name of a refusal. Codes are contract: app developers
// switch on them, and mobile-contracts/openapi.yaml lists them all.
type Code string

// Why Decide refuses.
const (
	CardNotFound          Code = "card_not_found"
	CardBlocked           Code = "card_blocked"
	CardMerged            Code = "card_merged"
	CardMergeSelf         Code = "card_merge_self"
	ProgramsDiffer        Code = "programs_differ"
	TillRevoked           Code = "till_revoked"
	TillBlocked           Code = "till_blocked"
	ProgramNotFound       Code = "program_not_found"
	ProgramNotStarted     Code = "program_not_started"
	ProgramEnded          Code = "program_ended"
	UnitsOutOfRange       Code = "units_out_of_range"
	UnitsNotAccepted      Code = "units_not_accepted"
	PurchaseRequired      Code = "purchase_required"
	PurchaseInvalid       Code = "purchase_invalid"
	PurchaseCredited      Code = "purchase_already_credited"
	CurrencyMismatch      Code = "currency_mismatch"
	PurchaseRefunded      Code = "purchase_already_refunded"
	RefundInvalid         Code = "refund_invalid"
	NothingToEarn         Code = "nothing_to_earn"
	CooldownActive        Code = "cooldown_active"
	DailyCapReached       Code = "daily_cap_reached"
	LimitReached          Code = "limit_reached"
	MonthlyCapReached     Code = "monthly_cap_reached"
	PINRequired           Code = "pin_required"
	CredentialUsed        Code = "credential_already_used"
	CredentialReplaced    Code = "credential_replaced"
	CredentialRevoked     Code = "credential_revoked"
	ScanUsed              Code = "scan_already_used"
	ScanExpired           Code = "scan_expired"
	RewardNotFound        Code = "reward_not_found"
	RewardOutOfStock      Code = "reward_out_of_stock"
	RewardLimitReached    Code = "reward_limit_reached"
	RewardNotOffered      Code = "reward_not_offered"
	RewardNotApplicable   Code = "reward_not_applicable"
	RewardReserved        Code = "reward_reserved"
	AmountInvalid         Code = "amount_invalid"
	InsufficientBalance   Code = "insufficient_balance"
	VoucherNotFound       Code = "voucher_not_found"
	VoucherNotLive        Code = "voucher_not_redeemable"
	EntryNotFound         Code = "entry_not_found"
	EntryVoided           Code = "entry_already_voided"
	EntryNotVoidable      Code = "entry_not_voidable"
	VoidRewardUsed        Code = "void_reward_used"
	OpeningTooLate        Code = "opening_too_late"
	KeyReused             Code = "idempotency_key_reused"
	NotRepeatable         Code = "answer_not_repeatable"
	AnswerErased          Code = "answer_erased"
	DraftNotFound         Code = "draft_not_found"
	ProgramChanged        Code = "program_changed"
	StockChanged          Code = "stock_changed"
	MemberNotFound        Code = "member_not_found"
	MemberExists          Code = "member_exists"
	CardHasMember         Code = "card_has_member"
	DeviceNotFound        Code = "device_not_found"
	SecretsUsedUp         Code = "secrets_used_up"
	TooManyPhones         Code = "too_many_phones"
	ClaimNotFound         Code = "claim_not_found"
	ClaimUsed             Code = "claim_already_used"
	ClaimWithdrawn        Code = "claim_withdrawn"
	ClaimExpired          Code = "claim_expired"
	ClaimOtherProgram     Code = "claim_other_program"
	TagNotFound           Code = "tag_not_found"
	TagExists             Code = "tag_exists"
	TagRevoked            Code = "tag_revoked"
	CredentialNotAccepted Code = "credential_not_accepted"
	CounterNotOffered     Code = "counter_not_offered"
	CounterOtherProgram   Code = "counter_other_program"
	ShopClosed            Code = "shop_closed"
	ApprovalNotFound      Code = "approval_not_found"
	ApprovalDecided       Code = "approval_decided"
	ApprovalExpired       Code = "approval_expired"
	CaptureTooOld         Code = "capture_too_old"
	CounterReused         Code = "counter_reused"
	LeaseInvalid          Code = "lease_invalid"
	LeaseExpired          Code = "lease_expired"
	LeaseExhausted        Code = "lease_exhausted"
	LeaseNotAllowed       Code = "lease_not_allowed"
	TooManyQueues         Code = "too_many_queues"
	QueueNotFound         Code = "queue_not_found"
	ContestedNotFound     Code = "contested_not_found"
	ContestedSettled      Code = "contested_settled"
	ActionNotOffered      Code = "action_not_offered"
	CodeNotFound          Code = "code_not_found"
	PoolFull              Code = "code_pool_full"
	NotEligible           Code = "not_eligible"
	AgreementNotFound     Code = "agreement_not_found"
	AgreementOver         Code = "agreement_over"
	NotOnRoster           Code = "not_on_roster"
	MerchantNotFound      Code = "merchant_not_found"
	PartnershipEnded      Code = "partnership_ended"
	NotCoalition          Code = "not_coalition"
)

// Refusal is a "no" that changed nothing: a code for programs, a sentence for
// people, and what they may need to go on.
type Refusal struct {
	Code    Code
	Message string
	Used    *Use      // credential_already_used, scan_already_used, claim_already_used: the first use
	Entry   EntryID   // the entry in the way, when the asker may know it
	RetryAt time.Time // cooldown_active, a cooldown, cap, limit or opening hour, insufficient_balance, reward_not_offered, reward_reserved: when it may work
	Needs   Role      // whose PIN: pin_required; cooldown_active, limit_reached: whose would lift it
	Card    CardID    // card_merged: the card to go on with
	Field   string    // member_exists: which field of the request is taken; purchase_invalid: which one it is
	Member  MemberID  // member_exists: by whom, when the asker may know it
	Least   int64     // amount_invalid, reward_not_applicable: minor units; insufficient_balance: units that it takes. 0: not known
	Most    int64     // amount_invalid: minor units; insufficient_balance: units that the card has. 0: none, or not known
}

func (r *Refusal) Error() string { return string(r.Code) + ": " + r.Message }

func refuse(code Code, message string) *Refusal { return &Refusal{Code: code, Message: message} }
