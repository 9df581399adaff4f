package ringtap

import "strconv"

// MetricError says that a series could not be defined: a name or label breaks a rule, or the limit is
// reached.
type MetricError struct {
	// Name is the metric's.
	Name string
	// Reason is the host's words.
	Reason string
}

func (e *MetricError) Error() string {
	return "can't define the metric " + e.Name + ": " + e.Reason
}

// EventsError says that events were refused, all of them: a row breaks a rule, or there are too many.
type EventsError struct {
	// Rows is how many.
	Rows int
	// Reason is the host's words.
	Reason string
}

func (e *EventsError) Error() string {
	return "the host refused " + strconv.Itoa(e.Rows) + " events: " + e.Reason
}
