/// How many rows and events a run has before and after a step: what a script must find, and what it leaves behind.
struct StepCounts: Sendable, Hashable {
    var rowsBefore: Int
    var eventsBefore: Int
    var rowsAfter: Int
    var eventsAfter: Int
}
