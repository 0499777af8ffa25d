package loyalty

import (
	"fmt"
	"slices"
	"time"
)

// Policy is what a program says of one method and action, where that is not what
// holds by itself (see defaultNeeds). As part of Rules, zero values change nothing.
type Policy struct {
	Method   string `json:"method"`                     // as Method.String has it; what presents a card at a till
	Action   string `json:"action"`                     // earn, redeem or grant
	Refused  bool   `json:"refused,omitempty"`          // not taken at all
	Cooldown int64  `json:"cooldown_seconds,omitempty"` // of earning: since the last earn, where that is longer than EarnRule's
	Needs    string `json:"needs,omitempty"`            // whose PIN: none, cashier or manager; "": as by default
}

// presented are the methods that policies speak of: those of a till that has a
// card before it.
var presented = [...]Method{Live, Rotating, Static, Tap, VAS, SmartTap, Manual}

// policy finds what the program says; nil where it says nothing.
func (r *Rules) policy(m Method, action EntryKind) *Policy {
	for i := range r.Policies {
		if p := &r.Policies[i]; p.Method == m.String() && p.Action == action.String() {
			return p
		}
	}
	return nil
}

// refuses reports whether the program does not take a method for an action.
func (r *Rules) refuses(m Method, action EntryKind) bool {
	p := r.policy(m, action)
	return p != nil && p.Refused
}

// Takes reports whether a method is good for anything in the program.
func (r *Rules) Takes(m Method) bool {
	earns := r.Kind != Discount && !r.refuses(m, Earn)
	return earns || !r.refuses(m, Redeem) || r.discounts() && !r.refuses(m, Grant)
}

// needs is whose PIN an action with a method wants.
func (r *Rules) needs(m Method, action EntryKind) Role {
	if p := r.policy(m, action); p != nil && p.Needs != "" {
		role, _ := ParseRole(p.Needs) // of rules that passed Check
		return role
	}
	return defaultNeeds(m, action)
}

// defaultNeeds is the design's table of what each method may do by default: what
// can be photographed redeems or has its discount with a PIN, and what a hand has
// typed with a manager's.
func defaultNeeds(m Method, action EntryKind) Role {
	if action == Redeem || action == Grant {
		switch m {
		case Static:
			return Cashier
		case Manual:
			return Manager
		}
	}
	return NoRole
}

// cooldown is how long a card waits after an earn before it earns by a method.
func (r *Rules) cooldown(m Method) time.Duration {
	wait := r.Earn.Cooldown
	if m == Static {
		wait = max(wait, r.Earn.StaticCooldown)
	}
	if m == Counter {
		wait = max(wait, r.Counter.Cooldown)
	}
	if p := r.policy(m, Earn); p != nil {
		wait = max(wait, p.Cooldown)
	}
	return seconds(wait)
}

// approvedFor refuses without the PIN that an action with this method wants. Errors:
// pin_required.
func (d *deciding) approvedFor(needs Role, doing string) error {
	if d.cmd.Role >= needs {
		return nil
	}
	whose := "a staff PIN"
	if needs == Manager {
		whose = "a manager's PIN"
	}
	return d.needs(needs, doing+" with a "+d.cmd.Scan.Method.title()+" needs "+whose+".")
}

// checkMethod refuses what the program does not take for this action. Errors:
// credential_not_accepted.
func (d *deciding) checkMethod() error {
	m, action := d.cmd.Scan.Method, d.cmd.Kind()
	if !d.rules.refuses(m, action) {
		return nil
	}
	doing := "earning"
	switch action {
	case Redeem:
		doing = "redeeming"
	case Grant:
		doing = "a discount"
	}
	return refuse(CredentialNotAccepted, "This program takes no "+m.title()+" for "+doing+". Ask the customer to show a fresh code.")
}

// title names a method to a cashier.
func (m Method) title() string {
	switch m {
	case Live, Rotating:
		return "code from a phone's screen"
	case Static:
		return "printed or wallet code"
	case Tap:
		return "tap of an NFC tag"
	case VAS, SmartTap:
		return "phone at the NFC reader"
	case Manual:
		return "card that was looked up by hand"
	case Counter:
		return "tap at the counter"
	}
	return m.String()
}

// checkPolicies is Rules.Check for policies.
func (r *Rules) checkPolicies() error {
	if len(r.Policies) > MaxPolicies {
		return &FieldError{Field: "policies", Problem: fmt.Sprintf("are more than %d", MaxPolicies)}
	}
	var wrong []error
	for i := range r.Policies {
		wrong = append(wrong, r.checkPolicy(i))
	}
	return joined(wrong...)
}

func (r *Rules) checkPolicy(i int) error {
	p := &r.Policies[i]
	bad := func(field, problem string) error {
		return &FieldError{Field: fmt.Sprintf("policies[%d].%s", i, field), Problem: problem}
	}
	method, err := ParseMethod(p.Method)
	switch {
	case err != nil || !slices.Contains(presented[:], method):
		return bad("method", "must be a way to present a card at a till")
	case p.Action != Earn.String() && p.Action != Redeem.String() && p.Action != Grant.String():
		return bad("action", "must be earn, redeem or grant")
	case slices.ContainsFunc(r.Policies[:i], func(q Policy) bool { return q.Method == p.Method && q.Action == p.Action }):
		return bad("method", "has a policy for this action already")
	case p.Cooldown < 0 || p.Cooldown > MaxSeconds:
		return bad("cooldown_seconds", "is out of range")
	case p.Cooldown != 0 && p.Action != Earn.String():
		return bad("cooldown_seconds", "is only for earning")
	}
	if role, err := ParseRole(p.Needs); p.Needs != "" && (err != nil || role > Manager) {
		return bad("needs", "must be none, cashier or manager")
	}
	return nil
}
