package google_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	api "google.golang.org/api/walletobjects/v1"

	"stempel/passes"
	"stempel/passes/google"
)

// messages are the ids and types of what an object says.
func messages(o *api.LoyaltyObject) (list []string) {
	for _, m := range o.Messages {
		list = append(list, m.Id+" "+m.MessageType)
	}
	return list
}

// Of a reward a message tells, once, whatever Google answers meanwhile: also where it
// adds the message and the answer is lost. Other postings change the object.
func TestRewardIsAMessage(t *testing.T) {
	t.Parallel()
	for name, answers := range map[string][]int{
		"at once":                {},
		"the change is refused":  {http.StatusServiceUnavailable},
		"the message is refused": {http.StatusOK, http.StatusTooManyRequests},
		"the message is lost":    {http.StatusOK, http.StatusBadGateway},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.save()
			s.earn(9, time.Minute)
			s.update()
			if got := messages(s.google.Object(s.objectID())); !slices.Equal(got, []string{"change TEXT"}) {
				t.Errorf("of stamps it says %v", got)
			}
			s.sent()
			s.earn(1, time.Minute)
			s.google.Answer(answers...)
			if s.try().Outcome != google.Done {
				s.update()
			}
			s.update() // nothing is left to say
			o := s.google.Object(s.objectID())
			if got := messages(o); !slices.Equal(got, []string{"change TEXT", "ready TEXT_AND_NOTIFY"}) {
				t.Fatalf("of a reward it says %v", got)
			}
			if told := o.Messages[1]; !strings.Contains(told.Body, "A free cone") || len(told.LocalizedBody.TranslatedValues) != 2 {
				t.Errorf("the message is %+v", told)
			}
			if got := len(s.google.Notifications(s.objectID())); got != 2 {
				t.Errorf("phones were notified %d times of two postings", got)
			}
			// With the next stamp the reward is no news; it is still there to be read.
			s.earn(1, time.Minute)
			s.update()
			if got := messages(s.google.Object(s.objectID())); !slices.Equal(got, []string{"change TEXT", "ready TEXT"}) {
				t.Errorf("later it says %v", got)
			}
		})
	}
}

// With no notification left, what a customer reads is as true; phones stay silent.
func TestRewardWithoutNotification(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.save()
	for range 4 {
		s.earn(10, time.Minute)
		s.update()
	}
	o := s.google.Object(s.objectID())
	if got := messages(o); !slices.Equal(got, []string{"change TEXT", "ready TEXT"}) || o.SecondaryLoyaltyPoints.Balance.Int != 4 {
		t.Errorf("it says %v, with %d rewards", got, o.SecondaryLoyaltyPoints.Balance.Int)
	}
	if got := len(s.google.Notifications(s.objectID())); got != 3 {
		t.Errorf("phones were notified %d times of four rewards within 24 hours", got)
	}
}

// Readers get the text of a pass that is good; without redemption issuers nobody does.
func TestSmartTap(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.update()
	class := s.google.Class(s.classID())
	if got := s.google.Object(s.objectID()).SmartTapRedemptionValue; got != "STS."+s.code || !class.EnableSmartTap || len(class.RedemptionIssuers) != 1 {
		t.Errorf("it taps %q, for %v (%t)", got, class.RedemptionIssuers, class.EnableSmartTap)
	}
	s.edit = func(of *passes.Subject) { of.Card.Blocked = true }
	s.update()
	if got := s.google.Object(s.objectID()).SmartTapRedemptionValue; got != "" {
		t.Errorf("blocked, it taps %q", got)
	}
	without := newShop(t, func(c *google.Config) { c.Readers = nil })
	without.update()
	class = without.google.Class(without.classID())
	if got := without.google.Object(without.objectID()).SmartTapRedemptionValue; got != "" || class.EnableSmartTap || len(class.RedemptionIssuers) != 0 {
		t.Errorf("without readers it taps %q, for %v", got, class.RedemptionIssuers)
	}
}
